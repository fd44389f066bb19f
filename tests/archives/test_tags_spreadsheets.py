"""TAGS sheets as they really come: numbers that a spreadsheet rounded, reposts, times without a zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from archive_reading import DATA, items_of, posts_in, read_path, reasons_in, recognised, table
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archives.protocol import Entry, PassedOver, Unreadable
from collector.archives.tags import FORMAT
from collector.errors import ArchiveError
from collector.model import Mention, Post

ROW = {
    "id_str": "405273923404136448",
    "from_user": "carys_wrn",
    "text": "Renamed. #notcoproduction",
    "created_at": "Wed Nov 26 09:41:00 +0000 2013",
    "status_url": "",
}


def read(**changes: str) -> Post:
    (post,) = posts_in(items_of("tags", table([ROW | changes])))
    return post


def reason(**changes: str) -> str:
    (found,) = reasons_in(items_of("tags", table([ROW | changes])))
    return found[1]


def test_a_sheet_is_read_whole_with_the_line_of_each_row() -> None:
    items = read_path(FORMAT, DATA / "tags.csv")
    assert [item.line for item in items] == [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert [post.uri.rpartition("/")[2] for post in posts_in(items)] == [
        "405273923404136448",
        "405279235561406464",
        "405281000000000001",
        "1264255250585849857",
        "20",
    ]
    rounded = "id_str: rounded by a spreadsheet, and no status_url tells the tweet"
    assert reasons_in(items) == [
        (5, rounded),
        (6, rounded),
        (7, rounded),
        (9, "a repost"),
        (10, "no author"),
        (13, "created_at: not an instant"),
    ]
    assert [type(item) for item in items].count(PassedOver) == 1


def test_a_tweet_has_its_text_in_full_and_nothing_of_its_picture() -> None:
    post = posts_in(read_path(FORMAT, DATA / "tags.csv"))[0]
    assert post.network == "twitter"
    assert post.uri == "https://twitter.com/i/web/status/405273923404136448"
    assert post.author.key == "114000001@twitter.com"
    assert post.author.handle == "carys_wrn@twitter.com"
    assert post.text == (
        "They renamed the complaints box & called it a portal. #NotCoproduction\nhttps://blog.example.org/minutes"
    )
    assert [(tag.normal, tag.display) for tag in post.hashtags] == [("notcoproduction", "NotCoproduction")]
    assert post.links == ("https://blog.example.org/minutes",)
    assert post.published_at == datetime(2013, 11, 26, 9, 41, tzinfo=UTC)
    assert post.language is None  # user_lang is that of the account's buttons
    assert "hash_normal" not in repr(post)


def test_an_answer_whose_numbers_were_rounded_keeps_what_is_sure() -> None:
    post = posts_in(read_path(FORMAT, DATA / "tags.csv"))[1]
    assert post.author.key == "rhys_ll@twitter.com"
    assert post.reply_to_uri is None
    assert post.mentions == (Mention(handle="carys_wrn@twitter.com", url="https://twitter.com/carys_wrn"),)


def test_what_a_sheet_kept_as_text_comes_without_its_apostrophe() -> None:
    post = posts_in(read_path(FORMAT, DATA / "tags.csv"))[2]
    assert post.author.key == "114000003@twitter.com"
    assert post.reply_to_uri == "https://twitter.com/i/web/status/405273923404136448"


def test_the_address_outweighs_the_number() -> None:
    address = "http://twitter.com/carys_wrn/statuses/405273923404136448"
    for number in ("405273923404136000", "4.05E+17", "", "x", "405273923404136448.0"):
        assert read(id_str=number, status_url=address).uri.endswith("/405273923404136448")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("", "no id_str"),
        ("abc", "id_str: not a whole number"),
        ("3,94E+17", "id_str: rounded by a spreadsheet, and no status_url tells the tweet"),
        ("'3.94E+17", "id_str: rounded by a spreadsheet, and no status_url tells the tweet"),
        ("405273923404136448.0", "id_str: rounded by a spreadsheet, and no status_url tells the tweet"),
        ("405273923404136000", "id_str: rounded by a spreadsheet, and no status_url tells the tweet"),
    ],
)
def test_a_number_that_tells_no_tweet_says_why(number: str, expected: str) -> None:
    assert reason(id_str=number) == expected


def test_short_numbers_survive_a_spreadsheet() -> None:
    assert read(id_str="29700859247.0").uri.endswith("/29700859247")
    assert read(id_str="1000000000").uri.endswith("/1000000000")


def test_the_sheets_own_time_is_put_right_by_the_number() -> None:
    summer, old = posts_in(read_path(FORMAT, DATA / "tags.csv"))[3:]
    assert summer.published_at == datetime(2020, 5, 23, 18, 1, 55, tzinfo=UTC)
    assert old.published_at == datetime(2006, 3, 21, 20, 50, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("26/11/2013 09:41:00", datetime(2013, 11, 26, 9, 41, tzinfo=UTC)),
        ("11/26/2013 09:41", datetime(2013, 11, 26, 9, 41, tzinfo=UTC)),
        ("03/02/2010 09:41:00", datetime(2010, 2, 3, 9, 41, tzinfo=UTC)),
    ],
)
def test_a_sheets_time_has_the_day_first_unless_it_cannot(written: str, expected: datetime) -> None:
    assert read(id_str="20", created_at="", time=written).published_at == expected


@pytest.mark.parametrize(
    "written",
    ["Wed Nov 26 09:41:00 +0000 2013", "Wed, 26 Nov 2013 09:41:00 +0000", "2013-11-26T09:41:00Z"],
)
def test_a_date_is_read_in_the_forms_of_all_years(written: str) -> None:
    assert read(created_at=written).published_at == datetime(2013, 11, 26, 9, 41, tzinfo=UTC)


def test_entities_that_a_cells_length_cut_off_cost_only_themselves() -> None:
    post = read(text="Look &lt;here&gt; #NotCoproduction", entities_str='{"hashtags":[{"te')
    assert post.text == "Look <here> #NotCoproduction"
    assert [tag.display for tag in post.hashtags] == ["NotCoproduction"]


def test_columns_that_people_add_are_used() -> None:
    post = read(retweet_count="3", favorite_count="12", lang="en", possibly_sensitive="TRUE")
    assert (post.counts.boosts, post.counts.likes, post.language, post.is_sensitive) == (3, 12, "en", True)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_stand_in_any_order_and_case_behind_any_delimiter(delimiter: str) -> None:
    row = {name.upper(): ROW[name] for name in reversed(ROW)}
    content = b"\xef\xbb\xbf" + table([row], delimiter)
    assert recognised("tags", content)
    assert posts_in(items_of("tags", content)) == [read()]


def test_a_row_that_broke_in_its_text_is_told_and_the_next_one_read() -> None:
    head = b"id_str,from_user,text,created_at,status_url\r\n"
    broken = b"405273923404136448,carys,first line\nsecond line #notcoproduction,Wed Nov 26 09:41:00 +0000 2013,\r\n"
    good = b"405273923404136449,carys,whole,Wed Nov 26 09:41:00 +0000 2013,\r\n"
    items = items_of("tags", head + broken + good)
    assert reasons_in(items) == [(2, "3 cells where 5 belong"), (3, "3 cells where 5 belong")]
    assert [post.text for post in posts_in(items)] == ["whole"]


def test_empty_cells_at_a_rows_end_may_be_missing_or_too_many() -> None:
    head = b"id_str,from_user,text,created_at,status_url\n"
    row = b"405273923404136448,carys,whole,Wed Nov 26 09:41:00 +0000 2013"
    for end in (b"\n", b",\n", b",,,,\n"):
        assert len(posts_in(items_of("tags", head + row + end))) == 1
    assert reasons_in(items_of("tags", head + row + b",,x\n")) == [(2, "6 cells where 5 belong")]


def test_an_open_quotation_mark_costs_what_it_swallows() -> None:
    head = b"id_str,from_user,text,created_at,status_url\n"
    good = b"405273923404136448,carys,whole,Wed Nov 26 09:41:00 +0000 2013,\n"
    items = items_of("tags", head + good + b'405273923404136449,carys,"open\n' + good)
    assert reasons_in(items) == [(3, "a quotation mark is open, or stands where none belongs")]
    huge = items_of("tags", head + b'405273923404136449,carys,"open' + b"x" * 9_000_000 + b"\n" + good)
    assert reasons_in(huge) == [(2, "a quotation mark is open, or stands where none belongs")]
    assert len(posts_in(huge)) == 1


def test_a_quotation_mark_nobody_closed_never_makes_one_text_of_two_rows() -> None:
    head = b"id_str,from_user,text,created_at,status_url\n"
    row = b'40527392340413644%d,carys,"%s,Wed Nov 26 09:41:00 +0000 2013,\n'
    items = items_of("tags", head + row % (1, b"open") + row % (2, b'whole"') + row % (3, b'whole"'))
    assert reasons_in(items) == [(2, "a quotation mark is open, or stands where none belongs")]
    assert [post.uri[-1] for post in posts_in(items)] == ["3"]


def test_a_last_row_that_was_cut_off_is_told() -> None:
    head = b"id_str,from_user,text,created_at,status_url\n"
    row = b"405273923404136448,carys,whole,Wed Nov 26 09:41:00 +0000 2013,"
    assert reasons_in(items_of("tags", head + row + b"\n" + row[:-12])) == [(3, "the line ends in the middle")]
    assert len(posts_in(items_of("tags", head + row + b"\n" + row))) == 2


def test_a_nul_in_a_text_is_dropped() -> None:
    assert read(text="a\x00b #notcoproduction").text == "ab #notcoproduction"


def test_a_table_of_something_else_is_refused_in_one_line() -> None:
    with pytest.raises(ArchiveError, match="has no column id_str, from_user; it has name, text"):
        items_of("tags", b"name,text\na,b\n")
    assert not recognised("tags", b"name,text\na,b\n")
    assert not recognised("tags", b"\x89PNG\r\n\x1a\n\x00")


@given(st.dictionaries(st.sampled_from([*ROW, "time", "entities_str", "from_user_id_str"]), st.text(max_size=60)))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_the_cells_is_a_post_or_a_reason(cells: dict[str, str]) -> None:
    rows = [dict(ROW) | {"time": "", "entities_str": "", "from_user_id_str": ""} | cells]
    for item in items_of("tags", table(rows)):
        assert isinstance(item, (Entry, Unreadable, PassedOver))
