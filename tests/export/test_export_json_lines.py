from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_export import make_export_row

from collector.export import COLUMNS, select_columns, write
from collector.model import ExportRow


def written(*rows: ExportRow, columns: str | None = None) -> str:
    out = io.BytesIO()
    assert write("jsonl", rows, out, select_columns(columns) if columns else COLUMNS) == len(rows)
    return out.getvalue().decode()


def value(column: str, given_value: Any) -> Any:
    return json.loads(written(make_export_row(**{column: given_value}), columns=column))[column]


def test_a_post_is_an_object_with_real_lists_and_values() -> None:
    row = make_export_row(media_alt_texts=("a | b", ""), is_sensitive=True)
    read = json.loads(written(row))
    assert list(read) == [column.name for column in COLUMNS]
    assert read["media_alt_texts"] == ["a | b", ""]
    assert read["links"] == []
    assert read["is_sensitive"] is True
    assert read["likes"] == 31
    assert read["edited_at"] is None
    assert read["published_at"] == "2026-11-17T09:41:00.000Z"
    assert read["content_warning"] == ""


def test_keys_stand_in_the_order_asked_for() -> None:
    assert written(make_export_row(likes=3), columns="likes,network") == '{"likes": 3, "network": "fediverse"}\n'


def test_no_rows_are_no_lines() -> None:
    assert written() == ""


def test_text_of_every_script_stands_as_it_is() -> None:
    assert '"日本 🙂 Ŵythnos"' in written(make_export_row(text="日本 🙂 Ŵythnos"), columns="text")


@pytest.mark.parametrize("text", ["=1+1", "\t=1", "@carys"])
def test_nothing_is_put_before_a_formula(text: str) -> None:
    assert value("text", text) == text


@given(st.lists(st.text()))
def test_every_post_is_one_line_whatever_counts_as_a_line_break(texts: list[str]) -> None:
    lines = written(*(make_export_row(text=text) for text in texts), columns="text").splitlines()
    assert [json.loads(line)["text"] for line in lines] == texts


@pytest.mark.parametrize("line_break", ["\n", "\r", "\x0b", "\x1c", "\x85", "\u2028", "\u2029"])
def test_line_breaks_inside_a_text_are_escaped(line_break: str) -> None:
    assert len(written(make_export_row(text=f"one{line_break}two")).splitlines()) == 1
    assert value("text", f"one{line_break}two") == f"one{line_break}two"


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert value("text", "a\ud83dz") == "a?z"


def test_lists_of_instants_are_lists_of_texts() -> None:
    row = make_export_row(revisions_replaced_at=(datetime(2026, 11, 17, 10, tzinfo=UTC),) * 2)
    out = io.BytesIO()
    write("jsonl", [row], out, select_columns("revisions_replaced_at", with_revisions=True))
    assert json.loads(out.getvalue()) == {"revisions_replaced_at": ["2026-11-17T10:00:00.000Z"] * 2}
