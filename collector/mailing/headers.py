"""Headers as the bytes that are sent: folded, encoded where ASCII does not do, and never two where one was meant.

They are folded here, not by the standard library: until Python 3.12.5 and 3.11.10 its folding loses spaces beside
words beyond ASCII, drops the quotes of a name with a comma, and reads "=?…?=" in a subject as something encoded.
"""

from __future__ import annotations

import re
from email.header import Header
from urllib.parse import quote

_LINE = 76  # where header lines are folded; 998 is the limit that servers enforce
_LONGEST_WORD = 60  # what is longer is encoded, so that it can be folded
_NO_HEADER_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_QUOTED_PAIR = re.compile(r'(["\\])')
_URI_SIGNS = ":/?#[]@!$&'()*+;=%~"  # without the comma, which stands between addresses


def header(name: str, *pieces: str) -> bytes:
    """One header, in lines of `_LINE` characters where the pieces allow it; ValueError for a piece with line breaks."""
    if any(map(_NO_HEADER_TEXT.search, pieces)):
        raise ValueError(f"a line break or control character in the header {name}")
    wire, room = "", _LINE - len(name) - 2
    for piece in pieces:
        if not wire:
            wire = piece
        elif len(piece) < room:
            wire = f"{wire} {piece}"
        else:
            wire, room = f"{wire}\r\n {piece}", _LINE
        room -= len(piece) + 1
    return f"{name}: {wire}\r\n".encode()


def text_words(text: str) -> list[str]:
    """A line of text as the words of a header, encoded where ASCII does not do."""
    words = text.split(" ")
    if text.isascii() and "=?" not in text and max(map(len, words)) <= _LONGEST_WORD:
        return words
    return Header(text, "utf-8", maxlinelen=_LONGEST_WORD).encode().split()


def phrase(name: str) -> list[str]:
    """A name that stands before an address: as it is, in quotes, or encoded."""
    words = text_words(name)
    if not name or " ".join(words) != name or _ATOMS.fullmatch(name):
        return words if name else []
    quoted = _QUOTED_PAIR.sub(r"\\\1", name)
    return f'"{quoted}"'.split(" ")


def one_line(text: str) -> str:
    """On one line, without control characters: what a header can hold."""
    return " ".join(_NO_HEADER_TEXT.sub(" ", text).split())


def in_brackets(uri: str) -> str:
    """A page or a mailto: address as the List- headers have them."""
    return f"<{quote(uri, safe=_URI_SIGNS)}>"


def slug(text: str) -> str:
    """Letters, digits, hyphens and underscores: what an id can hold."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:60] or "digest"
