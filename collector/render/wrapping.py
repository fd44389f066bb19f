"""Plain text in lines of so many columns, without ever breaking an address."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby

COLUMNS = 76
_JOINER = "\u200d"  # holds the parts of an emoji together


def wrap(text: str, *, first: str = "", rest: str = "", columns: int = COLUMNS) -> list[str]:
    """The text in lines of at most so many columns; `first` stands before the first line, `rest` before the others.

    An address or a handle that is longer than a line stays whole on a line of its own.
    """
    room = columns - max(measure(first), measure(rest))
    lines = list(_fill(text.split(), room))
    return [f"{rest if number else first}{line}".rstrip() for number, line in enumerate(lines)]


def measure(text: str) -> int:
    """The columns that text takes on a screen of fixed width."""
    return sum(map(_width, text))


def _fill(words: list[str], room: int) -> Iterator[str]:
    line, used = "", 0
    for word in (piece for whole in words for piece in _split(whole, room)):
        width = measure(word)
        if line and used + 1 + width > room:
            yield line
            line, used = word, width
        else:
            used += width + bool(line)
            line = f"{line} {word}" if line else word
    if line:
        yield line


def _split(word: str, room: int) -> Iterator[str]:
    """The word itself, or, where it is too long for a line and no address, its pieces."""
    if "://" in word or "@" in word or measure(word) <= room:
        yield word
        return
    piece, used = "", 0
    for part in _parts(word, room):
        width = measure(part)
        if width and used + width > room and not piece.endswith(_JOINER):
            yield piece
            piece, used = "", 0
        piece += part
        used += width
    yield piece


def _parts(word: str, room: int) -> Iterator[str]:
    """What stays together in it: each character of scripts without spaces, and whole runs of what is between them."""
    for is_wide, characters in groupby(word, lambda character: _width(character) > 1):
        run = "".join(characters)
        yield from run if is_wide or measure(run) > room else (run,)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
