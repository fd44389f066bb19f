"""Exports of Mastodon accounts: the same posts come out as from the server's API, and nothing that was not public."""

from __future__ import annotations

import dataclasses
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from archive_reading import items_of, posts_in, reasons_in, recognised, tarred, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archives.files import ArchiveFile
from collector.archives.mastodon_export import FORMAT
from collector.archives.protocol import Entry, PassedOver, Unreadable
from collector.errors import ArchiveError
from collector.model import Author, Media, Mention, Poll, Post, Wish
from collector.sources.mastodon.statuses import normalise_status

STATUSES = Path(__file__).parent.parent / "data" / "mastodon" / "gotosocial"
SERVER = "http://localhost:18080"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
TAG = '<a href="https://fedi.example/tags/notcoproduction" class="mention hashtag">#<span>NotCoproduction</span></a>'
ACTOR: dict[str, Any] = {
    "id": "https://fedi.example/users/carys",
    "type": "Person",
    "preferredUsername": "Carys",
    "name": "Carys\n",
    "url": "https://fedi.example/@carys",
    "summary": "<p>Minutes secretary. #noindex</p>",
    "discoverable": True,
    "icon": {"type": "Image", "url": "avatar.png"},
}
NOTE: dict[str, Any] = {
    "id": "https://fedi.example/users/carys/statuses/1",
    "type": "Note",
    "attributedTo": "https://fedi.example/users/carys",
    "url": "https://fedi.example/@carys/1",
    "published": "2026-11-17T09:41:00Z",
    "to": [PUBLIC],
    "cc": ["https://fedi.example/users/carys/followers"],
    "content": f"<p>They renamed the complaints box. {TAG}</p>",
    "tag": [{"type": "Hashtag", "name": "#notcoproduction", "href": "https://fedi.example/tags/notcoproduction"}],
}


def create(**changes: Any) -> dict[str, Any]:
    note = NOTE | changes
    return {"id": f"{note['id']}/activity", "type": "Create", "actor": ACTOR["id"], "to": note["to"], "object": note}


def outbox(*activities: Any) -> bytes:
    collection = {"@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection"}
    return json.dumps(collection | {"totalItems": len(activities), "orderedItems": list(activities)}).encode()


def export(*activities: Any, actor: Any = ACTOR) -> bytes:
    return zipped({"outbox.json": outbox(*activities), "actor.json": json.dumps(actor).encode()})


def read(**changes: Any) -> Post:
    (post,) = posts_in(items_of("mastodon", export(create(**changes))))
    return post


def as_note(status: dict[str, Any]) -> dict[str, Any]:
    """A status of the API as ActivityPub writes it."""
    kinds = {"image": "image/png", "gifv": "video/mp4", "video": "video/mp4", "audio": "audio/mpeg"}
    note: dict[str, Any] = {
        "id": status["uri"],
        "type": "Note",
        "attributedTo": f"{SERVER}/users/{status['account']['username']}",
        "url": status["url"],
        "published": status["created_at"],
        "updated": status["edited_at"],
        "to": PUBLIC,
        "summary": status["spoiler_text"] or None,
        "sensitive": status["sensitive"],
        "content": status["content"],
        "contentMap": {status["language"]: status["content"]},
        "tag": [{"type": "Hashtag", "name": f"#{tag['name']}", "href": tag["url"]} for tag in status["tags"]],
        "attachment": [
            {"type": "Document", "mediaType": kinds[item["type"]], "url": item["url"], "name": item["description"]}
            for item in status["media_attachments"]
        ],
    }
    for item in status["mentions"]:
        host = "" if "@" in item["acct"] else "@localhost:18080"
        note["tag"].append({"type": "Mention", "name": f"@{item['acct']}{host}", "href": item["url"]})
    if poll := status["poll"]:
        options = [{"type": "Note", "name": option["title"]} for option in poll["options"]]
        note |= {"type": "Question", "oneOf": options, "endTime": poll["expires_at"]}
    return note


@pytest.mark.parametrize(
    "name",
    [
        "arabic",
        "backdated",
        "code",
        "csv_eq",
        "cw",
        "html",
        "image_alt",
        "link",
        "long",
        "mention_local",
        "poll",
        "welsh",
    ],
)
def test_a_post_is_the_one_that_the_api_tells_of(name: str) -> None:
    status = json.loads((STATUSES / f"status-{name}.body").read_text("utf-8"))
    by_api = normalise_status(status, address=SERVER)
    account = status["account"]
    actor = {
        "id": f"{SERVER}/users/{account['username']}",
        "preferredUsername": account["username"],
        "name": account["display_name"],
        "url": account["url"],
    }
    (post,) = posts_in(items_of("mastodon", export(create(**as_note(status)), actor=actor)))
    unknown: dict[str, Any] = {"counts": by_api.counts, "reply_to_uri": by_api.reply_to_uri}
    assert dataclasses.replace(post, **unknown) == by_api


def test_an_export_is_read_whatever_it_is_packed_in() -> None:
    files = {"outbox.json": outbox(create()), "actor.json": json.dumps(ACTOR).encode(), "likes.json": b"{}"}
    nested = {f"archive-20261117/{name}": content for name, content in files.items()}
    for content in (zipped(files), tarred(files), tarred(nested), zipped(nested)):
        assert recognised("mastodon", content)
        (post,) = posts_in(items_of("mastodon", content))
        assert post.author == Author(
            key="carys@fedi.example",
            handle="Carys@fedi.example",
            name="Carys",
            url="https://fedi.example/@carys",
            wishes=frozenset({Wish.NOINDEX, Wish.DISCOVERABLE}),
        )
        assert post.url == "https://fedi.example/@carys/1"
        assert post.text == "They renamed the complaints box. #NotCoproduction"
        assert [(tag.normal, tag.display) for tag in post.hashtags] == [("notcoproduction", "NotCoproduction")]


def test_an_outbox_alone_tells_its_author_by_the_addresses() -> None:
    content = outbox(create())
    assert recognised("mastodon", content)
    (post,) = posts_in(items_of("mastodon", content))
    assert post.author == Author(key="carys@fedi.example", handle="carys@fedi.example", name="", url=None)


@pytest.mark.parametrize(
    ("address", "page", "expected"),
    [
        ("https://fedi.example/users/carys", None, "carys@fedi.example"),
        ("https://fedi.example/@carys", None, "carys@fedi.example"),
        ("https://FEDI.example:3000/u/carys", None, "carys@fedi.example:3000"),
        ("https://fedi.example/ap/users/115999999999", "https://fedi.example/@carys/1", "carys@fedi.example"),
    ],
)
def test_a_name_is_found_where_addresses_show_it(address: str, page: str | None, expected: str) -> None:
    (post,) = posts_in(items_of("mastodon", outbox(create(attributedTo=address, url=page))))
    assert post.author.key == expected


def test_an_author_whom_nothing_names_is_unreadable() -> None:
    nameless = create(attributedTo="https://fedi.example/ap/users/115999999999", url=None)
    assert reasons_in(items_of("mastodon", outbox(nameless))) == [(1, "attributedTo: does not say who wrote it")]


def test_a_domain_of_its_own_for_handles_is_believed() -> None:
    content = export(create(), actor=ACTOR | {"webfinger": "acct:carys@example.wales"})
    assert posts_in(items_of("mastodon", content))[0].author.key == "carys@example.wales"


def test_reposts_and_what_was_not_public_are_passed_over_with_their_place() -> None:
    followers = "https://fedi.example/users/carys/followers"
    boost = {"type": "Announce", "object": "https://social.example/users/rhys/statuses/7", "to": [PUBLIC]}
    items = items_of(
        "mastodon",
        export(
            create(),
            boost,
            create(to=[followers], cc=[PUBLIC]),
            create(to=[followers]),
            create(to=[]),
            {"type": "Create", "object": NOTE | {"type": ["Note"]}},
            {"type": "Like", "object": "https://social.example/users/rhys/statuses/7"},
            {"type": "Create", "object": "https://fedi.example/users/carys/statuses/2", "to": PUBLIC},
            "https://fedi.example/users/carys/statuses/3",
        ),
    )
    assert [item.line for item in items] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert reasons_in(items) == [
        (2, "a repost"),
        (3, "not public"),
        (4, "not public"),
        (5, "not public"),
        (6, "not a post"),
        (7, "not a post"),
        (8, "no object"),
        (9, "not an activity"),
    ]


@pytest.mark.parametrize("to", ["as:Public", [PUBLIC], PUBLIC, ["as:Public", "https://social.example/users/rhys"]])
def test_public_is_written_in_several_ways(to: Any) -> None:
    assert read(to=to).uri == NOTE["id"]


def test_all_parts_of_a_post_come_along() -> None:
    post = read(
        summary="meetings",
        sensitive=True,
        updated="2026-11-17T10:00:00Z",
        contentMap={"cy": NOTE["content"]},
        inReplyTo="https://social.example/users/rhys/statuses/7",
        quote="https://social.example/users/rhys/statuses/8",
        likes={"type": "Collection", "totalItems": 31},
        shares={"type": "Collection", "totalItems": 12},
        attachment=[
            {"type": "Document", "mediaType": "image/png", "url": "/media_attachments/files/1.png", "name": "lost"},
            {"type": "Document", "mediaType": "image/png", "url": "https://fedi.example/m/2.png", "name": "Chairs"},
            {"type": "Document", "mediaType": "video/mp4", "url": "https://fedi.example/m/3.mp4", "name": None},
        ],
        tag=[
            {"type": "Mention", "name": "@rhys@social.example", "href": "https://social.example/users/rhys"},
            {"type": "Mention", "name": "@nia", "href": "https://fedi.example/users/nia"},
            {"type": "Hashtag", "name": "#meetings"},
            {"type": "Emoji", "name": ":chair:"},
        ],
    )
    assert (post.content_warning, post.is_sensitive, post.language) == ("meetings", True, "cy")
    assert post.edited_at == datetime(2026, 11, 17, 10, tzinfo=UTC)
    assert post.reply_to_uri == "https://social.example/users/rhys/statuses/7"
    assert post.quote_of_uri == "https://social.example/users/rhys/statuses/8"
    assert (post.counts.likes, post.counts.boosts) == (31, 12)
    assert post.media == (
        Media(url="https://fedi.example/m/2.png", type="image", alt_text="Chairs"),
        Media(url="https://fedi.example/m/3.mp4", type="video", alt_text=None),
    )
    assert post.mentions == (
        Mention(handle="rhys@social.example", url="https://social.example/users/rhys"),
        Mention(handle="nia@fedi.example", url="https://fedi.example/users/nia"),
    )
    assert [tag.normal for tag in post.hashtags] == ["notcoproduction", "meetings"]


def test_a_question_has_its_options_and_an_article_its_title() -> None:
    options = [{"type": "Note", "name": "Yes"}, {"type": "Note", "name": "Not at all"}]
    question = read(type="Question", anyOf=options, endTime="2026-11-18T09:41:00Z")
    assert question.poll == Poll(options=("Yes", "Not at all"), closes_at=datetime(2026, 11, 18, 9, 41, tzinfo=UTC))
    assert read(type="Article", name="Minutes").title == "Minutes"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "id: not a URI"),
        ({"published": "yesterday"}, "published: not an instant"),
        ({"attributedTo": "somebody", "url": None}, "attributedTo: does not say who wrote it"),
    ],
)
def test_what_cannot_be_known_again_says_why(changes: dict[str, Any], reason: str) -> None:
    assert reasons_in(items_of("mastodon", export(create(**changes)))) == [(1, reason)]


def test_what_stands_before_a_break_is_read(tmp_path: Path) -> None:
    whole = outbox(create(), create())
    path = tmp_path / "outbox.json"
    path.write_bytes(whole[:-200])
    with ArchiveFile(path) as file:
        items = FORMAT.read(file)
        assert isinstance(next(items), Entry)
        with pytest.raises(ArchiveError, match="ends in the middle"):
            next(items)


def test_a_broken_activity_costs_only_itself() -> None:
    broken = outbox(create(), create()).replace(b'"type": "Note"', b'"type": Note', 1)
    assert [type(item) for item in items_of("mastodon", broken)] == [Unreadable, Entry]


def test_a_collection_without_a_list_is_refused_in_one_line() -> None:
    with pytest.raises(ArchiveError, match="holds no list of posts"):
        items_of("mastodon", b'{"type": "OrderedCollection", "first": "outbox?page=true"}')
    with pytest.raises(ArchiveError, match=r"holds no outbox\.json"):
        items_of("mastodon", zipped({"a.txt": b"a", "b.txt": b"b"}))
    assert not recognised("mastodon", b'{"type": "OrderedCollection"}')
    assert not recognised("mastodon", zipped({"a.txt": b"a", "b.txt": b"b"}))


def test_an_actor_that_cannot_be_read_leaves_the_posts() -> None:
    content = zipped({"outbox.json": outbox(create()), "actor.json": b"<html>"})
    assert posts_in(items_of("mastodon", content))[0].author.key == "carys@fedi.example"


def test_a_long_outbox_is_read_in_the_memory_of_a_few_posts(tmp_path: Path) -> None:
    path = tmp_path / "outbox.json"
    path.write_bytes(outbox(*[create(id=f"https://fedi.example/users/carys/statuses/{n}") for n in range(10_000)]))
    assert path.stat().st_size > 7_500_000
    tracemalloc.start()
    try:
        with ArchiveFile(path) as file:
            assert sum(isinstance(item, Entry) for item in FORMAT.read(file)) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just(PUBLIC),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(NOTE)), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    *NOTE,
    "contentMap",
    "inReplyTo",
    "quote",
    "oneOf",
    "anyOf",
    "attachment",
    "likes",
    "summary",
    "updated",
    "name",
]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), JSON)
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_a_note_is_a_post_or_a_reason(changes: dict[str, Any], actor: Any) -> None:
    for item in items_of("mastodon", export(create(**changes), actor=actor)):
        assert isinstance(item, (Entry, Unreadable, PassedOver))


def test_the_links_of_a_profile_are_the_authors_as_by_the_api() -> None:
    about = '<p><a href="https://bsky.app/profile/carys.example">me</a></p>'
    field = {"type": "PropertyValue", "name": "Web", "value": '<a href="https://carys.example/">x</a>'}
    actor = ACTOR | {"summary": about, "attachment": [field]}
    (post,) = posts_in(items_of("mastodon", export(create(), actor=actor)))
    assert post.author.links == ("https://bsky.app/profile/carys.example", "https://carys.example/")
