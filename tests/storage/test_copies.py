"""Copies of one post: rows of their own, linked, shown and counted once; what has one address is one row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from making import NOW, make_author, make_post
from making_storage import add_watch, make_batch, rows, save, shown

from collector.model import Author, Post, Saved, Wish
from collector.storage.curation import hide_post
from collector.storage.database import Database
from collector.storage.digests import find_candidates, shown_posts
from collector.storage.saving import save_batch

TEXT = "They renamed the complaints box and now they call it the 'co-creation portal'. #notcoproduction"
AT = datetime.fromisoformat("2026-11-17T09:41:00+00:00")
DID = "did:plc:abcdefghijklmnopqrstuvwx"
RECORD = f"at://{DID}/app.bsky.feed.post/3kabc"


def on_bluesky(**changes: Any) -> Post:
    author = Author(key=DID, handle="carys.bsky.social", name="Carys", url="https://bsky.app/profile/carys.bsky.social")
    values: dict[str, Any] = {
        "network": "bluesky",
        "uri": RECORD,
        "url": "https://bsky.app/profile/carys.bsky.social/post/3kabc",
        "author": author,
        "text": TEXT,
        "published_at": AT + timedelta(minutes=5),
    }
    return make_post(**(values | changes))


def on_fediverse(**changes: Any) -> Post:
    values: dict[str, Any] = {"text": TEXT, "published_at": AT}
    return make_post(**(values | changes))


def save_all(database: Database, *posts: Post) -> None:
    for post in posts:
        save(database, post, server="https://bsky.social" if post.network == "bluesky" else "https://fedi.example")


def also_at(database: Database) -> dict[str, tuple[str, ...]]:
    return {row.network: row.also_at for row in shown(database)}


@pytest.mark.parametrize("is_bluesky_first", [True, False])
def test_the_same_words_on_two_networks_stay_two_rows_with_each_others_addresses(
    database: Database, is_bluesky_first: bool
) -> None:
    posts = [on_bluesky(), on_fediverse()]
    save_all(database, *(posts if is_bluesky_first else posts[::-1]))
    assert also_at(database) == {
        "fediverse": ("https://bsky.app/profile/carys.bsky.social/post/3kabc",),
        "bluesky": ("https://fedi.example/@carys/1",),
    }
    assert len(set(rows(database, "posts", "cluster_id"))) == 1


def test_copies_are_one_candidate_and_one_card(database: Database) -> None:
    save_all(
        database,
        on_bluesky(),
        on_fediverse(),
        on_fediverse(
            uri="https://fedi.example/users/carys/statuses/9", url=None, text="Something else. #notcoproduction"
        ),
    )
    with database.read() as conn:
        stretch = (NOW - timedelta(days=30), NOW)
        found = find_candidates(conn, None, ["notcoproduction"], [stretch])
        assert len({candidate.cluster for candidate in found}) == 2
        cards = shown_posts(conn, [candidate.post_id for candidate in found], ["notcoproduction"])
    assert sorted(len(card.also_at) for card in cards.values()) == [0, 1, 1]


@pytest.mark.parametrize("is_copy_later", [True, False])
def test_what_is_hidden_is_not_shown_by_its_copy_in_its_place(database: Database, is_copy_later: bool) -> None:
    save_all(database, on_fediverse(), *([] if is_copy_later else [on_bluesky()]))
    with database.write() as conn:
        hide_post(conn, on_fediverse().uri, NOW)
    if is_copy_later:
        save_all(database, on_bluesky())
    assert shown(database) == []
    with database.write() as conn:
        hide_post(conn, RECORD, None)
    assert len(shown(database)) == 2, "and let in again together"


@pytest.mark.parametrize(
    "other",
    [
        on_fediverse(author=make_author(handle="sara@fedi.example", name="Sara")),
        on_fediverse(published_at=AT + timedelta(hours=1, minutes=6)),
        on_fediverse(text="We were asked to comment on a decision that had been taken in spring. #notcoproduction"),
    ],
    ids=["somebody else", "an hour apart", "other words"],
)
def test_what_is_not_surely_one_persons_stays_apart(database: Database, other: Post) -> None:
    save_all(database, on_bluesky(), other)
    assert set(also_at(database).values()) == {()}


@pytest.mark.parametrize("is_copy_first", [True, False])
def test_a_post_that_a_bridge_brought_to_the_fediverse_is_a_copy_whatever_comes_first(
    database: Database, is_copy_first: bool
) -> None:
    copy = on_fediverse(
        uri=f"https://bsky.brid.gy/convert/ap/{RECORD}",
        url="https://bsky.app/profile/carys.bsky.social/post/3kabc",
        author=make_author(handle="carys.bsky.social@bsky.brid.gy"),
        published_at=AT + timedelta(days=1),
    )
    posts = [on_bluesky(), copy]
    save_all(database, *(posts[::-1] if is_copy_first else posts))
    assert [len(addresses) for addresses in also_at(database).values()] == [1, 1]


def test_a_post_that_a_bridge_brought_to_bluesky_is_a_copy(database: Database) -> None:
    author = Author(key=DID, handle="carys.fedi.example.ap.brid.gy", name="Carys", url=None)
    save_all(database, on_fediverse(), on_bluesky(author=author, copy_of="https://fedi.example/@carys/1", text="Cut …"))
    assert also_at(database)["bluesky"] == ("https://fedi.example/@carys/1",)


def test_nobody_can_make_a_copy_of_another_persons_post_by_saying_so(database: Database) -> None:
    stranger = Author(key=DID, handle="stranger.bsky.social", name="Stranger", url=None)
    claim = on_bluesky(author=stranger, copy_of="https://fedi.example/@carys/1", text="Buy this. #notcoproduction")
    save_all(database, on_fediverse(), claim)
    assert set(also_at(database).values()) == {()}


def test_three_copies_are_one_cluster_in_whatever_order_they_come(database: Database) -> None:
    tweet = make_post(
        network="twitter",
        uri="https://twitter.com/i/web/status/1",
        url="https://twitter.com/carys/status/1",
        author=make_author(handle="carys@twitter.com", key="1@twitter.com", url="https://twitter.com/carys"),
        text=TEXT,
        published_at=AT + timedelta(minutes=50),
    )
    save_all(database, on_bluesky())
    save_all(database, tweet)
    save_all(database, on_fediverse())
    assert [len(addresses) for addresses in also_at(database).values()] == [2, 2, 2]
    assert rows(database, "posts", "cluster_id") == [1, 1, 1]


def feed_entry(**changes: Any) -> Post:
    return make_post(
        **({"network": "feed", "uri": "https://fedi.example/@carys/1", "url": None, "text": TEXT} | changes)
    )


def told(database: Database, post: Post) -> Saved:
    """Saves what a source of the post's own kind tells."""
    kind = {"fediverse": "mastodon"}.get(post.network, post.network)
    with database.write() as conn:
        return save_batch(conn, make_batch(add_watch(conn, post.network, kind=kind), post))


@pytest.mark.parametrize("is_feed_first", [True, False])
def test_a_post_by_feed_and_by_api_is_one_row_with_the_networks_own_identity(
    database: Database, is_feed_first: bool
) -> None:
    posts = [feed_entry(), on_fediverse(text=TEXT + " And more.")]
    for post in posts if is_feed_first else posts[::-1]:
        told(database, post)
    (row,) = shown(database)
    assert (row.network, row.uri) == ("fediverse", "https://fedi.example/users/carys/statuses/1")
    assert row.text == TEXT + " And more."
    assert set(row.seen_on) == {"feed", "fediverse"}
    assert rows(database, "revisions", "text") == []
    assert told(database, feed_entry()) == Saved(same=1)


def test_a_comment_by_its_feed_and_by_its_blog_is_one_of_the_blogs(database: Database) -> None:
    address = "https://blog.example/2013/11/26/a-post/#comment-2"
    told(database, feed_entry(uri=address, url=address))
    told(database, make_post(network="wordpress", uri=address, url=address, reply_to_uri="https://blog.example/p"))
    assert [row.network for row in shown(database)] == ["wordpress"]


@pytest.mark.parametrize("is_blog_first", [True, False])
def test_a_blogs_post_that_its_own_plug_in_sends_to_the_fediverse_is_one_post(
    database: Database, is_blog_first: bool
) -> None:
    page, short = "https://blog.example/2026/11/17/portal/", "https://blog.example/?p=12"
    author = make_author(handle="rick@blog.example", key="user-1@blog.example")
    own = make_post(network="wordpress", uri=page, url=page, other_addresses=(short,), author=author, text=TEXT)
    sent = make_post(uri=short, url=page, author=make_author(handle="rick@blog.example"), text=TEXT)
    for post in [own, sent] if is_blog_first else [sent, own]:
        with database.write() as conn:
            kind = "wordpress" if post is own else "mastodon"
            address = "https://blog.example" if post is own else "https://fedi.example"
            save_batch(conn, make_batch(add_watch(conn, kind, kind=kind, address=address), post))
    (row,) = shown(database)
    assert set(row.seen_on) == {"wordpress", "mastodon"}


def test_one_page_for_many_posts_does_not_make_them_one(database: Database) -> None:
    posts = [
        make_post(number, url="https://fedi.example/", published_at=AT + timedelta(hours=number))
        for number in (1, 2, 3)
    ]
    for post in posts:
        save(database, post)
    assert len(shown(database)) == 3


def test_a_post_is_found_by_the_page_that_shows_its_record(database: Database) -> None:
    save_all(database, on_bluesky())
    with database.write() as conn:
        watch = add_watch(conn, "a feed", kind="feed", address="https://bsky.app")
        told = feed_entry(uri="https://bsky.app/profile/carys.bsky.social/post/3kabc", published_at=AT)
        assert save_batch(conn, make_batch(watch, told)).same == 1
    assert [row.uri for row in shown(database)] == [RECORD]


def test_a_feed_that_knows_no_wishes_lets_nobody_in_again(database: Database) -> None:
    refusing = make_author(wishes=frozenset({Wish.NOBOT}))
    told(database, on_fediverse(author=refusing))
    told(database, feed_entry())
    assert shown(database) == []
    assert rows(database, "authors", "is_opted_out") == [True]
