"""A digest as a letter: every sentence decided, nothing yet of how it is drawn. Text and HTML draw the same value.

All text is plain; every address in a `Link` is safe to open.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Words that lead somewhere; without an address they are only words."""

    label: str
    href: str | None


Paragraph = tuple[str | Link, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Somebody else's words inside a sentence of ours; either may be empty."""

    before: str = ""
    words: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.before}{self.words}{self.after}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One day of the week."""

    day: str
    posts: int
    share: float  # of the fullest day, 0 to 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Byline:
    """Who said it, and when. Name or handle may be empty, not both."""

    name: str
    handle: str  # "@user@host"
    place: str  # the network, where there are several
    when: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A post shown in full, or nearly."""

    title: str
    text: str  # its lines as they were written, a paragraph after an empty one; empty behind a warning
    is_cut: bool
    warning: Told | None
    language: str | None
    attached: tuple[Told, ...]  # a sentence for each picture, film or sound
    poll: tuple[Told, ...]
    byline: Byline
    reactions: str
    answers: Link | None  # the post that it answers
    answers_title: bool  # whether the link's words say enough without its address, as those of a comment do
    open: Link | None
    copies: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A post in one line."""

    text: Told
    href: str | None  # where it was posted
    language: str | None
    byline: Byline
    note: str  # what is said of it beside


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One part of the letter under its heading."""

    name: str
    title: str
    prose: str = ""
    cards: tuple[Card, ...] = ()
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()  # what is not shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A whole digest in words."""

    language: str
    subject: str
    preheader: str
    topics: str  # "#notcoproduction"
    week_line: str  # "Week 47 · 16 to 22 November 2026"
    first_line: str  # both, for plain text
    sentence: str
    notice: str  # what a reader must know first; mostly empty
    bars: tuple[Bar, ...]
    blocks: tuple[Block, ...]
    ending: str
    foot: tuple[Paragraph, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A short message that is no digest."""

    language: str
    subject: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    foot: tuple[Paragraph, ...]
