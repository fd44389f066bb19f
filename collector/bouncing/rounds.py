"""The conductor: one mail after the other is read, decided about and written down, from a mailbox or from files.

What a stranger can do who writes to that mailbox, since anybody may:

- End a subscription with a report of their own? Only with the Message-ID, or a link to unsubscribe, of a digest that
  went to that address in the last 30 days. Both are sealed with a secret, so only who has that mail has them. A report
  that names nothing but an address is taken for "not now", once a digest, whatever it says, and never for a complaint.
- Unsubscribe somebody with "unsubscribe weekly" under their name, if the mail server lets forged senders through: yes,
  as with any list that takes such mails. The reader can sign up again. Nothing else can be done that way.
- Find out who is subscribed? No: nothing is ever answered.
- Fill the mailbox, or send what is large or broken? Of each mail a megabyte is read, some hundreds a run; the rest has
  its turn in the next run, and what is not understood is left for people to read.

Each mail's consequences are committed with its number, so that a crash repeats nothing and loses nothing; and as a
digest counts once, reading the same report twice, in a mailbox and in a file, changes nothing either.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from collector.bouncing.deciding import Fate
from collector.bouncing.files import mails_in
from collector.bouncing.noting import Noted, note_bounce
from collector.bouncing.reading import Failure, Kind, Report, read_report
from collector.config import BounceSettings
from collector.errors import LinkError, MailboxError
from collector.links import Signer
from collector.links.personal import read_unsubscribe
from collector.mailbox import Mailbox
from collector.model import Sent, Severity, Standing, Subscriber
from collector.storage.bounces import find_last_sent, find_sent
from collector.storage.database import Connection, Database
from collector.storage.mailboxes import MailboxState, find_mailbox, note_uid, put_mailbox
from collector.storage.schema import read_secret
from collector.storage.subscribers import find_by_key, find_subscriber
from collector.text.mailaddresses import folded_address

log = logging.getLogger(__name__)

SENT_WITHIN = timedelta(days=30)  # what went out longer ago does not come back
MOST = 500  # mails that are read in a run


@dataclass(frozen=True, kw_only=True, slots=True)
class Postmaster:
    """What reading what comes back needs of the world."""

    database: Database
    settings: BounceSettings
    open_mailbox: Callable[[], Mailbox | None]
    end: Callable[[str, str | None, str], object]  # an address in small letters, a series or all, and why: ends it
    now: Callable[[], datetime]
    stop: threading.Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What one mail came to."""

    kind: Kind
    noted: tuple[Noted, ...] = ()
    left: tuple[tuple[str, str], ...] = ()  # who left which series

    @property
    def is_dealt_with(self) -> bool:
        """False for what people should read themselves."""
        return self.kind is not Kind.OTHER and (self.kind is not Kind.LEAVING or bool(self.left))


@dataclass(slots=True)
class BounceReport:
    """What a run came to."""

    mails: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    stopped: list[str] = field(default_factory=list)

    def note(self, taken: Taken) -> None:
        """One more."""
        self.mails += 1
        self.kinds[taken.kind] += 1
        self.stopped += [noted.address for noted in taken.noted if noted.fate is Fate.STOPPED]


def read_files(postmaster: Postmaster, paths: Iterable[Path]) -> Iterator[tuple[str, Taken]]:
    """Reads the mails of files, and gives each one's name and what it came to. Raises MailboxError."""
    for path in paths:
        for name, raw in mails_in(path):
            yield name, take_in(postmaster, raw)


def read_mailbox(postmaster: Postmaster) -> BounceReport:
    """Reads what came into the mailbox since the last run, if it is time to. Raises MailboxError."""
    report, now = BounceReport(), postmaster.now()
    mailbox = postmaster.open_mailbox()
    if mailbox is None:
        return report
    with postmaster.database.read() as conn:
        before = find_mailbox(conn, mailbox.place) or MailboxState(place=mailbox.place, next_at=now)
    if before.next_at > now and before.next_at - now <= postmaster.settings.interval:
        return report  # what lies further ahead was written under a clock that was wrong
    try:
        is_at_end = _read(postmaster, mailbox, before, report)
    except MailboxError as error:
        _note_failure(postmaster, mailbox.place, error)
        raise
    _note_success(postmaster, mailbox.place, is_at_end=is_at_end)
    if report.mails:
        numbers = {str(kind): number for kind, number in report.kinds.items()}
        log.info("read what came back", extra={"numbers": {"mails": report.mails, **numbers}})
    return report


def take_in(postmaster: Postmaster, raw: bytes, at: tuple[str, int] | None = None) -> Taken:
    """One mail; `at` is its place and number in a mailbox, written down with what it comes to."""
    said, now = _understood(raw), postmaster.now()
    left = tuple(_leave(postmaster, said, now))
    with postmaster.database.write() as conn:
        noted = tuple(_note_bounces(conn, said, postmaster.settings.soft_limit, now))
        if at is not None:
            note_uid(conn, *at)
    for one in noted:
        if one.fate is Fate.STOPPED:
            log.info("nothing more goes to %s: %s", one.address, one.reason)
    return Taken(kind=said.kind, noted=noted, left=left)


def _understood(raw: bytes) -> Report:
    """A mail that nobody foresaw must not stand in the way of those behind it."""
    try:
        return read_report(raw)
    except Exception:
        log.exception("a mail that came in could not be read: please report it")
        return Report(kind=Kind.OTHER)


def _read(postmaster: Postmaster, mailbox: Mailbox, before: MailboxState, report: BounceReport) -> bool:
    """True where everything was read."""
    with mailbox:
        last = before.last_uid if before.validity == mailbox.validity else 0
        with postmaster.database.write() as conn:
            put_mailbox(conn, replace(before, validity=mailbox.validity, last_uid=last))
        waiting = mailbox.numbers_after(last)
        dealt_with: list[int] = []
        for number in waiting[:MOST]:
            if postmaster.stop.is_set():
                break
            if (raw := mailbox.fetch(number)) is not None:
                taken = take_in(postmaster, raw, (mailbox.place, number))
                report.note(taken)
                dealt_with += [number] * taken.is_dealt_with
        mailbox.mark_read(dealt_with)
        return len(waiting) <= MOST and not postmaster.stop.is_set()


def _note_success(postmaster: Postmaster, place: str, *, is_at_end: bool) -> None:
    now = postmaster.now()
    with postmaster.database.write() as conn:
        state = find_mailbox(conn, place)
        if state is not None:
            again = now + postmaster.settings.interval if is_at_end else now
            fresh = replace(state, next_at=again, failing_since=None, error="", needs_a_person=False)
            put_mailbox(conn, replace(fresh, read_at=now) if is_at_end else fresh)


def _note_failure(postmaster: Postmaster, place: str, error: MailboxError) -> None:
    now = postmaster.now()
    with postmaster.database.write() as conn:
        state = find_mailbox(conn, place) or MailboxState(place=place, next_at=now)
        failed = replace(
            state,
            next_at=now + postmaster.settings.interval,
            failing_since=state.failing_since or now,
            needs_a_person=error.needs_a_person,
            error=str(error),
        )
        put_mailbox(conn, failed)


def _note_bounces(conn: Connection, said: Report, soft_limit: int, now: datetime) -> Iterator[Noted]:
    if said.kind is not Kind.BOUNCE:
        return
    for sent, severity, reason in _whose(conn, said, now):
        yield note_bounce(conn, sent, severity, reason, soft_limit=soft_limit, now=now)


def _whose(conn: Connection, said: Report, now: datetime) -> Iterator[tuple[Sent, Severity, str]]:
    """Which mails of ours a report is about, how final it is for each, and why.

    By what only we can have written, also where the mail had been forwarded; else by addresses, which prove nothing.
    """
    proven = {sent.address: sent for sent in reversed(_proven(conn, said, now))}
    for sent in proven.values():
        about = [failure for failure in said.failures if folded_address(sent.address) in failure.addresses]
        yield sent, *_most_gentle(about or list(said.failures))
    for failure in () if proven else said.failures:
        found = (_last_sent(conn, address, said, now) for address in failure.addresses)
        if last := next(filter(None, found), None):
            yield last, Severity.SOFT, failure.reason


def _proven(conn: Connection, said: Report, now: datetime) -> list[Sent]:
    """The mails whose ids are told, or, where a server changes ids, those to whom the links in them belong."""
    if found := find_sent(conn, said.message_ids, now - SENT_WITHIN):
        return found
    readers = (find_by_key(conn, key) for key, _ in _read_tokens(conn, said.tokens, now))
    sent = (_last_sent(conn, reader.folded, said, now) for reader in readers if reader)
    return [one for one in sent if one]


def _last_sent(conn: Connection, folded: str, said: Report, now: datetime) -> Sent | None:
    """What the report must be about: the last digest before it was written."""
    return find_last_sent(conn, folded, now - SENT_WITHIN, min(said.written_at or now, now))


def _read_tokens(conn: Connection, tokens: Iterable[str], now: datetime) -> Iterator[tuple[str, str]]:
    signer = Signer(key=read_secret(conn))
    for token in tokens:
        with suppress(LinkError):
            yield read_unsubscribe(signer, token, now)


def _most_gentle(failures: list[Failure]) -> tuple[Severity, str]:
    """A mail that was forwarded to several is lost only where all of them are gone."""
    chosen = next((one for one in failures if one.severity is Severity.SOFT), failures[0])
    return chosen.severity, chosen.reason


def _leave(postmaster: Postmaster, said: Report, now: datetime) -> Iterator[tuple[str, str]]:
    """Ends what a mail asks to end; gives who left which series."""
    with postmaster.database.read() as conn:
        asked = list(_who_leaves(conn, said, now))
    for reader, series, why in asked:
        open_ones = reader.series_that_are(Standing.ASKED, Standing.CONFIRMED)
        ended = [name for name in open_ones if series in {None, name}]
        if ended:
            postmaster.end(reader.folded, series, why)
        yield from ((reader.address, name) for name in ended)


def _who_leaves(conn: Connection, said: Report, now: datetime) -> Iterator[tuple[Subscriber, str | None, str]]:
    """A complaint counts only with proof that its writer had the mail; None stands for every series."""
    match said.kind:
        case Kind.COMPLAINT:
            for sent in _proven(conn, said, now):
                if reader := find_subscriber(conn, folded_address(sent.address)):
                    yield reader, sent.series or None, "complaint"
        case Kind.LEAVING if said.token:
            for key, series in _read_tokens(conn, [said.token], now):
                if reader := find_by_key(conn, key):
                    yield reader, series, "mail"
        case Kind.LEAVING:
            if said.sender and (reader := find_subscriber(conn, said.sender)):
                named = {one.series.lower(): one.series for one in reader.subscriptions}
                if not said.series or said.series.lower() in named:
                    yield reader, named.get(said.series.lower()), "mail"
