"""`collector serve`, and `collector run` with pages: they begin, answer beside each other, and end in order."""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from fediverse import FakeServer
from running import Daemon, Folder, now, wait_until
from smtpserver import free_port
from visiting import Reader, make_settings, make_site

from collector import posting
from collector.app import App
from collector.config import Listen
from collector.errors import CollectorError, StorageError
from collector.links import Purpose, Signer
from collector.storage.database import Database
from collector.web import complaining
from collector.web.answers import Answer, give
from collector.web.routing import Route
from collector.web.serving import Server
from collector.web.site import Application
from collector.web.visiting import Visit


def status(port: int, path: str = "/") -> int:
    """Of an answer; 0 where nobody listens, or somebody stops listening at that moment."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (ConnectionRefusedError, ConnectionResetError):
        return 0
    finally:
        connection.close()


def test_the_daemon_serves_pages_where_it_is_told_to_and_stops_in_time(tmp_path: Path) -> None:
    port = free_port()
    with FakeServer() as server:
        server.publish("The first.", at=now())
        folder = Folder(tmp_path, server, polling={"interval": "2s"}, web={"listen": f"127.0.0.1:{port}"})
        with Daemon(folder) as daemon:
            daemon.wait_for("INFO round")
            assert status(port) == 200
            told = f"INFO the pages are served at=http://127.0.0.1:{port}/ listen=127.0.0.1:{port}"
            assert told in daemon.log
            assert "127.0.0.1" not in daemon.log.replace(server.address, "").replace(told, "")
            daemon.stop()
            assert status(port) == 0


def test_pages_are_served_beside_a_daemon_on_the_same_database(tmp_path: Path) -> None:
    port = free_port()
    with FakeServer() as server:
        server.publish("The first.", at=now())
        folder = Folder(tmp_path, server, polling={"interval": "2s"})
        with Daemon(folder) as daemon, Daemon(folder, "--listen", f"127.0.0.1:{port}", command="serve") as pages:
            daemon.wait_for("INFO round")
            wait_until(lambda: status(port) == 200, lambda: pages.log)
            assert f"the pages are at http://127.0.0.1:{port}/" in pages.log
            pages.stop()
            daemon.stop()


def test_without_a_database_serving_makes_one(tmp_path: Path) -> None:
    port = free_port()
    folder = Folder(tmp_path, web={"listen": f"127.0.0.1:{port}"})
    with Daemon(folder, command="serve") as pages:
        wait_until(lambda: status(port) == 200, lambda: pages.log)
        pages.stop()
    assert folder.database.exists()


def test_an_older_database_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with folder.app() as app:
        app.prepare()
        with app.database.alone() as conn:
            conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    assert "run 'collector db upgrade'" in folder.run("serve").refusal()


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with FakeServer() as server:
        listen = server.address.removeprefix("http://")
        told = Folder(tmp_path).run("serve", "--listen", listen).refusal()
    assert told == f"--listen: {listen} is taken by another program: choose another port, or stop that program"


@pytest.mark.parametrize("address", ["nonsense", "example.org:80", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_a_wrong_command_line(tmp_path: Path, address: str) -> None:
    told = Folder(tmp_path).call("serve", "--listen", address).refusal(2)
    assert told.startswith("--listen: ")
    assert told.endswith('accepted: an IP address and a port, such as "127.0.0.1:8080"')


def opened(database: Database, *routes: Route) -> tuple[Server, Reader]:
    """A server with routes of a test's own."""
    site, listen = make_site(database), Listen(host="127.0.0.1", port=free_port())
    server = Server(Application(site, routes), listen)
    server.start()
    return server, Reader(site, listen)


def test_what_is_being_answered_at_the_end_is_answered(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.web.serving.GRACE", 30.0)  # a busy machine may take seconds to look
    begun, go_on = threading.Event(), threading.Event()

    def answer_slowly(_visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
        begun.set()
        assert go_on.wait(20)
        return give("whole", "text/plain")

    server, reader = opened(database, Route(path="/slow", get=answer_slowly))
    seen: list[bytes] = []
    asking = threading.Thread(target=lambda: seen.append(reader.get("/slow").body))
    asking.start()
    assert begun.wait(20)
    ending = threading.Thread(target=server.end)
    ending.start()
    wait_until(lambda: status(reader.listen.port) == 0)
    go_on.set()
    ending.join(20)
    asking.join(20)
    assert seen == [b"whole"]


def fail(_visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    raise RuntimeError("a secret detail")


def fail_as_expected(_visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    raise CollectorError("database collector.db: the disk is full")


def read_link(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    return give(" ".join(visit.signer.read(Purpose.SETTINGS, arguments["token"], visit.now)), "text/plain")


def test_where_not_even_a_page_about_it_can_be_made_a_line_is_given_and_no_link_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw_nothing(*_values: object, **_more: object) -> Answer:
        raise RuntimeError("a template that does not fit")

    monkeypatch.setattr("collector.web.site.show", draw_nothing)
    server, reader = opened(database, Route(path="/settings/<token>", get=fail))
    try:
        seen = reader.get("/settings/somebodys-own")
    finally:
        server.end()
    assert (seen.status, seen.text) == (503, "Not now.\n")
    assert "somebodys-own" not in caplog.text


def test_what_goes_wrong_is_told_to_the_log_and_not_to_the_reader(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    server, reader = opened(database, Route(path="/a", get=fail), Route(path="/b", get=fail_as_expected))
    try:
        unexpected, expected = reader.get("/a"), reader.get("/b")
    finally:
        server.end()
    assert (unexpected.status, expected.status) == (500, 503)
    assert "secret" not in unexpected.text
    assert "collector.db" not in expected.text
    assert expected.headers["Retry-After"] == "60"
    assert "a secret detail" in caplog.text
    assert "the disk is full" in caplog.text


def test_what_a_crowd_meets_is_logged_once_and_again_after_a_while(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    server, reader = opened(database, Route(path="/b", get=fail_as_expected))
    try:
        assert {reader.get("/b").status for _ in range(20)} == {503}
        assert len(caplog.records) == 1
        with patch.object(complaining, "QUIET", 0.0):
            reader.get("/b")
        assert len(caplog.records) == 2
    finally:
        server.end()


def test_who_sends_a_form_that_cannot_be_kept_is_told_so(database: Database) -> None:
    server, reader = opened(database, Route(path="/b", get=fail_as_expected, post=fail_as_expected))
    try:
        read, sent = reader.get("/b"), reader.post("/b")
    finally:
        server.end()
    assert "The pages cannot be read at the moment" in read.text
    assert "Nothing can be changed at the moment, and nothing was" in sent.text
    assert (sent.status, sent.headers["Retry-After"]) == (503, "60")


def test_letters_that_cannot_go_out_for_long_are_two_lines_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(posting, "EVERY", 0.01)
    tried: list[int] = []

    def send_in_vain(_app: App) -> None:
        tried.append(1)
        if len(tried) <= 20:
            raise StorageError("database collector.db: the disk is full")

    monkeypatch.setattr(posting, "send_letters", send_in_vain)
    with Folder(tmp_path).app() as app, posting.letters_going_out(app):
        wait_until(lambda: len(tried) > 21)
    said = [record.getMessage() for record in caplog.records]
    assert said == ["letters beside the pages failed: database collector.db: the disk is full", "works again"]


def test_no_log_says_who_asked_or_shows_a_link_that_opens_something(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server, reader = opened(database, Route(path="/settings/<token>", get=read_link))
    token = make_token(reader)
    try:
        assert reader.get(f"/settings/{token}").text == "somebody"
        assert reader.get(f"/settings/{token}x").status == 404
        assert reader.get(f"/other/{token}").status == 404
        assert reader.post(f"/settings/{token}").status == 405
    finally:
        server.end()
    said = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert "/settings/…" in said
    assert token not in said
    assert "127.0.0.1" not in said


def make_token(reader: Reader) -> str:
    from collector.storage.schema import read_secret

    with reader.site.database.read() as conn:
        return Signer(key=read_secret(conn)).sign(Purpose.SETTINGS, "somebody")


def test_what_somebody_posts_too_often_is_refused_for_a_while(database: Database) -> None:
    route = Route(path="/here", get=fail, post=lambda visit, _: give(visit.form["word"], "text/plain"))
    server, reader = opened(database, route)
    try:
        seen = [reader.post("/here", {"word": "yes"}) for _ in range(61)]
        large = reader.post("/here", {"word": "x" * 20_000})
    finally:
        server.end()
    assert [one.status for one in seen] == [200] * 60 + [429]
    assert int(seen[-1].headers["Retry-After"]) >= 1
    assert large.status in {413, 429}


def test_a_form_that_is_too_large_gets_a_friendly_page(database: Database) -> None:
    route = Route(path="/here", get=fail, post=lambda visit, _: give(visit.form["word"], "text/plain"))
    server, reader = opened(database, route)
    try:
        assert reader.post("/here", {"word": "x" * 20_000}).status == 413
        assert reader.post("/here", {str(number): "x" for number in range(100)}).status == 400
        assert reader.ask("POST", "/here", body=b"\xff\xfe", headers={"Content-Type": "text/plain"}).status == 400
    finally:
        server.end()


def test_behind_a_path_links_keep_it(database: Database) -> None:
    site = make_site(database, make_settings(web={"base_url": "https://example.org/a/b"}))
    assert (site.pages.home, site.public.home) == ("/a/b/", "https://example.org/a/b/")
