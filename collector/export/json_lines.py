"""Posts as JSON Lines: one object a line, with real lists, numbers, true, false and null."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from collector.export.batches import by_column, instant_text
from collector.export.columns import COLUMNS, Column, Kind
from collector.model import ExportRow

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode

# JSON allows these inside a string; a reader that splits lines at every Unicode line break would cut there.
_OTHER_LINE_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def write_json_lines(rows: Iterable[ExportRow], out: BinaryIO, columns: Sequence[Column] = COLUMNS) -> int:
    """Writes an object for each row, its keys in the order of the columns, and gives the number of rows.

    What UTF-8 cannot hold (half a surrogate pair) becomes a question mark.
    """
    names = [column.name for column in columns]
    count = 0
    for values in by_column(rows):
        shown = [_values(column.kind, values[column.place]) for column in columns]
        lines = [_line(dict(zip(names, row, strict=True))) for row in zip(*shown, strict=True)]
        out.write("".join(lines).encode(errors="replace"))
        count += len(lines)
    return count


def _values(kind: Kind, values: Sequence[Any]) -> Sequence[Any]:
    if kind is Kind.INSTANT:
        return [None if value is None else instant_text(value) for value in values]
    if kind is Kind.INSTANTS:
        return [[instant_text(item) for item in items] for items in values]
    return values


def _line(values: dict[str, Any]) -> str:
    line = _encode(values) + "\n"
    if not line.isascii():
        for character, escape in _OTHER_LINE_BREAKS.items():
            line = line.replace(character, escape)
    return line
