"""One entry becomes one post: its identity, its author, its dates, its words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from feeding import ADDRESS, entry, posts_in, rss, rss_item
from hypothesis import given
from hypothesis import strategies as st

from collector.model import Found, Media, Rejection
from collector.sources.feed.authors import name_without_mail
from collector.sources.feed.entries import entry_id, normalise_entry, read_entry
from collector.sources.raw import unpack
from collector.text.addresses import canonical_uri
from collector.text.cleaning import one_line, plain_text
from collector.text.hashtags import normal_form

FEDI = "https://fedi.example/@Carys/115"


def post_of(**changes: Any) -> Any:
    return normalise_entry(entry(**changes), address=ADDRESS)


@pytest.mark.parametrize(
    ("changes", "uri", "url"),
    [
        ({"url": "HTTPS://Feeds.Example:443/1"}, "https://feeds.example/1", "https://feeds.example/1"),
        ({"id": "tag:x,2026:1"}, "https://feeds.example/1", "https://feeds.example/1"),
        ({"url": None, "id": "tag:x,2026:1"}, f"{ADDRESS}#tag:x,2026:1", None),
        ({"url": None, "id": 'a b"#%é\n'}, f"{ADDRESS}#a%20b%22%23%25%C3%A9", None),
        ({"url": "mailto:joe@x.example", "id": "7"}, f"{ADDRESS}#7", None),
        ({"url": "javascript:alert(1)", "id": "7"}, f"{ADDRESS}#7", None),
        ({"is_permalink": False, "id": "7"}, f"{ADDRESS}#7", "https://feeds.example/1"),
        ({"url": None, "id": "7", "external_url": "https://b.example/x"}, f"{ADDRESS}#7", "https://b.example/x"),
    ],
)
def test_an_entry_is_known_by_its_address_or_by_its_id_within_the_feed(
    changes: dict[str, Any], uri: str, url: str | None
) -> None:
    post = post_of(**changes)
    assert (post.uri, post.url) == (uri, url)
    assert canonical_uri(post.uri) == post.uri


def test_an_entry_without_id_and_address_is_known_by_what_it_says() -> None:
    one, two = entry(id=None, url=None), entry(id=None, url=None, title="Other")
    assert entry_id(one) == entry_id(dict(one)) != entry_id(two)
    assert post_of(id=None, url=None).uri == f"{ADDRESS}#{entry_id(one)}"
    assert post_of(id="x" * 3000, url=None).uri.startswith(f"{ADDRESS}#sha256:")
    assert normalise_entry(one, address=ADDRESS + "#top").uri == f"{ADDRESS}#{entry_id(one)}"


@pytest.mark.parametrize(
    ("own_id", "others"),
    [
        ("https://feeds.example/?p=1", ("https://feeds.example/?p=1",)),
        ("https://feeds.example/1", ()),
        ("https://elsewhere.example/1", ()),
        ("http://feeds.example/1", ()),
        ("tag:feeds.example,2026:1", ()),
    ],
)
def test_an_id_that_is_an_address_of_the_same_host_is_another_address(own_id: str, others: tuple[str, ...]) -> None:
    assert post_of(id=own_id).other_addresses == others


@pytest.mark.parametrize(
    ("published", "modified", "seen", "expected"),
    [
        ("2026-11-17T10:41:00+01:00", None, "2026-11-20", "2026-11-17T09:41:00"),
        (None, "2026-11-18T00:00:00Z", "2026-11-20", "2026-11-18T00:00:00"),
        ("soon", "2026-11-18", "2026-11-20", "2026-11-18T00:00:00"),
        (None, None, "2026-11-20T01:02:03Z", "2026-11-20T01:02:03"),
        ("2099-01-01T00:00:00Z", None, None, "2099-01-01T00:00:00"),
        ("0001-01-01T00:00:00Z", None, None, "0001-01-01T00:00:00"),
    ],
)
def test_a_date_is_kept_as_it_came_or_has_a_stand_in(
    published: str | None, modified: str | None, seen: str | None, expected: str
) -> None:
    post = post_of(date_published=published, date_modified=modified, date_seen=seen)
    assert post.published_at == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("modified", "is_edited"),
    [("2026-11-17T09:41:00Z", False), ("2026-11-16T00:00:00Z", False), ("2026-11-18T00:00:00Z", True), ("x", False)],
)
def test_only_a_later_date_is_an_edit(modified: str, is_edited: bool) -> None:
    assert (post_of(date_modified=modified).edited_at is not None) is is_edited


@pytest.mark.parametrize(
    ("title", "text", "kept"),
    [
        ("The ramp", "<p>Something else</p>", "The ramp"),
        ("The ramp is a step.", "<p>The ramp is a step. #x</p>", ""),
        ("The  RAMP\nis…", "<p>The ramp <b>is</b> a step.</p>", ""),
        ("The ramp is a st...", "<p>The ramp is a step.</p>", ""),
        ("Not", "<p>Nothing about us</p>", "Not"),
        ("Not", "<p>Not, they said</p>", ""),
        ("", "<p>x</p>", ""),
        ("…", "<p>x</p>", "…"),
        ("Photo", "", "Photo"),
    ],
)
def test_a_title_that_begins_the_text_is_left_out(title: str, text: str, kept: str) -> None:
    assert post_of(title=title, content_html=text).title == kept


def test_hashtags_come_from_text_title_and_categories() -> None:
    html = '<p>#One and <a class="hashtag" href="https://x.example/tags/two">#Two</a></p>'
    post = post_of(title="Three #three", content_html=html, tags=["#FOUR", "one", "two words", "1", "c++", None, 5, ""])
    assert [(tag.display, tag.found_in) for tag in post.hashtags] == [
        ("One", "text"),
        ("Two", "text"),
        ("three", "text"),
        ("FOUR", "tags"),
    ]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("joe@example.org (Joe Doe)", "Joe Doe"),
        ("joe@example.org", ""),
        ("mailto:joe@example.org", ""),
        ("Joe Doe <joe@example.museum>", "Joe Doe"),
        ("Joe Doe (joe+x@example.org)", "Joe Doe"),
        ('"Joe" joe@localhost', "Joe"),
        ("Joe (he/him)", "Joe (he/him)"),
        ("@carys@fedi.example", "@carys@fedi.example"),
        ("Hal & Sons", "Hal & Sons"),
        ("a@b.example, c@d.example", ""),
    ],
)
def test_a_name_never_holds_the_address_of_a_mailbox(told: str, name: str) -> None:
    assert name_without_mail(told) == name
    (post,) = posts_in(rss(rss_item(author=told.replace("&", "&amp;").replace("<", "&lt;"))))
    expected = {"": "A feed", "@carys@fedi.example": ""}
    assert post.author.name == expected.get(name, name)


@pytest.mark.parametrize(
    ("changes", "handle", "name", "url"),
    [
        ({"authors": [{"name": "Hal & Sons"}]}, "hal-sons@feeds.example", "Hal & Sons", None),
        ({"authors": [{}, {"name": "Ümit"}]}, "ümit@feeds.example", "Ümit", None),
        ({"authors": [{"name": "किसान"}]}, "किसान@feeds.example", "किसान", None),
        ({"authors": [{"name": "A", "url": "https://a.example/"}]}, "a@feeds.example", "A", "https://a.example/"),
        ({"authors": [{"name": "A", "url": "javascript:x"}]}, "a@feeds.example", "A", None),
        ({"authors": [{"name": "@Carys@Fedi.Example"}]}, "Carys@Fedi.Example", "", None),
        ({}, "a-feed@feeds.example", "A feed", None),
        ({"feed": {"authors": [{"name": "Gwen"}], "title": "T"}}, "gwen@feeds.example", "Gwen", None),
        ({"url": FEDI}, "Carys@fedi.example", "", "https://fedi.example/@Carys"),
        (
            {"url": FEDI, "authors": [{"name": "Carys B"}]},
            "Carys@fedi.example",
            "Carys B",
            "https://fedi.example/@Carys",
        ),
        ({"url": "https://fedi.example/@asha@far.example:8443/1"}, "asha@far.example:8443", "", None),
    ],
)
def test_an_author_is_named_after_the_feeds_host_or_the_account(
    changes: dict[str, Any], handle: str, name: str, url: str | None
) -> None:
    author = post_of(**changes).author
    assert (author.handle, author.name, author.url) == (handle, name, url)
    assert author.key == handle.lower()


def test_an_author_without_a_letter_has_a_key_all_the_same() -> None:
    one, other, none = (post_of(authors=[{"name": name}]).author for name in ("🙃", "🍪", ""))
    assert one.key != other.key
    assert none.key == "a-feed@feeds.example"
    assert post_of(feed={}).author.key == post_of(feed={}).author.key


def test_media_are_told_by_what_they_are_declared_as() -> None:
    base = "https://feeds.example/files"
    told = [
        {"url": f"{base}/a", "medium": "image", "alt": "A ramp"},
        {"url": f"{base}/b", "mime_type": "audio/mpeg"},
        {"url": f"{base}/c.MP4"},
        {"url": f"{base}/d.bin", "mime_type": "application/x-bittorrent"},
        {"url": f"{base}/b", "alt": "Read aloud", "mime_type": "audio/mpeg"},
        {"url": "data:image/png;base64,x"},
        {"url": "https://secure.gravatar.com/avatar/abc"},
        {"url": None},
        "not an object",
    ]
    assert post_of(attachments=told).media == (
        Media(url=f"{base}/a", type="image", alt_text="A ramp"),
        Media(url=f"{base}/b", type="audio", alt_text="Read aloud"),
        Media(url=f"{base}/c.MP4", type="video", alt_text=None),
        Media(url=f"{base}/d.bin", type="unknown", alt_text=None),
    )


def test_plain_words_are_not_taken_for_html() -> None:
    said = "if a < b & c\n\nsee https://x.example/a, (https://x.example/b) or http://y.example."
    post = post_of(content_html=None, content_text=said)
    assert post.text == said
    assert post.links == ("https://x.example/a", "https://x.example/b", "http://y.example/")


def test_an_answer_names_what_it_answers() -> None:
    assert post_of(in_reply_to="https://feeds.example/0").reply_to_uri == "https://feeds.example/0"
    assert post_of(in_reply_to="nothing").reply_to_uri is None


def test_what_nobody_could_know_again_becomes_a_rejection() -> None:
    for raw in (entry(id=None, url=None, title=None, content_html=None), entry(date_published=None), {}, "x", None, 3):
        assert isinstance(read_entry(raw, address=ADDRESS), Rejection)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
_KEYS = (
    "id url title title_html content_html content_text date_published date_modified authors tags language attachments "
    "in_reply_to replies is_sensitive feed external_url is_permalink"
)


@given(st.dictionaries(st.sampled_from(_KEYS.split()), _json))
def test_no_entry_of_any_shape_does_harm(changes: dict[str, Any]) -> None:
    raw = entry() | changes
    read = read_entry(raw, address=ADDRESS)
    assert read == read_entry(json.loads(json.dumps(raw)), address=ADDRESS)
    if isinstance(read, Rejection):
        assert "not foreseen" not in read.reason
        return
    assert isinstance(read, Found)
    post = read.post
    assert canonical_uri(post.uri) == post.uri
    assert plain_text(post.text) == post.text
    assert (one_line(post.title), one_line(post.author.name)) == (post.title, post.author.name)
    assert all(normal_form(tag.display) == tag.normal for tag in post.hashtags)
    assert post.published_at.tzinfo is UTC
    again = read_entry(unpack(read.raw), address=ADDRESS)
    assert isinstance(again, Found)
    assert again.post == post


def test_a_name_of_any_length_is_read_at_once() -> None:
    assert post_of(authors=[{"name": "@a@" + "." * 200_000 + "!"}]).text
