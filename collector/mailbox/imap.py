"""Over IMAP: mails after a number, looked at without touching them.

imap_tools speaks the protocol and names folders as it wants them. Its own `fetch` and `flag` are not used: one takes
mails whole, however large, the other erases what others in the mailbox had only marked as deleted.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from collector.config import Security
from collector.errors import MailboxError

LARGEST = 1_000_000  # bytes that are fetched of a mail: what a report says stands before what it returns
_LONGEST_WORDS = 200
_FLAGGED_AT_ONCE = 200
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\x9f]+")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxServer:
    """An IMAP server, whose mailbox, and which folder of it. Times are seconds."""

    place: str  # as messages about it begin
    host: str
    port: int
    security: Security
    username: str
    password: str = field(repr=False)
    folder: str
    timeout: float = 30
    trust: ssl.SSLContext | None = field(default=None, repr=False)  # None: the system's certificate authorities


class ImapMailbox:
    """One connection between `__enter__` and `__exit__`; every failure is a `MailboxError` of one line."""

    def __init__(self, server: MailboxServer) -> None:
        self._server = server
        self._box: BaseMailBox | None = None
        self._validity = ""

    @property
    def place(self) -> str:
        """The folder and whose it is."""
        return self._server.place

    @property
    def validity(self) -> str:
        """The server's UIDVALIDITY."""
        return self._validity

    def __enter__(self) -> Self:
        """Connects, logs in and opens the folder."""
        with self._translating("connecting"):
            self._box = _connect(self._server)
        try:
            with self._translating("logging in"):
                _log_in(self._box, self._server)
            with self._translating("opening the folder"):
                self._box.folder.set(self._server.folder)
                self._validity = _validity(self._box)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Says good-bye, without waiting long for an answer. Nothing is erased: that would be CLOSE's doing."""
        if self._box is not None:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                self._box.client.socket().settimeout(2)
                self._box.logout()
            with suppress(OSError, imaplib.IMAP4.error):
                self._box.client.shutdown()
        self._box = None

    def verify(self) -> int:
        """Connects, logs in and opens the folder; gives how many mails are in it."""
        with self:
            return len(self.numbers_after(0))

    def numbers_after(self, last: int) -> list[int]:
        """A server answers "everything from 8 on" with the last mail, even where that is number 5."""
        found = self._asked("looking for mails", lambda box: box.uids(f"UID {last + 1}:*", charset=None))
        return sorted(number for number in map(int, found) if number > last)

    def fetch(self, number: int) -> bytes | None:
        """With PEEK, so that the mail stays unread."""
        what = f"(BODY.PEEK[]<0.{LARGEST}>)"
        kind, data = self._asked("fetching a mail", lambda box: box.client.uid("FETCH", str(number), what))
        if kind != "OK":
            return None
        return next((part[1] for part in data or () if isinstance(part, tuple) and len(part) > 1), None)

    def mark_read(self, numbers: Sequence[int]) -> None:
        """The flag alone."""
        for start in range(0, len(numbers), _FLAGGED_AT_ONCE):
            some = ",".join(map(str, numbers[start : start + _FLAGGED_AT_ONCE]))
            self._asked("marking mails", partial(_flag, some))

    def _asked(self, what: str, ask: Callable[[BaseMailBox], T]) -> T:
        if self._box is None:
            raise MailboxError(f"{self.place}: is not open")
        with self._translating(what):
            return ask(self._box)

    @contextmanager
    def _translating(self, what: str) -> Iterator[None]:
        try:
            yield
        except MailboxLoginError as error:
            raise MailboxError(f"{self.place}: refuses the log-in: {self._said(error)}", needs_a_person=True) from error
        except MailboxFolderSelectError as error:
            words = f"{self.place}: there is no such folder: {self._said(error)}"
            raise MailboxError(words, needs_a_person=True) from error
        except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError, EOFError) as error:
            raise MailboxError(f"{self.place}: {_cause(error, what)}", needs_a_person=_is_lasting(error)) from error

    def _said(self, error: MailboxLoginError | MailboxFolderSelectError) -> str:
        """The server's words, without the password, should it repeat that."""
        words = b" ".join(part for part in error.command_result[1] or () if isinstance(part, bytes))
        text = words.decode("utf-8", "replace").replace(self._server.password or "\0", "[password]")
        return _shown(text)


def _connect(server: MailboxServer) -> BaseMailBox:
    trust = server.trust or ssl.create_default_context()  # without one, imaplib would believe any certificate
    match server.security:
        case Security.TLS:
            return MailBox(server.host, server.port, timeout=server.timeout, ssl_context=trust)
        case Security.STARTTLS:
            return MailBoxStartTls(server.host, server.port, timeout=server.timeout, ssl_context=trust)
        case Security.NONE:
            return MailBoxUnencrypted(server.host, server.port, timeout=server.timeout)


def _log_in(box: BaseMailBox, server: MailboxServer) -> None:
    if f"{server.username}{server.password}".isascii():
        box.login(server.username, server.password, initial_folder=None)
    else:
        box.login_utf8(server.username, server.password, initial_folder=None)


def _flag(numbers: str, box: BaseMailBox) -> None:
    box.client.uid("STORE", numbers, "+FLAGS", r"(\Seen)")


def _validity(box: BaseMailBox) -> str:
    """imaplib keeps what the server said when the folder was opened."""
    _, told = box.client.response("UIDVALIDITY")
    return next((one.decode("ascii", "replace") for one in told or () if isinstance(one, bytes)), "")


def _cause(error: Exception, what: str) -> str:
    match error:
        case TimeoutError():
            return f"does not answer in time while {what}"
        case socket.gaierror() | UnicodeError():
            return "there is no such host"
        case ssl.SSLError():
            return _tls_cause(error)
        case imaplib.IMAP4.abort() if "unexpected response" in str(error):
            return f"is no IMAP server: {_shown(str(error))}"
        case imaplib.IMAP4.abort() | EOFError():
            return f"closed the connection while {what}"
        case _:
            words = error.strerror if isinstance(error, OSError) else None
            return f"fails at {what}: {_shown(words or str(error))}"


def _shown(words: str) -> str:
    return _INVISIBLE.sub(" ", words).strip()[:_LONGEST_WORDS]


def _tls_cause(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return f'does not speak TLS as asked ({error.reason}): is bounces.security = "starttls" or "none" meant?'


def _is_lasting(error: Exception) -> bool:
    """True where only somebody who changes the configuration can help."""
    return isinstance(error, ssl.SSLError | imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort)
