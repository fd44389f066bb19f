from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_tweets import write_twarc2
from reading_archives import SAMPLES, posts_in, read_all, told

from collector.archives import twarc, twarc2
from collector.archives.files import ArchiveFile
from collector.archives.protocol import Entry, PassedOver
from collector.archives.recognising import find_format
from collector.model import Counts, Media, Poll, Post

SAMPLE = SAMPLES / "twarc2.jsonl"
FLAT = SAMPLES / "twarc2-flat.jsonl"
FIRST = "1197094583921197057"


def post_of(number: str) -> Post:
    return next(post for post in posts_in(read_all(twarc2.FORMAT, SAMPLE)) if post.uri.endswith(number))


def read_lines(folder: Path, *lines: Any) -> list[tuple[int, str]]:
    path = folder / "some.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return told(read_all(twarc2.FORMAT, path))


def test_each_tweet_of_each_answer_is_a_post_or_says_why_not() -> None:
    assert told(read_all(twarc2.FORMAT, SAMPLE)) == [
        (1, "PassedOver: a repost"),
        (1, "1197124520000000003"),
        (1, "1197441600000000005"),
        (1, FIRST),  # which stands in the answer since it was retweeted
        (2, "1331000000000000001"),
        (3, "PassedOver: an error message, not a tweet"),
        (5, "Unreadable: not JSON: the line ends in the middle"),
        (6, "1700000000000000003"),
        (6, "1331000000000000009"),
    ]


def test_flattened_tweets_are_the_same_posts() -> None:
    flat = read_all(twarc2.FORMAT, FLAT)
    assert told(flat) == [
        (1, "PassedOver: a repost"),
        (1, FIRST),
        (2, "1197124520000000003"),
        (3, "1197441600000000005"),
    ]
    whole = {post.uri: post for post in posts_in(read_all(twarc2.FORMAT, SAMPLE))}
    assert all(whole[post.uri] == post for post in posts_in(flat))


def test_both_versions_of_the_api_give_the_same_post() -> None:
    ones = {post.uri: post for post in posts_in(read_all(twarc.FORMAT, SAMPLES / "twarc.jsonl"))}
    twos = {post.uri: post for post in posts_in(read_all(twarc2.FORMAT, SAMPLE))}
    both = ones.keys() & twos.keys()
    assert len(both) == 3
    for uri in both:
        one, two = ones[uri], twos[uri]
        for part in ("author", "url", "text", "hashtags", "links", "media", "mentions", "published_at"):
            assert getattr(one, part) == getattr(two, part), (uri, part)
        assert (one.reply_to_uri, one.quote_of_uri, one.language) == (two.reply_to_uri, two.quote_of_uri, two.language)


def test_a_tweet_is_read_whole() -> None:
    post = post_of(FIRST)
    assert post.url == f"https://twitter.com/Carys_Reads/status/{FIRST}"
    assert post.author.key == "2244994945@twitter.com"
    assert post.counts == Counts(replies=3, boosts=4, likes=11, quotes=1)
    assert post.media[0].alt_text == "A poster"


def test_a_long_tweet_is_whole_and_an_edited_one_is_known_by_its_earlier_addresses() -> None:
    post = post_of("1700000000000000003")
    assert post.text.endswith("in a place of its own, as it is. #notcoproduction")
    assert [tag.normal for tag in post.hashtags] == ["notcoproduction"]
    assert post.edited_at == datetime(2023, 9, 8, 6, 0, tzinfo=UTC)
    assert post.published_at < post.edited_at
    assert post.other_addresses == ("https://twitter.com/i/web/status/1699999000000000001",)


def test_a_poll_is_kept() -> None:
    assert post_of("1331000000000000001").poll == Poll(
        options=("Everybody", "Nobody"), closes_at=datetime(2020, 11, 24, 22, 0, tzinfo=UTC)
    )


def test_of_a_film_the_best_copy_is_taken_and_its_short_address_goes() -> None:
    post = post_of("1331000000000000009")
    assert post.media == (Media(url="https://video.twimg.com/7/high.mp4", type="video", alt_text=None),)
    assert post.text == "Filmed #notcoproduction"


def test_an_author_whom_nothing_names_is_known_by_the_number() -> None:
    post = post_of("1331000000000000009")
    assert (post.author.key, post.author.handle) == ("77@twitter.com", "77@twitter.com")
    assert post.url == post.uri


def test_a_picture_that_the_answer_does_not_include_stays_a_link(tmp_path: Path) -> None:
    answer = json.loads(SAMPLE.read_text("utf-8").splitlines()[0])
    del answer["includes"]["media"]
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps(answer), "utf-8")
    post = posts_in(read_all(twarc2.FORMAT, path))[-1]
    assert post.media == ()
    assert post.links[-1] == f"https://twitter.com/Carys_Reads/status/{FIRST}/photo/1"


TWEET = {"id": "5", "text": "x", "author_id": "7", "created_at": "2020-11-23T22:00:00.000Z"}
USER = {"id": "7", "username": "owen_m", "name": "Owen"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (TWEET, ["5"]),
        (TWEET | {"author": USER}, ["5"]),
        ({"data": TWEET}, ["5"]),
        ({"data": [TWEET], "includes": {"users": [USER | {"protected": True}]}}, ["PassedOver: not public"]),
        ({"data": [TWEET | {"withheld": {"copyright": True, "country_codes": ["XY"]}}]}, ["PassedOver: withheld"]),
        ({"data": [TWEET | {"withheld": {"copyright": False, "country_codes": ["DE"]}}]}, ["5"]),
        ({"data": [{"id": "5", "username": "x", "name": "y"}]}, ["Unreadable: no text"]),
        ({"data": [{"id": "5", "text": "x"}]}, ["Unreadable: no author"]),
        ({"data": [TWEET | {"id": 5.0}]}, ["Unreadable: id: not a whole number"]),
        ({"data": [5]}, ["Unreadable: not an object"]),
        ({"data": None}, ["Unreadable: no tweet"]),
        ({"data": None, "errors": [{}]}, ["PassedOver: an error message, not a tweet"]),
        ({"meta": {"result_count": 0}}, []),
        (
            {"title": "Too Many Requests", "status": 429, "type": "about:blank"},
            ["PassedOver: an error message, not a tweet"],
        ),
        ({"hello": 1}, ["Unreadable: no tweet"]),
    ],
)
def test_every_shape_of_a_line_is_understood(tmp_path: Path, line: Any, found: list[str]) -> None:
    assert read_lines(tmp_path, line) == [(1, short) for short in found]


def test_a_made_up_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "tweets.jsonl.gz"
    write_twarc2(path, tweets=250, per_page=100)
    items = read_all(twarc2.FORMAT, path)
    assert sum(isinstance(item, PassedOver) for item in items) == 50
    posts = posts_in(items)
    assert len({post.uri for post in posts if post.published_at}) >= 200
    assert all(isinstance(item, (Entry, PassedOver)) for item in items)
    assert all(post.carries(frozenset(["notcoproduction"])) and "t.co" not in post.text for post in posts)
    write_twarc2(tmp_path / "again.jsonl.gz", tweets=250, per_page=100)
    assert read_all(twarc2.FORMAT, tmp_path / "again.jsonl.gz") == items


FIELDS = [
    *("id", "author", "author_id", "username", "name", "text", "created_at", "lang", "type", "url", "withheld"),
    *("entities", "urls", "hashtags", "tag", "mentions", "media", "media_keys", "attachments", "variants"),
    *("polls", "poll", "poll_ids", "options", "users", "tweets", "referenced_tweets", "note_tweet"),
    *("edit_history_tweet_ids", "public_metrics"),
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


@given(data=JSON, includes=JSON, changes=JSON)
def test_any_json_is_read_without_a_failure(data: Any, includes: Any, changes: Any) -> None:
    answer = json.loads(SAMPLE.read_text("utf-8").splitlines()[0])
    if isinstance(changes, dict):
        answer["data"] = [tweet | changes for tweet in answer["data"]]
    if isinstance(includes, dict):
        answer["includes"] |= includes
    with tempfile.TemporaryDirectory() as folder:
        read_lines(Path(folder), answer, {"data": data, "includes": includes}, data)


@pytest.mark.parametrize("before", [[], [{"meta": {"result_count": 0}}], [{"errors": [{"title": "Not Found Error"}]}]])
@pytest.mark.parametrize("first", ["data", "includes"])
def test_a_long_answer_is_recognised_by_how_it_begins_whatever_stands_before_it(
    tmp_path: Path, before: list[dict[str, Any]], first: str
) -> None:
    write_twarc2(tmp_path / "page.jsonl", 300, per_page=300)
    page = json.loads((tmp_path / "page.jsonl").read_text("utf-8"))
    page = {first: page[first]} | page
    path = tmp_path / "some.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in (*before, page)), "utf-8")
    assert len(json.dumps(page)) > 100_000
    assert find_format(ArchiveFile(path)) is twarc2.FORMAT
