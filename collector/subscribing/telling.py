"""Everything that is held about a reader, for themselves: the parts in order, each a few rows under labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A heading, the labels of what at least one row holds, and under them what each row says."""

    title: str
    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tell(database: Database, folded: str, words: Words, zone: ZoneInfo) -> tuple[Part, ...]:
    """All of it in words; empty where nobody is known by this address, in small letters."""
    with database.read() as conn:
        held = read_reader(conn, folded)
    if held is None:
        return ()
    person = _part([held], words.say("held_title"), _PERSON, words, zone)
    sent = [{**row, "address": None} if row["address"] == held["address"] else row for row in held["deliveries"]]
    whole = {**held, "deliveries": sent}  # the address stands above already
    return (person, *(_part(whole[name], words.say(title), labels, words, zone) for name, title, labels in _PARTS))


def _part(
    rows: Sequence[Mapping[str, Any]], title: str, labels: Mapping[str, str], words: Words, zone: ZoneInfo
) -> Part:
    names = [name for name in labels if any(_is_told(row[name]) for row in rows)]
    return Part(
        title=title,
        labels=tuple(words.say(labels[name]) for name in names),
        rows=tuple(tuple(_say(row[name], words, zone) for name in names) for row in rows),
    )


def _is_told(value: Any) -> bool:
    return value not in {None, "", 0}


def _say(value: Any, words: Words, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return words.name_moment(value, zone, with_year=True)
    return str(value) if _is_told(value) else ""
