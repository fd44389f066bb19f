"""Over SMTP: one connection for many messages, and every refusal in the server's own words."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from collector.config import Security
from collector.deliver.answers import Answer, Step, as_bytes, login_failure, refusal, transport_failure
from collector.deliver.message import Message
from collector.errors import DeliveryError

_HOST_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_CLOSING = 421  # the server says good-bye, whatever was asked
_DOT = re.compile(rb"\n\.")
_YES = range(200, 300)
_GO_ON = range(354, 355)  # the text may come now


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpServer:
    """A mail server, and how it is spoken to. Times are seconds."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str = ""  # empty: no log-in
    password: str = field(default="", repr=False)
    connect_timeout: float = 10
    command_timeout: float = 30
    handover_timeout: float = 120  # for the answer to a whole message: giving up early would send it twice
    per_connection: int | None = None  # after so many messages a new connection is made
    trust: ssl.SSLContext | None = field(default=None, repr=False)  # None: the system's certificate authorities

    @property
    def place(self) -> str:
        """host:port, as messages about it begin."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class SmtpDeliverer:
    """Keeps one connection open between `__enter__` and `__exit__`, and makes a new one when the server dropped it.

    A message whose hand-over broke after its text went out may have arrived: it is never sent again here, and the
    `DeliveryError` is one to try again later, under the same Message-ID.
    """

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None
        self._taken = 0  # messages over this connection

    @property
    def place(self) -> str:
        """The server, as host:port."""
        return self._server.place

    def __enter__(self) -> Self:
        """Connects and logs in."""
        self._connected()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):  # nobody wants to wait
            self._drop()
        self._leave()

    def _leave(self) -> None:
        """Says good-bye, without waiting long for an answer."""
        if self._connection is not None and self._connection.sock is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.sock.settimeout(2)
                self._connection.quit()
        self._drop()

    def verify(self) -> None:
        """Connects, logs in, and asks for a sign of life."""
        with self:
            self._asked(Step.CHECK, lambda connection: connection.noop())

    def deliver(self, message: Message) -> None:
        """Hands one message over."""
        if self._taken == self._server.per_connection:
            self._leave()
        self._announce(message)
        self._hand_over(message)

    def _announce(self, message: Message) -> None:
        """All that comes before the text. Nothing has been sent so far, so a connection that is gone costs nothing.

        It may have been dropped while it was idle, or the server ends it after so many messages.
        """
        was_open = self._connection is not None
        try:
            self._announce_once(message)
        except DeliveryError:
            if not was_open or self._connection is not None:
                raise
            self._announce_once(message)

    def _announce_once(self, message: Message) -> None:
        words = " ".join([f"FROM:<{message.sender}>", *self._options(message)])
        self._asked(Step.SENDER, lambda connection: connection.docmd("MAIL", words))
        self._asked(Step.RECIPIENT, lambda connection: connection.docmd("RCPT", f"TO:<{message.to}>"))
        self._asked(Step.TEXT, lambda connection: connection.docmd("DATA"), yes=_GO_ON)

    def _options(self, message: Message) -> list[str]:
        """What MAIL says beside the sender; DeliveryError where the server cannot take such a message at all."""
        connection = self._connected()
        connection.command_encoding = "utf-8" if message.is_international else "ascii"
        options = []
        if connection.has_extn("size"):
            size, limit = len(message.content), connection.esmtp_features["size"]
            if limit.isdecimal() and 0 < int(limit) < size:
                words = f"takes messages of up to {int(limit):,} bytes, and this one has {size:,}"
                raise DeliveryError(f"{self.place}: {words}", is_permanent=True)
            options.append(f"size={size}")
        if message.is_international:
            if not connection.has_extn("smtputf8"):
                words = "takes no addresses with letters beyond ASCII (it does not offer SMTPUTF8)"
                is_ours = message.to.isascii()  # then it is the sender's or the contact's
                raise DeliveryError(f"{self.place}: {words}", is_permanent=not is_ours, is_setup=is_ours)
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        return options

    def _hand_over(self, message: Message) -> None:
        self._allow(self._server.handover_timeout)
        try:
            self._asked(Step.CONTENT, lambda connection: _send_text(connection, message.content))
            self._taken += 1
        finally:
            self._allow(self._server.command_timeout)

    def _asked(
        self, step: Step, ask: Callable[[smtplib.SMTP], tuple[int, bytes]], *, yes: Collection[int] = _YES
    ) -> None:
        """One command and its answer; what is no yes becomes a `DeliveryError`, and the connection is put in order."""
        connection = self._connected()
        try:
            code, words = ask(connection)
        except smtplib.SMTPResponseException as error:  # an endless answer
            code, words = error.smtp_code, as_bytes(error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise transport_failure(self.place, step, error) from error
        if code not in yes:
            self._start_over(code)
            raise refusal(self.place, step, Answer(code=code, words=words))

    def _start_over(self, code: int) -> None:
        """After a refusal: forgets the message begun, or the connection where that does not work."""
        try:
            if self._connection is not None and code not in {_CLOSING, -1} and self._connection.rset()[0] == 250:
                return
        except (OSError, smtplib.SMTPException):
            pass
        self._drop()

    def _allow(self, seconds: float) -> None:
        """How long each answer may take from here on."""
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> smtplib.SMTP:
        """The connection there is, or a new one that is logged in."""
        if self._connection is None:
            self._connection, self._taken = _connect(self._server), 0
        return self._connection


def _send_text(connection: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    """The text and its end. smtplib's own way looks for the dots that are to be doubled ten times as long."""
    if _DOT.search(content):
        content = content.replace(b"\r\n.", b"\r\n..")
    connection.send(content + b".\r\n")
    return connection.getreply()


def _connect(server: SmtpServer) -> smtplib.SMTP:
    try:
        connection = _greeted(server)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise transport_failure(server.place, Step.GREETING, error) from error
    try:
        _prepare(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _greeted(server: SmtpServer) -> smtplib.SMTP:
    """A connection whose server has greeted.

    TCP_NODELAY: a message's last bytes otherwise wait for the server's delayed acknowledgement, 40 ms each time.
    """
    name, timeout = _own_name(), server.connect_timeout
    if server.security is Security.TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, name, timeout=timeout, context=_trust(server)
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, name, timeout=timeout)
    if connection.sock is not None:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock.settimeout(server.command_timeout)
    return connection


def _prepare(connection: smtplib.SMTP, server: SmtpServer) -> None:
    """Protection, then the log-in."""
    step = Step.PROTECTION if server.security is Security.STARTTLS else Step.GREETING
    try:
        connection.ehlo_or_helo_if_needed()
        if server.security is Security.STARTTLS:
            connection.starttls(context=_trust(server))
            connection.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException) as error:
        raise transport_failure(server.place, step, error) from error
    if not server.username:
        return
    try:
        connection.login(server.username, server.password)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise login_failure(server.place, error, server.username, server.password) from None


def _trust(server: SmtpServer) -> ssl.SSLContext:
    return server.trust or ssl.create_default_context()


def _own_name() -> str:
    """What we call ourselves. Asking DNS, as smtplib would, can take many seconds where it does not answer."""
    name = socket.gethostname()
    return name if _HOST_NAME.fullmatch(name) else "[127.0.0.1]"
