"""Sentences of the catalogue with links and names inside: wherever a language wants them, they stay what they are."""

from __future__ import annotations

from collections.abc import Sequence

from collector.render.letter import Link, Name, Paragraph, Piece
from collector.words import Words


def weave(words: Words, key: str, **values: object) -> Paragraph:
    """A sentence of the catalogue, with links and names in the places that it has for them."""
    woven = {name: _parts(value) for name, value in values.items() if isinstance(value, (Link, Name, tuple))}
    pieces = words.say(key, **values | {name: f"\0{name}\0" for name in woven}).split("\0")
    return tuple(
        part for number, piece in enumerate(pieces) if piece for part in (woven[piece] if number % 2 else (piece,))
    )


def listed(words: Words, parts: Sequence[Piece]) -> Paragraph:
    """The parts as a list in a sentence: "a, b and c"."""
    between = [*([words.words["comma"]] * (len(parts) - 2)), words.words["and"], ""]
    return tuple(piece for pair in zip(parts, between[-len(parts) :], strict=True) for piece in pair if piece)


def enumerated(words: Words, parts: Sequence[Link | Paragraph]) -> Paragraph:
    """The parts with commas between them."""
    comma = words.words["comma"]
    return tuple(
        piece for number, part in enumerate(parts) for piece in ((comma, *_parts(part)) if number else _parts(part))
    )


def flatten(paragraph: Paragraph) -> str:
    """The words alone."""
    return "".join(map(_words_of, paragraph))


def _words_of(part: Piece) -> str:
    match part:
        case Link():
            return part.label
        case Name():
            return part.name
        case _:
            return part


def _parts(value: Piece | Paragraph) -> Paragraph:
    return value if isinstance(value, tuple) else (value,)
