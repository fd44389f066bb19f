from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime

import pytest
from making import NOW
from making_export import make_export_row

from collector.errors import UnknownNameError
from collector.export import (
    COLUMNS,
    DICTIONARY_HEADER,
    REVISION_COLUMNS,
    data_dictionary,
    data_dictionary_csv,
    select_columns,
)
from collector.export.columns import Column, Kind
from collector.model import ExportRow

PROMISED = (
    "network source topic uri url published_at edited_at first_seen_at author_id author_handle author_name author_url "
    "author_is_bot title text content_warning language hashtags mentions links media_urls media_types media_alt_texts "
    "reply_to_uri quote_of_uri replies boosts likes quotes is_sensitive seen_on also_at digests"
)


EARLIER = ["revisions", "revision_titles", "revision_content_warnings", "revisions_replaced_at"]


def names(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns]


def test_the_columns_are_the_promised_ones_in_their_order() -> None:
    assert names(COLUMNS) == PROMISED.split(" ")
    assert [*ExportRow._fields] == [*PROMISED.split(" "), *EARLIER, "mention_urls"]


@pytest.mark.parametrize("column", [*COLUMNS, *REVISION_COLUMNS], ids=lambda column: column.name)
def test_a_columns_kind_is_what_rows_hold(column: Column) -> None:
    types = {Kind.TEXT: str, Kind.NUMBER: int, Kind.BOOLEAN: bool, Kind.INSTANT: datetime, Kind.LIST: tuple}
    types |= {Kind.INSTANTS: tuple}
    row = make_export_row(edited_at=NOW, reply_to_uri="", quote_of_uri="")
    assert type(row[column.place]) is types[column.kind]


@pytest.mark.parametrize(
    ("asked", "given"),
    [("uri", ["uri"]), ("text,uri", ["text", "uri"]), (" likes , uri ", ["likes", "uri"])],
)
def test_columns_are_chosen_in_the_order_they_are_named(asked: str, given: list[str]) -> None:
    assert names(select_columns(asked)) == given


def test_earlier_texts_have_columns_of_their_own_behind_the_others_and_only_where_they_are_asked_for() -> None:
    assert names(select_columns(None)) == PROMISED.split(" ")
    assert names(select_columns(None, with_revisions=True)) == [*PROMISED.split(" "), *EARLIER]
    assert names(select_columns("revisions,uri", with_revisions=True)) == ["revisions", "uri"]
    with pytest.raises(UnknownNameError, match=r"^revisions: earlier texts go out with --with-revisions only$"):
        select_columns("uri,revisions")
    with pytest.raises(UnknownNameError, match="no such column: 'mention_urls'"):
        select_columns("mention_urls", with_revisions=True)


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ("uri,autor", "no such column: 'autor'; the columns are network, source"),
        ("colour,uri,autor", "no such column: 'colour', 'autor'; "),
        ("URI", "no such column: 'URI'; "),
        ("", "no such column: ''; "),
        ("uri,,text", "no such column: ''; "),
        ("uri,text,uri", "column named twice: uri; "),
    ],
)
def test_a_wrong_choice_of_columns_is_refused_in_one_line(asked: str, complaint: str) -> None:
    with pytest.raises(UnknownNameError) as refused:
        select_columns(asked)
    assert str(refused.value).startswith(complaint)
    assert "\n" not in str(refused.value)


def test_the_data_dictionary_has_a_row_for_every_column() -> None:
    rows = data_dictionary()
    assert [name for name, _, _, _ in rows] == PROMISED.split(" ")
    assert all(kind and meaning for _, kind, meaning, _ in rows)
    assert len({meaning for _, _, meaning, _ in rows}) == len(rows)


def test_the_data_dictionary_as_csv_reads_back() -> None:
    read = list(csv.reader(io.StringIO(data_dictionary_csv(), newline="")))
    assert [tuple(row) for row in read] == [DICTIONARY_HEADER, *data_dictionary()]
