"""The items of one long JSON list, one after the other, without the whole of it in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from collector.archives.protocol import Unreadable
from collector.errors import ArchiveError

_BETWEEN = re.compile(r"[\s,]*")
_NEAR = 16  # characters: an item that is only cut off fails so near to the end of what has been read, or in a text
_NEAR_BY = 1024  # characters: no beginning of an item is longer
_NUMBERS = (int, float)
_LONGEST_ITEM = 64 * 1024 * 1024


def list_items(name: str, pieces: Iterator[str], next_item: str) -> Iterator[tuple[int, Any]]:
    """Each item of the first list in the text with its number, from 1; an Unreadable where one cannot be read.

    `next_item` is a pattern of how an item begins: reading goes on there behind a broken one. `name` is the file, for
    the ArchiveError that says where it ends in the middle.
    """
    reader = _Reader(name, pieces, re.compile(next_item))
    reader.open_list()
    number = 0
    while (item := reader.next_item(number + 1)) is not _END:
        number += 1
        yield number, item


class _Reader:
    """A window on the text that moves on: `_text` from `_at`."""

    def __init__(self, name: str, pieces: Iterator[str], next_item: re.Pattern[str]) -> None:
        self._name = name
        self._pieces = pieces
        self._begins = next_item
        self._decode = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0

    def open_list(self) -> None:
        """Goes behind the bracket that opens the list."""
        while (found := self._text.find("[", self._at)) < 0:
            if len(self._text) > _LONGEST_ITEM or not self._read_on():
                raise ArchiveError(f"{self._name}: holds no list")
        self._at = found + 1

    def next_item(self, number: int) -> Any:
        """The next item; ArchiveError where the text ends before the list does."""
        if not self._go_to_item():
            return _END
        while True:
            try:
                item, end = self._decode(self._text, self._at)
            except RecursionError:
                return self._skip(number)
            except ValueError as error:
                is_cut = self._is_cut(error)
                if is_cut and len(self._text) - self._at > _LONGEST_ITEM:
                    raise ArchiveError(f"{self._name}: item {number} is longer than {_LONGEST_ITEM >> 20} MB") from None
                if not is_cut or not self._read_on():
                    return self._skip(number)
            else:
                length = end - self._at
                if type(item) in _NUMBERS and end > len(self._text) - _NEAR and self._read_on():
                    continue  # there may be more digits
                self._at += length
                return item

    def _go_to_item(self) -> bool:
        """False at the end of the list."""
        while True:
            found = _BETWEEN.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at] != "]"
            if not self._read_on():
                raise self._ends()

    def _is_cut(self, error: ValueError) -> bool:
        """Whether an item may only be cut off by the end of what has been read."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.pos >= len(self._text) - _NEAR or error.msg.startswith("Unterminated string")

    def _skip(self, number: int) -> Unreadable:
        """Goes on at what begins as an item does, or at the end of the list."""
        self._at += 1
        while (found := self._begins.search(self._text, self._at)) is None:
            self._at = max(self._at, len(self._text) - _NEAR_BY)
            if not self._read_on():
                break
        if found is not None:
            self._at = found.start()
        elif self._text.rstrip(" ;\r\n\t").endswith("]"):
            self._text, self._at = "]", 0
        else:
            raise self._ends()
        return Unreadable(line=number, reason="not JSON")

    def _read_on(self) -> bool:
        """Takes in as much again as is waiting, so that a long item is not looked at too often; False: no more."""
        held = [self._text[self._at :]]
        wanted = len(held[0])
        taken = 0
        for piece in self._pieces:
            held.append(piece)
            taken += len(piece)
            if taken and taken >= wanted:
                break
        self._text, self._at = "".join(held), 0
        return taken > 0

    def _ends(self) -> ArchiveError:
        return ArchiveError(f"{self._name}: ends in the middle of its list: was it saved whole?")


_END = object()
