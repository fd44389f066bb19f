"""Whom the operator adds, by a command or from a list, with when and how they said yes. Nobody gets a mail by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.model import Consent, Origin, Standing, Subscriber, Subscription
from collector.storage.database import Connection
from collector.storage.forgotten import find_forgotten, read_keys
from collector.storage.recipients import new_key
from collector.storage.refusals import find_refused
from collector.storage.subscribers import add_subscribers, find_subscribers, put_subscriptions
from collector.subscribing.deciding import Outcome, decide_addition
from collector.subscribing.readership import Readership
from collector.text.mailaddresses import folded_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Newcomer:
    """Somebody to be added."""

    address: str  # in normal form
    consent: Consent


def add_readers(
    readership: Readership, people: Sequence[Newcomer], series: str, origin: Origin, now: datetime
) -> list[Outcome]:
    """What became of each, in their order; all of them in one transaction."""
    folded = [folded_address(person.address) for person in people]
    with readership.database.write() as conn:
        known = find_subscribers(conn, folded)
        refused = find_refused(conn, folded, series) | find_forgotten(conn, read_keys(conn), folded)
        outcomes: list[Outcome] = []
        added: dict[str, tuple[Newcomer, Subscription]] = {}
        for key, person in zip(folded, people, strict=True):
            new = _subscription(series, origin, person.consent, now)
            outcome, one = decide_addition(known.get(key), new, is_refused=key in refused)
            if key in added:
                outcome, one = Outcome.KNOWN, None
            if one is not None:
                added[key] = person, one
            outcomes.append(outcome)
        _write(conn, known, added, now)
    return outcomes


def _write(
    conn: Connection,
    known: dict[str, Subscriber],
    added: dict[str, tuple[Newcomer, Subscription]],
    now: datetime,
) -> None:
    strangers = [(new_key(), person.address, key) for key, (person, _) in added.items() if key not in known]
    add_subscribers(conn, strangers, now)
    there = find_subscribers(conn, added)
    put_subscriptions(conn, [(there[key].id, one) for key, (_, one) in added.items()])


def _subscription(series: str, origin: Origin, consent: Consent, now: datetime) -> Subscription:
    return Subscription(
        series=series,
        state=Standing.CONFIRMED,
        origin=origin,
        consent=consent,
        asked_at=consent.given_at,
        confirmed_at=now,
    )
