"""Everything that is held about a reader, for themselves: the parts in order, each a few labelled values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from collector.storage.database import Database
from collector.storage.disclosing_readers import read_reader
from collector.words import Words

_PERSON = {
    "address": "held_address",
    "folded": "held_folded",
    "key": "held_key",
    "created_at": "held_created_at",
    "soft_bounces": "held_bounces",
    "last_bounce_at": "held_last_bounce_at",
    "bounced_at": "held_bounced_at",
    "bounce_reason": "held_bounce_reason",
}
_SUBSCRIPTION = {
    name: f"held_{name}"
    for name in (
        *("series", "state", "origin", "consent_source", "consent_at", "asked_at"),
        *("confirmed_at", "ended_at", "ended_why"),
    )
}
_LETTER = {name: f"held_{name}" for name in ("kind", "state", "created_at", "finished_at", "error")} | {
    "created_at": "held_asked_at"
}
_DELIVERY = {
    "series": "held_series",
    "week": "held_issue",
    "address": "held_address",
    "kind": "held_kind",
    "state": "held_state",
    "created_at": "held_asked_at",
    "finished_at": "held_finished_at",
    "error": "held_error",
}
_PARTS = (
    ("subscriptions", "held_subscriptions", _SUBSCRIPTION),
    ("deliveries", "held_deliveries", _DELIVERY),
    ("letters", "held_letters", _LETTER),
)

Line = tuple[str, str]  # what it is, and what it says


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A heading, and under it each row's lines."""

    title: str
    rows: tuple[tuple[Line, ...], ...]


def tell(database: Database, folded: str, words: Words, zone: ZoneInfo) -> tuple[Part, ...]:
    """All of it in words; empty where nobody is known by this address, in small letters."""
    with database.read() as conn:
        held = read_reader(conn, folded)
    if held is None:
        return ()
    person = Part(title=words.say("held_title"), rows=(tuple(_lines(held, _PERSON, words, zone)),))
    return (person, *(_part(held[name], words.say(title), labels, words, zone) for name, title, labels in _PARTS))


def _part(
    rows: Sequence[Mapping[str, Any]], title: str, labels: Mapping[str, str], words: Words, zone: ZoneInfo
) -> Part:
    return Part(title=title, rows=tuple(tuple(_lines(row, labels, words, zone)) for row in rows))


def _lines(row: Mapping[str, Any], labels: Mapping[str, str], words: Words, zone: ZoneInfo) -> Iterator[Line]:
    for name, label in labels.items():
        value = row[name]
        if value not in {None, "", 0}:
            said = words.name_moment(value, zone, with_year=True) if isinstance(value, datetime) else str(value)
            yield words.say(label), said
