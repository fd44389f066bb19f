"""`collector run` as those who watch over it see it: probes, Prometheus, and the person who is warned."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest
from collecting import set_state
from fediverse import FakeServer
from prometheus_client.parser import text_string_to_metric_families
from running import Daemon, Folder, now, wait_until
from smtpserver import MailServer, free_port

from collector.errors import Condition
from collector.model import WatchState

OFTEN = {"interval": "2s"}
DOWN = WatchState(condition=Condition.BAD_TOKEN, message="its token is bad", failing_since=now())  # and never asked


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: FakeServer, port: int) -> Folder:
    return Folder(tmp_path, server, polling=OFTEN, health={"listen": f"127.0.0.1:{port}"})


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def total(port: int, name: str) -> float:
    """The sum of a metric's values."""
    families = text_string_to_metric_families(get(port, "/metrics")[1])
    return sum(sample.value for family in families for sample in family.samples if sample.name == name)


def test_probes_and_prometheus_are_answered_while_it_runs_and_no_longer(
    folder: Folder, server: FakeServer, port: int
) -> None:
    server.publish("The first.", at=now())
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        wait_until(lambda: total(port, "hashtag_collector_watch_rounds_total") >= 2, lambda: daemon.log)
        assert get(port, "/healthz") == (200, '{"collector": "ok", "causes": []}\n')
        assert total(port, "hashtag_collector_posts") == 1
        assert total(port, "hashtag_collector_watch_last_success_timestamp_seconds") > now().timestamp() - 60
        assert total(port, "hashtag_collector_job_failures_total") == 0
        daemon.stop()
        assert daemon.log.count("healthz") == 1
        assert f"INFO probes are answered at=http://127.0.0.1:{port}/healthz" in daemon.log
    with pytest.raises(URLError):
        get(port, "/healthz")


def test_without_being_asked_to_it_listens_nowhere(tmp_path: Path, server: FakeServer) -> None:
    with Daemon(Folder(tmp_path, server, polling=OFTEN)) as daemon:
        daemon.wait_for("INFO round")
        listening = [line.split() for line in Path(f"/proc/{daemon.process.pid}/net/tcp").read_text().splitlines()[1:]]
        own = {
            Path(f"/proc/{daemon.process.pid}/fd/{fd.name}").readlink()
            for fd in Path(f"/proc/{daemon.process.pid}/fd").iterdir()
        }
        assert [line for line in listening if line[3] == "0A" and Path(f"socket:[{line[9]}]") in own] == []
        daemon.stop()


def test_a_port_that_another_program_has_keeps_it_from_starting(folder: Folder, port: int) -> None:
    """A monitor would hear the other one, and all would seem well."""
    with socket.create_server(("127.0.0.1", port)):
        refusal = folder.run("run").refusal()
        assert refusal.startswith(f"health.listen: 127.0.0.1:{port} is taken by another program: ")
        (finding,) = [each for each in folder.call("check", "--json").json["checks"] if each["what"] == "health"]
        assert (finding["is_ok"], finding["message"]) == (False, refusal)


def test_check_says_who_has_the_port(folder: Folder, port: int) -> None:
    def said() -> str:
        (finding,) = [each for each in folder.call("check", "--json").json["checks"] if each["what"] == "health"]
        assert finding["is_ok"]
        return str(finding["message"])

    assert said() == f"127.0.0.1:{port} is free for 'collector run' to answer probes at"
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        assert said() == f"a collector answers at 127.0.0.1:{port}, and is well"
        daemon.stop()


def test_a_database_that_cannot_be_used_is_told_to_probes_and_is_over_when_it_can(folder: Folder, port: int) -> None:
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        away = folder.path / "away.db"
        folder.database.rename(away)
        wait_until(lambda: get(port, "/healthz")[0] == 503, lambda: daemon.log)
        daemon.wait_for("the file was moved")
        (cause,) = json.loads(get(port, "/healthz")[1])["causes"]
        assert cause == f"database {folder.database}: the file was moved or deleted while it was in use"
        assert total(port, "hashtag_collector_database_up") == 0
        away.rename(folder.database)
        wait_until(lambda: get(port, "/healthz")[0] == 200, lambda: get(port, "/healthz")[1] + daemon.log)
        daemon.stop()


def test_who_dawdles_at_its_port_holds_up_neither_its_work_nor_its_end(
    folder: Folder, server: FakeServer, port: int
) -> None:
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"GET /metrics HTTP/1.0\r\nX-Slow: ")
            server.publish("Meanwhile.", at=now())
            daemon.wait_for("new=1")
            assert get(port, "/healthz")[0] == 200
            assert daemon.stop() < 4


def test_the_operator_is_warned_by_mail_and_told_when_it_is_over(tmp_path: Path, server: FakeServer) -> None:
    with MailServer() as mail:
        through = {"from": "digest@example.org", "host": mail.host, "port": mail.port, "security": "none"}
        warnings = {"to": ["ops@example.org"]}
        folder = Folder(tmp_path, server, polling=OFTEN, mail=through, warnings=warnings)
        with folder.app(now() - timedelta(minutes=11)) as app:
            app.prepare()
            set_state(app, DOWN)
            assert app.warn().mails == 0
        assert folder.call("status", "--json").json["needs_a_person"] == ["server 1: its token is bad"]
        with Daemon(folder) as daemon:
            daemon.wait_for("INFO warned", "mails=1", "begun=1", "over=0")
            daemon.stop()
        with folder.app(now()) as app:
            set_state(app, WatchState(condition=Condition.OK))
        done = folder.call("tick")
        assert done.code == 0
        assert [message.message["Subject"] for message in mail.messages] == [
            "#notcoproduction: something needs you",
            "#notcoproduction: it is over",
        ]


def test_a_warning_that_does_not_go_out_is_a_failure_of_tick(tmp_path: Path, server: FakeServer) -> None:
    mail = {"from": "digest@example.org", "host": "127.0.0.1", "port": free_port(), "security": "none"}
    folder = Folder(tmp_path, server, mail=mail, warnings={"to": ["ops@example.org"]})
    with folder.app(now() - timedelta(minutes=11)) as app:
        app.prepare()
        set_state(app, DOWN)
        app.warn()
    assert "no warning could be mailed: 127.0.0.1" in folder.call("tick", "--quiet").complaint()
    assert folder.call("tick").code == 0, "the next try is in an hour"
