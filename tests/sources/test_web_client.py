"""The guarded client against servers on loopback that mean no good."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from serving import Asked, Reply, Serving, json_reply

from collector.errors import Condition, SourceError
from collector.sources import web
from collector.sources.protocol import Limits
from collector.sources.web import WebClient

LIMITS = Limits(body_bytes=100_000, connect_seconds=2, silence_seconds=2, answer_seconds=4)
SECRET = {"Authorization": "Bearer s3cr3t"}


@pytest.fixture
def server() -> Iterator[Serving]:
    with Serving() as serving:
        serving.answers["/"] = json_reply([1, 2])
        yield serving


@pytest.fixture
def make_client() -> Iterator[Callable[..., WebClient]]:
    made = []

    def make(**changes: Any) -> WebClient:
        values: dict[str, Any] = {"user_agent": "test/1", "allow_private": True, "limits": LIMITS}
        client = WebClient(**(values | changes))
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., WebClient]) -> WebClient:
    return make_client()


def error_of(client: WebClient, url: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        client.get(url, SECRET)
    assert "s3cr3t" not in str(caught.value)
    return caught.value


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Has every host name stand for these addresses, the first time it is looked up; gives what was looked up."""
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def fake(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if host in addresses:
            return real(host, port, *args, **kwargs)
        assert host not in looked_up, "looked up a second time"
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    return looked_up


def test_an_answer_comes_back_whole(server: Serving, client: WebClient) -> None:
    server.answers["/"] = json_reply([1], 404, X_Some_Thing="yes")
    answer = client.get(f"{server.address}/")
    assert (answer.status, answer.body, answer.headers["x-some-thing"]) == (404, b"[1]", "yes")
    (asked,) = server.asked
    assert asked.headers["User-Agent"] == "test/1"
    assert asked.headers["Accept"] == "application/json"
    assert asked.headers["Accept-Encoding"] == "gzip, deflate"
    assert asked.headers["Authorization"] is None


def test_one_connection_serves_several_questions(server: Serving, client: WebClient) -> None:
    for _ in range(3):
        client.get(f"{server.address}/")
    assert len({asked.client_port for asked in server.asked}) == 1


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again(server: Serving, client: WebClient) -> None:
    server.answers["/last"] = json_reply([], Connection="close")
    for path in ("/last", "/", "/last", "/"):
        assert client.get(server.address + path).status == 200


def test_a_connection_that_is_closed_while_it_is_used_again_is_opened_again_once(
    server: Serving, client: WebClient
) -> None:
    ports: set[int] = set()

    def answer_first(asked: Asked) -> Reply:
        is_first = asked.client_port not in ports
        ports.add(asked.client_port)
        return json_reply([]) if is_first else Reply(resets=True)

    server.answers["/once"] = answer_first
    for _ in range(3):
        assert client.get(f"{server.address}/once").status == 200
    server.answers["/never"] = Reply(resets=True)
    error_of(client, f"{server.address}/never")
    assert len(server.asked_for("/never")) == 2


def test_a_packed_answer_is_unpacked(server: Serving, client: WebClient) -> None:
    server.answers["/"] = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"[3]"))
    assert client.get(f"{server.address}/").body == b"[3]"


def test_a_private_address_is_refused_with_the_key_that_allows_it(
    server: Serving, make_client: Callable[..., WebClient]
) -> None:
    careful = make_client(allow_private=False)
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"):
        error = error_of(careful, f"http://{host}:{server.port}/")
        assert error.condition is Condition.REFUSED_ADDRESS, host
        assert "allow_private_network = true" in str(error)
    assert server.asked == []


def test_a_public_name_that_points_inside_is_refused(
    server: Serving, make_client: Callable[..., WebClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, "8.8.8.8", "127.0.0.1")
    error = error_of(make_client(allow_private=False), f"http://rebinding.example:{server.port}/")
    assert error.condition is Condition.REFUSED_ADDRESS
    assert server.asked == []


def test_the_address_that_was_checked_is_the_one_dialled_under_the_hosts_name(
    server: Serving, client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = resolve_to(monkeypatch, "127.0.0.1")
    assert client.get(f"http://named.example:{server.port}/").status == 200
    assert looked_up == ["named.example"]
    assert server.asked[0].headers["Host"] == f"named.example:{server.port}"


def test_a_redirect_into_a_private_network_is_refused(
    server: Serving, make_client: Callable[..., WebClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = make_client(allow_private=False)
    monkeypatch.setattr("collector.sources.guard.is_private", lambda ip: ip != "127.0.0.1")
    server.answers["/away"] = Reply(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})
    error = error_of(careful, f"{server.address}/away")
    assert error.condition is Condition.REFUSED_ADDRESS
    assert str(error).startswith(f"127.0.0.1:{server.port} redirects elsewhere: 169.254.169.254 is at")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_keeps_the_token_on_its_own_host(
    server: Serving, client: WebClient, status: int
) -> None:
    server.answers["/old"] = Reply(status=status, headers={"Location": "/"})
    answer = client.get(f"{server.address}/old", SECRET)
    assert (answer.url, answer.asked_url) == (f"{server.address}/", f"{server.address}/old")
    assert answer.moved_to is None
    assert server.asked[1].headers["Authorization"] == "Bearer s3cr3t"


def test_a_redirect_to_another_host_loses_the_token(server: Serving, client: WebClient) -> None:
    elsewhere = f"http://localhost:{server.port}/"
    server.answers["/away"] = Reply(status=302, headers={"Location": elsewhere, "Set-Cookie": "a=b"})
    answer = client.get(f"{server.address}/away", SECRET)
    assert answer.moved_to == elsewhere.rstrip("/")
    assert server.asked[0].headers["Authorization"] == "Bearer s3cr3t"
    assert server.asked[1].headers["Authorization"] is None
    assert server.asked[1].headers["Cookie"] is None


def test_cookies_are_not_kept(server: Serving, client: WebClient) -> None:
    server.answers["/"] = Reply(status=302, headers={"Location": "/there", "Set-Cookie": "session=1; Path=/"})
    server.answers["/there"] = json_reply([])
    for _ in range(2):
        client.get(f"{server.address}/")
    assert [asked.headers["Cookie"] for asked in server.asked] == [None] * 4


def test_a_circle_of_redirects_ends(server: Serving, client: WebClient) -> None:
    server.answers["/round"] = Reply(status=302, headers={"Location": "/round"})
    error = error_of(client, f"{server.address}/round")
    assert error.condition is Condition.UNREADABLE
    assert "redirects more than 5 times" in str(error)
    assert len(server.asked) == 6


@pytest.mark.parametrize("location", ["ftp://files.example/", "file:///etc/passwd", "//", "x:y", "http://xn--/"])
def test_a_redirect_to_what_is_no_web_address_is_one_clear_error(
    server: Serving, client: WebClient, location: str
) -> None:
    server.answers["/odd"] = Reply(status=302, headers={"Location": location})
    assert error_of(client, f"{server.address}/odd").condition is Condition.UNREADABLE


def test_the_environments_proxies_and_passwords_are_not_used(
    server: Serving, make_client: Callable[..., WebClient], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hidden")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert make_client().get(f"{server.address}/").status == 200
    assert server.asked[0].headers["Authorization"] is None


def test_an_oversized_answer_and_a_bomb_are_refused(server: Serving, client: WebClient) -> None:
    server.answers["/big"] = Reply(body=b"[" + b"1," * 100_000)
    server.answers["/bomb"] = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"\0" * 20_000_000))
    for path in ("/big", "/bomb"):
        error = error_of(client, server.address + path)
        assert error.condition is Condition.UNREADABLE
        assert "an answer of more than 97 KiB" in str(error)
    assert client.get(f"{server.address}/").status == 200


@pytest.mark.parametrize("padding", [b"", b"x" * 20_000])
def test_a_server_that_drips_its_answer_is_left_at_the_deadline(
    server: Serving, make_client: Callable[..., WebClient], padding: bytes
) -> None:
    limits = Limits(silence_seconds=2, answer_seconds=0.3)
    server.answers["/"] = Reply(drip_seconds=0.02, body=padding)
    started = time.monotonic()
    error = error_of(make_client(limits=limits), f"{server.address}/")
    assert error.condition is Condition.UNREACHABLE
    assert "did not answer in time" in str(error)
    assert time.monotonic() - started < 1.5


def test_a_server_that_says_nothing_is_left_before_the_deadline(
    server: Serving, make_client: Callable[..., WebClient]
) -> None:
    limits = Limits(silence_seconds=0.2, answer_seconds=20)
    server.answers["/"] = Reply(hangs=True)
    started = time.monotonic()
    assert error_of(make_client(limits=limits), f"{server.address}/").condition is Condition.UNREACHABLE
    assert time.monotonic() - started < 2


def test_a_server_that_says_nothing_is_left_at_the_deadline_too(
    server: Serving, make_client: Callable[..., WebClient]
) -> None:
    server.answers["/"] = Reply(hangs=True)
    started = time.monotonic()
    error_of(make_client(limits=Limits(silence_seconds=20, answer_seconds=0.2)), f"{server.address}/")
    assert time.monotonic() - started < 2


def test_redirects_share_one_deadline(server: Serving, make_client: Callable[..., WebClient]) -> None:
    def slow(asked: Asked) -> Reply:
        server.closing.wait(0.15)
        return Reply(status=302, headers={"Location": "/slow"})

    server.answers["/slow"] = slow
    error = error_of(make_client(limits=Limits(silence_seconds=2, answer_seconds=0.4)), f"{server.address}/slow")
    assert "did not answer in time" in str(error)


@pytest.mark.parametrize("reply", [Reply(resets=True), Reply(body=b"[1", says_length=50)])
def test_a_connection_that_breaks_is_unreachable(server: Serving, client: WebClient, reply: Reply) -> None:
    server.answers["/"] = reply
    error = error_of(client, f"{server.address}/")
    assert error.condition is Condition.UNREACHABLE
    assert "broke off" in str(error)


def test_a_closed_port_and_an_unknown_name_are_unreachable(server: Serving, client: WebClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    error = error_of(client, f"http://127.0.0.1:{port}/")
    assert error.condition is Condition.UNREACHABLE
    assert f"127.0.0.1:{port} cannot be reached: connection refused" in str(error)
    for host in ("nowhere.invalid", "x" * 64 + ".example"):
        error = error_of(client, f"http://{host}/")
        assert error.condition is Condition.UNREACHABLE
        assert "its name" in str(error)


def test_https_is_asked_for_by_name_and_its_certificate_checked(
    make_client: Callable[..., WebClient], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("named.example").configure_cert(context)
    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    bundle = tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(str(bundle))
    resolve_to(monkeypatch, "127.0.0.1")
    with Serving(context) as server:
        server.answers["/"] = json_reply([])
        server.answers["/down"] = Reply(status=302, headers={"Location": f"http://named.example:{server.port}/"})
        error = error_of(make_client(), server.address)
        assert error.condition is Condition.UNREACHABLE
        assert "its certificate is not trusted" in str(error)
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        monkeypatch.setattr(web, "_trusted", web._trusted.__wrapped__)
        client = make_client()
        assert client.get(f"https://named.example:{server.port}/").status == 200
        assert names[-1] == "named.example"
        error = error_of(client, f"https://named.example:{server.port}/down")
        assert "without encryption: refused" in str(error)


def test_plain_http_behind_https_is_one_clear_error(server: Serving, client: WebClient) -> None:
    error = error_of(client, f"https://127.0.0.1:{server.port}/")
    assert error.condition is Condition.UNREACHABLE
    assert "TLS" in str(error)
