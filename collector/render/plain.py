"""A letter as plain text, written for reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.render.letter import Block, Byline, Card, Foot, Letter, Line, Link, Name, Note, Paragraph
from collector.render.wrapping import measure, wrap
from collector.words import Words

_BULLET = "- "
_RULE = "* * *"


def draw_text(words: Words, letter: Letter) -> str:
    """The letter at 76 columns, ending in a newline."""
    parts = [
        [*wrap(letter.first_line), *([letter.web.href] if letter.web and letter.web.href else [])],
        wrap(letter.notice),
        [*wrap(letter.sentence), *_bars(words, letter)],
        wrap(letter.opening),
        *(part for block in letter.blocks for part in _block(words, block)),
        wrap(letter.not_shown),
        wrap(letter.closing),
        wrap(letter.ending),
        *draw_foot(words, letter.foot),
    ]
    return join_parts(parts)


def draw_note_text(words: Words, note: Note) -> str:
    """A short message, drawn the same way."""
    parts = [
        *(wrap(_flatten(paragraph)) for paragraph in note.paragraphs),
        _way(words, note.action) if note.action else [],
        *(wrap(_flatten(paragraph)) for paragraph in note.remarks),
        *draw_foot(words, note.foot),
    ]
    return join_parts(parts)


def draw_foot(words: Words, foot: Foot) -> list[list[str]]:
    """What stands below, as parts."""
    ways = [line for way in foot.ways for line in _way(words, way)]
    return [[_RULE], *(wrap(_flatten(paragraph)) for paragraph in foot.paragraphs), ways, wrap(foot.imprint)]


def _way(words: Words, way: Link) -> list[str]:
    """Where it leads stands on a line of its own, whole."""
    return [words.say("labelled", label=way.label), way.href or ""]


def join_parts(parts: Iterable[list[str]]) -> str:
    """The parts that hold anything, with an empty line between them."""
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _flatten(paragraph: Paragraph) -> str:
    return "".join(map(_told, paragraph))


def _told(part: str | Link | Name) -> str:
    match part:
        case Link():
            return part.label
        case Name():
            return part.name
        case _:
            return part


def _bars(words: Words, letter: Letter) -> list[str]:
    return wrap(" | ".join(words.say("bar_told", label=bar.label, count=bar.count) for bar in letter.bars))


def _block(words: Words, block: Block) -> Iterator[list[str]]:
    yield [block.title.upper()]
    if block.prose:
        yield wrap(_flatten(block.prose))
    for number, card in enumerate(block.cards, 1):
        yield list(_card(words, card, f"{number}. "))
    for line in block.lines:
        yield list(draw_line(line))
    yield wrap(words.words["comma"].join(words.say("row", label=row.label, count=row.count) for row in block.rows))
    for note in block.notes:
        yield wrap(note)


def _card(words: Words, card: Card, mark: str) -> Iterator[str]:
    indent = " " * measure(mark)
    said = [card.title, str(card.warning or ""), *card.text.split("\n"), *map(str, card.attached)]
    for number, paragraph in enumerate(filter(str.strip, said)):
        yield from wrap(paragraph, first=indent if number else mark, rest=indent)
    yield from _poll(words, card, indent)
    yield from wrap(str(card.note or ""), first=indent, rest=indent)
    yield from wrap(_sign(card.byline), first=indent, rest=indent)
    for small in filter(None, (card.reactions, _name_copies(words, card.copies))):
        yield from wrap(small, first=indent, rest=indent)
    if card.answers:
        told = (
            card.answers.label if card.answers_title else words.say("in_answer_to_address", address=card.answers.href)
        )
        yield from wrap(told, first=indent, rest=indent)
    if card.open:
        yield f"{indent}{card.open.href}"


def _poll(words: Words, card: Card, indent: str) -> Iterator[str]:
    if card.poll:
        yield f"{indent}{words.say('poll')}"
    for option in card.poll:
        yield from wrap(str(option), first=f"{indent}{_BULLET}", rest=f"{indent}  ")


def draw_line(line: Line) -> Iterator[str]:
    """A post in one line, which may take several here."""
    yield from wrap(str(line.text), first=_BULLET, rest="  ")
    yield from wrap(", ".join(filter(None, (_sign(line.byline), line.beside))), first="  ", rest="  ")
    yield from wrap(str(line.note or ""), first="  ", rest="  ")
    if line.href:
        yield f"  {line.href}"


def _sign(byline: Byline) -> str:
    who = " ".join(filter(None, (byline.name, byline.handle)))
    return ", ".join(filter(None, (who, byline.place, byline.when)))


def _name_copies(words: Words, copies: tuple[Link, ...]) -> str:
    return f"{words.say('also_on')} {', '.join(copy.label for copy in copies)}" if copies else ""
