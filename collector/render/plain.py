"""A letter as plain text, written for reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.render.letter import Block, Byline, Card, Letter, Line, Link, Note, Paragraph
from collector.render.wrapping import measure, wrap
from collector.words import Words

_BULLET = "- "
_RULE = "* * *"


def draw_text(words: Words, letter: Letter) -> str:
    """The letter at 76 columns, ending in a newline."""
    parts = [
        wrap(letter.first_line),
        *([wrap(letter.notice)] if letter.notice else []),
        [*wrap(letter.sentence), *_bars(letter)],
        *(part for block in letter.blocks for part in _block(words, block)),
        wrap(letter.ending),
        *_foot(letter.foot),
    ]
    return _join(parts)


def draw_note_text(note: Note) -> str:
    """A short message, drawn the same way."""
    return _join([*(wrap(_flatten(paragraph)) for paragraph in note.paragraphs), *_foot(note.foot)])


def _foot(foot: Iterable[Paragraph]) -> list[list[str]]:
    return [[_RULE], *(wrap(_flatten(paragraph)) for paragraph in foot)]


def _join(parts: Iterable[list[str]]) -> str:
    """The parts with an empty line between them."""
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _flatten(paragraph: Paragraph) -> str:
    return "".join(part.label if isinstance(part, Link) else part for part in paragraph)


def _bars(letter: Letter) -> list[str]:
    return wrap(" | ".join(f"{bar.day} {bar.posts}" for bar in letter.bars))


def _block(words: Words, block: Block) -> Iterator[list[str]]:
    yield [block.title.upper()]
    if block.prose:
        yield wrap(block.prose)
    for number, card in enumerate(block.cards, 1):
        yield list(_card(words, card, f"{number}. "))
    for line in block.lines:
        yield list(_line(line))
    for note in block.notes:
        yield wrap(note)


def _card(words: Words, card: Card, mark: str) -> Iterator[str]:
    indent = " " * measure(mark)
    said = [card.title, str(card.warning or ""), *card.text.split("\n"), *map(str, card.attached)]
    for number, paragraph in enumerate(filter(str.strip, said)):
        yield from wrap(paragraph, first=indent if number else mark, rest=indent)
    yield from _poll(words, card, indent)
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


def _line(line: Line) -> Iterator[str]:
    yield from wrap(str(line.text), first=_BULLET, rest="  ")
    yield from wrap(", ".join(filter(None, (_sign(line.byline), line.note))), first="  ", rest="  ")
    if line.href:
        yield f"  {line.href}"


def _sign(byline: Byline) -> str:
    who = " ".join(filter(None, (byline.name, byline.handle)))
    return ", ".join(filter(None, (who, byline.place, byline.when)))


def _name_copies(words: Words, copies: tuple[Link, ...]) -> str:
    return f"{words.say('also_on')} {', '.join(copy.label for copy in copies)}" if copies else ""
