"""The mailbox that mails come back to, on a real IMAP server, and on servers that are none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from mailboxes import PASSWORD, USER, Dovecot, needs_dovecot
from pydantic import SecretStr

from collector.config import BounceSettings, Security
from collector.errors import MailboxError
from collector.mailbox import mailbox_for
from collector.mailbox.imap import LARGEST, ImapMailbox, MailboxServer

FIRST, SECOND = b"Subject: first\r\n\r\none\r\n", b"Subject: second\r\n\r\ntwo\r\n"


@needs_dovecot
@pytest.mark.parametrize("security", list(Security))
def test_mails_are_numbered_as_they_come_and_looked_at_without_being_touched(imap: Dovecot, security: Security) -> None:
    imap.put(FIRST, SECOND)
    with imap.mailbox(security=security) as mailbox:
        assert mailbox.numbers_after(0) == [1, 2]
        assert mailbox.numbers_after(1) == [2]
        assert mailbox.numbers_after(2) == []
        assert mailbox.fetch(2) == SECOND
        assert mailbox.fetch(3) is None
        assert mailbox.validity.isdecimal()
    assert [r"\Seen" in flags for flags in imap.flags()] == [False, False]


@needs_dovecot
def test_marking_as_read_changes_nothing_else(imap: Dovecot) -> None:
    imap.put(FIRST, SECOND)
    with imap.by_hand() as client:
        client.store("2", "+FLAGS", r"(\Deleted)")  # by a person who may still think better of it
        client.unselect()
    with imap.mailbox() as mailbox:
        mailbox.mark_read([1])
        mailbox.mark_read([])
    assert [r"\Seen" in flags for flags in imap.flags()] == [True, False]
    assert r"\Deleted" in imap.flags()[1]


@needs_dovecot
def test_of_a_mail_of_any_size_only_the_beginning_is_fetched(imap: Dovecot) -> None:
    imap.put(b"Subject: large\r\n\r\n" + b"0123456789abcde\r\n" * 200_000)
    with imap.mailbox() as mailbox:
        content = mailbox.fetch(1)
    assert content is not None
    assert len(content) == LARGEST
    assert content.startswith(b"Subject: large")


@needs_dovecot
def test_a_folder_of_any_name_is_read(imap: Dovecot) -> None:
    imap.put(FIRST, folder="R&APw-ckl&AOQ-ufer")
    with imap.mailbox(folder="Rückläufer") as mailbox:
        assert mailbox.numbers_after(0) == [1]
    assert imap.mailbox().verify() == 0


@needs_dovecot
@pytest.mark.parametrize(
    ("changes", "words", "needs_a_person"),
    [
        ({"password": "wrong"}, "refuses the log-in: [AUTHENTICATIONFAILED]", True),
        ({"password": "fälsch"}, "AUTHENTICATIONFAILED", True),
        ({"folder": "Nowhere"}, "there is no such folder", True),
        ({"trust": None}, "its certificate is not trusted: unable to get local issuer certificate", True),
    ],
)
def test_what_is_refused_is_one_line_that_says_what(
    imap: Dovecot, changes: dict[str, str | None], words: str, needs_a_person: bool
) -> None:
    with pytest.raises(MailboxError, match="INBOX of bounces") as caught:
        imap.mailbox(**changes).verify()
    assert words in str(caught.value)
    assert caught.value.needs_a_person is needs_a_person
    assert "\n" not in str(caught.value)
    assert not changes.get("password") or str(changes["password"]) not in str(caught.value)


@needs_dovecot
def test_tls_where_there_is_none_is_said(imap: Dovecot) -> None:
    with pytest.raises(MailboxError, match=r"does not speak TLS as asked .* is bounces.security"):
        imap.mailbox(port=imap.plain_port).verify()


@contextmanager
def saying(*answers: bytes) -> Iterator[MailboxServer]:
    """A server that says these things, one a line that it hears, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as heard:
                for answer in answers:
                    connection.sendall(answer)
                    heard.readline()

        thread = threading.Thread(target=serve)
        thread.start()
        yield MailboxServer(
            place="INBOX of me",
            host="127.0.0.1",
            port=listening.getsockname()[1],
            security=Security.NONE,
            username=USER,
            password=PASSWORD,
            folder="INBOX",
            timeout=0.5,
        )
        thread.join()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((b"220 mx.example ESMTP\r\n",), "is no IMAP server: unexpected response: .*220 mx.example ESMTP"),
        ((b"* BYE too many connections\r\n",), "fails at connecting"),
        ((b"",), "does not answer in time while connecting"),
        ((b"* OK ready\r\n",), "closed the connection while connecting"),
    ],
)
def test_what_is_no_imap_server_is_said(answers: tuple[bytes, ...], words: str) -> None:
    with saying(*answers) as server, pytest.raises(MailboxError, match=words):
        ImapMailbox(server).verify()


def test_a_server_that_there_is_not_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    mailbox = mailbox_for(BounceSettings(host="127.0.0.1", port=port, username=USER, password=SecretStr(PASSWORD)))
    assert mailbox is not None
    with pytest.raises(MailboxError, match=rf"^INBOX of {USER} at 127.0.0.1:{port}: .*refused") as caught:
        mailbox.verify()
    assert not caught.value.needs_a_person


def test_without_a_host_there_is_no_mailbox() -> None:
    assert mailbox_for(BounceSettings()) is None
