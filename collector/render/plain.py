"""A letter as plain text, written for reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.render.letter import Bar, Block, Byline, Card, Foot, Letter, Line, Note, Way
from collector.render.weaving import flatten
from collector.render.wrapping import measure, wrap

_BULLET = "- "
_RULE = "* * *"
_GLUE = "\0"  # a space at which no line is broken


def draw_text(letter: Letter) -> str:
    """The letter at 76 columns, ending in a newline."""
    parts = [
        [*wrap(letter.first_line), *([letter.web.href] if letter.web and letter.web.href else [])],
        wrap(letter.notice),
        [*wrap(letter.sentence), *_bars(letter.bars)],
        wrap(letter.opening),
        *(part for block in letter.blocks for part in _block(block)),
        wrap(letter.not_shown),
        wrap(letter.closing),
        wrap(letter.ending),
        *draw_foot(letter.foot),
    ]
    return join_parts(parts)


def draw_note_text(note: Note) -> str:
    """A short message, drawn the same way."""
    parts = [
        *(wrap(flatten(paragraph)) for paragraph in note.paragraphs),
        draw_way(note.action) if note.action else [],
        *(wrap(flatten(paragraph)) for paragraph in note.remarks),
        *draw_foot(note.foot),
    ]
    return join_parts(parts)


def draw_foot(foot: Foot) -> list[list[str]]:
    """What stands below, as parts."""
    ways = [line for way in foot.ways for line in draw_way(way)]
    return [[_RULE], *(wrap(flatten(paragraph)) for paragraph in foot.paragraphs), ways, wrap(foot.imprint)]


def draw_way(way: Way) -> list[str]:
    """Where it leads stands on a line of its own, whole."""
    return [way.told, way.href]


def join_parts(parts: Iterable[list[str]]) -> str:
    """The parts that hold anything, with an empty line between them."""
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _bars(bars: Iterable[Bar]) -> list[str]:
    """All in a row, which is broken between them only."""
    told = f"{_GLUE}| ".join(bar.told.replace(" ", _GLUE) for bar in bars)
    return [line.replace(_GLUE, " ") for line in wrap(told)]


def _block(block: Block) -> Iterator[list[str]]:
    yield [block.title.upper()]
    if block.prose:
        yield wrap(flatten(block.prose))
    for number, card in enumerate(block.cards, 1):
        yield _card(card, f"{number}. ")
    for line in block.lines:
        yield list(draw_line(line))
    yield _bars(block.rows)
    for note in block.notes:
        yield wrap(note)


def _card(card: Card, mark: str) -> list[str]:
    """Its number stands before whatever it begins with."""
    indent = " " * measure(mark)
    first, *others = _card_lines(card, indent)
    return [f"{mark}{first.removeprefix(indent)}", *others]


def _card_lines(card: Card, indent: str) -> Iterator[str]:
    said = [card.title, str(card.warning or ""), *card.text.split("\n"), *map(str, card.attached)]
    for paragraph in filter(str.strip, said):
        yield from wrap(paragraph, first=indent, rest=indent)
    yield from _poll(card, indent)
    yield from wrap(str(card.note or ""), first=indent, rest=indent)
    yield from wrap(_sign(card.byline), first=indent, rest=indent)
    for small in filter(None, (card.reactions, flatten(card.copies), card.answers_told)):
        yield from wrap(small, first=indent, rest=indent)
    if card.open:
        yield f"{indent}{card.open.href}"


def _poll(card: Card, indent: str) -> Iterator[str]:
    if card.poll:
        yield f"{indent}{card.poll_title}"
    for option in card.poll:
        yield from wrap(str(option), first=f"{indent}{_BULLET}", rest=f"{indent}  ")


def draw_line(line: Line) -> Iterator[str]:
    """A post in one line, which may take several here."""
    yield from wrap(str(line.text), first=_BULLET, rest="  ")
    yield from wrap(line.byline.comma.join(filter(None, (_sign(line.byline), line.beside))), first="  ", rest="  ")
    yield from wrap(str(line.note or ""), first="  ", rest="  ")
    if line.href:
        yield f"  {line.href}"


def _sign(byline: Byline) -> str:
    who = " ".join(filter(None, (byline.name, byline.handle)))
    return byline.comma.join(filter(None, (who, byline.place, byline.when)))
