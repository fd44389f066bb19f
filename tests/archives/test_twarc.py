from __future__ import annotations

import gzip
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_archives import SAMPLES, posts_in, read_all, told, until_it_breaks

from collector.archives.files import ArchiveFile
from collector.archives.protocol import Entry, Unreadable
from collector.archives.twarc import FORMAT, items_of
from collector.archives.tweet_text import read_hashtags, read_text
from collector.archives.tweets import (
    sent_at,
    told_by_id,
    tweet_at,
    tweet_author,
    tweet_count,
    tweet_id,
    tweet_language,
    written_instant,
)
from collector.archives.tweets_v1 import normalise_v1
from collector.model import Counts, Media, Mention, Wish

SAMPLE = SAMPLES / "twarc.jsonl"
FIRST = "1197094583921197057"


def tweets() -> list[dict[str, Any]]:
    lines = [line for line in SAMPLE.read_text("utf-8").splitlines() if line.endswith("}")]
    return [raw for raw in map(json.loads, lines) if "id" in raw]


def tweet(**changes: Any) -> dict[str, Any]:
    return tweets()[0] | changes


def test_each_line_is_a_post_or_says_why_not() -> None:
    assert told(read_all(FORMAT, SAMPLE)) == [
        (1, FIRST),
        (2, "PassedOver: a repost"),
        (2, FIRST),
        (3, "1197124520000000003"),
        (4, "1197441600000000005"),
        (6, "PassedOver: a notice, not a tweet"),
        (7, "PassedOver: a notice, not a tweet"),
        (8, "Unreadable: not JSON: the line ends in the middle"),
        (9, "405304711111111111"),
        (10, "PassedOver: not public"),
        (11, "PassedOver: withheld"),
    ]


def test_a_tweet_is_read_whole() -> None:
    post = normalise_v1(tweet())
    assert post.network == "twitter"
    assert post.uri == f"https://twitter.com/i/web/status/{FIRST}"
    assert post.url == f"https://twitter.com/Carys_Reads/status/{FIRST}"
    assert post.author == tweet_author(
        "2244994945", "Carys_Reads", "Carys Reads", links=("https://carys.example/about",)
    )
    assert (post.author.key, post.author.handle) == ("2244994945@twitter.com", "Carys_Reads@twitter.com")
    assert post.published_at == datetime(2019, 11, 20, 10, 1, 2, tzinfo=UTC)
    assert post.text == (
        "They renamed the complaints box & called it a portal. No. #NotCoproduction\n\n"
        "https://examples.example/portal?a=1&b=2"
    )
    assert post.links == ("https://examples.example/portal?a=1&b=2",)
    assert [(tag.normal, tag.display, tag.found_in) for tag in post.hashtags] == [
        ("notcoproduction", "NotCoproduction", "text")
    ]
    assert post.media == (
        Media(url="https://pbs.twimg.com/media/EJz0000000001.jpg", type="image", alt_text="A poster"),
    )
    assert post.counts == Counts(boosts=4, likes=11)
    assert (post.language, post.is_sensitive, post.reply_to_uri, post.quote_of_uri) == ("en", False, None, None)


def test_of_a_cut_tweet_the_whole_text_is_taken() -> None:
    post = normalise_v1(tweets()[2])
    assert post.text.endswith("at every table. #notcoproduction #dim_cydgynhyrchu")
    assert [tag.normal for tag in post.hashtags] == ["notcoproduction", "dim_cydgynhyrchu"]
    assert post.reply_to_uri == f"https://twitter.com/i/web/status/{FIRST}"
    assert post.mentions == (Mention(handle="Carys_Reads@twitter.com", url="https://twitter.com/Carys_Reads"),)
    assert post.counts == Counts(replies=2, likes=3, quotes=1)


def test_a_cut_tweet_without_its_whole_text_does_not_link_to_itself() -> None:
    raw = tweets()[2]
    del raw["extended_tweet"]
    post = normalise_v1(raw)
    assert post.text.endswith("who wrote the strategy were at…")
    assert post.links == ()


def test_a_quote_names_what_it_quotes_and_keeps_the_link() -> None:
    post = normalise_v1(tweets()[3])
    assert post.quote_of_uri == f"https://twitter.com/i/web/status/{FIRST}"
    assert post.links == (f"https://twitter.com/Carys_Reads/status/{FIRST}",)


def test_of_a_film_the_best_copy_is_taken() -> None:
    post = normalise_v1(next(raw for raw in tweets() if raw["id_str"] == "405304711111111111"))
    assert post.media == (Media(url="https://video.twimg.com/1/high.mp4", type="video", alt_text=None),)
    assert post.text == "A consultation, filmed #notcoproduction"
    assert (post.language, post.is_sensitive) == (None, True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id_str": None, "id": None}, "no id"),
        ({"id_str": None, "id": 1.197094583921197e18}, "id: not a whole number"),
        ({"id_str": "1.19E+18"}, "id: not a whole number"),
        ({"user": None}, "no author"),
        ({"user": {"name": "Carys"}}, "no author"),
        ({"full_text": None}, "no text"),
        ({"id_str": "7", "created_at": "yesterday"}, "created_at: not an instant"),
    ],
)
def test_what_cannot_be_known_again_is_said_to_be_unreadable(changes: dict[str, Any], reason: str) -> None:
    assert list(items_of(tweet(**changes), 3)) == [Unreadable(line=3, reason=reason)]


def test_an_id_that_is_a_number_keeps_its_last_digit() -> None:
    assert normalise_v1(tweet(id_str=None)).uri.endswith(FIRST)


def test_a_refusal_in_the_profile_is_kept() -> None:
    raw = tweet()
    raw["user"] |= {"description": "Allotments. #nobot"}
    assert normalise_v1(raw).author.wishes == {Wish.NOBOT}


def test_an_account_without_a_name_is_known_by_its_number() -> None:
    post = normalise_v1(tweet(user={"id_str": "5"}))
    assert (post.author.handle, post.author.url) == ("5@twitter.com", "https://twitter.com/i/user/5")
    assert post.url == post.uri


def test_an_account_without_a_number_is_known_by_its_name() -> None:
    author = tweet_author("", "Carys_Reads")
    assert (author.key, author.handle) == ("carys_reads@twitter.com", "Carys_Reads@twitter.com")


@pytest.mark.parametrize(
    ("line", "told_of_it"),
    [
        ({"errors": [{"code": 88}]}, "PassedOver: an error message, not a tweet"),
        ({"status_withheld": {"id": 1}}, "PassedOver: a notice, not a tweet"),
        ({"name": "x"}, "Unreadable: no id"),
    ],
)
def test_what_is_no_tweet_is_told_from_one(line: dict[str, Any], told_of_it: str) -> None:
    assert told(list(items_of(line, 1))) == [(1, told_of_it)]


def test_of_a_packed_file_that_was_cut_off_the_tweets_before_are_kept(tmp_path: Path) -> None:
    lines = [
        json.dumps(tweet(id_str=str(number * 7919 * 10**12), full_text="x" * (number % 97)))
        for number in range(1, 3000)
    ]
    data = gzip.compress("\n".join(lines).encode())
    path = tmp_path / "tweets.jsonl.gz"
    path.write_bytes(data[: len(data) * 2 // 3])
    found, reason = until_it_breaks(FORMAT.read(ArchiveFile(path)))
    assert "cut off" in reason
    assert len(found) > 1000
    assert all(isinstance(item, Entry) for item in found)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("Wed Nov 20 10:01:02 +0000 2013", datetime(2013, 11, 20, 10, 1, 2, tzinfo=UTC)),
        ("2013-11-20T10:01:02.000Z", datetime(2013, 11, 20, 10, 1, 2, tzinfo=UTC)),
        ("2013-11-20 10:01:02 +0000", datetime(2013, 11, 20, 10, 1, 2, tzinfo=UTC)),
        ("Wed Nox 20 10:01:02 +0000 2013", None),
        ("Wed Nov 31 10:01:02 +0000 2013", None),
        (None, None),
        (5, None),
    ],
)
def test_every_form_of_a_date_is_read(written: Any, instant: datetime | None) -> None:
    assert written_instant(written) == instant


def test_an_id_tells_when_it_was_given_out() -> None:
    assert told_by_id("1050118621198921728") == datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)
    assert told_by_id("20") is None
    assert told_by_id("9" * 20) is None
    assert sent_at(None, "1050118621198921728").year == 2018


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("und", None),
        ("zxx", None),
        ("qme", None),
        ("in", "id"),
        ("iw", "he"),
        ("zh-CN", "zh-cn"),
        ("", None),
    ],
)
def test_languages_are_written_as_everybody_writes_them(code: str, language: str | None) -> None:
    assert tweet_language(code) == language


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://twitter.com/Carys_Reads/status/5/photo/1", ("Carys_Reads", "5")),
        ("http://www.twitter.com/carys/statuses/5?s=20", ("carys", "5")),
        ("https://x.com/carys/status/5", ("carys", "5")),
        ("https://twitter.com/i/web/status/5", ("", "5")),
        ("https://twitter.com/carys", None),
        ("https://nottwitter.com/carys/status/5", None),
    ],
)
def test_addresses_of_tweets_are_understood(address: str, found: tuple[str, str] | None) -> None:
    assert tweet_at(address) == found


@pytest.mark.parametrize(
    ("value", "count"), [(3, 3), ("3", 3), (-1, 0), (2**40, 2**31 - 1), ("x", 0), (None, 0), (True, 0)]
)
def test_counts_are_read_whether_number_or_text(value: Any, count: int) -> None:
    assert tweet_count(value) == count


@pytest.mark.parametrize(
    ("text", "urls", "read"),
    [
        ("a &lt;b&gt; &amp;amp; &copy=1", [], "a <b> &amp; &copy=1"),
        (
            "see https://t.co/a.",
            [{"url": "https://t.co/a", "expanded_url": "https://e.example/1"}],
            "see https://e.example/1.",
        ),
        ("old http://e.example/x", [{"url": "http://e.example/x", "expanded_url": None}], "old http://e.example/x"),
        ("odd https://t.co/a", [{"url": "https://t.co/a", "expanded_url": "javascript:1"}], "odd https://t.co/a"),
        ("two  \nlines \n\n\n\nof it", None, "two\nlines\n\nof it"),
    ],
)
def test_the_text_is_what_its_author_meant(text: str, urls: Any, read: str) -> None:
    assert read_text(text, urls).text == read


def test_hashtags_come_from_the_entities_and_from_the_text() -> None:
    tags = read_hashtags("#one ＃två #three https://e.example/#four", ["one", "gone"])
    assert [(tag.display, tag.found_in) for tag in tags] == [
        ("one", "text"),
        ("gone", "tags"),
        ("två", "text"),
        ("three", "text"),
    ]


def test_ids_are_never_floats() -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        tweet_id(1.0)


FIELDS = [
    *("id", "id_str", "user", "screen_name", "full_text", "text", "created_at", "lang", "type", "url"),
    *("entities", "urls", "hashtags", "user_mentions", "media", "extended_entities", "video_info", "variants"),
    *("retweeted_status", "extended_tweet", "withheld_in_countries"),
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["5", "https://t.co/a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(lines=st.lists(JSON, max_size=4))
def test_any_json_is_read_without_a_failure(lines: list[Any]) -> None:
    base = tweet()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.jsonl"
        objects = [base | line if isinstance(line, dict) else line for line in lines]
        path.write_text("\n".join(map(json.dumps, [*lines, *objects, 0])), "utf-8")
        assert all(posts_in([item]) or told([item]) for item in read_all(FORMAT, path))
