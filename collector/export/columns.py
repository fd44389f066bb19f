"""The one table of columns: every format, the choice of columns and the data dictionary are made from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from collector.errors import UnknownNameError
from collector.model import ExportRow


class Kind(StrEnum):
    """What a column's values are, as the data dictionary says it."""

    TEXT = "text"
    NUMBER = "whole number"
    BOOLEAN = "true or false"
    INSTANT = "instant"
    LIST = "list of texts"
    INSTANTS = "list of instants"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of an export. `name` is also the field of `ExportRow` that it shows."""

    name: str
    kind: Kind
    meaning: str
    example: str

    @property
    def place(self) -> int:
        """Where its value stands in an `ExportRow`."""
        return ExportRow._fields.index(self.name)


def _column(name: str, kind: Kind, meaning: str, example: str) -> Column:
    return Column(name=name, kind=kind, meaning=meaning, example=example)


COLUMNS = (
    _column("network", Kind.TEXT, "The network it was published on", "fediverse"),
    _column("source", Kind.TEXT, "The configured place it was collected from", "our server"),
    _column("topic", Kind.TEXT, 'The watched hashtag it counts for; several are joined by " | "', "notcoproduction"),
    _column("uri", Kind.TEXT, "Its identity: one post, one uri", "https://fedi.example/users/carys/statuses/1"),
    _column("url", Kind.TEXT, "Where a person reads it; empty if nowhere", "https://fedi.example/@carys/1"),
    _column(
        "published_at", Kind.INSTANT, "When it was published, as its author's server says", "2026-11-17T09:41:00.000Z"
    ),
    _column("edited_at", Kind.INSTANT, "When it was last edited; empty if never", "2026-11-17T10:02:13.000Z"),
    _column("first_seen_at", Kind.INSTANT, "When it was first collected", "2026-11-17T09:50:07.412Z"),
    _column("author_id", Kind.TEXT, "Who wrote it: stays when handle or name change", "carys@fedi.example"),
    _column("author_handle", Kind.TEXT, "The author's handle, without a leading @", "carys@fedi.example"),
    _column("author_name", Kind.TEXT, "The name the author shows; may be empty", "Carys"),
    _column("author_url", Kind.TEXT, "The author's profile; empty if unknown", "https://fedi.example/@carys"),
    _column("author_is_bot", Kind.BOOLEAN, "Whether the account says that it is automated", "false"),
    _column("title", Kind.TEXT, "Its title, where there is one; for a comment, that of the post it stands under", ""),
    _column("text", Kind.TEXT, "What it says, as plain text", "They renamed the complaints box. #notcoproduction"),
    _column("content_warning", Kind.TEXT, "The warning its author put before it; empty if none", "meetings"),
    _column("language", Kind.TEXT, "Its language code, as its author set it; empty if unknown", "en"),
    _column(
        "hashtags",
        Kind.LIST,
        "The hashtags it carries, in normal form: without #, in lower case",
        "notcoproduction | meetings",
    ),
    _column("mentions", Kind.LIST, "The handles it speaks to, without a leading @", "rhys@social.example"),
    _column("links", Kind.LIST, "The addresses it links to", "https://blog.example/minutes"),
    _column(
        "media_urls",
        Kind.LIST,
        "The addresses of its media",
        "https://fedi.example/m/1.png | https://fedi.example/m/2.mp4",
    ),
    _column("media_types", Kind.LIST, "The types of its media, in the order of media_urls", "image | video"),
    _column(
        "media_alt_texts",
        Kind.LIST,
        "Their descriptions, in the same order; an item is empty if none was given",
        "A table with eleven chairs | ",
    ),
    _column(
        "reply_to_uri", Kind.TEXT, "The post it answers; empty if none", "https://social.example/users/rhys/statuses/7"
    ),
    _column(
        "quote_of_uri", Kind.TEXT, "The post it quotes; empty if none", "https://social.example/users/rhys/statuses/8"
    ),
    _column("replies", Kind.NUMBER, "Answers: the highest number seen on any server", "4"),
    _column("boosts", Kind.NUMBER, "How often it was passed on: the highest number seen", "12"),
    _column("likes", Kind.NUMBER, "Likes: the highest number seen", "31"),
    _column("quotes", Kind.NUMBER, "How often it was quoted: the highest number seen", "1"),
    _column("is_sensitive", Kind.BOOLEAN, "Whether its author marked it as sensitive", "false"),
    _column("seen_on", Kind.LIST, "The sources that showed it", "our server | another server"),
    _column(
        "also_at",
        Kind.LIST,
        "The addresses of its copies, on other networks too",
        "https://bsky.app/profile/carys.example/post/3k",
    ),
    _column("digests", Kind.LIST, "The digests it is in", "weekly/2026-W47"),
)

REVISION_COLUMNS = (  # what an author has changed is nobody's business but where it is asked for
    _column("revisions", Kind.LIST, "Its earlier texts, oldest first; empty if none", "They renamed the box."),
    _column("revision_titles", Kind.LIST, "Its earlier titles, in the order of revisions", ""),
    _column("revision_content_warnings", Kind.LIST, "Its earlier warnings, in the order of revisions", "meetings"),
    _column(
        "revisions_replaced_at",
        Kind.INSTANTS,
        "When each was seen to be replaced, in the order of revisions",
        "2026-11-17T10:04:51.038Z",
    ),
)

DICTIONARY_HEADER = ("name", "type", "meaning", "example")

READING_NOTES = (
    "Instants are ISO 8601 in UTC, to the millisecond. Where CSV has an empty cell, JSON Lines has null or its lists.",
    'In CSV the items of a list are joined by " | "; a | that stands alone inside an item gets a backslash in front.',
    "In CSV an empty cell is an empty list or, beside a single address in media_urls, a single empty item.",
    "In CSV an apostrophe in front keeps a spreadsheet from running a text as a formula: = + - @ at its beginning,",
    "full-width too, also after white space or apostrophes, or a tab or line break at its beginning.",
)


def select_columns(names: str | None, *, with_revisions: bool = False) -> tuple[Column, ...]:
    """The columns that a comma-separated list names, in its order; all there are without one.

    Raises `UnknownNameError` with one line naming what is not known, or named twice, and what is accepted.
    """
    columns = (*COLUMNS, *REVISION_COLUMNS) if with_revisions else COLUMNS
    if names is None:
        return columns
    wanted = [name.strip() for name in names.split(",")]
    known = {column.name: column for column in columns}
    if private := [name for name in wanted if name in {column.name for column in REVISION_COLUMNS} - known.keys()]:
        raise UnknownNameError(f"{', '.join(private)}: earlier texts go out with --with-revisions only")
    if strange := [name for name in wanted if name not in known]:
        named = ", ".join(repr(name) for name in strange)
        raise UnknownNameError(f"no such column: {named}; the columns are {', '.join(known)}")
    if twice := sorted({name for name in wanted if wanted.count(name) > 1}):
        raise UnknownNameError(f"column named twice: {', '.join(twice)}; each can be in an export once")
    return tuple(known[name] for name in wanted)


def data_dictionary(columns: Sequence[Column] = COLUMNS) -> list[tuple[str, str, str, str]]:
    """One row a column, in the order of the columns: what stands under `DICTIONARY_HEADER`."""
    return [(column.name, column.kind.value, column.meaning, column.example) for column in columns]


def data_dictionary_csv(columns: Sequence[Column] = COLUMNS) -> str:
    """The data dictionary as CSV, header included, lines ending in CRLF."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([DICTIONARY_HEADER, *data_dictionary(columns)])
    return text.getvalue()
