"""Views of Bluesky's posts become posts: recorded ones of a real server, and such as strangers may write."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from bluesky_server import ALICE, a_view, recorded_posts
from hypothesis import given
from hypothesis import strategies as st

from collector.model import Found, Media, Post, Rejection, Wish
from collector.sources.bluesky.records import normalise_post, read_view, slimmed
from collector.sources.raw import unpack

BOB = "did:plc:bob"
FACET = "app.bsky.richtext.facet#"
QUOTED = "at://did:plc:bob/app.bsky.feed.post/3kquoted"


def facet(start: Any, end: Any, **feature: str) -> dict[str, Any]:
    (name,) = feature
    kind = {"uri": "link", "tag": "tag", "did": "mention"}[name]
    return {
        "index": {"byteStart": start, "byteEnd": end},
        "features": [{"$type": FACET + kind, name: feature[name]}],
    }


def post_of(**changes: Any) -> Post:
    return normalise_post(a_view(**changes))


def post_with(text: str, *facets: Any, **record: Any) -> Post:
    return post_of(text=text, record={"facets": list(facets)} | record)


def recorded_post(start: str) -> Post:
    (raw,) = [raw for raw in recorded_posts() if raw["record"]["text"].startswith(start)]
    return normalise_post(raw)


def test_the_identity_of_a_post_is_its_authors_did_and_its_key() -> None:
    post = post_of()
    assert (post.network, post.uri) == ("bluesky", "at://did:plc:alice/app.bsky.feed.post/3kaaa")
    assert post.url == "https://bsky.app/profile/alice.test/post/3kaaa"
    assert (post.author.key, post.author.handle, post.author.name) == (ALICE, "alice.test", "Alice")
    assert post.author.url == "https://bsky.app/profile/alice.test"
    assert (post.edited_at, post.other_addresses, post.copy_of) == (None, (), None)


@pytest.mark.parametrize("handle", ["handle.invalid", "", None, 3, "no dots", "<b>.test"])
def test_an_account_without_a_handle_goes_by_its_did(handle: Any) -> None:
    post = post_of(author={"handle": handle})
    assert post.author.handle == ALICE
    assert post.url == f"https://bsky.app/profile/{ALICE}/post/3kaaa"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"uri": None}, "uri: not a post of Bluesky"),
        ({"uri": "at://alice.test/app.bsky.feed.post/3kaaa"}, "uri: not a post of Bluesky"),
        ({"uri": "at://did:plc:alice/app.bsky.feed.generator/3kaaa"}, "uri: not a post of Bluesky"),
        ({"uri": "at://did:plc:alice/app.bsky.feed.post/3k aa"}, "uri: not a post of Bluesky"),
        ({"record": {"text": None}}, "record: no text"),
        ({"author": {"did": None}}, "author: no DID"),
        ({"author": {"did": BOB}}, "author: not the one the post belongs to"),
        ({"record": {"createdAt": "soon"}, "indexedAt": None}, "createdAt, indexedAt: neither is an instant"),
    ],
)
def test_what_cannot_be_known_again_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        post_of(**changes)


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2026-06-01T12:00:00+01:00", datetime(2026, 6, 1, 11, tzinfo=UTC)),
        ("2026-06-01T11:00:00.123456Z", datetime(2026, 6, 1, 11, 0, 0, 123456, tzinfo=UTC)),
        ("2026-06-01T11:00:00.123456789Z", datetime(2026, 6, 1, 11, 0, 0, 123456, tzinfo=UTC)),
        ("2099-01-01T00:00:00Z", datetime(2099, 1, 1, tzinfo=UTC)),
        ("0001-10-14T00:00:00Z", datetime(1, 10, 14, tzinfo=UTC)),
        ("0001-01-01T00:00:00+10:00", datetime(2026, 11, 17, 9, 41, tzinfo=UTC)),  # before there are instants
        ("0000-01-01T00:00:00Z", datetime(2026, 11, 17, 9, 41, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 17, 9, 41, tzinfo=UTC)),
        (None, datetime(2026, 11, 17, 9, 41, tzinfo=UTC)),
    ],
)
def test_the_clients_date_is_kept_as_it_came(created: Any, expected: datetime) -> None:
    assert post_of(record={"createdAt": created}).published_at == expected


def test_hashtags_are_those_of_the_text_of_facets_and_of_the_list() -> None:
    post = post_with(
        "One #NotCoProduction and ＃Full here",
        facet(4, 20, tag="notcoproduction"),
        facet(31, 35, tag="Elsewhere"),
        facet(900, 950, tag="beyond"),
        tags=["full", "Listed", "#hash", "two words", 3],
    )
    assert [(tag.display, tag.found_in) for tag in post.hashtags] == [
        ("NotCoProduction", "text"),
        ("Full", "text"),
        ("Elsewhere", "text"),
        ("beyond", "text"),
        ("Listed", "tags"),
        ("hash", "tags"),
    ]


def test_positions_are_counted_in_bytes() -> None:
    post = recorded_post("council.example/minutes…")
    assert post.text == "https://council.example/minutes/2026/11/very/long #notcoproduction"
    assert post.links == ("https://council.example/minutes/2026/11/very/long",)


def test_a_link_that_says_something_else_shows_where_it_leads() -> None:
    post = post_with("Read 🧑🏽‍🦽 this now", facet(21, 25, uri="https://council.example/x"))
    assert post.text == "Read 🧑🏽‍🦽 this (https://council.example/x) now"


@pytest.mark.parametrize(
    ("start", "end"), [(6, 9), (-1, 4), (4, 2), (4, 4), (0, 999), ("0", "4"), (None, None), (True, 4), (1.0, 4.0)]
)
def test_a_facet_that_makes_no_sense_marks_up_nothing(start: Any, end: Any) -> None:
    post = post_with("Read 🙃 this", facet(start, end, uri="https://council.example/x"))
    assert post.text == "Read 🙃 this"
    assert post.links == ("https://council.example/x",)


def test_overlapping_facets_do_not_double_the_text() -> None:
    links = [facet(5, 9, uri="https://b.example/"), facet(0, 6, uri="https://a.example/"), facet(5, 9, tag="this")]
    post = post_with("Read this", *links)
    assert post.text == "Read t (https://a.example/)his"
    assert post.links == ("https://a.example/", "https://b.example/")
    assert [tag.normal for tag in post.hashtags] == ["this"]


def test_a_hashtag_or_mention_that_a_bridge_links_reads_as_it_stands() -> None:
    post = post_with(
        "#tag @carys",
        facet(0, 4, uri="https://fedi.example/tags/tag"),
        facet(5, 11, uri="https://fedi.example/@carys"),
    )
    assert (post.text, post.links) == ("#tag @carys", ())
    assert [tag.normal for tag in post.hashtags] == ["tag"]


def test_links_to_what_is_no_page_are_left_as_text() -> None:
    assert post_with("click", facet(0, 5, uri="javascript:alert(1)")).text == "click"


def test_mentions_are_known_by_did_and_shown_by_handle() -> None:
    post = post_with("@Bob.test and 🙃", facet(0, 9, did=BOB), facet(0, 9, did=BOB), facet(15, 16, did="did:plc:c"))
    assert [(mention.handle, mention.url) for mention in post.mentions] == [
        ("bob.test", "https://bsky.app/profile/did:plc:bob"),
        ("did:plc:c", "https://bsky.app/profile/did:plc:c"),
    ]


def images(count: int = 1) -> dict[str, Any]:
    shown = [
        {"thumb": "https://cdn.example/t", "fullsize": f"https://cdn.example/{number}", "alt": "A wall" * (number == 0)}
        for number in range(count)
    ]
    return {"$type": "app.bsky.embed.images#view", "images": shown}


def quote(kind: str = "viewRecord", **more: Any) -> dict[str, Any]:
    quoted = {"$type": f"app.bsky.embed.record#{kind}", "uri": QUOTED} | more
    return {"$type": "app.bsky.embed.record#view", "record": quoted}


def test_pictures_come_with_their_descriptions() -> None:
    media = post_of(embed=images(2)).media
    assert media == (
        Media(url="https://cdn.example/0", type="image", alt_text="A wall"),
        Media(url="https://cdn.example/1", type="image", alt_text=None),
    )
    gallery = {"$type": "app.bsky.embed.gallery#view", "items": [{"fullsize": "https://cdn.example/g", "alt": "G"}]}
    assert post_of(embed=gallery).media[0].alt_text == "G"


@pytest.mark.parametrize(("presentation", "kind"), [(None, "video"), ("default", "video"), ("gif", "gifv")])
def test_films_are_known_by_their_playlist(presentation: Any, kind: str) -> None:
    view = {"$type": "app.bsky.embed.video#view", "playlist": "https://v.example/p.m3u8", "presentation": presentation}
    assert post_of(embed=view).media == (Media(url="https://v.example/p.m3u8", type=kind, alt_text=None),)


def test_a_card_is_a_link_and_the_title_of_a_post_without_words() -> None:
    card = {"uri": "https://rick.example/x", "title": "Examples of\nnot", "description": "d"}
    view = {"$type": "app.bsky.embed.external#view", "external": card}
    post = post_of(embed=view)
    assert (post.links, post.title) == (("https://rick.example/x",), "")
    assert post_of(text="", embed=view).title == "Examples of not"
    again = post_with("https://rick.example/x", facet(0, 22, uri="https://rick.example/x"))
    assert again.links == post.links


def test_a_quote_is_an_address_alone() -> None:
    said: dict[str, Any] = {"value": {"text": "somebody else's words"}, "author": {"did": BOB, "displayName": "Bob"}}
    read = read_view(a_view(embed=quote(**said)))
    assert isinstance(read, Found)
    assert read.post.quote_of_uri == QUOTED
    assert "somebody else" not in json.dumps(unpack(read.raw))
    assert "Bob" not in json.dumps(unpack(read.raw))


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("viewNotFound", {"notFound": True}, QUOTED),
        ("viewDetached", {"detached": True}, None),
        ("viewBlocked", {"blocked": True}, None),
        ("viewRecord", {"uri": "at://did:plc:bob/app.bsky.feed.generator/x"}, None),
        ("viewRecord", {"uri": None}, None),
    ],
)
def test_a_quote_that_was_taken_back_is_none(kind: str, more: dict[str, Any], expected: str | None) -> None:
    assert post_of(embed=quote(kind, **more)).quote_of_uri == expected


def test_a_quote_with_pictures_is_both() -> None:
    view = {
        "$type": "app.bsky.embed.recordWithMedia#view",
        "record": {"record": quote()["record"] | {"value": {"text": "words"}}},
        "media": images(1),
    }
    read = read_view(a_view(embed=view))
    assert isinstance(read, Found)
    assert (read.post.quote_of_uri, len(read.post.media)) == (QUOTED, 1)
    assert "words" not in json.dumps(unpack(read.raw))


@pytest.mark.parametrize("embed", [None, 3, [], {}, {"$type": 3}, {"record": []}, {"images": 3}, {"external": "x"}])
def test_an_embed_of_no_known_shape_is_passed_over(embed: Any) -> None:
    for kind in ("images", "video", "external", "record", "recordWithMedia", "unheard"):
        view = {"$type": f"app.bsky.embed.{kind}#view"} | embed if isinstance(embed, dict) else embed
        assert isinstance(read_view(a_view(embed=view)), Found)


def test_a_reply_names_its_parent() -> None:
    parent = "at://did:plc:bob/app.bsky.feed.post/3kparent"
    reply = {"root": {"uri": "at://did:plc:bob/app.bsky.feed.post/3kroot"}, "parent": {"uri": parent}}
    assert post_of(record={"reply": reply}).reply_to_uri == parent
    assert post_of(record={"reply": {"parent": None}}).reply_to_uri is None


def label(value: str, by: str = ALICE, **more: Any) -> dict[str, Any]:
    return {"src": by, "uri": ALICE, "val": value} | more


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"record": {"labels": {"values": [{"val": "porn"}, {"val": "sexual"}]}}},
            "adult content, sexually suggestive",
        ),
        ({"labels": [label("graphic-media", "did:plc:mod"), label("gore", "did:plc:mod")]}, "graphic media"),
        ({"author": {"labels": [label("nudity", "did:plc:mod")]}}, "nudity"),
        ({"author": {"labels": [label("nudity", uri=f"at://{ALICE}/app.bsky.actor.profile/self")]}}, ""),
        ({"labels": [label("porn", neg=True)]}, ""),
        ({"labels": [label("cooking"), {"val": 3}, None]}, ""),
    ],
)
def test_labels_of_a_sort_are_a_warning(changes: dict[str, Any], words: str) -> None:
    post = post_of(**changes)
    assert (post.content_warning, post.is_sensitive) == (words, bool(words))


def test_an_author_may_ask_not_to_be_shown_to_everybody() -> None:
    post = recorded_post("Only for people who are signed in")
    assert post.author.wishes == {Wish.NO_UNAUTHENTICATED}
    assert post.author.is_opted_out


@pytest.mark.parametrize(
    ("labels", "is_bot"), [([label("bot")], True), ([label("bot", "did:plc:mod")], False), ([], False)]
)
def test_a_bot_says_so_itself(labels: list[Any], is_bot: bool) -> None:
    assert post_of(author={"labels": labels}).author.is_bot is is_bot


def test_addresses_in_a_profile_belong_to_it() -> None:
    description = "Me: fedi.example/@alice, (https://alice.example/x). Mail me@alice.example/ or and/or e.g. this."
    assert post_of(author={"description": description}).author.links == (
        "https://fedi.example/@alice",
        "https://alice.example/x",
    )


@pytest.mark.parametrize(
    ("langs", "expected"), [(["cy", "en"], "cy"), (["", "pt-BR"], "pt-br"), ([], None), ("en", None), ([3, None], None)]
)
def test_the_first_language_is_the_posts(langs: Any, expected: str | None) -> None:
    assert post_of(record={"langs": langs}).language == expected


def test_counts_are_read_and_never_below_zero() -> None:
    counts = post_of(replyCount=1, repostCount=2, likeCount=True, quoteCount=-4).counts
    assert (counts.replies, counts.boosts, counts.likes, counts.quotes) == (1, 2, 0, 0)


def test_a_bridges_copy_names_its_original() -> None:
    original = "https://fedi.example/@carys/1"
    read = read_view(a_view(record={"bridgyOriginalUrl": original, "bridgyOriginalText": "<p>long</p>" * 99}))
    assert isinstance(read, Found)
    assert read.post.copy_of == original
    assert "long" not in json.dumps(unpack(read.raw))


def test_an_odd_name_is_plain_text_and_may_be_missing() -> None:
    assert recorded_post("Forty pages on a Friday").author.name == "Bob 🛠️ <b>&amp;</b>"
    assert recorded_post("I have no profile record").author.name == ""


def test_what_is_kept_is_small_and_holds_nobody_elses_profile() -> None:
    for raw in recorded_posts():
        read = read_view(raw | {"viewer": {"like": "at://x"}, "threadgate": {"x": 1}})
        assert isinstance(read, Found)
        kept = unpack(read.raw)
        assert len(read.raw) < 1_000
        assert not {"viewer", "threadgate"} & set(kept)
        assert set(kept["author"]) <= {"did", "handle", "displayName", "labels", "description", "website"}
        assert slimmed(kept) == kept


def test_a_changed_text_is_the_same_post() -> None:
    first, second = post_of(text="First"), post_of(text="Second", cid="bafytwo")
    assert first.uri == second.uri
    assert first.text != second.text


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=9) | st.sampled_from([FACET + "link", ALICE]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["$type", "record", "uri", "index", "features", "byteStart", "byteEnd", "values", "val", "media"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["embed", "labels", "indexedAt", "likeCount", "author", "record", "uri"]), values),
    st.dictionaries(
        st.sampled_from(["text", "facets", "tags", "langs", "labels", "reply", "embed", "createdAt"]), values
    ),
)
def test_whatever_strangers_write_is_a_post_or_a_rejection(view: dict[str, Any], record: dict[str, Any]) -> None:
    raw = a_view() | view
    if isinstance(raw["record"], dict):
        raw["record"] |= record
    read = read_view(raw)
    assert isinstance(read, (Found, Rejection))
    if isinstance(read, Rejection):
        assert "not foreseen" not in read.reason
    else:
        assert read_view(unpack(read.raw)) == read


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(-2, 60), st.integers(-2, 60)), max_size=5),
)
def test_facets_anywhere_never_break_a_text(text: str, places: list[tuple[int, int]]) -> None:
    facets = [facet(start, end, uri="https://a.example/") for start, end in places]
    shown = post_with(text, *facets).text
    assert len(shown) <= len(text) + len(places) * len(" (https://a.example/)") + len("https://a.example/")
