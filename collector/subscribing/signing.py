"""Somebody signs up, confirms it, and chooses what they get: what the pages call."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.errors import UnknownNameError
from collector.links import Signer
from collector.links.personal import read_confirm, read_settings
from collector.mailing.compose import make_message_id
from collector.model import Standing, Subscriber, Subscription
from collector.storage.database import Connection
from collector.storage.letters import count_letters, letters_since, owe_letter
from collector.storage.recipients import new_key
from collector.storage.refusals import refusal_names
from collector.storage.schema import read_secret
from collector.storage.subscribers import (
    add_subscriber,
    clear_bounces,
    find_by_key,
    find_subscriber,
    put_subscriptions,
    touch,
)
from collector.subscribing.deciding import (
    Confirming,
    LetterKind,
    decide_choice,
    decide_confirmation,
    decide_sign_up,
)
from collector.subscribing.leaving import note_endings
from collector.subscribing.limits import WITHIN, Written, letter_time
from collector.subscribing.readership import Readership
from collector.subscribing.remembering import note_back
from collector.text.mailaddresses import folded_address


def sign_up(readership: Readership, address: str, wanted: Sequence[str], now: datetime) -> bool:
    """Writes down that somebody asks for these series, and owes them a letter about it.

    False, with nothing done, where enough letters went out for this hour: that is so for everybody, and found out
    before the address is looked at. Who asks learns nothing else, and what is written takes as long whoever the address
    belongs to. UnknownNameError where one of the series is not open to everybody.
    """
    closed = set(wanted) - {series.name for series in readership.settings.open_series}
    if closed or not wanted:
        raise UnknownNameError(f"nobody can sign up for {', '.join(sorted(closed)) or 'nothing'}")
    with readership.database.write() as conn:
        if count_letters(conn, now) >= readership.settings.mail.letters_per_hour:
            return False
        secret, known = read_secret(conn), readership.as_it_counts(_meet(conn, address, now))
        asking = decide_sign_up(known, wanted, now)
        put_subscriptions(conn, [(known.id, one) for one in _asked(known, asking.changed, wanted)])
        if due_at := _due_time(conn, known, asking.letter, now):
            message_id = make_message_id(
                key=secret,
                label=asking.letter,
                address=secrets.token_hex(),  # the row keeps it: there is nothing to derive it from again
                domain=readership.settings.mail.sender.domain,
            )
            owe_letter(conn, known.id, asking.letter, message_id, now=now, due_at=due_at)
        else:
            touch(conn, known.id)
    return True


def _asked(known: Subscriber, changed: Sequence[Subscription], wanted: Sequence[str]) -> list[Subscription]:
    """What was changed, and what stays as it is among what was asked for: it is written, too, and takes as long."""
    fresh = {one.series for one in changed}
    return [*changed, *(one for one in known.subscriptions if one.series in wanted and one.series not in fresh)]


def _meet(conn: Connection, address: str, now: datetime) -> Subscriber:
    folded = folded_address(address)
    known = find_subscriber(conn, folded)
    if known is not None:
        touch(conn, known.id)
        return known
    return add_subscriber(conn, new_key(), address, folded, now)


def _due_time(conn: Connection, known: Subscriber, kind: LetterKind, now: datetime) -> datetime | None:
    written = [
        (folded, Written(created_at=created_at, finished_at=finished_at))
        for folded, created_at, finished_at in letters_since(conn, known.folded, kind, now - WITHIN)
    ]
    earlier = [one for folded, one in written if folded == known.folded]
    return letter_time(earlier, [one for folded, one in written if folded != known.folded], now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """Whom a link of confirmation is for, and what it does; `reader` is None where nobody is known by it."""

    reader: Subscriber | None
    told: Confirming


def look_at_confirmation(readership: Readership, token: str, now: datetime) -> Confirmation:
    """What the link would do; changes nothing. LinkError where it is none, or too old."""
    with readership.database.read() as conn:
        return _confirmation(conn, readership, token, now)


def confirm(readership: Readership, token: str, now: datetime) -> Confirmation:
    """Does it; a second time finds nothing left to do. LinkError where it is none, or too old."""
    with readership.database.write() as conn:
        found = _confirmation(conn, readership, token, now)
        if found.reader is not None and found.told.comes_back_to:
            _carry_out(conn, readership, found.reader, found.told.changed)
            if found.told.is_reachable_again:
                clear_bounces(conn, found.reader.id)
        return found


def _confirmation(conn: Connection, readership: Readership, token: str, now: datetime) -> Confirmation:
    key, written_at = read_confirm(Signer(key=read_secret(conn)), token, now)
    reader = _find(conn, readership, key)
    told = decide_confirmation(reader, written_at, now) if reader else Confirming()
    return Confirmation(reader=reader, told=told)


def look_at_settings(readership: Readership, token: str, now: datetime) -> Subscriber | None:
    """Whose settings a link leads to; None: nothing is known of them any more. LinkError where it is none."""
    with readership.database.read() as conn:
        return _find(conn, readership, read_settings(Signer(key=read_secret(conn)), token, now))


def choose(readership: Readership, token: str, chosen: Collection[str], now: datetime) -> Subscriber | None:
    """Gives somebody exactly these of the series that they were offered; gives them as they are then."""
    with readership.database.write() as conn:
        known = _find(conn, readership, read_settings(Signer(key=read_secret(conn)), token, now))
        if known is None:
            return None
        changed = decide_choice(known, chosen, readership.offered_to(known), now)
        _carry_out(conn, readership, known, changed)
        return _find(conn, readership, known.key)


def _find(conn: Connection, readership: Readership, key: str) -> Subscriber | None:
    found = find_by_key(conn, key)
    return readership.as_it_counts(found) if found else None


def _carry_out(conn: Connection, readership: Readership, known: Subscriber, changed: Sequence[Subscription]) -> None:
    put_subscriptions(conn, [(known.id, one) for one in changed])
    confirmed = [one.series for one in changed if one.state is Standing.CONFIRMED]
    note_back(conn, readership.refusals, [name for one in confirmed for name in refusal_names(known.folded, one)])
    others = [one for one in known.subscriptions if one.series not in {new.series for new in changed}]
    note_endings(conn, readership, replace(known, subscriptions=(*others, *changed)), changed)
