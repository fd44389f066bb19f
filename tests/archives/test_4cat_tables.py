"""Tables of 4CAT: posts of Bluesky and tweets, with lists in which nothing keeps its order."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from archive_reading import items_of, posts_in, reasons_in, recognised, table
from bluesky_tables import fourcat_row, read_from_bluesky, recorded_views
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archives.protocol import Entry, PassedOver, Unreadable
from collector.errors import ArchiveError
from collector.model import Media, Mention, Post, Wish

VIEW = next(view for view in recorded_views() if view["record"].get("reply"))
ROW = fourcat_row(VIEW)
TWEET: dict[str, object] = {
    "id": "405273923404136448",
    "thread_id": "405273923404136448",
    "timestamp": "2013-11-26 09:41:00",
    "unix_timestamp": "1385462460",
    "link": "https://x.com/carys_wrn/status/405273923404136448",
    "subject": "",
    "body": "They renamed the complaints box &amp; called it a portal. #NotCoproduction https://t.co/Ab1Cd2Ef3G",
    "author": "carys_wrn",
    "author_fullname": "Carys",
    "author_id": "114000001",
    "language_guess": "en",
    "possibly_sensitive": "no",
    "retweet_count": "3",
    "like_count": "12",
    "quote_count": "1",
    "reply_count": "4",
    "is_retweet": "no",
    "retweeted_user": "",
    "is_quote_tweet": "no",
    "is_reply": "no",
    "hashtags": "NotCoproduction",
    "urls": "https://blog.example.org/minutes,final",
    "images": "",
    "videos": "",
    "mentions": "",
}


def bluesky(**changes: object) -> Post:
    (post,) = posts_in(items_of("4cat", table([ROW | changes])))
    return post


def tweet(**changes: object) -> Post:
    (post,) = posts_in(items_of("4cat", table([TWEET | changes])))
    return post


@pytest.mark.parametrize("view", recorded_views(), ids=lambda view: view["uri"].rpartition("/")[2])
def test_a_row_gives_the_post_that_bluesky_itself_gives(view: dict[str, Any]) -> None:
    own = read_from_bluesky(view)
    (post,) = posts_in(items_of("4cat", table([fourcat_row(view)])))
    untold: dict[str, Any] = {
        "author": dataclasses.replace(own.author, wishes=frozenset(), is_bot=False, links=()),
        "title": "",
        "hashtags": tuple(tag for tag in own.hashtags if tag.found_in == "text"),
        "media": tuple(dict.fromkeys(dataclasses.replace(item, alt_text=None) for item in own.media)),
        "mentions": tuple(Mention(handle=item.url[25:], url=item.url) for item in own.mentions if item.url),
    }
    assert post == dataclasses.replace(own, **untold)


def test_labels_warn_and_ask() -> None:
    post = bluesky(labels="graphic-media,!no-unauthenticated,something")
    assert (post.content_warning, post.is_sensitive) == ("graphic media", True)
    assert post.author.wishes == {Wish.NO_UNAUTHENTICATED}
    assert post.author.is_opted_out


def test_a_parent_is_told_by_the_thread_or_by_whose_it_is() -> None:
    own = str(ROW["author_id"])
    first = "at://did:plc:abc/app.bsky.feed.post/3kfirst"
    page = "https://bsky.app/profile/rhys.example/post/"
    assert bluesky(thread_id=first, replied_to_post=f"{page}3kfirst").reply_to_uri == first
    assert bluesky(thread_id=first, replied_to_post=f"{page}3kother").reply_to_uri is None
    to_self = bluesky(
        thread_id=first, author="carys.example", replied_to_post="https://bsky.app/profile/Carys.example/post/3k2"
    )
    assert to_self.reply_to_uri == f"at://{own}/app.bsky.feed.post/3k2"
    assert bluesky(replied_to_post="").reply_to_uri is None


@pytest.mark.parametrize(
    "quoted", ["DELETED", "REMOVED BY AUTHOR", "VIEWER BLOCKED BY AUTHOR", "", "https://bsky.app/"]
)
def test_a_quote_that_cannot_be_seen_is_none(quoted: str) -> None:
    assert bluesky(quoted_post=quoted).quote_of_uri is None


def test_mentions_are_handles_where_they_could_be_looked_up() -> None:
    assert bluesky(mentions="rhys.example,did:plc:abc,Invalid Handle").mentions == (
        Mention(handle="rhys.example", url="https://bsky.app/profile/rhys.example"),
        Mention(handle="did:plc:abc", url="https://bsky.app/profile/did:plc:abc"),
    )


def test_a_tweet_is_known_as_in_every_other_format() -> None:
    post = tweet()
    assert post.uri == "https://twitter.com/i/web/status/405273923404136448"
    assert (post.author.key, post.author.handle, post.author.name) == (
        "114000001@twitter.com",
        "carys_wrn@twitter.com",
        "Carys",
    )
    assert post.published_at == datetime(2013, 11, 26, 9, 41, tzinfo=UTC)  # and not by the clock of 4CAT's machine
    assert post.text == (
        "They renamed the complaints box & called it a portal. #NotCoproduction https://blog.example.org/minutes,final"
    )
    assert post.links == ("https://blog.example.org/minutes,final",)
    assert [(tag.normal, tag.display) for tag in post.hashtags] == [("notcoproduction", "NotCoproduction")]
    counts = post.counts
    assert (counts.replies, counts.boosts, counts.likes, counts.quotes) == (4, 3, 12, 1)
    assert tweet(timestamp="").published_at == datetime(2013, 11, 26, 10, 41, tzinfo=UTC)


def test_several_short_addresses_stay_as_nobody_can_tell_them_apart() -> None:
    post = tweet(body="https://t.co/a https://t.co/b", urls="https://a.example/,https://b.example/")
    assert post.text == "https://t.co/a https://t.co/b"
    assert post.links == ("https://a.example/", "https://b.example/")


@pytest.mark.parametrize("urls", ["", "https://twitter.com/carys_wrn/status/405273923404136448/photo/1"])
def test_the_short_address_of_a_picture_is_no_part_of_the_text(urls: str) -> None:
    post = tweet(body="Chairs https://t.co/a", urls=urls, images="https://pbs.twimg.com/media/1.jpg")
    assert (post.text, post.links) == ("Chairs", ())
    assert post.media == (Media(url="https://pbs.twimg.com/media/1.jpg", type="image", alt_text=None),)


def test_a_quoted_tweet_is_told_by_its_number_or_its_link() -> None:
    quoted = "https://twitter.com/i/web/status/405270000000000001"
    link = "https://twitter.com/rhys_ll/status/405270000000000001"
    assert tweet(quote_tweet_id="405270000000000001").quote_of_uri == quoted
    assert tweet(urls=link, is_quote_tweet="yes").quote_of_uri == quoted
    assert tweet(urls=link).quote_of_uri is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_retweet": "yes"}, "a repost"),
        ({"is_retweet": "True"}, "a repost"),
        ({"body": "RT @rhys_ll: Ours"}, "a repost"),
        ({"is_withheld": "yes"}, "withheld"),
    ],
)
def test_what_is_not_to_be_kept_is_passed_over(changes: dict[str, object], reason: str) -> None:
    assert items_of("4cat", table([TWEET | changes])) == [PassedOver(line=2, reason=reason)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW | {"id": "at://carys.example/app.bsky.feed.post/3k"}, "id: not a post of Bluesky"),
        (ROW | {"author_id": "did:plc:other"}, "author_id: not the one the post belongs to"),
        (ROW | {"created_at": "", "timestamp": ""}, "created_at: not an instant"),
        (TWEET | {"id": "4.05E+17"}, "id: not a whole number"),
        (TWEET | {"author": "", "author_id": ""}, "no author"),
        (TWEET | {"id": "20", "timestamp": "", "unix_timestamp": ""}, "timestamp: not an instant"),
    ],
)
def test_what_cannot_be_known_again_says_why(row: dict[str, object], reason: str) -> None:
    assert reasons_in(items_of("4cat", table([row]))) == [(2, reason)]


def test_a_table_is_recognised_by_its_columns() -> None:
    assert recognised("4cat", table([ROW]))
    assert recognised("4cat", table([TWEET]))
    for other in ("minet", "tags", "csv"):
        assert not recognised(other, table([ROW]))
        assert not recognised(other, table([TWEET]))
    assert not recognised("4cat", b"id,thread_id,timestamp,body,author\n")
    with pytest.raises(ArchiveError, match="has no column author, timestamp, is_retweet; it has id, body"):
        items_of("4cat", b"id,body\n1,a\n")


@given(st.sampled_from([ROW, TWEET]), st.dictionaries(st.sampled_from(sorted({*ROW, *TWEET})), st.text(max_size=40)))
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_the_cells_is_a_post_or_a_reason(row: dict[str, object], changes: dict[str, str]) -> None:
    cells = {name: changes.get(name, value) for name, value in row.items()}
    for item in items_of("4cat", table([cells])):
        assert isinstance(item, (Entry, Unreadable, PassedOver))
