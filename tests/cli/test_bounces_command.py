"""`collector subscribers bounces`, and what `check`, `tick` and `status` say of what comes back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fediverse import FakeServer
from mailboxes import PASSWORD, Dovecot, needs_dovecot
from running import LAST_WEEK, Folder, environment, now

DATA = Path(__file__).parents[1] / "data" / "bounces"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A digest has gone to one address of the configuration."""
    with FakeServer() as server:
        here = Folder(tmp_path, server)
        server.publish("An example.", at=now() - LAST_WEEK)
        with here.app(now() - LAST_WEEK) as app:
            app.prepare()
            app.poll_due()
            app.close_due_windows()
        here.call("tick")
    here.write()
    return here


def returned(folder: Folder, name: str) -> Path:
    """That report, about the mail that lies in the outbox."""
    content = folder.mails[0].read_bytes()
    ours = next(line for line in content.split(b"\r\n") if line.startswith(b"Message-ID: ")).split()[1]
    made = folder.path / f"{name}.eml"
    report = (DATA / f"{name}.eml").read_bytes()
    made.write_bytes(report.replace(b"<weekly-2026-w47.0123456789abcdef0123456789abcdef@hashtags.example>", ours))
    return made


def test_each_mail_is_told_with_what_it_came_to(folder: Folder) -> None:
    gone, away = returned(folder, "office365"), DATA / "away.eml"
    told = folder.call("subscribers", "bounces", str(gone), str(away), str(DATA / "exim-gone.eml"))
    reason = "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"
    assert told.out.splitlines() == [
        f"{gone}: me@example.org: nothing more goes there ({reason})",
        f"{away}: an automatic reply",
        f"{DATA / 'exim-gone.eml'}: about no mail that this collector sent in the last 30 days",
    ]
    assert (told.code, told.err) == (0, "3 mails read\n")
    assert folder.call("subscribers", "bounces", str(gone)).out == f"{gone}: me@example.org: known already ({reason})\n"
    (need,) = [one for one in folder.call("status", "--json").json["needs_a_person"] if "bounces" in one]
    assert need == f"me@example.org bounces, and is in digest.to: {reason}"


def test_who_bounced_is_forgiven_by_hand(folder: Folder) -> None:
    folder.call("subscribers", "bounces", str(returned(folder, "office365")))
    assert (
        folder.call("subscribers", "bounces", "--forgive", "ME@example.org").out == "me@example.org: gets mails again\n"
    )
    assert "bounces" not in folder.call("status").out
    assert (
        folder.call("subscribers", "bounces", "--forgive", "me@example.org").refusal().startswith("no mails came back")
    )
    assert "is not an e-mail address" in folder.call("subscribers", "bounces", "--forgive", "me").refusal(2)


def test_a_soft_one_says_how_many_came_back(folder: Folder) -> None:
    told = folder.call("subscribers", "bounces", str(returned(folder, "icloud"))).out
    assert "me@example.org: a digest came back (552 5.2.2" in told


def test_without_a_file_it_says_what_it_takes(folder: Folder) -> None:
    assert "name a file with mails that came back" in folder.call("subscribers", "bounces").refusal(2)
    assert folder.call("subscribers", "bounces", "nowhere").refusal() == "nowhere: no such file or directory"


def test_standard_input_is_an_mbox_too(folder: Folder) -> None:
    mbox = b"".join(b"From me\n" + (DATA / f"{name}.eml").read_bytes() + b"\n" for name in ("away", "person"))
    done = subprocess.run(
        [sys.executable, "-m", "collector", "subscribers", "bounces", "-"],
        cwd=folder.path,
        env=environment(folder.path),
        input=mbox,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == "standard input #1: an automatic reply\nstandard input #2: no report\n"


def with_mailbox(folder: Folder, imap: Dovecot, **changes: str | int) -> None:
    keys = {"host": "127.0.0.1", "port": imap.plain_port, "security": "none", "username": imap.user}
    folder.write(bounces={**keys, "password": PASSWORD, **changes})


@needs_dovecot
def test_check_tick_and_status_speak_of_the_mailbox(folder: Folder, imap: Dovecot) -> None:
    imap.put(returned(folder, "office365").read_bytes())
    with_mailbox(folder, imap)
    place = f"INBOX of {imap.user} at 127.0.0.1:{imap.plain_port}"
    assert f"ok    bounces: what comes back is read in {place}, 1 there now" in folder.call("check").out
    folder.call("tick")
    assert "me@example.org bounces, and is in digest.to" in folder.call("status").out
    assert r"\Seen" in imap.flags()[0]


@needs_dovecot
def test_a_refused_log_in_is_one_line_and_holds_up_nothing(folder: Folder, imap: Dovecot) -> None:
    with_mailbox(folder, imap, password="wrong")
    said = f"INBOX of {imap.user} at 127.0.0.1:{imap.plain_port}: refuses the log-in: [AUTHENTICATIONFAILED]"
    assert f"fails bounces: {said}" in folder.call("check").out
    assert said in folder.call("tick").err
    needs = folder.call("status", "--json").json["needs_a_person"]
    assert any(need.startswith(f"what comes back is not read: {said}") for need in needs)


def test_a_mailbox_that_is_away_is_tried_again_by_itself(folder: Folder) -> None:
    folder.write(bounces={"host": "127.0.0.1", "port": 1, "security": "none", "username": "me", "password": "x"})
    assert "INBOX of me at 127.0.0.1:1: " in folder.call("tick").err
    status = folder.call("status", "--json").json
    assert any(line.startswith("INBOX of me at 127.0.0.1:1: ") for line in status["tried_again"])
    assert not any("INBOX" in need for need in status["needs_a_person"])
