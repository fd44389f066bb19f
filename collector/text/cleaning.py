"""Plain text without the characters that harm whoever shows, stores or sorts it.

Cleaning never interprets: `<b>` and `&amp;` in a plain-text field are what its author typed, so they stay, and
whoever makes HTML of them escapes them. Cleaning what is clean changes nothing.
"""

from __future__ import annotations

import re

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters, lone surrogates, the overrides and embeddings that would reverse what stands after them (their
# successors, the isolates, end with their line), the byte order mark and the two characters XML forbids.
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\ufeff\ufffe\uffff]")
_DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u2066-\u2069]")
_GAPS = re.compile(r"\n{3,}")


def plain_text(text: str) -> str:
    """Text of several lines: one kind of line break, at most one blank line in a row, no trailing spaces.

    No control characters but the line break (a tab becomes a space), no lone surrogates, no bidirectional
    overrides. Joiners, variation selectors, combining marks and isolates stay.
    """
    if text.isprintable():  # neither line breaks nor anything unwanted
        return text.strip()
    text = _UNWANTED.sub("", _BREAKS.sub("\n", text).replace("\t", " "))
    text = "\n".join([line.rstrip() for line in text.split("\n")])
    return _GAPS.sub("\n\n", text).strip()


def one_line(text: str) -> str:
    """The same on one line, for names, subjects and terminals: white space collapsed, no direction marks at all."""
    return " ".join(_DIRECTIONS.sub("", plain_text(text)).split())
