"""What every kind of source owes whoever asks it, run against each of them."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import tracemalloc
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import Any, TypeAlias

import pytest
from contracting import NEVER_KEPT, NEVER_SAID, STANDS, Stand, kept_text
from making import NOW
from serving import Reply, Serving, json_reply

from collector.config.kinds import known_kinds
from collector.errors import Condition, SourceError
from collector.model import Found, Page, Rejection
from collector.sources import Limits, Look, Source, guard
from collector.sources.raw import unpack
from collector.text.addresses import canonical_uri
from collector.text.hashtags import normal_form

MakeSource: TypeAlias = Callable[..., Source]

WORDS = "The ramp <b>is</b> a step & more.\x07\u202e\n\n\n\nAsked\tafter. #NotCoProduction #Ｗｉｄｅ"
QUICK = Limits(connect_seconds=0.3, silence_seconds=0.3, answer_seconds=1)
SMALL = Limits(body_bytes=1_000_000)
BOMB = gzip.compress(b" " * 100_000_000)


@pytest.fixture(params=STANDS, ids=str)
def stand(request: pytest.FixtureRequest) -> Stand:
    assert isinstance(request.param, Stand)
    return request.param


@pytest.fixture
def server(stand: Stand) -> Iterator[Serving]:
    with stand.open() as serving:
        stand.prepare(serving)
        stand.holds(serving, *(stand.item(serving.address, number, WORDS) for number in (3, 2, 1)))
        yield serving


@pytest.fixture
def make_source(stand: Stand, server: Serving) -> Iterator[MakeSource]:
    made: list[Source] = []

    def make(address: str | None = None, **changes: Any) -> Source:
        made.append(stand.make(address or server.address, **changes))
        return made[-1]

    yield make
    for source in made:
        source.close()


@pytest.fixture
def page(stand: Stand, server: Serving, make_source: MakeSource) -> Page:
    page = make_source().fetch_page(stand.key(server.address), Look())
    assert len(page.found) == 3, page.rejections
    return page


def error_of(source: Source, stand: Stand, address: str) -> SourceError:
    """What a look comes to that must fail: one line, without anything that must not be told."""
    with pytest.raises(SourceError) as caught:
        source.fetch_page(stand.key(address), Look())
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    assert said.isprintable()
    assert [secret for secret in NEVER_SAID if secret in said] == []
    assert caught.value.condition.is_failure
    return caught.value


def test_every_kind_of_ours_stands_here() -> None:
    assert set(known_kinds()) <= {stand.kind for stand in STANDS}


# --- posts -----------------------------------------------------------------------------------------


def test_all_that_is_shown_is_found(page: Page) -> None:
    assert page.rejections == ()
    assert page.condition is Condition.OK
    assert len({item.post.uri for item in page.found}) == 3
    assert len({item.native_id for item in page.found}) == 3


def test_instants_are_aware_and_in_utc(page: Page) -> None:
    assert [item.post.published_at.minute for item in page.found] == [3, 2, 1]
    for item in page.found:
        assert item.post.published_at.tzinfo is UTC
        assert item.post.published_at.hour == 9
        assert item.post.edited_at is None


def test_texts_are_plain(page: Page) -> None:
    for post in (item.post for item in page.found):
        assert post.text.startswith("The ramp <b>is</b> a step & more.")
        assert post.text.endswith("#NotCoProduction #Ｗｉｄｅ")
        for text in (post.text, post.title, post.author.name, post.content_warning):
            bad = [c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"]
            assert bad == []
            assert "\u202e" not in text
            assert "<p" not in text
            assert "&amp;" not in text
            assert "\n\n\n" not in text


def test_hashtags_are_in_normal_form(page: Page) -> None:
    for post in (item.post for item in page.found):
        assert post.carries(frozenset({"notcoproduction"}))
        assert {"notcoproduction", "wide"} <= {tag.normal for tag in post.hashtags}
        assert [tag.normal for tag in post.hashtags] == [normal_form(tag.display) for tag in post.hashtags]


def test_addresses_are_in_canonical_form(stand: Stand, page: Page) -> None:
    for post in (item.post for item in page.found):
        assert post.network == stand.network
        for address in (post.uri, post.url, post.reply_to_uri, *post.other_addresses):
            assert address is None or canonical_uri(address) == address
        assert post.author.key == post.author.key.strip().lower()
        assert not post.author.handle.startswith("@")


def test_the_same_answer_gives_equal_posts(stand: Stand, server: Serving, make_source: MakeSource, page: Page) -> None:
    source = make_source()
    for _ in range(2):
        assert source.fetch_page(stand.key(server.address), Look()).found == page.found


def test_what_is_kept_is_read_as_it_was(stand: Stand, server: Serving, page: Page) -> None:
    for item in page.found:
        read = stand.source_class().read_kept(unpack(item.raw), stand.key(server.address), page.account_domain)
        assert isinstance(read, Found)
        assert (read.post, read.native_id) == (item.post, item.native_id)


def test_what_is_nobodys_business_is_not_kept(stand: Stand, server: Serving, make_source: MakeSource) -> None:
    stand.holds(server, stand.item(server.address, 1, WORDS), stand.broken_item())
    page = make_source().fetch_page(stand.key(server.address), Look())
    assert len(page.found) + len(page.rejections) == 2
    items: list[Found | Rejection] = [*page.found, *page.rejections]
    for item in items:
        kept = kept_text(unpack(item.raw)) + repr(getattr(item, "post", ""))
        assert [secret for secret in NEVER_KEPT if secret in kept] == []
        assert "gravatar" not in kept


def test_a_broken_item_costs_only_itself(stand: Stand, server: Serving, make_source: MakeSource) -> None:
    one, other = (stand.item(server.address, number, WORDS) for number in (2, 1))
    stand.holds(server, one, stand.broken_item(), other)
    page = make_source().fetch_page(stand.key(server.address), Look())
    assert len(page.found) == 2
    (rejection,) = page.rejections
    assert rejection.native_id
    assert len(rejection.reason.splitlines()) == 1
    assert "not foreseen" not in rejection.reason


def test_nothing_at_all_is_no_failure(stand: Stand, server: Serving, make_source: MakeSource) -> None:
    stand.holds(server)
    page = make_source().fetch_page(stand.key(server.address), Look())
    assert (page.found, page.rejections, page.condition) == ((), (), Condition.NO_POSTS)


# --- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "90"},
        {"Retry-After": "90, 90"},
        {"Retry-After": "Mon, 23 Nov 2026 08:01:30 GMT"},
        {"Retry-After": "Mon, 23 Nov 2026 10:01:30 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"},
        {"X-RateLimit-Reset": "2026-11-23T08:01:30.000Z"},
        {"X-RateLimit-Reset": "1795420890"},
        {"X-RateLimit-Reset": "1795420890000"},
        {"RateLimit-Reset": "90"},
    ],
)
def test_a_rate_limit_says_when_to_come_back(
    stand: Stand, server: Serving, make_source: MakeSource, headers: dict[str, str]
) -> None:
    server.answers[stand.path] = Reply(status=429, headers=headers)
    error = error_of(make_source(), stand, server.address)
    assert (error.condition, error.status) == (Condition.RATE_LIMITED, 429)
    assert error.retry_at == NOW + timedelta(seconds=90)
    assert len(server.asked_for(stand.path)) == 1


def test_a_rate_limit_may_leave_the_time_to_us(stand: Stand, server: Serving, make_source: MakeSource) -> None:
    server.answers[stand.path] = json_reply({"error": "slow down"}, 429)
    assert error_of(make_source(), stand, server.address).retry_at is None


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>Oh no", b'{"error": "boom"}'])
def test_a_servers_own_fault_is_called_so(
    stand: Stand, server: Serving, make_source: MakeSource, status: int, body: bytes
) -> None:
    server.answers[stand.path] = Reply(status=status, headers={"Retry-After": "90"}, body=body)
    error = error_of(make_source(), stand, server.address)
    assert (error.condition, error.status) == (Condition.SERVER_FAULT, status)
    assert error.holds_the_host
    assert error.retry_at == (NOW + timedelta(seconds=90) if status == 503 else None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 410, 418, 422, 451])
def test_other_refusals_are_failures_of_one_line(
    stand: Stand, server: Serving, make_source: MakeSource, status: int
) -> None:
    for reply in (
        Reply(status=status),
        Reply(status=status, body=b"<html>No", headers={"Content-Type": "text/html"}),
        json_reply({"error": "no\nnever\x1b[31m"}, status),
        Reply(status=status, body=b"\xff\xfe\x00"),
    ):
        server.answers[stand.path] = reply
        assert_only_expected(make_source(), stand, server.address)


def assert_only_expected(source: Source, stand: Stand, address: str) -> None:
    """Some kinds have another way where one is closed: an empty page or one clear line comes of it, nothing else."""
    said = ""
    found: tuple[Found, ...] = ()
    try:
        found = source.fetch_page(stand.key(address), Look()).found
    except SourceError as error:
        said = str(error)
    assert said.isprintable()
    assert [secret for secret in NEVER_SAID if secret in said] == []
    assert found == ()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b""),
        Reply(body=b"", headers={"Content-Type": "application/json"}),
        Reply(body=b"<!doctype html><title>Hi</title><p>Hello", headers={"Content-Type": "text/html"}),
        Reply(body=b"<html>Hello", headers={"Content-Type": "application/json"}),
        Reply(body=b'[{"id": "1"', headers={"Content-Type": "application/json"}),
        Reply(body=b'{"posts": [', headers={"Content-Type": "application/json"}),
        Reply(body=b"[" * 100_000, headers={"Content-Type": "application/json"}),
        Reply(body=b"\xff\xfe\x00\x01", headers={"Content-Type": "application/json"}),
        Reply(body=b"null", headers={"Content-Type": "application/json"}),
        Reply(body=b"junk", headers={"Content-Encoding": "gzip"}),
        Reply(body=b"junk", headers={"Content-Encoding": "br"}),
    ],
)
def test_an_answer_that_is_none_is_a_failure(
    stand: Stand, server: Serving, make_source: MakeSource, reply: Reply
) -> None:
    server.answers[stand.path] = reply
    error = error_of(make_source(), stand, server.address)
    assert error.condition in {Condition.UNREADABLE, Condition.NO_SUCH_API}


def test_a_probe_tells_what_a_look_would_raise(
    stand: Stand, server: Serving, make_source: MakeSource, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert make_source().probe(stand.key(server.address)).condition is Condition.OK
    for reply, condition in (
        (Reply(status=429), Condition.RATE_LIMITED),
        (Reply(status=500), Condition.SERVER_FAULT),
        (Reply(resets=True), Condition.UNREACHABLE),
    ):
        server.answers[stand.path] = reply
        probe = make_source().probe(stand.key(server.address))
        assert probe.condition is condition
        assert probe.message.isprintable()
        assert [secret for secret in NEVER_SAID if secret in repr(probe)] == []
    assert [secret for secret in NEVER_SAID if secret in caplog.text] == []


# --- the network -----------------------------------------------------------------------------------


def test_a_private_address_is_refused_unless_that_is_meant(
    stand: Stand, server: Serving, make_source: MakeSource
) -> None:
    for address in (server.address, f"http://localhost:{server.port}", f"http://2130706433:{server.port}"):
        error = error_of(make_source(address, allow_private=False), stand, address)
        assert error.condition is Condition.REFUSED_ADDRESS
        assert "allow_private_network = true" in str(error)
    assert server.asked == []


def test_a_private_address_is_refused_behind_a_redirect(
    stand: Stand, server: Serving, make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_private = guard.is_private
    monkeypatch.setattr(guard, "is_private", lambda ip: ip != "127.0.0.1" and really_private(ip))
    source = make_source(allow_private=False)
    assert len(source.fetch_page(stand.key(server.address), Look()).found) == 3
    for inside in ("127.0.0.2", "[::1]", "2130706434", "10.0.0.1", "169.254.169.254"):
        location = f"http://{inside}:{server.port}{stand.path}"
        server.answers[stand.path] = Reply(status=302, headers={"Location": location})
        error = error_of(make_source(allow_private=False), stand, server.address)
        assert error.condition is (Condition.REFUSED_ADDRESS if stand.follows else Condition.UNREADABLE)
        assert str(error).count("\n") == 0


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/", "http://", "http://[", "//", "/\x7f"])
def test_a_redirect_to_nowhere_is_a_failure(
    stand: Stand, server: Serving, make_source: MakeSource, target: str
) -> None:
    server.answers[stand.path] = Reply(status=302, headers={"Location": target})
    assert_only_expected(make_source(limits=QUICK), stand, server.address)


def test_a_circle_of_redirects_comes_to_an_end(stand: Stand, server: Serving, make_source: MakeSource) -> None:
    server.answers[stand.path] = Reply(status=302, headers={"Location": stand.path})
    assert error_of(make_source(), stand, server.address).condition is Condition.UNREADABLE
    assert len(server.asked_for(stand.path)) < 20


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b" " * 3_000_000, says_length=100_000_000),
        Reply(body=BOMB, headers={"Content-Encoding": "gzip"}),
        Reply(status=500, body=BOMB, headers={"Content-Encoding": "gzip"}),
    ],
    ids=["long", "bomb", "bomb that is an error"],
)
def test_an_answer_without_end_is_refused_within_bounds(
    stand: Stand, server: Serving, make_source: MakeSource, reply: Reply
) -> None:
    source = make_source(limits=SMALL)
    source.fetch_page(stand.key(server.address), Look())  # what is imported or remembered once does not count
    server.answers[stand.path] = reply
    tracemalloc.start()
    try:
        error = error_of(source, stand, server.address)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.condition is Condition.UNREADABLE
    assert "more than" in str(error)
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "reply",
    [
        Reply(resets=True),
        Reply(hangs=True),
        Reply(body=b"[", says_length=100),
        Reply(body=b"[]", drip_seconds=0.05),
    ],
    ids=["reset", "hanging", "broken off", "dripping"],
)
def test_a_server_that_does_not_answer_to_the_end_is_unreachable(
    stand: Stand, server: Serving, make_source: MakeSource, reply: Reply
) -> None:
    server.answers[stand.path] = reply
    error = error_of(make_source(limits=QUICK), stand, server.address)
    assert error.condition is Condition.UNREACHABLE
    assert error.holds_the_host


def test_a_server_that_is_not_there_is_unreachable(stand: Stand, make_source: MakeSource) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for address in (nobody, "http://no-such-host.invalid"):
            error = error_of(make_source(address, limits=QUICK), stand, address)
            assert error.condition is Condition.UNREACHABLE


# --- its user --------------------------------------------------------------------------------------


def test_threads_may_share_a_source(stand: Stand, server: Serving, make_source: MakeSource, page: Page) -> None:
    source = make_source()
    read: list[Any] = []

    def fetch() -> None:
        read.append(source.fetch_page(stand.key(server.address), Look()).found)

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [page.found] * 8


def test_a_source_may_be_closed_twice_and_unused(stand: Stand, server: Serving, make_source: MakeSource) -> None:
    unused, used = make_source(), make_source()
    used.fetch_page(stand.key(server.address), Look())
    for source in (unused, unused, used, used):
        source.close()


def test_a_source_goes_on_after_a_failure(stand: Stand, server: Serving, make_source: MakeSource, page: Page) -> None:
    source = make_source()
    held = server.answers[stand.path]
    for reply in (Reply(resets=True), Reply(status=503), Reply(body=b"<html>")):
        server.answers[stand.path] = reply
        error_of(source, stand, server.address)
        server.answers[stand.path] = held
        assert source.fetch_page(stand.key(server.address), Look()).found == page.found


def test_what_cannot_be_asked_is_not_gone(stand: Stand, server: Serving, make_source: MakeSource, page: Page) -> None:
    source = make_source()
    ids = [item.native_id for item in page.found]
    server.answers.clear()
    server.otherwise = Reply(status=503)
    assert source.look_up(stand.key(server.address), ids).gone == frozenset()
    server.otherwise = Reply(resets=True)
    assert source.look_up(stand.key(server.address), ids).gone == frozenset()
    assert source.look_up(stand.key(server.address), []).gone == frozenset()


def test_a_post_that_cannot_be_fetched_says_so(stand: Stand, server: Serving, make_source: MakeSource) -> None:
    server.otherwise = Reply(status=404)
    for url in (f"{server.address}/nothing/here", "https://elsewhere.example/1", "nonsense"):
        with pytest.raises(SourceError) as caught:
            make_source().fetch_post(url)
        assert str(caught.value).isprintable()
    assert make_source().may_know("https://elsewhere.example/1") in {True, False}
