"""Mailboxes for tests: Dovecot on loopback, a real IMAP server, and one of the test's own that is only a list."""

from __future__ import annotations

import imaplib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
import trustme
from requiring import needs
from smtpserver import Certificates

from collector.config import Security
from collector.errors import MailboxError
from collector.mailbox.imap import ImapMailbox, MailboxServer

USER, PASSWORD = "bounces@example.org", "a-pass-word"
_NUMBERS = itertools.count()
needs_dovecot: pytest.MarkDecorator = needs(
    "dovecot",
    is_there=shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None and os.geteuid() == 0,
    reason="Dovecot (Debian's dovecot-imapd) is not installed, or this user may not start it",
)


@dataclass
class ListedMailbox:
    """Mails in a list, numbered from 1."""

    mails: list[bytes] = field(default_factory=list)
    validity: str = "1"
    place: str = "INBOX of bounces@example.org at imap.example.org:993"
    read: list[int] = field(default_factory=list)
    fails_at: int = 0  # the number of the mail at which the connection breaks
    is_refused: bool = False
    fetched: list[int] = field(default_factory=list)

    def verify(self) -> int:
        return len(self.mails)

    def numbers_after(self, last: int) -> list[int]:
        return list(range(last + 1, len(self.mails) + 1))

    def fetch(self, number: int) -> bytes | None:
        if number == self.fails_at:
            raise MailboxError(f"{self.place}: closed the connection while fetching a mail")
        self.fetched.append(number)
        return self.mails[number - 1]

    def mark_read(self, numbers: Sequence[int]) -> None:
        self.read += numbers

    def __enter__(self) -> Self:
        if self.is_refused:
            raise MailboxError(f"{self.place}: refuses the log-in: no", needs_a_person=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Dovecot:
    """A running server, and one user's mailbox on it; everybody has one."""

    user: str = USER
    plain_port: int
    tls_port: int
    certificates: Certificates

    def server(self, *, security: Security = Security.TLS, **changes: object) -> MailboxServer:
        port = self.tls_port if security is Security.TLS else self.plain_port
        values: dict[str, object] = {
            "place": "INBOX of bounces@example.org",
            "host": "127.0.0.1",
            "port": port,
            "security": security,
            "username": self.user,
            "password": PASSWORD,
            "folder": "INBOX",
            "timeout": 10,
            "trust": self.certificates.client(),
        }
        return MailboxServer(**(values | changes))  # type: ignore[arg-type]

    def mailbox(self, **changes: object) -> ImapMailbox:
        return ImapMailbox(self.server(**changes))  # type: ignore[arg-type]

    @contextmanager
    def by_hand(self) -> Iterator[imaplib.IMAP4]:
        """The mailbox as a person's mail program has it."""
        client = imaplib.IMAP4("127.0.0.1", self.plain_port, timeout=10)
        try:
            client.login(self.user, PASSWORD)
            client.select()
            yield client
        finally:
            client.logout()

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        with self.by_hand() as client:
            client.create(folder)
            for mail in mails:
                kind, _ = client.append(folder, "", "", mail)
                assert kind == "OK"

    def flags(self) -> list[str]:
        """Those of each mail, in order."""
        with self.by_hand() as client:
            _, told = client.fetch("1:*", "(FLAGS)")
            return [one.decode() for one in told if isinstance(one, bytes)]


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """The server, with its files in a folder that the users it runs as can get into."""
    with tempfile.TemporaryDirectory(prefix="dovecot-", dir="/tmp") as folder, _running(Path(folder)) as server:
        yield server


@pytest.fixture
def imap(dovecot: Dovecot) -> Dovecot:
    """A mailbox of the test's own."""
    return replace(dovecot, user=f"bounces{next(_NUMBERS)}@example.org")


@contextmanager
def _running(folder: Path) -> Iterator[Dovecot]:
    certificates = Certificates()
    _write_certificate(certificates.authority, folder)
    plain, tls = _free_port(), _free_port()
    for part in ("run", "mail", "state"):
        (folder / part).mkdir()
    os.chown(folder / "mail", 65_534, 65_534)
    folder.chmod(0o755)
    config = folder / "dovecot.conf"
    config.write_text(_CONFIG.format(folder=folder, plain=plain, tls=tls, password=PASSWORD))
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "dovecot"
    process = subprocess.Popen([program, "-F", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(plain)
        yield Dovecot(plain_port=plain, tls_port=tls, certificates=certificates)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _write_certificate(authority: trustme.CA, folder: Path) -> None:
    made = authority.issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(str(folder / "key.pem"))
    chain = b"".join(blob.bytes() for blob in made.cert_chain_pems)
    (folder / "cert.pem").write_bytes(chain)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = 1
mail_max_userip_connections = 50
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
auth_failure_delay = 0
"""
