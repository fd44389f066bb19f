"""`collector run` as a process: what it does by itself, and what lasts from one to the next."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fediverse import FakeServer
from running import LAST_WEEK, Daemon, Folder, now, wait_until
from smtpserver import HANG, MailServer

OFTEN = {"interval": "2s"}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: FakeServer) -> Folder:
    return Folder(tmp_path, server, polling=OFTEN)


def texts(folder: Folder) -> list[str]:
    done = folder.call("export", "--format", "jsonl", "--columns", "text")
    return [json.loads(line)["text"].removesuffix(" #notcoproduction") for line in done.out.splitlines()]


def through(mail: MailServer, **changes: object) -> dict[str, object]:
    sender = "Not coproduction <digest@example.org>"
    return {"from": sender, "host": mail.host, "port": mail.port, "security": "none", **changes}


def test_it_polls_again_and_again_by_itself(folder: Folder, server: FakeServer) -> None:
    server.publish("The first.", at=now())
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round", "new=1")
        server.publish("The second.", at=now())
        wait_until(lambda: daemon.log.count("new=1") == 2, lambda: daemon.log)
        daemon.stop()
    assert texts(folder) == ["The first.", "The second."]


def test_it_sends_the_digest_that_is_due_once(folder: Folder, server: FakeServer) -> None:
    folder.live_at(now() - 2 * LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO sent", "mails=1")
        daemon.stop()
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        daemon.stop()
        assert "sent" not in daemon.log
    (mail,) = folder.mails
    assert "Last week's example." in mail.read_text("utf-8").replace("=\n", "")


def test_after_a_pause_it_catches_up(folder: Folder, server: FakeServer) -> None:
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        daemon.stop()
    for number in range(45):  # more than a page
        server.publish(f"Number {number}.", at=now())
    with Daemon(folder) as daemon:
        daemon.wait_for("new=45")
        daemon.stop()
    assert sorted(texts(folder)) == sorted(f"Number {number}." for number in range(45))


def test_a_failing_source_harms_no_other(tmp_path: Path, server: FakeServer) -> None:
    with FakeServer("takahe", domain="down.example") as other:
        folder = Folder(tmp_path, other, server, polling=OFTEN)
    server.publish("Still here.", at=now())
    with Daemon(folder) as daemon:
        daemon.wait_for("WARNING could not read server 1", "cannot be reached")
        daemon.wait_for("INFO round", "new=1")
        server.publish("And again.", at=now())
        wait_until(lambda: daemon.log.count("new=1") == 2, lambda: daemon.log)
        daemon.stop()
    assert texts(folder) == ["Still here.", "And again."]


def test_a_source_that_hangs_is_left_alone_and_the_others_go_on(tmp_path: Path, server: FakeServer) -> None:
    with FakeServer("takahe", domain="slow.example") as slow:
        slow.stall_next(60, times=100, path="")
        folder = Folder(tmp_path, slow, server, polling=OFTEN)
        server.publish("Still here.", at=now())
        with Daemon(folder) as daemon:
            daemon.wait_for("INFO round", "new=1")
            daemon.wait_for("WARNING could not read server 1", "did not answer in time")
            server.publish("And again.", at=now())
            wait_until(lambda: daemon.log.count("new=1") == 2, lambda: daemon.log)
            daemon.stop()
            assert len(slow.requests) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_idle_it_stops_at_once(folder: Folder, number: signal.Signals) -> None:
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        assert daemon.stop(number) < 3
        assert daemon.has_said("INFO stopped")


def test_it_stops_in_the_middle_of_a_slow_request(folder: Folder, server: FakeServer) -> None:
    server.stall_next(60)
    with Daemon(folder) as daemon:
        wait_until(server.asked, lambda: daemon.log)
        daemon.stop()
    server.down()
    server.up()
    server.publish("After the restart.", at=now())
    with Daemon(folder) as daemon:
        daemon.wait_for("new=1")
        daemon.stop()


def test_it_stops_in_the_middle_of_a_mail_which_the_next_one_sends(tmp_path: Path, server: FakeServer) -> None:
    with MailServer() as mail:
        folder = Folder(tmp_path, server, polling=OFTEN, mail=through(mail))
        folder.live_at(now() - 2 * LAST_WEEK)
        server.publish("Last week's example.", at=now() - LAST_WEEK)
        mail.answers["MESSAGE"] = HANG
        with Daemon(folder) as daemon:
            wait_until(lambda: "DATA" in mail.commands, lambda: daemon.log)
            daemon.stop()
        del mail.answers["MESSAGE"]
        with Daemon(folder) as daemon:
            daemon.wait_for("INFO sent")
            daemon.stop()
        assert [message.recipients for message in mail.messages] == [["me@example.org"]]


def test_it_stops_while_a_mail_server_does_not_even_greet(tmp_path: Path, server: FakeServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        mail = {"host": "127.0.0.1", "port": silent.getsockname()[1], "security": "none"}
        folder = Folder(tmp_path, server, polling=OFTEN, mail=mail)
        folder.path.joinpath("outbox").mkdir()
        Folder(tmp_path, server, polling=OFTEN).live_at(now() - 2 * LAST_WEEK)
        server.publish("Last week's example.", at=now() - LAST_WEEK)
        folder.write(polling=OFTEN, mail=mail)
        with Daemon(folder) as daemon:
            connection, _ = silent.accept()
            with connection:
                daemon.stop()
    assert folder.call("digest", "list", "--json").json["digests"][-2]["owed"] == 1


def test_it_stops_while_names_cannot_be_looked_up(tmp_path: Path) -> None:
    """A name server that never answers: in namespaces of its own, so that nothing else asks it."""
    enclosed = ["unshare", "--mount", "--net", "sh", "-ec"]
    script = 'ip link set lo up; mount --bind resolv.conf /etc/resolv.conf; exec "$@"'
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.99\noptions timeout:30 attempts:5\n", "utf-8")
    tried = subprocess.run([*enclosed, script, "sh", "true"], cwd=tmp_path, capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"no namespaces here: {tried.stderr.decode().strip()}")
    folder = Folder(tmp_path, polling=OFTEN, source={"kind": "mastodon", "url": "https://nowhere.example"})
    silent = tmp_path / "silent.py"
    silent.write_text(
        "import os, socket, sys\n"
        "name_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "name_server.bind(('127.0.0.99', 53))\n"
        "if os.fork(): os.execv(sys.argv[1], sys.argv[1:])\n"
        "name_server.recv(512)\n"
        "open('asked', 'w').close()\n"
        "__import__('time').sleep(30)\n",
        "utf-8",
    )
    with Daemon(folder, prefix=[*enclosed, f"{script}", "sh", "python3", str(silent)]) as daemon:
        wait_until((tmp_path / "asked").exists, lambda: daemon.log)
        daemon.stop()


@pytest.mark.parametrize("way", ["the same file", "a link to the file", "a link to the folder"])
def test_a_second_daemon_on_the_same_database_is_refused(folder: Folder, tmp_path: Path, way: str) -> None:
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO started")
        elsewhere = tmp_path / "elsewhere"
        if way == "a link to the folder":
            elsewhere.symlink_to(tmp_path)
        else:
            elsewhere.mkdir()
            (elsewhere / "collector.toml").write_text(
                (tmp_path / "collector.toml").read_text("utf-8") + '[database]\nurl = "sqlite:///../collector.db"\n',
                "utf-8",
            )
        if way == "a link to the file":
            (elsewhere / "other.db").symlink_to(folder.database)
            text = (elsewhere / "collector.toml").read_text("utf-8")
            (elsewhere / "collector.toml").write_text(text.replace("../collector.db", "other.db"), "utf-8")
        second = folder.run("run", "--config", str(elsewhere / "collector.toml"))
        assert "another collector is running on it; stop that one first" in second.refusal()
        daemon.stop()


@pytest.mark.parametrize("kind", ["postgresql"])
def test_two_daemons_on_postgresql_share_the_work(tmp_path: Path, server: FakeServer, database_url: str) -> None:
    folder = Folder(tmp_path, server, polling=OFTEN, database={"url": database_url})
    folder.live_at(now() - 2 * LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    with Daemon(folder) as one, Daemon(folder) as other:
        for daemon in (one, other):
            daemon.wait_for("INFO started")
        wait_until(lambda: one.has_said("INFO sent") or other.has_said("INFO sent"), lambda: one.log + other.log)
        for daemon in (one, other):
            daemon.stop()
        assert (one.log + other.log).count("INFO sent") == 1
        assert (one.log + other.log).count("new=1") == 1


def test_commands_work_beside_a_daemon(folder: Folder, server: FakeServer) -> None:
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        server.publish("Meanwhile.", at=now())
        assert folder.call("poll").code == 0
        assert folder.call("tick").code == 0
        assert folder.call("status").code == 0
        daemon.stop()
        assert "ERROR" not in daemon.log
    assert texts(folder) == ["Meanwhile."]


def test_the_lock_is_gone_with_a_daemon_that_was_killed(folder: Folder, server: FakeServer) -> None:
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        daemon.process.kill()
        daemon.process.wait()
    server.publish("After the crash.", at=now())
    with Daemon(folder) as daemon:
        daemon.wait_for("new=1")
        daemon.stop()


def test_what_a_killed_daemon_was_fetching_is_fetched_again(folder: Folder, server: FakeServer) -> None:
    for number in range(45):
        server.publish(f"Number {number}.", at=now() - timedelta(minutes=number))
    server.stall_next(60, path="/api/v1/timelines/tag")
    with Daemon(folder) as daemon:
        wait_until(server.asked, lambda: daemon.log)
        daemon.process.kill()
        daemon.process.wait()
    with Daemon(folder) as daemon:
        daemon.wait_for("new=45")
        daemon.stop()
    assert len(texts(folder)) == 45


def test_its_log_is_one_line_a_round_with_numbers(folder: Folder, server: FakeServer) -> None:
    server.publish("The first.", at=now())
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round", "new=0")
        daemon.stop()
        first = next(line for line in daemon.log.splitlines() if " round " in line)
        numbers = r"pages=\d fetched=1 new=1 changed=0 withdrawn=0 gone=0 rejected=0"
        numbers = rf'source="server 1" hashtag=notcoproduction {numbers}'
        assert re.fullmatch(rf"\S+Z INFO round {numbers} condition=ok", first), first


def test_its_log_is_json_where_asked(folder: Folder, server: FakeServer) -> None:
    server.publish("The first.", at=now())
    with Daemon(folder, "--log-format", "json") as daemon:
        daemon.wait_for('"new": 0')
        daemon.stop()
        events = [json.loads(line) for line in daemon.log.splitlines()]
    assert [event["event"] for event in events[:2]] == ["started", "round"]
    assert events[1].items() >= {"level": "info", "source": "server 1", "fetched": 1, "new": 1}.items()
    assert all(event["at"].endswith("Z") for event in events)
    assert events[-1]["event"] == "stopped"


def test_quiet_it_only_says_what_is_wrong(tmp_path: Path, server: FakeServer) -> None:
    with FakeServer(domain="down.example") as other:
        folder = Folder(tmp_path, server, other, polling=OFTEN)
    with Daemon(folder, "--quiet") as daemon:
        daemon.wait_for("WARNING could not read server 2")
        daemon.stop()
        assert "INFO" not in daemon.log


def test_systemd_is_told_how_it_is(folder: Folder) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(folder.path / "notify"))
        listener.settimeout(20)
        told = {"NOTIFY_SOCKET": str(folder.path / "notify"), "WATCHDOG_USEC": "400000"}
        with Daemon(folder, **told) as daemon:
            assert listener.recv(100) == b"READY=1"
            assert [listener.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
            daemon.stop()
            heard = b""
            while heard != b"STOPPING=1":
                heard = listener.recv(100)


def test_a_socket_of_systemd_that_is_gone_is_no_reason_to_fail(folder: Folder) -> None:
    with Daemon(folder, NOTIFY_SOCKET=str(folder.path / "nothing")) as daemon:
        daemon.wait_for("WARNING systemd could not be told READY=1")
        daemon.stop()


def test_it_works_as_process_1(folder: Folder) -> None:
    prefix = ["unshare", "--pid", "--fork", "--mount-proc"]
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"no namespaces here: {tried.stderr.decode().strip()}")
    with Daemon(folder, prefix=prefix) as daemon:
        daemon.wait_for("INFO round")
        parent = daemon.process.pid
        child = int(Path(f"/proc/{parent}/task/{parent}/children").read_text("utf-8").split()[0])
        os.kill(child, signal.SIGTERM)
        assert daemon.process.wait(5) == 0
        assert daemon.has_said("INFO stopped")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("a folder that is not there", "there is no folder"),
        ("no database", "the file is no SQLite database"),
    ],
)
def test_a_database_that_cannot_be_used_ends_it_with_one_line(folder: Folder, trouble: str, said: str) -> None:
    if trouble == "no database":
        folder.database.write_bytes(b"This is a letter, and no database at all. " * 100)
    else:
        folder.write(database={"url": "sqlite:///nowhere/collector.db"})
    refusal = folder.run("run").refusal()
    assert said in refusal
    assert not (folder.path / "nowhere").exists()
