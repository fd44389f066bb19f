"""Over SMTP: one connection for many messages, and every refusal in the server's own words."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from collector.config import Security
from collector.deliver.answers import Answer, Step, as_bytes, login_failure, refusal, transport_failure
from collector.errors import DeliveryError
from collector.text.mailaddresses import parse_sender

_HOST_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_CLOSING = 421  # the server says good-bye, whatever was asked


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
    trust: ssl.SSLContext | None = field(default=None, repr=False)  # None: the system's certificate authorities

    @property
    def place(self) -> str:
        """host:port, as messages about it begin."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Envelope:
    """What a server is told about a message, and the message as bytes."""

    sender: str
    to: str
    content: bytes
    is_international: bool  # an address or header goes beyond ASCII


class SmtpDeliverer:
    """Keeps one connection open between `__enter__` and `__exit__`, and makes a new one when the server dropped it.

    A message whose hand-over broke after its text went out may have arrived: it is never sent again here, and the
    `DeliveryError` is one to try again later, under the same Message-ID.
    """

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

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

    def deliver(self, message: EmailMessage, to: str) -> None:
        """Hands one message over for one address; the sender is the message's own From."""
        sender, content = parse_sender(str(message["From"])).address, message.as_bytes()
        envelope = _Envelope(
            sender=sender,
            to=to,
            content=content,
            is_international=not (content.isascii() and f"{sender}{to}".isascii()),
        )
        self._announce(envelope)
        self._hand_over(envelope)

    def _announce(self, envelope: _Envelope) -> None:
        """Sender and recipient. Nothing has been sent so far, so a connection dropped while idle costs nothing."""
        was_open = self._connection is not None
        try:
            self._announce_once(envelope)
        except DeliveryError:
            if not was_open or self._connection is not None:
                raise
            self._announce_once(envelope)

    def _announce_once(self, envelope: _Envelope) -> None:
        options = self._options(envelope)
        self._asked(Step.SENDER, lambda connection: connection.mail(envelope.sender, options))
        self._asked(Step.RECIPIENT, lambda connection: connection.rcpt(envelope.to))

    def _options(self, envelope: _Envelope) -> list[str]:
        """What MAIL says beside the sender; DeliveryError where the server cannot take such a message at all."""
        connection = self._connected()
        options = []
        if connection.has_extn("size"):
            size, limit = len(envelope.content), connection.esmtp_features["size"]
            if limit.isdecimal() and 0 < int(limit) < size:
                words = f"takes messages of up to {int(limit):,} bytes, and this one has {size:,}"
                raise DeliveryError(f"{self.place}: {words}", is_permanent=True)
            options.append(f"size={size}")
        if envelope.is_international:
            if not connection.has_extn("smtputf8"):
                words = "takes no addresses with letters beyond ASCII (it does not offer SMTPUTF8)"
                is_ours = envelope.to.isascii()  # then it is the sender's or the contact's
                raise DeliveryError(f"{self.place}: {words}", is_permanent=not is_ours, is_setup=is_ours)
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        return options

    def _hand_over(self, envelope: _Envelope) -> None:
        self._allow(self._server.handover_timeout)
        try:
            self._asked(Step.CONTENT, lambda connection: connection.data(envelope.content))
        finally:
            self._allow(self._server.command_timeout)

    def _asked(self, step: Step, ask: Callable[[smtplib.SMTP], tuple[int, bytes]]) -> None:
        """One command and its answer; what is no yes becomes a `DeliveryError`, and the connection is put in order."""
        connection = self._connected()
        try:
            code, words = ask(connection)
            is_yes = 200 <= code < 300
        except smtplib.SMTPResponseException as error:  # DATA refused, even by a yes; or an endless answer
            code, words, is_yes = error.smtp_code, as_bytes(error.smtp_error), False
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise transport_failure(self.place, step, error) from error
        if not is_yes:
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
            self._connection = _connect(self._server)
        return self._connection


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
