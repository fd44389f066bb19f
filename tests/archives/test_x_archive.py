from __future__ import annotations

import json
import shutil
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_archives import SAMPLES, posts_in, read_all, told, until_it_breaks

from collector.archives import twarc
from collector.archives.files import ArchiveFile
from collector.archives.json_lists import list_items
from collector.archives.protocol import Unreadable
from collector.archives.x_archive import FORMAT
from collector.errors import ArchiveError
from collector.model import Counts, Wish

SAMPLE = SAMPLES / "x-archive"
TWEETS = (SAMPLE / "data" / "tweets.js").read_text("utf-8")
FIRST = "1197094583921197057"
ALL = [(1, FIRST), (2, "PassedOver: a repost"), (3, "1197300000000000001")]


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in members.items():
            packed.writestr(name, text)
    return path


def whole(path: Path, folder: str = "", **more: str) -> Path:
    names = ("data/tweets.js", "data/account.js", "data/profile.js")
    texts = {f"{folder}{name}": (SAMPLE / name).read_text("utf-8") for name in names}
    return zipped(path, texts | {"Your archive.html": "<html>", f"{folder}data/tweet-headers.js": "x"} | more)


def part(number: int, *tweets: dict[str, Any], name: str = "tweets") -> str:
    return f"window.YTD.{name}.part{number} = " + json.dumps([{"tweet": tweet} for tweet in tweets])


def tweet(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id_str": str(number),
        "created_at": "Wed Nov 20 10:01:02 +0000 2019",
        "full_text": f"number {number} #notcoproduction",
        "entities": {"hashtags": [{"text": "notcoproduction", "indices": ["9", "25"]}]},
    } | changes


@pytest.mark.parametrize("folder", ["", "twitter-2022-11-21/"])
def test_the_zip_is_read_with_the_account_as_author(tmp_path: Path, folder: str) -> None:
    items = read_all(FORMAT, whole(tmp_path / "archive.zip", folder))
    assert told(items) == ALL
    post = posts_in(items)[0]
    assert (post.author.key, post.author.handle, post.author.name) == (
        "2244994945@twitter.com",
        "Carys_Reads@twitter.com",
        "Carys Reads",
    )
    assert post.author.wishes == {Wish.NOBOT}
    assert post.counts == Counts(boosts=4, likes=11)


def test_a_tweet_is_the_same_post_as_in_an_archive_of_twarc(tmp_path: Path) -> None:
    here = posts_in(read_all(FORMAT, whole(tmp_path / "archive.zip")))[0]
    there = posts_in(read_all(twarc.FORMAT, SAMPLES / "twarc.jsonl"))[0]
    for name in ("uri", "url", "text", "hashtags", "links", "media", "published_at"):
        assert getattr(here, name) == getattr(there, name)
    assert here.author.key == there.author.key


def test_parts_are_read_in_the_order_of_their_numbers_and_counted_through(tmp_path: Path) -> None:
    more = {f"data/tweets-part{number}.js": part(number, tweet(number)) for number in (10, 2, 1)}
    items = read_all(FORMAT, whole(tmp_path / "archive.zip", **more))
    numbers = [short for _, short in told(items) if len(short) < 3]
    assert numbers == ["1", "2", "10"]
    assert [line for line, _ in told(items)] == [1, 2, 3, 4, 5, 6]


def test_of_an_unpacked_archive_the_account_is_read_from_beside(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE / "data", tmp_path / "data")
    items = read_all(FORMAT, tmp_path / "data" / "tweets.js")
    assert told(items) == ALL
    assert posts_in(items)[0].author.name == "Carys Reads"


def test_of_a_lone_file_the_account_is_told_by_its_pictures_and_its_answers_to_itself(tmp_path: Path) -> None:
    path = Path(shutil.copy(SAMPLE / "data" / "tweets.js", tmp_path))
    author = posts_in(read_all(FORMAT, path))[0].author
    assert (author.key, author.handle) == ("2244994945@twitter.com", "Carys_Reads@twitter.com")


def test_a_lone_file_that_tells_nothing_asks_for_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "tweets.js"
    path.write_text(part(0, tweet(5)), "utf-8")
    with pytest.raises(ArchiveError, match="give the whole zip"):
        read_all(FORMAT, path)


def test_the_oldest_archives_sign_each_tweet_and_hold_what_was_retweeted(tmp_path: Path) -> None:
    text = (SAMPLE / "2013_11.js").read_text("utf-8")
    path = zipped(
        tmp_path / "old.zip", {"data/js/tweets/2013_11.js": text, "data/js/tweet_index.js": "var x", "tweets.csv": ""}
    )
    for file in (path, SAMPLE / "2013_11.js"):
        assert FORMAT.recognises(ArchiveFile(file))
        items = read_all(FORMAT, file)
        assert told(items) == [(1, "405304722222222222"), (2, "PassedOver: a repost"), (2, "405304711111111111")]
        first, second = posts_in(items)
        assert first.author.handle == "carysreads@twitter.com"
        assert second.author.handle == "owen_m@twitter.com"
        assert first.published_at == datetime(2013, 11, 26, 12, 13, 17, tzinfo=UTC)


@pytest.mark.parametrize("name", ["tweet.js", "data/tweet.js"])
def test_archives_of_the_years_between_hold_bare_tweets(tmp_path: Path, name: str) -> None:
    account = (SAMPLE / "data" / "account.js").read_text("utf-8")
    text = "window.YTD.tweet.part0 = " + json.dumps([tweet(7)])
    path = zipped(tmp_path / "old.zip", {name: text, name.replace("tweet.js", "account.js"): account})
    assert FORMAT.recognises(ArchiveFile(path))
    assert told(read_all(FORMAT, path)) == [(1, "7")]


def test_a_broken_item_costs_nothing_but_itself(tmp_path: Path) -> None:
    text = part(0, *(tweet(number) for number in range(1, 6))).replace('"3"', '"3" oh "', 1)
    path = whole(tmp_path / "archive.zip", **{"data/tweets.js": text})
    assert told(read_all(FORMAT, path)) == [(1, "1"), (2, "2"), (3, "Unreadable: not JSON"), (4, "4"), (5, "5")]


def test_of_a_file_that_was_cut_off_the_tweets_before_are_kept(tmp_path: Path) -> None:
    path = whole(tmp_path / "archive.zip", **{"data/tweets.js": part(0, tweet(1), tweet(2), tweet(3))[:-60]})
    found, reason = until_it_breaks(FORMAT.read(ArchiveFile(path)))
    assert "ends in the middle of its list" in reason
    assert told(found) == [(1, "1"), (2, "2")]


def test_what_is_no_tweet_is_said_to_be_none(tmp_path: Path) -> None:
    text = 'window.YTD.tweets.part0 = [ 5, {"tweet": 6}, null ]'
    path = whole(tmp_path / "archive.zip", **{"data/tweets.js": text})
    assert told(read_all(FORMAT, path)) == [(number, "Unreadable: not a tweet") for number in (1, 2, 3)]


def test_a_long_list_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "tweets.js"
    item = json.dumps({"tweet": tweet(5, filler="x" * 4000)}) + ",\n"
    with path.open("w", encoding="utf-8") as file:
        file.write("window.YTD.tweets.part0 = [")
        for _ in range(8000):
            file.write(item)
        file.write("{}]")
    shutil.copy(SAMPLE / "data" / "account.js", tmp_path)
    tracemalloc.start()
    try:
        with ArchiveFile(path) as archive:
            assert sum(1 for _ in FORMAT.read(archive)) == 8001
            assert tracemalloc.get_traced_memory()[1] < 6_000_000 < archive.size
    finally:
        tracemalloc.stop()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(items=st.lists(JSON), size=st.integers(min_value=1, max_value=40))
def test_a_list_is_read_the_same_in_pieces_of_any_size(items: list[Any], size: int) -> None:
    text = "x = " + json.dumps(items, ensure_ascii=False, indent=1) + ";"
    pieces = iter([text[at : at + size] for at in range(0, len(text), size)])
    read = list(list_items("file", pieces, r"\{"))
    assert read == list(enumerate(items, 1))


@given(text=st.text(alphabet='[]{}",:x1 \\\n', max_size=60), size=st.integers(min_value=1, max_value=20))
def test_any_text_is_items_or_one_clear_failure(text: str, size: int) -> None:
    pieces = iter([text[at : at + size] for at in range(0, len(text), size)])
    try:
        for _, item in list_items("file", pieces, r"\{"):
            assert isinstance(item, Unreadable) or json.dumps(item)
    except ArchiveError as error:
        assert "\n" not in str(error)  # noqa: PT017


@given(
    items=st.lists(JSON, max_size=4), changes=st.dictionaries(st.sampled_from(["user", "entities", "full_text"]), JSON)
)
def test_any_items_are_read_without_a_failure(items: list[Any], changes: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = "window.YTD.tweets.part0 = " + json.dumps([*items, {"tweet": tweet(5) | changes}])
        path = whole(Path(folder) / "a.zip", **{"data/tweets.js": text})
        assert len(read_all(FORMAT, path)) >= len(items)
