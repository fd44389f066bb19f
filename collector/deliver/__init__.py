"""The way out: each deliverer takes one finished message and hands it to a server or a folder.

Nothing here knows what a digest is, and nothing waits: whether and when to try again is for the caller to decide, by
what `DeliveryError` carries.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from collector.config import MailSettings
from collector.deliver.message import Message
from collector.deliver.outbox import OutboxDeliverer
from collector.deliver.smtp import SmtpDeliverer, SmtpServer

__all__ = ["Deliverer", "Message", "OutboxDeliverer", "SmtpDeliverer", "SmtpServer", "deliverer_for"]


class Deliverer(Protocol):
    """Takes messages between `__enter__` and `__exit__`, from one thread; every failure is a `DeliveryError`."""

    @property
    def place(self) -> str:
        """Where messages go, for a person to read."""

    def verify(self) -> None:
        """Does everything but send: returns where a message could be handed over now."""

    def deliver(self, message: Message) -> None:
        """Hands one message over. Returning means it was taken."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def deliverer_for(mail: MailSettings) -> Deliverer:
    """The way out that the configuration names: its mail server, or else its folder."""
    if mail.host is None:
        return OutboxDeliverer(mail.outbox)
    return SmtpDeliverer(
        SmtpServer(
            host=mail.host,
            port=mail.port,
            security=mail.security,
            username=mail.username or "",
            password=mail.password.get_secret_value() if mail.password else "",
            per_connection=mail.per_connection,
        )
    )
