"""The way in for what comes back: a mailbox as what reads it sees it. `imap` is the one there is.

Nothing here knows what a bounce is. IMAP is loaded where a mailbox is configured.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from collector.config import BounceSettings


class Mailbox(Protocol):
    """A folder of mails that are numbered as they come, between `__enter__` and `__exit__`."""

    @property
    def place(self) -> str:
        """Which one it is, as messages about it begin."""

    @property
    def validity(self) -> str:
        """While this stays the same, so do the numbers."""

    def verify(self) -> int:
        """Does everything but read: gives how many mails are there."""

    def numbers_after(self, last: int) -> list[int]:
        """The numbers of the mails that came after that one, in order."""

    def fetch(self, number: int) -> bytes | None:
        """The beginning of a mail, which stays unread; None: it is there no more."""

    def mark_read(self, numbers: Sequence[int]) -> None:
        """Marks mails as read, and does nothing else to them."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def mailbox_for(settings: BounceSettings) -> Mailbox | None:
    """The mailbox that the configuration names; None: it names none."""
    if settings.host is None:
        return None
    from collector.mailbox.imap import ImapMailbox, MailboxServer

    return ImapMailbox(
        MailboxServer(
            place=settings.place,
            host=settings.host,
            port=settings.port,
            security=settings.security,
            username=settings.username or "",
            password=settings.password.get_secret_value() if settings.password else "",
            folder=settings.folder,
        )
    )
