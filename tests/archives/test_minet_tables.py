"""Tables of minet: the posts of Bluesky as Bluesky tells them, and tweets without what minet puts into their text."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from archive_reading import items_of, posts_in, reasons_in, recognised, table
from bluesky_tables import minet_row, read_from_bluesky, recorded_views
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archives.protocol import Entry, PassedOver, Unreadable
from collector.errors import ArchiveError
from collector.model import Author, Media, Mention, Post

VIEW = next(view for view in recorded_views() if "Evidence" in view["record"]["text"])
ROW = minet_row(VIEW)
TWEET: dict[str, object] = {
    "id": "405273923404136448",
    "timestamp_utc": "1385458860.0",
    "local_time": "2013-11-26T10:41:00",
    "user_screen_name": "carys_wrn",
    "text": "They renamed the complaints box & called it a portal. #NotCoproduction https://blog.example.org/minutes",
    "possibly_sensitive": "0",
    "retweet_count": "3",
    "like_count": "12",
    "reply_count": "",
    "lang": "en",
    "to_username": "rhys_ll",
    "to_tweetid": "405270000000000001",
    "user_id": "114000001",
    "user_name": "Carys",
    "user_description": "Minutes secretary",
    "user_url": "https://carys.example/",
    "user_image": "https://pbs.twimg.com/profile_images/1/x_normal.jpg",
    "retweeted_id": "",
    "quoted_id": "",
    "quoted_user": "",
    "url": "https://twitter.com/carys_wrn/status/405273923404136448",
    "links": "https://blog.example.org/minutes",
    "media_urls": "",
    "media_types": "",
    "media_alt_texts": "",
    "mentioned_names": "",
    "hashtags": "notcoproduction",
}


def bluesky(**changes: object) -> Post:
    (post,) = posts_in(items_of("minet", table([ROW | changes])))
    return post


def tweet(**changes: object) -> Post:
    (post,) = posts_in(items_of("minet", table([TWEET | changes])))
    return post


@pytest.mark.parametrize("view", recorded_views(), ids=lambda view: view["uri"].rpartition("/")[2])
def test_a_row_gives_the_post_that_bluesky_itself_gives(view: dict[str, Any]) -> None:
    own = read_from_bluesky(view)
    (post,) = posts_in(items_of("minet", table([minet_row(view)])))
    listed = tuple(tag for tag in own.hashtags if tag.found_in == "text")
    untold: dict[str, Any] = {
        "author": dataclasses.replace(own.author, wishes=frozenset(), is_bot=False, links=()),
        "content_warning": "",
        "is_sensitive": False,
        "hashtags": listed,
    }
    assert post == dataclasses.replace(own, **untold)


def test_what_minet_puts_into_a_text_is_not_taken() -> None:
    post = bluesky(
        text="Evidence #notcoproduction « @bob.test: other #words — https://bsky.app/profile/bob.test/post/3k »"
    )
    assert post.text == "Evidence #notcoproduction"
    assert [tag.normal for tag in post.hashtags] == ["notcoproduction"]
    assert bluesky(original_text="", text="Only this").text == "Only this"


def test_cut_addresses_are_written_out_where_the_whole_one_is_known() -> None:
    whole = "https://council.example/minutes?id=7&view=all"
    cut = bluesky(
        original_text="Minutes: council.example/minutes?id... and council.exam", text=f"Minutes: {whole} and", links=""
    )
    assert cut.text == f"Minutes: {whole} and council.exam"
    bare = bluesky(original_text="council.example/minutes", text="https://council.example/minutes")
    assert bare.text == "https://council.example/minutes"


def test_a_bridged_post_names_its_original() -> None:
    assert bluesky(bridgy_original_url="https://fedi.example/@carys/1").copy_of == "https://fedi.example/@carys/1"


def test_a_detached_quote_is_none() -> None:
    uri = "at://did:plc:abc/app.bsky.feed.post/3k"
    assert bluesky(quoted_uri=uri).quote_of_uri == uri
    assert bluesky(quoted_uri=uri, quoted_status="detached").quote_of_uri is None


def test_the_firehose_knows_no_handles() -> None:
    kept = {name: ROW[name] for name in ("uri", "user_did", "timestamp_utc", "local_time", "text", "original_text")}
    (post,) = posts_in(items_of("minet", table([kept])))
    did = str(ROW["user_did"])
    assert post.author == Author(key=did, handle=did, name="", url=f"https://bsky.app/profile/{did}")
    assert bluesky(user_handle="handle.invalid").author.handle == did


def test_an_address_may_hold_the_separator_and_a_description_too() -> None:
    post = bluesky(
        links="https://a.example/x|y|https://b.example/",
        media_urls="https://cdn.example/1@jpeg",
        media_types="video/mp4",
        media_alt_texts="left | right",
    )
    assert post.links == ("https://a.example/x|y", "https://b.example/")
    assert post.media == (Media(url="https://cdn.example/1@jpeg", type="video", alt_text="left | right"),)


def test_lists_of_media_that_do_not_run_beside_one_another_give_nothing() -> None:
    post = bluesky(media_urls="https://c.example/1|https://c.example/2", media_types="a|b|c", media_alt_texts="one|")
    assert [(item.type, item.alt_text) for item in post.media] == [("unknown", "one"), ("unknown", None)]


def test_a_year_that_no_calendar_has_is_dated_by_the_server() -> None:
    assert bluesky(timestamp_utc="-62160000000", indexed_at_utc="2026-11-22T20:16:19.225Z").published_at.year == 2026
    (reason,) = reasons_in(items_of("minet", table([ROW | {"timestamp_utc": "x", "indexed_at_utc": ""}])))
    assert reason == (2, "timestamp_utc: not an instant")


def test_a_tweet_is_known_as_in_every_other_format() -> None:
    post = tweet()
    assert post.network == "twitter"
    assert post.uri == "https://twitter.com/i/web/status/405273923404136448"
    assert post.url == "https://twitter.com/carys_wrn/status/405273923404136448"
    assert (post.author.key, post.author.handle) == ("114000001@twitter.com", "carys_wrn@twitter.com")
    assert post.published_at == datetime(2013, 11, 26, 9, 41, tzinfo=UTC)
    assert post.text == TWEET["text"]
    assert [(tag.normal, tag.display) for tag in post.hashtags] == [("notcoproduction", "NotCoproduction")]
    assert (post.counts.boosts, post.counts.likes, post.counts.replies) == (3, 12, 0)
    assert post.reply_to_uri == "https://twitter.com/i/web/status/405270000000000001"
    assert "x_normal" not in repr(post)


def test_a_quoted_tweet_leaves_only_its_address() -> None:
    address = "https://twitter.com/rhys_ll/status/405270000000000001"
    text = f"Look « Rhys_LL: our slide deck #other — {address} » again #notcoproduction"
    post = tweet(text=text, quoted_id="405270000000000001", quoted_user="rhys_ll")
    assert post.text == f"Look {address} again #notcoproduction"
    assert [tag.normal for tag in post.hashtags] == ["notcoproduction"]
    assert post.quote_of_uri == "https://twitter.com/i/web/status/405270000000000001"


def test_the_address_of_a_tweets_own_picture_is_no_part_of_its_text() -> None:
    post = tweet(
        text="Chairs https://twitter.com/carys_wrn/status/405273923404136448/photo/1",
        media_urls="https://pbs.twimg.com/media/1.jpg|https://pbs.twimg.com/media/2.jpg",
        media_types="photo|animated_gif",
        media_alt_texts="Eleven chairs|",
        mentioned_names="rhys_ll|nia",
    )
    assert post.text == "Chairs"
    assert post.media == (
        Media(url="https://pbs.twimg.com/media/1.jpg", type="image", alt_text="Eleven chairs"),
        Media(url="https://pbs.twimg.com/media/2.jpg", type="gifv", alt_text=None),
    )
    assert post.mentions[0] == Mention(handle="rhys_ll@twitter.com", url="https://twitter.com/rhys_ll")


@pytest.mark.parametrize("changes", [{"retweeted_id": "1"}, {"text": "RT @rhys_ll: Ours"}])
def test_retweets_are_passed_over(changes: dict[str, object]) -> None:
    assert items_of("minet", table([TWEET | changes])) == [PassedOver(line=2, reason="a repost")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW | {"uri": "https://bsky.app/profile/a.example/post/3k"}, "uri: not a post of Bluesky"),
        (ROW | {"uri": "at://carys.example/app.bsky.feed.post/3k"}, "uri: not a post of Bluesky"),
        (TWEET | {"id": "4.05E+17"}, "id: not a whole number"),
        (TWEET | {"user_id": "", "user_screen_name": ""}, "no author"),
    ],
)
def test_what_cannot_be_known_again_says_why(row: dict[str, object], reason: str) -> None:
    assert reasons_in(items_of("minet", table([row]))) == [(2, reason)]


def test_a_table_is_recognised_by_its_columns() -> None:
    assert recognised("minet", table([ROW]))
    assert recognised("minet", table([TWEET]))
    assert not recognised("4cat", table([ROW]))
    assert not recognised("minet", b"id,text\n1,a\n")
    with pytest.raises(ArchiveError, match="has no column user_screen_name, timestamp_utc; it has id, text"):
        items_of("minet", b"id,text\n1,a\n")


@given(st.sampled_from([ROW, TWEET]), st.dictionaries(st.sampled_from(sorted({*ROW, *TWEET})), st.text(max_size=40)))
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_the_cells_is_a_post_or_a_reason(row: dict[str, object], changes: dict[str, str]) -> None:
    cells = {name: changes.get(name, value) for name, value in row.items()}
    for item in items_of("minet", table([cells])):
        assert isinstance(item, (Entry, Unreadable, PassedOver))
