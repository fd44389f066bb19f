"""Commands that send mails, asked to stop while one is in the air: real processes, and a real mail server."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fediverse import FakeServer
from running import LAST_WEEK, Daemon, Folder, now, wait_until
from smtpserver import HOLD, MailServer

COMMANDS = [("digest", "send"), ("tick",)]
READERS = ["first@example.org", "second@example.org", "third@example.org"]
GOES_ON = "collector: stopped: the same command goes on from here"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running
        running.released.set()


@pytest.fixture
def folder(tmp_path: Path, mail: MailServer) -> Iterator[Folder]:
    """A digest of last week is to go to three readers."""
    way = {"from": "Not coproduction <digest@example.org>", "host": mail.host, "port": mail.port, "security": "none"}
    with FakeServer() as server:
        folder = Folder(tmp_path, server, digest={"to": READERS}, mail=way)
        folder.live_at(now() - 2 * LAST_WEEK)
        server.publish("Last week's example.", at=now() - LAST_WEEK)
        assert folder.call("poll").code == 0
        yield folder


def begun(folder: Folder, command: tuple[str, ...]) -> Daemon:
    first, *rest = command
    return Daemon(folder, *rest, command=first)


def recipients(mail: MailServer) -> list[str]:
    return [address for received in mail.messages for address in received.recipients]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", COMMANDS)
def test_the_mail_in_the_air_arrives_and_the_same_command_goes_on_behind_it(
    folder: Folder, mail: MailServer, command: tuple[str, ...], number: signal.Signals
) -> None:
    mail.answers_once["MESSAGE"] = HOLD
    with begun(folder, command) as process:
        wait_until(lambda: "DATA" in mail.commands, lambda: process.log)
        process.process.send_signal(number)
        mail.released.set()
        assert process.process.wait(30) == 1, process.log
        assert process.log.splitlines()[-1] == GOES_ON
        assert "1 sent" in process.log or "1 mail sent" in process.log
    assert recipients(mail) == READERS[:1]
    assert folder.call(*command).code == 0
    assert recipients(mail) == READERS


@pytest.mark.parametrize("command", COMMANDS)
def test_who_asks_again_does_not_wait_for_it(folder: Folder, mail: MailServer, command: tuple[str, ...]) -> None:
    mail.answers["MESSAGE"] = HOLD
    with begun(folder, command) as process:
        wait_until(lambda: "DATA" in mail.commands, lambda: process.log)
        process.process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.process.wait(0.5)
        process.process.send_signal(signal.SIGINT)
        assert process.process.wait(5) == 1
        assert process.log.strip() == "collector: stopped"
