"""What a digest says beside its members, as it is frozen: values → JSON and back, also that of earlier versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from collector.model import IssueFacts, Totals, Unread


def facts_values(facts: IssueFacts) -> dict[str, Any]:
    """The numbers as the column `facts` keeps them."""
    totals = facts.totals
    return {
        "posts": totals.posts,
        "authors": totals.authors,
        "by_network": totals.by_network,
        "by_day": {day.isoformat(): number for day, number in totals.by_day.items()},
        "previous_posts": totals.previous_posts,
        "also_tagged": [list(pair) for pair in facts.also_tagged],
        "references": [[name, list(ids)] for name, ids in facts.references],
        "unread": [_unread_values(unread) for unread in facts.unread],
        "trend": [list(pair) for pair in facts.trend],
    }


def read_facts(values: dict[str, Any]) -> IssueFacts:
    """The frozen numbers as a value."""
    return IssueFacts(
        totals=Totals(
            posts=values["posts"],
            authors=values["authors"],
            by_network=values["by_network"],
            by_day={date.fromisoformat(day): number for day, number in values["by_day"].items()},
            previous_posts=values["previous_posts"],
        ),
        also_tagged=tuple((display, number) for display, number in values["also_tagged"]),
        references=tuple((name, tuple(ids)) for name, ids in values["references"]),
        unread=tuple(_read_unread(told) for told in values["unread"]),
        trend=tuple((name, number) for name, number in values.get("trend", ())),  # none in earlier versions
    )


def _unread_values(unread: Unread) -> dict[str, Any]:
    return {
        "place": unread.place,
        "starts_at": unread.starts_at.isoformat(),
        "ends_at": unread.ends_at.isoformat() if unread.ends_at else None,
        "is_caught_up": unread.is_caught_up,
        "reason": unread.reason,
    }


def _read_unread(told: dict[str, Any] | list[str]) -> Unread:
    """Digests of earlier versions have a pair: the place, and since when."""
    if isinstance(told, list):
        return Unread(place=told[0], starts_at=datetime.fromisoformat(told[1]))
    return Unread(
        place=told["place"],
        starts_at=datetime.fromisoformat(told["starts_at"]),
        ends_at=datetime.fromisoformat(told["ends_at"]) if told["ends_at"] else None,
        is_caught_up=told["is_caught_up"],
        reason=told["reason"],
    )
