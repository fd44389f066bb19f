"""A file of any encoding and separator → the rows of a table, which is known to be whole before the first is used."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from collector.errors import ArchiveError

LARGEST = 100_000_000  # bytes: some two million rows
_END = "end"  # a line of our own: a quotation mark that is never closed takes it in, too
_SEPARATOR = re.compile(r"\Asep=.\r?(?=\n)", re.IGNORECASE)  # for spreadsheets; the empty line keeps the lines' numbers


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTable:
    """A table as text."""

    text: str
    delimiter: str

    @property
    def lines(self) -> int:
        """How many there are, with the header."""
        return self.text.count("\n") + 1

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows that hold anything, each with the number of its last line."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]


def read_table(path: Path) -> TextTable:
    """The table of a file; ArchiveError, with one line, where it cannot be read to its end."""
    text = _SEPARATOR.sub("", _read(path))
    delimiter = _delimiter(text)
    _refuse_broken(path, text, delimiter)
    return TextTable(text=text, delimiter=delimiter)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ArchiveError(f"{path}: larger than {LARGEST // 1_000_000} MB: split it")
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # what spreadsheets write that know no better
    if "\0" in text:
        raise ArchiveError(f"{path}: no table as text; save it as CSV, in UTF-8")
    return text


def _delimiter(text: str) -> str:
    """What the header is divided by most."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max((",", ";", "\t"), key=header.count)


def _refuse_broken(path: Path, text: str, delimiter: str) -> None:
    """Reads all of it once, so that a fault near its end is not found after all others were added."""
    reader = csv.reader(itertools.chain(io.StringIO(text, newline=""), [_END]), delimiter=delimiter)
    begun, last = 0, [_END]
    try:
        while True:
            begun, last = reader.line_num + 1, next(reader)
    except StopIteration:
        pass
    except csv.Error as error:
        raise ArchiveError(f"{path}:{reader.line_num}: no table that can be read: {error}; nobody was added") from error
    if last != [_END]:
        raise ArchiveError(f"{path}:{begun}: a quotation mark opens here that is never closed; nobody was added")
