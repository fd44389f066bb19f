"""Somebody leaves, by a link, by the mail program's button, or because the operator was asked: at once and for good."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.deliver.outbox import mails_to, remove_mails
from collector.errors import DeliveryError, StorageError
from collector.links import Signer
from collector.links.personal import read_settings, read_unsubscribe
from collector.model import Standing, Subscriber, Subscription
from collector.storage.database import Connection
from collector.storage.erasing_readers import erase_readers
from collector.storage.letters import drop_letters
from collector.storage.refusals import erased_name, refusal_names
from collector.storage.schema import read_secret
from collector.storage.subscribers import (
    drop_unconfirmed,
    find_by_key,
    find_finished,
    find_subscriber,
    put_subscriptions,
)
from collector.storage.upkeep import shorten_log
from collector.subscribing.deciding import decide_end
from collector.subscribing.readership import Readership
from collector.subscribing.remembering import note_left

log = logging.getLogger(__name__)

UNCONFIRMED_FOR = timedelta(days=7)  # what was asked for and never confirmed is kept so long
LEFT_FOR = timedelta(days=30)  # and so long somebody who left everything


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsubscribing:
    """What a link to unsubscribe is about."""

    series: str
    reader: Subscriber | None  # None: nothing is known of them any more
    others: tuple[str, ...] = ()  # the other series that they get

    @property
    def is_over(self) -> bool:
        """True where they get the series no more, or never got it."""
        one = self.reader.subscription(self.series) if self.reader else None
        return one is None or one.state is Standing.ENDED


def look_at_unsubscribing(readership: Readership, token: str, now: datetime) -> Unsubscribing:
    """What the link would end; changes nothing. LinkError where it is none."""
    with readership.database.read() as conn:
        return _unsubscribing(conn, readership, token, now)


def unsubscribe(
    readership: Readership, token: str, why: str, now: datetime, *, is_everything: bool = False
) -> Unsubscribing:
    """Ends the series of the link, or everything; gives how it is then. LinkError where it is none."""
    with readership.database.write() as conn:
        found = _unsubscribing(conn, readership, token, now)
        if found.reader is not None:
            _end(conn, readership, found.reader, None if is_everything else found.series, why, now)
        return _unsubscribing(conn, readership, token, now)


def _unsubscribing(conn: Connection, readership: Readership, token: str, now: datetime) -> Unsubscribing:
    key, series = read_unsubscribe(Signer(key=read_secret(conn)), token, now)
    reader = find_by_key(conn, key)
    theirs = readership.as_it_counts(reader).series_that_are(Standing.CONFIRMED) if reader else ()
    return Unsubscribing(series=series, reader=reader, others=tuple(one for one in theirs if one != series))


def remove(
    readership: Readership, folded: str, series: str | None, why: str, now: datetime
) -> tuple[Subscriber | None, tuple[str, ...]]:
    """Ends a series, or everything (None), for whom an address belongs to, in small letters; gives what was ended."""
    with readership.database.write() as conn:
        known = find_subscriber(conn, folded)
        return known, _end(conn, readership, known, series, why, now) if known else ()


def erase_by_link(readership: Readership, token: str, now: datetime) -> None:
    """Erases whom a link to settings belongs to. LinkError where it is none."""
    with readership.database.write() as conn:
        known = find_by_key(conn, read_settings(Signer(key=read_secret(conn)), token, now))
        if known is not None:
            _erase(conn, readership, known, now)
    if known is not None:
        _sweep(readership, [known.folded])


def erase(readership: Readership, folded: str, now: datetime) -> bool:
    """Erases whom an address belongs to, in small letters, down to what keeps imports from bringing them back.

    That is remembered, too, of somebody who is not known.
    """
    with readership.database.write() as conn:
        known = find_subscriber(conn, folded)
        if known is None:
            note_left(conn, readership.refusals, [folded, erased_name(folded)], now)
        else:
            _erase(conn, readership, known, now)
    _sweep(readership, [folded])
    return known is not None


def tidy_readers(readership: Readership, now: datetime) -> int:
    """Erases what was never confirmed, and who left long ago; gives how many people went."""
    gone = 0
    with readership.database.write() as conn:
        drop_unconfirmed(conn, now - UNCONFIRMED_FOR)
        drop_letters(conn, now - UNCONFIRMED_FOR)
    while True:
        with readership.database.write() as conn:
            finished = find_finished(conn, unconfirmed=now - UNCONFIRMED_FOR, left=now - LEFT_FOR)
            erase_readers(conn, finished)
        if not finished:
            return gone
        _sweep(readership, [person.folded for person in finished])
        gone += len(finished)


def _end(
    conn: Connection, readership: Readership, known: Subscriber, series: str | None, why: str, now: datetime
) -> tuple[str, ...]:
    changed = decide_end(known, series, why, now)
    put_subscriptions(conn, [(known.id, one) for one in changed])
    others = [one for one in known.subscriptions if one.series not in {new.series for new in changed}]
    note_endings(conn, readership, replace(known, subscriptions=(*others, *changed)), changed)
    return tuple(one.series for one in changed)


def note_endings(conn: Connection, readership: Readership, known: Subscriber, changed: Sequence[Subscription]) -> None:
    """Remembers what somebody, as they are now, has left; who has nothing any more wants nothing at all."""
    ended = {one.series: one.ended_at for one in changed if one.state is Standing.ENDED and one.ended_at}
    if not ended:
        return
    everything = not known.series_that_are(Standing.CONFIRMED)
    names = [refusal_names(known.folded, series)[1] for series in ended]
    note_left(conn, readership.refusals, [*names, *([known.folded] if everything else [])], max(ended.values()))


def _erase(conn: Connection, readership: Readership, known: Subscriber, now: datetime) -> None:
    theirs = [refusal_names(known.folded, one.series)[1] for one in known.subscriptions]
    note_left(conn, readership.refusals, [known.folded, erased_name(known.folded), *theirs], now)
    erase_readers(conn, [known])


def _sweep(readership: Readership, folded: Collection[str]) -> None:
    """Takes mails to them out of the folder that stands in for a mail server, and them out of the database's log.

    The log of this program says where one stays.
    """
    try:
        remove_mails(list(mails_to(readership.settings.mail.outbox, folded)))
    except DeliveryError as error:
        log.warning("a mail to somebody who was erased may still lie there: %s", error)
    try:
        shorten_log(readership.database)
    except StorageError as error:
        log.warning("the database's log may still hold somebody who was erased: %s", error)
