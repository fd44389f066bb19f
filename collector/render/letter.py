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


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """What somebody else is called, inside a sentence of ours; it may run in another direction."""

    name: str


Piece = str | Link | Name
Paragraph = tuple[Piece, ...]


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
    """One day of a week, seven of a month, or one window of a trend."""

    label: str  # "Mon", "1–7", "week 47"
    count: str
    told: str  # both, for plain text
    share: float  # of the fullest one, 0 to 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Byline:
    """Who said it, and when. Name or handle may be empty, not both."""

    name: str
    handle: str  # "@user@host"
    place: str  # the network, where there are several
    when: str
    comma: str  # stands between them
    post_id: int = 0  # pages lead to the post's own by it; 0: it has none


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A post shown in full, or nearly."""

    title: str
    text: str  # its lines as they were written, a paragraph after an empty one; empty behind a warning
    warning: Told | None
    language: str | None
    attached: tuple[Told, ...]  # a sentence for each picture, film or sound
    poll_title: str
    poll: tuple[Told, ...]
    note: Told | None  # what its curator says about it
    byline: Byline
    reactions: str
    answers: Link | None  # the post that it answers
    answers_told: str  # the same for plain text, with its address where the words do not say enough
    open: Link | None
    copies: Paragraph  # where else it stands


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A post in one line."""

    text: Told
    href: str | None  # where it was posted
    language: str | None
    byline: Byline
    beside: str  # what is said after the byline
    note: Told | None  # what its curator says about it


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One part of the letter under its heading."""

    name: str
    title: str
    prose: Paragraph = ()
    cards: tuple[Card, ...] = ()
    lines: tuple[Line, ...] = ()
    rows: tuple[Bar, ...] = ()
    notes: tuple[str, ...] = ()  # what is not shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A page that a letter leads to."""

    label: str
    told: str  # above its address, in plain text
    href: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Foot:
    """What stands below everything, in small: how it was made, why it came, and the ways on and out."""

    paragraphs: tuple[Paragraph, ...]
    ways: tuple[Way, ...] = ()
    imprint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A whole digest in words."""

    language: str
    direction: str  # "ltr" or "rtl", of our own sentences
    subject: str
    preheader: str
    topics: str  # "#notcoproduction"
    masthead: str  # "Week 47 · 16 to 22 November 2026"
    first_line: str  # both, for plain text
    web: Link | None  # the same on the web
    sentence: str
    notice: str  # what a reader must know first; mostly empty
    bars: tuple[Bar, ...]
    opening: str  # a line of whoever sends it, above the posts …
    blocks: tuple[Block, ...]
    not_shown: str  # how many posts stand in parts that are switched off
    closing: str  # … and one below
    ending: str
    foot: Foot


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A short message that is no digest."""

    language: str
    direction: str
    subject: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    foot: Foot
    action: Way | None = None  # what the reader is asked to do
    remarks: tuple[Paragraph, ...] = ()  # what is to be known about it


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A post with the links that decide about it."""

    line: Line
    links: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A section of a digest, for its curator."""

    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A curator's preview of a digest, in words."""

    language: str
    direction: str
    subject: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    ways: tuple[Way, ...]
    parts: tuple[Part, ...]
    rest: str  # what did not fit; mostly empty
    foot: Foot
