"""Tables that people saved as CSV, by the names of their columns: commas, semicolons or tabs, in any order and case.

A row is known by its first line. One that cannot be a row of its table is told, and the rows behind it are read on: a
text that broke its row, or a quotation mark that nobody closed, costs itself.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from collector.archives.protocol import Entry, Item, PassedOver, Unreadable
from collector.errors import ArchiveError
from collector.text.cleaning import one_line

if TYPE_CHECKING:
    from collector.archives.files import Content

_LARGEST_CELL = 8 * 1024 * 1024  # characters: what an open quotation mark may swallow
_DELIMITERS = (",", ";", "\t")


class Row(NamedTuple):
    """One row. `cells` has the table's columns, named in lower case."""

    line: int  # its first, from 1
    cells: dict[str, str]

    def first_of(self, *names: str) -> str:
        """The first of these cells that is not blank, without white space around; empty if there is none."""
        for name in names:
            if cell := self.cells.get(name, "").strip():
                return cell
        return ""


def columns_in(beginning: bytes) -> tuple[str, ...]:
    """The names in the first line that is not blank, if the file is a table; whatever stands there if it is none."""
    line = _first_line(beginning)
    try:
        return _names(next(csv.reader([line], delimiter=_delimiter(line)), []))
    except csv.Error:
        return ()


def read_rows(
    file: Content,
    read: Callable[[Row], Entry | PassedOver],
    *,
    needed: Iterable[str],
    texts: Iterable[str],
) -> Iterator[Item]:
    """What `read` makes of each row; its ValueError becomes the reason why a row cannot be read.

    `needed` are the columns without which the file makes no sense; `texts` those that people write in, where a row may
    have broken.
    """
    columns = columns_in(file.beginning)
    if missing := [name for name in needed if name not in columns]:
        raise ArchiveError(f"{file.name}: has no column {', '.join(missing)}; it has {_shown(columns)}")
    for row in _rows(file, columns, frozenset(texts)):
        if isinstance(row, Unreadable):
            yield row
            continue
        try:
            yield read(row)
        except ValueError as error:
            yield Unreadable(line=row.line, reason=str(error))


def _rows(file: Content, columns: tuple[str, ...], texts: frozenset[str]) -> Iterator[Row | Unreadable]:
    shortest = max((place + 1 for place, name in enumerate(columns) if name in texts), default=0) + 1
    read = _cells(file, len(columns))
    next(read, None)  # the names
    for line, cells in read:
        if isinstance(cells, str):
            yield Unreadable(line=line, reason=cells)
        elif _fits(cells, len(columns), shortest):
            yield Row(line, dict(zip(columns, cells, strict=False)))
        else:
            yield Unreadable(line=line, reason=f"{_many(len(cells), 'cell')} where {len(columns)} belong")


def _cells(file: Content, width: int) -> Iterator[tuple[int, list[str] | str]]:
    """Each row that is not blank with its first line, or what is wrong with it."""
    csv.field_size_limit(max(csv.field_size_limit(), _LARGEST_CELL))  # one for all: it is only ever raised
    last = ""

    def lines() -> Iterator[str]:
        nonlocal last
        for line in file.text_stream():
            last = line
            yield line

    reader = csv.reader(lines(), delimiter=_delimiter(_first_line(file.beginning)), strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield first, "a quotation mark is open, or stands where none belongs"
        else:
            if len(cells) < width and cells and not last.endswith(("\n", "\r")):
                yield first, "the line ends in the middle"
            elif any(map(str.strip, cells)):
                yield first, cells


def _fits(cells: list[str], width: int, shortest: int) -> bool:
    """False for a row that broke: too long, or cut within a text or before it.

    Excel leaves out empty cells at a row's end, and others write more of them than there are columns.
    """
    if len(cells) < width:
        return len(cells) >= shortest
    return not any(cells[width:])


def _first_line(beginning: bytes) -> str:
    """The first that is not blank."""
    return next((line.decode("utf-8", "replace") for line in beginning.splitlines() if line.strip()), "")


def _delimiter(line: str) -> str:
    """The one that the line of names holds most of."""
    return max(_DELIMITERS, key=line.count)


def _names(cells: list[str]) -> tuple[str, ...]:
    """The columns' names; of two alike the first has it, and the other none."""
    first: dict[str, int] = {}
    names = [one_line(cell).lower() for cell in cells]
    return tuple(name if first.setdefault(name, place) == place else "" for place, name in enumerate(names))


def _shown(columns: tuple[str, ...]) -> str:
    shown = [name[:40] for name in columns if name]
    return ", ".join(shown[:12]) + (" …" if len(shown) > 12 else "") if shown else "none"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
