"""Lines out of the pieces of a page: paragraphs and line breaks, quotes with `> `, list items with their marks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collector.text.cleaning import plain_text

KEPT = "\x1f"  # a space that is not collapsed; no input holds it past the last cleaning

_SPACES = re.compile(r"[ \t\r\f]{2,}|[\t\r\f]")
_BLANKS = re.compile(r"\n[ \n]*\n[ \n]*\n")
_DEEPEST = 40  # characters that marks of quotes and lists may take of a line


@dataclass(frozen=True, slots=True)
class Indent:
    """What the lines of a block begin with; `lead` is for its first line alone, until it is written."""

    prefix: str = ""
    lead: str | None = None


class Paragraphs:
    """Takes pieces of running text and the edges of blocks, gives lines.

    `pieces` is the running text so far: "\\n" in it is a line break of the author's, `KEPT` a space to keep. `written`
    counts the blocks that were closed, so that a caller knows whether its piece is still there.
    """

    __slots__ = ("_gap", "_indent", "_last_prefix", "_lines", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._lines: list[str] = []
        self._gap = 1
        self._indent = _NONE
        self._last_prefix = ""

    def break_off(self, gap: int) -> None:
        """Ends the running block; what comes next stands `gap` line breaks further down (1 or 2)."""
        if self.pieces:
            self._write()
        if self._indent.lead is not None:  # right after a list mark
            gap = 1
        self._gap = max(self._gap, gap)

    def indent(self, mark: str) -> Indent:
        """Begins a block whose first line (of a quote: each line) carries a mark; gives back what `outdent` needs."""
        outer = self._indent
        if len(outer.prefix) < _DEEPEST:
            first = (outer.prefix if outer.lead is None else outer.lead) + mark
            rest = mark if mark == "> " else " " * len(mark)
            self._indent = Indent(outer.prefix + rest, first)
        return outer

    def outdent(self, outer: Indent) -> None:
        """Ends such a block."""
        is_written = self._indent.lead is None
        self._indent = Indent(outer.prefix, None if is_written else outer.lead)

    def text(self) -> str:
        """All of it, cleaned."""
        if self.pieces:
            self._write()
        return plain_text("\n".join(self._lines).replace(KEPT, " "))

    def _write(self) -> None:
        text = _SPACES.sub(" ", "".join(self.pieces))
        self.pieces.clear()
        text = text.strip(" \n")
        if not text:
            return
        self._write_gap()
        if "\n" not in text and not self._indent.prefix and self._indent.lead is None:
            self._lines.append(text)
            return
        self._write_lines(_BLANKS.sub("\n\n", text).split("\n"))

    def _write_gap(self) -> None:
        prefix = self._indent.prefix
        if self._lines and self._gap > 1:
            self._lines.append(_shared(prefix, self._last_prefix).rstrip())
        self._last_prefix = prefix
        self._gap = 1

    def _write_lines(self, lines: list[str]) -> None:
        prefix, lead = self._indent.prefix, self._indent.lead
        for line in lines:
            self._lines.append((prefix if lead is None else lead) + line.strip(" "))
            lead = None
        self._indent = Indent(prefix)


def _shared(a: str, b: str) -> str:
    """The prefix of a line between two blocks: inside a quote it is still the quote."""
    shorter, longer = sorted((a, b), key=len)
    return shorter if longer.startswith(shorter) else ""


_NONE = Indent()
