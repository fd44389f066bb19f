"""The cells of the collector's own CSV, back to the values they were written from: the writer's steps in reverse."""

from __future__ import annotations

import re

# What the writer puts an apostrophe before. It looks past apostrophes that stand there already, so that one may be
# taken away wherever what follows it is such a text: an author's own apostrophe never stands alone before one.
_GUARDED = re.compile(r"''*[\t\r\n]|'[\s\x00-\x1f\u200b\u2060\ufeff']*[=+\-@＝＋－＠]")
_SEPARATOR = " | "
_ESCAPED_PIPE = re.compile(r"(?<![^ ])\\(?=\\*\|(?![^ ]))")
_LINE_BREAK_MARK = " ⏎ "


def own_text(cell: str, *, is_for_excel: bool) -> str:
    """The text of a cell: without the apostrophe that guards it and, from a file for Excel, with its line breaks."""
    text = cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell
    return text.replace(_LINE_BREAK_MARK, "\n") if is_for_excel else text


def own_list(text: str, length: int | None = None) -> tuple[str, ...]:
    """The items of a list, as `own_text` leaves it.

    `length` is that of the list beside it: an empty text is one empty item, or none at all.
    """
    if not text:
        return ("",) * min(length or 0, 1)
    return tuple(_ESCAPED_PIPE.sub("", item) for item in text.split(_SEPARATOR))
