"""Posts as CSV that every reader reads alike: RFC 4180, UTF-8, CRLF, and nothing that a spreadsheet would run.

Every cell but numbers stands in quotes. RFC 4180 leaves that open; LibreOffice's import dialog, which by default
splits at semicolons and tabs too, does not: unquoted, a `;=…` inside a text would become a cell with a formula.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from collector.export.batches import by_column, instant_text
from collector.export.columns import COLUMNS, Column, Kind
from collector.model import ExportRow

_Cells = Sequence[str | int]

_SEPARATOR = " | "
_LONE_PIPE = re.compile(r"(?<![^ ])(?=\\*\|(?![^ ]))")  # between spaces or an item's ends, or after backslashes there

# LibreOffice drops a NUL before it looks, and spreadsheets trim. Apostrophes are looked past so that a reader who takes
# one away, where what follows it would have been guarded, always gets the text that was written.
_FORMULA = re.compile(r"'*[\t\r\n]|[\s\x00-\x1f\u200b\u2060\ufeff']*[=+\-@＝＋－＠]")

_LINE_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_LINE_BREAK_MARK = " ⏎ "
_EXCEL_CELL = 32_767  # UTF-16 units
_SHORTENED_MARK = "… [shortened]"


def write_csv(
    rows: Iterable[ExportRow],
    out: BinaryIO,
    columns: Sequence[Column] = COLUMNS,
    *,
    for_excel: bool = False,
    raw_cells: bool = False,
) -> int:
    """Writes a line of names and a line for each row, and gives the number of rows.

    `for_excel` puts the byte order mark in front, keeps each post on one line (a ⏎ where lines broke) and shortens
    cells past Excel's 32,767 UTF-16 units. `raw_cells` leaves out the apostrophe before what would run as a formula.
    What UTF-8 cannot hold (half a surrogate pair) becomes a question mark.
    """
    shown = [(column.place, _cells_of(column.kind, for_excel=for_excel, raw_cells=raw_cells)) for column in columns]
    mark = "\ufeff" if for_excel else ""
    out.write(f"{mark}{','.join(column.name for column in columns)}\r\n".encode())
    count = 0
    for values in by_column(rows):
        out.write(_lines(zip(*(cells(values[place]) for place, cells in shown), strict=True)))
        count += len(values[0])
    return count


def write_texts(names: Sequence[str], rows: Iterable[Sequence[str]], out: BinaryIO) -> int:
    """A table that is not of posts, all of it text, by the same rules; gives the number of rows."""
    out.write(f"{','.join(names)}\r\n".encode())
    count = 0
    for row in rows:
        out.write(_lines(iter([tuple(_guarded(row))])))
        count += 1
    return count


def _lines(lines: Iterator[tuple[str | int, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC).writerows(lines)
    return text.getvalue().encode(errors="replace")


def _cells_of(kind: Kind, *, for_excel: bool, raw_cells: bool) -> Callable[[Sequence[Any]], _Cells]:
    """What turns the values of a column into its cells, one step after the other."""
    if kind not in {Kind.TEXT, Kind.LIST}:
        return _FIXED_CELLS[kind]
    steps: list[Callable[[Sequence[str]], Sequence[str]]] = []
    if for_excel:
        steps.append(_on_one_line)
    if not raw_cells:
        steps.append(_guarded)
    if for_excel:
        steps.append(_within_excel)
    first = _texts if kind is Kind.TEXT else _joined

    def cells(values: Sequence[Any]) -> _Cells:
        texts = first(values)
        for step in steps:
            texts = step(texts)
        return texts

    return cells


def _texts(values: Sequence[str | None]) -> Sequence[str]:
    return ["" if value is None else value for value in values]


def _joined(values: Sequence[tuple[str, ...]]) -> Sequence[str]:
    return [_join(items) if items else "" for items in values]


def _join(items: tuple[str, ...]) -> str:
    joined = _SEPARATOR.join(items)
    if joined.count("|") < len(items):
        return joined
    return _SEPARATOR.join(_LONE_PIPE.sub(r"\\", item) for item in items)


def _numbers(values: Sequence[int]) -> Sequence[int]:
    return values


def _booleans(values: Sequence[bool]) -> Sequence[str]:
    return ["true" if value else "false" for value in values]


def _instants(values: Sequence[Any]) -> Sequence[str]:
    return ["" if value is None else instant_text(value) for value in values]


def _instant_lists(values: Sequence[tuple[Any, ...]]) -> Sequence[str]:
    return [_SEPARATOR.join(map(instant_text, items)) for items in values]


_FIXED_CELLS: dict[Kind, Callable[[Sequence[Any]], _Cells]] = {
    Kind.NUMBER: _numbers,
    Kind.BOOLEAN: _booleans,
    Kind.INSTANT: _instants,
    Kind.INSTANTS: _instant_lists,
}


def _guarded(texts: Sequence[str]) -> Sequence[str]:
    """The first tests are the quick ones: most texts are empty or begin with a letter."""
    return [text if not text or text[0].isalnum() or not _FORMULA.match(text) else "'" + text for text in texts]


def _on_one_line(texts: Sequence[str]) -> Sequence[str]:
    return [text if text.isprintable() else _LINE_BREAKS.sub(_LINE_BREAK_MARK, text) for text in texts]


def _within_excel(texts: Sequence[str]) -> Sequence[str]:
    return [text if len(text) <= _EXCEL_CELL // 2 else _shorten(text) for text in texts]


def _shorten(text: str) -> str:
    """Cuts by UTF-16 units, never within a pair of them."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) // 2 <= _EXCEL_CELL:
        return text
    kept = units[: (_EXCEL_CELL - len(_SHORTENED_MARK)) * 2]
    return kept.decode("utf-16-le", "ignore") + _SHORTENED_MARK
