"""How much of everything a visitor may ask: sizes, times, connections, and how often."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPResponse
from typing import Any
from unittest.mock import patch

import pytest
from making import NOW
from running import wait_until
from smtpserver import free_port
from visiting import Reader, make_settings, make_site, reading

from collector.config import Listen
from collector.storage.database import Database
from collector.storage.listing import Listed
from collector.web import posts, serving, site
from collector.web.allowances import Allowance, Purse, Purses, name_client, take
from collector.web.forwarding import find_client
from collector.web.refusing import Refusal
from collector.web.site import LARGEST_FORM

THREE = Allowance(name="test", most=3, every=timedelta(seconds=10))
SECOND = timedelta(seconds=1)
OPEN = make_settings(
    digest=[{"series": "weekly", "sign_up": True}],
    web={"base_url": "https://digest.example.org"},
    mail={"from": "digest@example.org"},
)


@pytest.mark.parametrize(
    ("purse", "after", "left", "wait"),
    [
        (None, 0, 2, 0),
        (Purse(left=2, at=NOW), 0, 1, 0),
        (Purse(left=1, at=NOW), 0, 0, 0),
        (Purse(left=0, at=NOW), 0, 0, 10),
        (Purse(left=0, at=NOW), 4, 0.4, 6),
        (Purse(left=0, at=NOW), 10, 0, 0),
        (Purse(left=0, at=NOW), 10_000, 2, 0),
        (Purse(left=0, at=NOW), -10_000, 0, 10),  # the clock was put back
    ],
)
def test_a_purse_empties_and_fills_again(purse: Purse | None, after: int, left: float, wait: int) -> None:
    taken, waiting = take(purse, THREE, NOW + after * SECOND)
    assert taken.left == pytest.approx(left)
    assert waiting == wait * SECOND


def test_each_client_has_a_purse_for_each_kind_and_is_told_when_to_come_back() -> None:
    purses, other = Purses(), Allowance(name="other", most=1, every=timedelta(minutes=1))
    for _ in range(3):
        purses.spend(THREE, "192.0.2.1", NOW)
    with pytest.raises(Refusal) as refused:
        purses.spend(THREE, "192.0.2.1", NOW + 1.5 * SECOND)
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "9"})
    purses.spend(THREE, "192.0.2.2", NOW)
    purses.spend(other, "192.0.2.1", NOW)


def test_purses_take_no_more_memory_however_many_come() -> None:
    purses = Purses(most=10)
    for number in range(1_000):
        purses.spend(THREE, f"192.0.2.{number % 250}", NOW)
    assert len(purses._purses) == 10


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_client_is_an_address_or_the_network_that_one_household_has(address: str, name: str) -> None:
    assert name_client(address) == name


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "client"),
    [
        ("192.0.2.1", "", [], "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", [], "192.0.2.1"),  # nobody we know says so
        ("192.0.2.1", "198.51.100.7", ["127.0.0.1"], "192.0.2.1"),
        ("127.0.0.1", "198.51.100.7", ["127.0.0.1"], "198.51.100.7"),
        ("127.0.0.1", "", ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", "10.9.9.9, 198.51.100.7", ["127.0.0.1"], "198.51.100.7"),  # the left one is made up
        ("127.0.0.1", "198.51.100.7, 10.0.0.2", ["127.0.0.1", "10.0.0.2"], "198.51.100.7"),
        ("127.0.0.1", "10.0.0.2", ["127.0.0.1", "10.0.0.2"], "10.0.0.2"),
        ("127.0.0.1", "198.51.100.7:4711", ["127.0.0.1"], "198.51.100.7"),
        ("127.0.0.1", "[2001:db8::1]:4711", ["127.0.0.1"], "2001:db8::1"),
        ("127.0.0.1", "<script>", ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7, unknown", ["127.0.0.1"], "127.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed_about_who_is_asking(
    peer: str, forwarded: str, proxies: list[str], client: str
) -> None:
    assert find_client(peer, forwarded, proxies) == client


def test_an_address_that_is_too_long_is_refused(database: Database) -> None:
    with reading(database) as reader:
        assert reader.get("/" + "x" * 2_048).status == 414
        assert reader.get("/?" + "x" * 2_048).status == 414
        assert reader.get("/?" + "x" * 1_000).status == 200


def test_headers_without_end_are_refused_with_the_headers_of_all_answers(database: Database) -> None:
    with reading(database, OPEN) as reader:
        seen = reader.get("/", X_Much="x" * 20_000)
        assert seen.status in {400, 431}
        assert seen.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "default-src 'none'" in seen.headers["Content-Security-Policy"]
        assert "waitress" not in seen.text + str(seen.headers)
        assert reader.get("/").status == 200


@pytest.mark.parametrize("size", [5 * LARGEST_FORM, 10_000_000])
def test_more_than_any_form_holds_is_refused_before_it_is_read(database: Database, size: int) -> None:
    with reading(database) as reader, connected(reader) as connection:
        connection.sendall(f"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 413 ")


def connected(reader: Reader) -> socket.socket:
    return socket.create_connection((reader.listen.host, reader.listen.port), timeout=20)


def test_those_who_dawdle_hold_nobody_up(database: Database) -> None:
    with reading(database) as reader:
        slow = [connected(reader) for _ in range(60)]
        for connection in slow[:30]:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for connection in slow[30:]:
            connection.sendall(b"POST /privacy HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        before = time.monotonic()
        assert reader.get("/privacy").status == 200
        assert time.monotonic() - before < 5
        for connection in slow:
            connection.close()


def test_who_sends_a_request_drop_by_drop_is_cut_off(database: Database) -> None:
    with patch.object(serving, "LONGEST_REQUEST", 0.3), reading(database) as reader, connected(reader) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|pipe"):  # noqa: PT012 (one of many drops meets the closed door)
            for _ in range(200):
                slow.sendall(b"X: y\r\n")
                time.sleep(0.05)
                if slow.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b"":
                    raise ConnectionResetError("reset")


def test_who_asks_on_without_taking_the_answers_holds_nobody_up() -> None:
    listen = Listen(host="127.0.0.1", port=free_port())
    server = serving.Server(_answer_much, listen)
    server.start()
    greedy = [socket.create_connection((listen.host, listen.port)) for _ in range(2 * serving.THREADS)]
    try:
        for connection in greedy:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n" * 30)
        for _ in range(20):  # meanwhile the greedy are given so much that threads would wait for them
            with socket.create_connection((listen.host, listen.port), timeout=10) as connection:
                connection.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
                assert connection.recv(64).startswith(b"HTTP/1.0 200 OK")
    finally:
        for connection in greedy:
            connection.close()
        server.end()


def test_who_asks_and_takes_nothing_is_cut_off_although_nothing_can_be_written_to_them() -> None:
    listen = Listen(host="127.0.0.1", port=free_port())
    with patch.object(serving, "LONGEST_SILENCE", 1):
        server = serving.Server(_answer_much, listen)
        server.start()
        with socket.create_connection((listen.host, listen.port)) as silent:
            silent.sendall(b"GET / HTTP/1.1\r\n\r\n")
            wait_until(lambda: server._server.active_channels)
            wait_until(lambda: not server._server.active_channels)
        server.end()


def test_who_takes_a_long_table_slowly_holds_nobody_up_and_is_cut_off_in_the_end() -> None:
    listen = Listen(host="127.0.0.1", port=free_port())
    server = serving.Server(_answer_piece_by_piece, listen)
    server.start()
    slow = [socket.create_connection((listen.host, listen.port)) for _ in range(2 * serving.THREADS)]
    try:
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        wait_until(lambda: sum(one.total_outbufs_len > 0 for one in _channels(server)) == len(slow))
        with socket.create_connection((listen.host, listen.port), timeout=20) as connection:
            connection.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
            assert connection.recv(64).startswith(b"HTTP/1.0 200 OK")
        with patch.object(serving, "LONGEST_TAKING", 0.0):
            wait_until(lambda: not _channels(server))
    finally:
        for connection in slow:
            connection.close()
        server.end()


def test_of_very_much_that_nobody_takes_only_what_was_asked_for_last_is_kept() -> None:
    listen = Listen(host="127.0.0.1", port=free_port())
    server = serving.Server(_answer_piece_by_piece, listen)
    server.start()
    slow: list[socket.socket] = []
    try:
        with patch.object(serving, "MOST_WAITING", 40_000_000):
            for _ in range(4):
                slow.append(socket.create_connection((listen.host, listen.port)))
                slow[-1].sendall(b"GET / HTTP/1.1\r\n\r\n")
                wait_until(lambda: _kept(server) == [one.getsockname() for one in slow[-2:]])
    finally:
        for connection in slow:
            connection.close()
        server.end()


def _kept(server: serving.Server) -> list[Any]:
    """Whose whole answer waits for them, in the order in which they asked."""
    return [one.addr for one in sorted(_channels(server), key=lambda one: one.begun) if one.total_outbufs_len > 15e6]


def _channels(server: serving.Server) -> list[Any]:
    return list(server._server.active_channels.values())


def _answer_piece_by_piece(environ: Any, start_response: Any) -> Iterator[bytes]:
    """More than waitress lets a thread write ahead by itself."""
    start_response("200 OK", [("Content-Length", "20000000")])
    yield from () if environ["REQUEST_METHOD"] == "HEAD" else itertools.repeat(b"x" * 1_000_000, 20)


def _answer_much(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "5000000")])
    return [b"x" * 5_000_000]


def test_an_address_that_is_none_is_refused_and_the_log_does_not_tell_who_asked(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with reading(database) as reader, connected(reader) as connection:
        connection.sendall(b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 400 ")
    assert caplog.text == ""


def test_a_connection_that_fails_is_logged_without_who_it_is(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broken = patch.object(serving._Parser, "received", side_effect=RuntimeError("broken"))
    with reading(database) as reader, connected(reader) as connection, broken:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(64) == b""
    assert "broken" in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_pages_are_shown_while_writers_wait_for_another_program(prepared_url: str) -> None:
    with closing(Database(prepared_url, busy_timeout=3)) as database, reading(database, OPEN) as reader:
        form = {"address": "carys@example.org", "series": "weekly"}
        writers = [threading.Thread(target=reader.post, args=("/subscribe", form)) for _ in range(serving.THREADS)]
        with closing(Database(prepared_url)) as other, other.write(), patch.object(site, "LONGEST_TURN", 0.1):
            for writer in writers:
                writer.start()
            time.sleep(0.5)
            before = time.monotonic()
            assert reader.get("/privacy").status == 200
            assert time.monotonic() - before < 2
            assert reader.post("/subscribe", form).status == 503
        for writer in writers:
            writer.join()
        assert reader.post("/subscribe", form).status == 200


def test_pages_are_shown_while_searches_take_long(database: Database) -> None:
    go_on = threading.Event()

    def search_long(*_arguments: Any) -> Listed:
        assert go_on.wait(20)
        return Listed(post_ids=(), total=0, is_more=False, following=None)

    slow = patch.object(posts, "list_posts", search_long)
    with reading(database) as reader, slow, patch.object(site, "LONGEST_TURN", 0.1):
        paths = ["/posts?q=a*", "/feeds/posts.atom?q=b*"] * serving.THREADS
        seen: list[int] = []
        searching = [threading.Thread(target=lambda path=path: seen.append(reader.get(path).status)) for path in paths]
        for one in searching:
            one.start()
        wait_until(lambda: len(seen) == len(paths) - site.MOST_SEARCHING)
        assert set(seen) == {503}
        assert reader.get("/privacy").status == 200
        go_on.set()
        for one in searching:
            one.join()
    assert seen[-site.MOST_SEARCHING :] == [200] * site.MOST_SEARCHING


def test_nobody_takes_all_the_connections(database: Database) -> None:
    with patch.object(serving, "MOST_OF_ONE", 5), reading(database) as reader:
        many = [connected(reader) for _ in range(20)]
        many[-1].sendall(b"GET /privacy HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(OSError, match="reset"):  # noqa: PT012
            if many[-1].recv(64) == b"":
                raise ConnectionResetError("reset")
        many[0].sendall(b"GET /privacy HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = HTTPResponse(many[0])
        answer.begin()
        assert answer.status == 200
        answer.close()
        for connection in many:
            connection.close()


def test_a_network_of_addresses_is_one_client_when_connections_are_counted() -> None:
    """Whoever has one address of IPv6 has more of them than there are connections."""
    with patch.object(serving, "MOST_OF_ONE", 2):
        server = serving.Server(_answer_much, Listen(host="127.0.0.1", port=free_port()))
        pairs = [socket.socketpair() for _ in range(3)]
        for number, (ours, _) in enumerate(pairs):
            server._admit(server._server, ours, (f"2001:db8:1:2::{number}", 4711), server._server.adj, {})
        assert [ours.fileno() >= 0 for ours, _ in pairs] == [True, True, False]
        for one in itertools.chain(*pairs):
            one.close()
        server.start()
        server.end()


def test_our_own_proxy_may_have_as_many_as_its_visitors_need(database: Database) -> None:
    settings = make_settings(web={"proxies": ["127.0.0.1"]})
    with patch.object(serving, "MOST_OF_ONE", 5), reading(database, settings) as reader:
        many = [connected(reader) for _ in range(20)]
        assert reader.get("/privacy").status == 200
        for connection in many:
            connection.close()


def test_pages_themselves_may_be_read_as_often_as_somebody_likes(database: Database) -> None:
    with reading(database) as reader:
        assert {reader.get("/privacy").status for _ in range(300)} == {200}


def test_downloads_and_feeds_may_not(database: Database) -> None:
    with reading(database) as reader:
        seen = [reader.get("/digests/weekly/2026-W47.csv") for _ in range(61)]
        assert [one.status for one in seen] == [404] * 60 + [429]
        assert int(seen[-1].headers["Retry-After"]) == 1
        assert "Wait one second, and try again." in seen[-1].text


def test_a_spoofed_address_buys_nothing(database: Database) -> None:
    with reading(database) as reader:
        seen = [
            reader.get("/digests/weekly/2026-W47.csv", X_Forwarded_For=f"198.51.100.{number}").status
            for number in range(61)
        ]
        assert seen[-1] == 429


def test_listening_on_ipv6_works_where_the_machine_has_it(database: Database) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
            listen = Listen(host="::1", port=free.getsockname()[1])
    except OSError:
        pytest.skip("no IPv6 here")
    with serving.serving(make_site(database), listen):
        assert Reader(make_site(database), listen).get("/privacy").status == 200
