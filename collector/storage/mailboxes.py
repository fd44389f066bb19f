"""How far the mailbox was read that undeliverable mails come back to, and how reading it goes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from collector.storage.bulk import Insertion, add_rows
from collector.storage.tables import mailboxes


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxState:
    """A mailbox's folder, as it was left."""

    place: str  # user, host, port and folder
    validity: str = ""  # while it is the same, the numbers of mails are, too
    last_uid: int = 0  # the highest number that was dealt with
    next_at: datetime
    read_at: datetime | None = None  # when it was last read to its end
    failing_since: datetime | None = None
    needs_a_person: bool = False
    error: str = ""


_COLUMNS = tuple(MailboxState.__dataclass_fields__)
_PUT = Insertion(mailboxes, _COLUMNS, refreshed=_COLUMNS[1:])


def find_mailbox(conn: Connection, place: str) -> MailboxState | None:
    """How a mailbox was left; None: it was never looked into."""
    row = conn.execute(select(mailboxes).where(mailboxes.c.place == place)).mappings().one_or_none()
    return MailboxState(**row) if row else None


def put_mailbox(conn: Connection, state: MailboxState) -> None:
    """How it is left now."""
    add_rows(conn, _PUT, [tuple(asdict(state).values())])


def note_uid(conn: Connection, place: str, uid: int) -> None:
    """That a mail was dealt with; of two programs that read the same mailbox, the one that is further counts."""
    conn.execute(mailboxes.update().where(mailboxes.c.place == place, mailboxes.c.last_uid < uid).values(last_uid=uid))


def wake_mailboxes(conn: Connection, now: datetime) -> None:
    """Lets one that failed be tried again at once."""
    conn.execute(mailboxes.update().where(mailboxes.c.failing_since.is_not(None)).values(next_at=now))
