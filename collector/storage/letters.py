"""Letters to one reader each, claimed before the hand-over as deliveries are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from collector.storage.claims import find_claimers, is_due, is_orphaned
from collector.storage.tables import letters, subscribers
from collector.text.mailaddresses import mailbox_of

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwedLetter:
    """A letter that somebody has claimed, and is to write and hand over now."""

    id: int
    subscriber_id: int
    kind: str
    message_id: str
    created_at: datetime
    attempts: int  # earlier ones


def owe_letter(
    conn: Connection, subscriber_id: int, kind: str, message_id: str, *, now: datetime, due_at: datetime
) -> None:
    """Writes down that somebody is owed a letter, at that time."""
    values = {"subscriber_id": subscriber_id, "kind": kind, "state": "owed", "message_id": message_id}
    conn.execute(letters.insert().values(**values, created_at=now, next_attempt_at=due_at))


def letters_since(
    conn: Connection, folded: str, kind: str, since: datetime
) -> list[tuple[str, datetime, datetime | None]]:
    """To which address of a mailbox each letter of a kind goes, when it was asked for and when it was finished.

    Of those that are not older than that; addresses in small letters. All kinds are read, since the kind says whether
    somebody is known, and it is to take as long either way.
    """
    mailbox = mailbox_of(folded)
    told = (subscribers.c.folded, letters.c.kind, letters.c.created_at, letters.c.finished_at)
    query = select(*told).join_from(letters, subscribers)
    query = query.where(
        subscribers.c.folded.startswith(mailbox.rpartition("@")[0], autoescape=True),
        or_(letters.c.created_at > since, letters.c.finished_at > since, letters.c.finished_at.is_(None)),
    )
    rows = conn.execute(query).all()
    return [
        (row.folded, row.created_at, row.finished_at)
        for row in rows
        if row.kind == kind and mailbox_of(row.folded) == mailbox
    ]


def count_letters(conn: Connection, now: datetime) -> int:
    """How many letters were asked for in the last hour, for whomever."""
    lately = and_(letters.c.created_at > now - _HOUR, letters.c.created_at <= now)
    return conn.execute(select(func.count()).select_from(letters).where(lately)).scalar_one()


def claim_letter(conn: Connection, owner: str, dead: Collection[str], now: datetime, after: int) -> OwedLetter | None:
    """Claims the first letter beyond the id `after` that is due, or whose claimer died."""
    is_free = or_(is_due(letters, now), is_orphaned(letters, dead, now))
    query = select(letters).where(is_free, letters.c.id > after).order_by(letters.c.id).limit(1)
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    claim = {"state": "claimed", "claimed_by": owner, "claimed_at": now, "attempts": row.attempts + 1}
    conn.execute(letters.update().where(letters.c.id == row.id).values(claim))
    return OwedLetter(
        id=row.id,
        subscriber_id=row.subscriber_id,
        kind=row.kind,
        message_id=row.message_id,
        created_at=row.created_at,
        attempts=row.attempts,
    )


def letter_claimers(conn: Connection) -> set[str]:
    """Everybody who holds a claim."""
    return find_claimers(conn, letters)


def has_due_letters(conn: Connection, now: datetime) -> bool:
    """True where there may be anything to hand over: most of the time there is nothing, and nobody needs to write."""
    query = select(letters.c.id).where(or_(letters.c.state == "claimed", is_due(letters, now)))
    return conn.execute(query.limit(1)).first() is not None


def finish_letter(conn: Connection, letter_id: int, *, is_sent: bool, error: str = "", now: datetime) -> None:
    """The server took it, or refused it for good; or there was nothing left to say."""
    state = "sent" if is_sent else "refused"
    _set(conn, letter_id, state=state, finished_at=now, error=error)


def put_off_letter(conn: Connection, letter_id: int, error: str, due_at: datetime) -> None:
    """Refused for now: tried again at that time."""
    _set(conn, letter_id, state="owed", next_attempt_at=due_at, error=error)


def drop_letters(conn: Connection, before: datetime) -> int:
    """Erases letters that were finished before then."""
    old = and_(letters.c.finished_at.is_not(None), letters.c.finished_at < before)
    return conn.execute(letters.delete().where(old)).rowcount


def _set(conn: Connection, letter_id: int, **values: object) -> None:
    conn.execute(letters.update().where(letters.c.id == letter_id).values(claimed_by=None, claimed_at=None, **values))
