"""What somebody types into a search field, as what is looked for. Whatever they type is understood as something.

Several words: all of them, in any order. "Words in quotation marks": as they follow one another; so are words that a
sign joins, as in co-creation. A star at the end: every word that begins so. Any other sign is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from collector.text.folding import whole_handle, words_of

MOST_TERMS = 16  # people use three; whoever sends more is no person
_USUAL_LENGTH = 40  # words of a text
_QUOTES = str.maketrans(dict.fromkeys("“”„«»‟〝〞＂", '"') | {"＊": "*"})
_PIECE = re.compile(r'"(?P<quoted>[^"]*)"(?P<star>\*?)|(?P<plain>[^\s"]+)')
_HANDLE = re.compile(r"@?[^\s@/]+@[^\s@/]+\.[^\s@/]+|@[^\s@/.]+(\.[^\s@/.]+)+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """Words that follow one another, in their folded form; of the last one the beginning is enough if `is_prefix`."""

    words: tuple[str, ...]
    is_prefix: bool = False
    handle: str = ""  # somebody's handle as one word, which is as good; empty: it is none


def read_query(text: str) -> tuple[Term, ...]:
    """All that is to be in a post; nothing where no letter or digit was typed."""
    return tuple(dict.fromkeys(_terms(text)))[:MOST_TERMS]


def _terms(text: str) -> Iterator[Term]:
    for piece in _PIECE.finditer(text.translate(_QUOTES)):
        typed = piece["quoted"] if piece["plain"] is None else piece["plain"]
        words = words_of(typed)
        is_prefix = bool(piece["star"]) or typed.endswith("*")
        handle = whole_handle(typed) if piece["plain"] and _HANDLE.fullmatch(typed) else ""
        if words:
            yield Term(words=words, is_prefix=is_prefix, handle=handle)


def score(folded: str, terms: tuple[Term, ...]) -> float:
    """How well a folded text answers: more for each time a term stands in it, less the longer it is.

    It says nothing of other texts, so that the order of results stays while others come in.
    """
    padded = f" {folded} "
    length = 0.25 + 0.75 * (folded.count(" ") + 1) / _USUAL_LENGTH
    times = (_count(padded, term) for term in terms)
    return round(sum(found / (found + 1.2 * length) for found in times), 6)


def _count(padded: str, term: Term) -> int:
    found = padded.count(f" {' '.join(term.words)}{'' if term.is_prefix else ' '}")
    return found + (padded.count(f" {term.handle} ") if term.handle else 0)
