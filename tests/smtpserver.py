"""A real mail server on loopback for tests, which answers as the test tells it to and keeps what it was given."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any, Self

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG = "hang"  # an answer that never comes
HOLD = "hold"  # in place of "MESSAGE": yes, but only once the test has set `released`
DROP = "drop"  # the connection closed in place of an answer


@dataclass(frozen=True, kw_only=True)
class Received:
    """One message that was taken, and how it came."""

    sender: str
    recipients: list[str]
    content: bytes
    options: list[str]
    username: str | None
    is_encrypted: bool
    connection: int  # counted from 1

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class Certificates:
    """An authority of the test's own, a server's certificate from it, and a client's trust in it."""

    authority: trustme.CA = field(default_factory=trustme.CA)

    def server(self, name: str = "127.0.0.1") -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(name).configure_cert(context)
        return context

    def client(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


class MailServer:
    """Runs between `__enter__` and `__exit__`.

    `answers` maps a command ("MAIL", "RCPT", "DATA", "MESSAGE" for the text's end, "RSET", "NOOP", "AUTH", "EHLO") or a
    recipient to what is said in place of yes: a reply such as "550 5.1.1 no such user", HANG or DROP. A reply that
    begins with 421 closes the connection too. `answers_once` is asked first, and each of its entries counts once.
    `answers_after` has how many times a command is answered with yes on one connection, and what is said from then on;
    `answers_every` counts over all connections: with 10, what is said the tenth time, the twentieth …
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
        accounts: dict[str, str] | None = None,
        largest: int = 1_000_000,
        has_smtputf8: bool = True,
    ) -> None:
        self.messages: list[Received] = []
        self.commands: list[str] = []  # what was said to it: "MAIL", "RCPT", …
        self.answers: dict[str, str] = {}
        self.answers_once: dict[str, str] = {}
        self.answers_after: dict[str, tuple[int, str]] = {}
        self.answers_every: dict[str, tuple[int, str]] = {}
        self.released = Event()
        self.connections = 0
        self._open: list[_Conversation] = []
        self.accounts = accounts or {}
        self._settings: dict[str, Any] = {
            "tls_context": starttls,
            "data_size_limit": largest,
            "enable_SMTPUTF8": has_smtputf8,
            "authenticator": self._authenticate,
            "auth_require_tls": False,
            "hostname": "mail.example",
        }
        self._tls = tls
        self.host, self.port = "127.0.0.1", 0

    def __enter__(self) -> Self:
        self.port = free_port()
        self._controller = _Controller(self, self._tls, self._settings)
        self._controller.start()
        self.connections = 0  # the controller tries its own server once
        return self

    def __exit__(self, *failure: object) -> None:
        self.drop_connections()
        self._controller.stop()

    def drop_connections(self) -> None:
        """Closes every connection from this side, as servers do with idle ones."""
        self._run(self._abort_all())

    def answer(self, *keys: str) -> str | None:
        """What the test wants said to the first of these that it named."""
        for answers, take in ((self.answers_once, dict.pop), (self.answers, dict.get)):
            for key in keys:
                if key in answers:
                    return str(take(answers, key))
        return None

    def counted(self, command: str, times: int) -> str | None:
        """What is said to a command that was heard so many times on its connection, if the test counts it."""
        for count, said in filter(None, [self.answers_after.get(command)]):
            if times > count:
                return said
        for count, said in filter(None, [self.answers_every.get(command)]):
            if self.commands.count(command) % count == 0:
                return said
        return None

    def note_open(self, conversation: _Conversation) -> int:
        self.connections += 1
        self._open.append(conversation)
        return self.connections

    async def _abort_all(self) -> None:
        for conversation in self._open:
            conversation.abort()
        self._open.clear()
        await _settled()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(work, self._controller.loop)
        done.result(timeout=5)

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        name, password = login.login.decode(), login.password.decode()
        return AuthResult(success=self.accounts.get(name) == password, handled=False, auth_data=name)


class _Controller(Controller):
    """Hands the test's server to each conversation."""

    def __init__(self, mail_server: MailServer, tls: ssl.SSLContext | None, settings: dict[str, Any]) -> None:
        self._mail_server, self._settings = mail_server, settings
        super().__init__(_Handler(mail_server), hostname="127.0.0.1", port=mail_server.port, ssl_context=tls)

    def factory(self) -> SMTP:
        return _Conversation(self._mail_server, self.handler, loop=self.loop, **self._settings)


class _Conversation(SMTP):
    """One connection; looks up each command in the test's answers before it does anything."""

    def __init__(self, mail_server: MailServer, handler: object, **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._mail_server = mail_server
        self.number = mail_server.note_open(self)
        self._heard: Counter[str] = Counter()
        for command, method in list(self._smtp_methods.items()):
            self._smtp_methods[command] = self._scripted(command, method)

    def _scripted(self, command: str, method: Any) -> Any:
        async def run(argument: str | None) -> None:
            self._mail_server.commands.append(command)
            keys = [command, recipient] if (recipient := _recipient(command, argument)) else [command]
            self._heard[command] += 1
            said = self._mail_server.answer(*keys) or self._mail_server.counted(command, self._heard[command])
            if said is None:
                await method(argument)
            elif said := await self.perform(said):
                await self.push(said)

        return run

    async def perform(self, answer: str) -> str:
        """Does what the answer demands; what is left to say, if anything."""
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == DROP:
            self.abort()
            return ""
        if answer.startswith("421"):
            await self.push(answer)
            self._writer.close()
            return ""
        return answer

    def abort(self) -> None:
        """Closes the connection without a word, where it is still open."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    @property
    def is_encrypted(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None


class _Handler:
    """Keeps the messages."""

    def __init__(self, mail_server: MailServer) -> None:
        self._mail_server = mail_server

    async def handle_EHLO(  # noqa: N802
        self, server: _Conversation, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [line for line in responses if self._mail_server.accounts or not line.startswith("250-AUTH")]

    async def handle_DATA(self, server: _Conversation, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._mail_server.answer("MESSAGE")
        if answer == HOLD:
            await asyncio.to_thread(self._mail_server.released.wait, 30)
        elif answer is not None:
            return await server.perform(answer)
        self._mail_server.messages.append(
            Received(
                sender=envelope.mail_from or "",
                recipients=envelope.rcpt_tos,
                content=envelope.original_content or b"",
                options=envelope.mail_options,
                username=session.auth_data if session.authenticated else None,
                is_encrypted=server.is_encrypted,
                connection=server.number,
            )
        )
        return "250 2.0.0 taken"


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def silent_server(greeting: bytes = b"") -> Iterator[int]:
    """The port of a listener that takes connections, says `greeting` to the first, and nothing ever after."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        if not greeting:
            yield port
            return
        with _greeting_once(listener, greeting):
            yield port


@contextmanager
def _greeting_once(listener: socket.socket, greeting: bytes) -> Iterator[None]:
    taken: list[socket.socket] = []

    def greet() -> None:
        connection, _ = listener.accept()
        taken.append(connection)
        connection.sendall(greeting)

    thread = Thread(target=greet, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(timeout=5)
        for connection in taken:
            connection.close()


def _recipient(command: str, argument: str | None) -> str:
    return (argument or "").partition("<")[2].partition(">")[0] if command == "RCPT" else ""


async def _settled() -> None:
    """Lets what is under way on the loop end."""
    for _ in range(5):
        await asyncio.sleep(0)
