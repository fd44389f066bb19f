"""The tiny server, over real HTTP and over sockets that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse

import pytest
from smtpserver import free_port

from collector import __version__
from collector.config import Listen
from collector.errors import ListenError
from collector.probes import server
from collector.probes.server import Answer, serving, try_listening


def hello() -> Answer:
    return Answer(status=200, content_type="text/plain; charset=utf-8", body="grüß dich\n".encode())


def hesitate() -> Answer:
    time.sleep(0.02)
    return hello()


def fail() -> Answer:
    raise ZeroDivisionError("a secret")


@pytest.fixture
def listen() -> Iterator[Listen]:
    here = Listen(host="127.0.0.1", port=free_port())
    with serving(here, {"/hello": hello, "/fail": fail, "/slow": hesitate}):
        yield here


def ask(listen: Listen, method: str, path: str, body: bytes | None = None) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(listen.host, listen.port, timeout=20)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_a_page_is_given_whole_and_kept_by_nobody(listen: Listen) -> None:
    response, body = ask(listen, "GET", "/hello?whatever=1")
    assert (response.status, body) == (200, hello().body)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Length"] == str(len(body))
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Server"] == f"hashtag-collector/{__version__}"


def test_a_head_is_the_same_without_the_body(listen: Listen) -> None:
    with socket.create_connection((listen.host, listen.port), timeout=20) as plain:
        plain.sendall(b"HEAD /hello HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(1000), b""))
    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    assert f"Content-Length: {len(hello().body)}\r\n".encode() in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/", 404, b"Not Found: there are /hello and /fail and /slow\n"),
        ("GET", "/hello/more", 404, b"Not Found: there are /hello and /fail and /slow\n"),
        ("GET", "/../../etc/passwd", 404, b"Not Found: there are /hello and /fail and /slow\n"),
        ("HEAD", "/nothing", 404, b""),
        ("POST", "/hello", 405, b""),
        ("DELETE", "/hello", 405, b""),
        ("OPTIONS", "/hello", 405, b""),
        ("BREW", "/hello", 501, b"Unsupported method ('BREW'): Server does not support this operation\n"),
    ],
)
def test_what_is_not_there_is_refused_properly(
    listen: Listen, method: str, path: str, status: int, words: bytes
) -> None:
    response, body = ask(listen, method, path)
    assert (response.status, body) == (status, words)
    assert response.headers["Allow"] == ("GET, HEAD" if status == 405 else None)


def test_a_body_that_nobody_wanted_does_not_drown_the_refusal(listen: Listen) -> None:
    response, _ = ask(listen, "POST", "/hello", b"x" * 60_000)
    assert response.status == 405


def test_a_page_that_fails_is_told_without_its_secrets(listen: Listen, caplog: pytest.LogCaptureFixture) -> None:
    response, body = ask(listen, "GET", "/fail")
    assert (response.status, body) == (500, b"Internal Server Error: the log says more\n")
    assert "unexpected error while answering /fail" in caplog.text
    assert ask(listen, "GET", "/hello")[0].status == 200


@pytest.mark.parametrize(
    "words",
    [b"", b"GET /hello HTTP/1.0\r\nHost: x\r\n", b"GET /hel", b"GET /hello HTTP/1.0\r\nX: "],
)
def test_who_dawdles_is_cut_off(monkeypatch: pytest.MonkeyPatch, listen: Listen, words: bytes) -> None:
    monkeypatch.setattr(server, "LONGEST_CONNECTION", 0.1)
    with socket.create_connection((listen.host, listen.port), timeout=20) as slow:
        slow.sendall(words)
        while slow.recv(1000):
            pass
    assert ask(listen, "GET", "/hello")[0].status == 200


def test_a_crowd_of_dawdlers_is_bounded_and_others_are_heard_when_it_is_gone(
    monkeypatch: pytest.MonkeyPatch, listen: Listen
) -> None:
    monkeypatch.setattr(server, "LONGEST_CONNECTION", 0.5)
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(socket.create_connection((listen.host, listen.port), timeout=20)) for _ in range(60)
        ]
        conversing = [thread for thread in threading.enumerate() if "process_request_thread" in thread.name]
        assert len(conversing) <= server.MOST_CONNECTIONS
        for one in crowd:
            assert one.recv(100) == b"", "cut off, at once or after a while"
    assert ask(listen, "GET", "/hello")[0].status == 200


def test_a_crowd_that_asks_at_once_is_answered_one_after_another(listen: Listen) -> None:
    with ThreadPoolExecutor(60) as crowd:
        answers = list(crowd.map(lambda _: ask(listen, "GET", "/slow")[0].status, range(60)))
    assert answers == [200] * 60


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 100_000, b"GET\r\n\r\n"])
def test_what_is_no_http_is_answered_with_a_closed_door(listen: Listen, noise: bytes) -> None:
    with socket.create_connection((listen.host, listen.port), timeout=20) as noisy:
        noisy.sendall(noise + b"\r\n\r\n")
        try:
            answer = noisy.recv(1000)
        except ConnectionResetError:
            answer = b""
    assert b"200" not in answer
    assert ask(listen, "GET", "/hello")[0].status == 200


def test_a_port_that_is_taken_is_one_clear_line(listen: Listen) -> None:
    with pytest.raises(ListenError) as refused:
        try_listening(listen)
    assert str(refused.value) == (
        f"health.listen: {listen} is taken by another program: choose another port, or stop that program"
    )


def test_an_address_that_this_machine_does_not_have_is_one_clear_line() -> None:
    with pytest.raises(
        ListenError, match=r"^health\.listen: cannot listen at 192\.0\.2\.1:9464: this machine has no such address$"
    ):
        try_listening(Listen(host="192.0.2.1", port=9464))


def test_the_port_is_free_again_at_once(listen: Listen) -> None:
    here = Listen(host="127.0.0.1", port=free_port())
    for _ in range(3):
        with serving(here, {"/hello": hello}):
            assert ask(here, "GET", "/hello")[0].status == 200


def test_it_speaks_ip_version_6() -> None:
    here = Listen(host="::1", port=free_port())
    try:
        with serving(here, {"/hello": hello}):
            assert ask(here, "GET", "/hello")[0].status == 200
    except ListenError as error:
        pytest.skip(str(error))
