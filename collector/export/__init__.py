"""Posts → CSV and JSON Lines, streamed: one table of columns, and every format written from it.

select_columns → open_output → write
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from collector.export.columns import (
    COLUMNS,
    DICTIONARY_HEADER,
    READING_NOTES,
    REVISION_COLUMNS,
    Column,
    data_dictionary,
    data_dictionary_csv,
    select_columns,
)
from collector.export.csv_lines import write_csv, write_texts
from collector.export.json_lines import write_json_lines
from collector.export.outputs import manifest_place, open_output, replacing_file
from collector.model import ExportRow

FORMATS = ("csv", "jsonl")


def write(
    format_name: str,
    rows: Iterable[ExportRow],
    out: BinaryIO,
    columns: Sequence[Column] = COLUMNS,
    *,
    for_excel: bool = False,
    raw_cells: bool = False,
) -> int:
    """Writes the rows in one of `FORMATS` and gives their number; the last two arguments concern CSV alone."""
    if format_name == "csv":
        return write_csv(rows, out, columns, for_excel=for_excel, raw_cells=raw_cells)
    return write_json_lines(rows, out, columns)


__all__ = [
    "COLUMNS",
    "DICTIONARY_HEADER",
    "FORMATS",
    "READING_NOTES",
    "REVISION_COLUMNS",
    "Column",
    "data_dictionary",
    "data_dictionary_csv",
    "manifest_place",
    "open_output",
    "replacing_file",
    "select_columns",
    "write",
    "write_texts",
]
