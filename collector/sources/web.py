"""The guarded way to ask a server something: private addresses, sizes, times and redirects are all bounded here.

Every source asks through this client, Mastodon.py included. Cookies are never kept, proxies and `.netrc` never used.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self
from urllib.parse import urlsplit

import httpcore
import httpx

from collector.errors import BudgetSpentError, Condition, SourceError
from collector.sources.answers import Answer
from collector.sources.bodies import ACCEPTED, read_body
from collector.sources.budgets import Budgets
from collector.sources.dialling import CheckedDialler, whole_answer_within
from collector.sources.protocol import Limits, Setup

_BROKEN_OFF = (httpcore.NetworkError, httpcore.RemoteProtocolError)
_TOO_MANY = 429
# The last: a name in an address of which no host's name can be made.
_NOT_HTTP = (
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    httpx.InvalidURL,
    UnicodeError,
)


class WebClient:
    """Asks, follows redirects, and gives whole answers whatever their status."""

    def __init__(self, *, user_agent: str, allow_private: bool, limits: Limits, budgets: Budgets | None = None) -> None:
        self._limits = limits
        self._budgets = budgets
        self._http = httpx.Client(
            transport=_GuardedTransport(allow_private=allow_private),
            headers={"User-Agent": user_agent, "Accept": "application/json"},
            timeout=httpx.Timeout(limits.silence_seconds, connect=limits.connect_seconds),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    @classmethod
    def of(cls, setup: Setup, limits: Limits | None = None) -> Self:
        """The client of a source; `limits` in place of its own."""
        return cls(
            user_agent=setup.user_agent,
            allow_private=setup.allow_private,
            limits=limits or setup.limits,
            budgets=setup.budgets,
        )

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Gives the last answer behind any redirects. Headers with a secret stay with the host that was asked."""
        return self._ask("GET", url, headers, None)

    def post(self, url: str, value: object, headers: Mapping[str, str] | None = None) -> Answer:
        """Sends a value as JSON (None: nothing); for the rest as `get`."""
        return self._ask("POST", url, headers, value)

    def close(self) -> None:
        """Closes the connections that were kept open."""
        self._http.close()

    def _ask(self, method: str, url: str, headers: Mapping[str, str] | None, value: object) -> Answer:
        host = urlsplit(url).netloc
        try:
            with whole_answer_within(self._limits.answer_seconds):
                told = dict(headers or {}) | {"Accept-Encoding": ACCEPTED}
                return self._follow(url, self._http.build_request(method, url, headers=told, json=value))
        except (httpcore.TimeoutException, *_BROKEN_OFF, *_NOT_HTTP) as error:
            raise _translated(error, host) from error

    def _follow(self, url: str, request: httpx.Request) -> Answer:
        for _ in range(self._limits.redirects + 1):
            with closing(self._reached(request, url)) as response:
                if response.next_request is None:
                    return self._read(response, url)
                if response.next_request.method == "POST" and not _is_same_place(request, response.next_request):
                    raise _unreadable(url, "redirects what was sent to another server: refused")
                if request.url.scheme == "https" and response.next_request.url.scheme != "https":
                    raise _unreadable(url, "redirects from https to an address without encryption: refused")
                request = response.next_request
        most = self._limits.redirects
        raise _unreadable(url, f"redirects more than {most} times" if most else "redirects, where none is followed")

    def _reached(self, request: httpx.Request, url: str) -> httpx.Response:
        """As `_send`; where a place behind a redirect cannot be reached, the message says who led there."""
        try:
            return self._send(request)
        except BudgetSpentError:
            raise
        except SourceError as error:
            host = urlsplit(url).netloc
            if host == urlsplit(str(request.url)).netloc:
                raise
            raise SourceError(error.condition, f"{host} redirects elsewhere: {error}") from error

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Every request goes through here, also those that follow a redirect."""
        if self._budgets is None:
            return self._http.send(request, stream=True)
        self._budgets.spend(str(request.url))
        response = self._http.send(request, stream=True)
        if response.status_code != _TOO_MANY:  # what it says then goes for the whole host, and is heeded by the rounds
            self._budgets.note(str(request.url), response.headers)
        return response

    def _read(self, response: httpx.Response, url: str) -> Answer:
        encoding = response.headers.get("content-encoding", "")
        try:
            body = read_body(response.iter_raw(), encoding, self._limits.body_bytes)
        except ValueError as error:
            raise _unreadable(url, f"gives {error}") from error
        return Answer(
            asked_url=url,
            url=str(response.url),
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
        )


class _GuardedTransport(httpx.BaseTransport):
    """httpx over httpcore with our own way to open sockets."""

    def __init__(self, *, allow_private: bool) -> None:
        self._dialler = CheckedDialler(allow_private=allow_private)
        self._pools: dict[str, httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Asks once more where a connection that was kept open turns out to be closed on the other side."""
        opened = self._dialler.opened
        try:
            return self._ask(request)
        except _BROKEN_OFF:
            if request.method != "GET" or self._dialler.opened != opened:
                raise
            return self._ask(request)

    def _ask(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool(url.scheme).handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _pool(self, scheme: str) -> httpcore.ConnectionPool:
        """One for each scheme: certificates take 70 ms to load, and plain HTTP needs none."""
        if scheme not in self._pools:
            self._pools[scheme] = httpcore.ConnectionPool(
                ssl_context=_trusted() if scheme == "https" else None,
                max_keepalive_connections=1,
                keepalive_expiry=5,
                network_backend=self._dialler,
            )
        return self._pools[scheme]


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@cache
def _trusted() -> ssl.SSLContext:
    """The usual certificate authorities, or those that SSL_CERT_FILE or SSL_CERT_DIR name."""
    return httpx.create_ssl_context()


def _translated(error: Exception, host: str) -> SourceError:
    if isinstance(error, httpcore.TimeoutException):
        return SourceError(Condition.UNREACHABLE, f"{host} did not answer in time")
    if isinstance(error, _BROKEN_OFF):
        return SourceError(Condition.UNREACHABLE, f"{host} broke off its answer, or does not speak HTTP")
    return SourceError(Condition.UNREADABLE, f"{host} redirects to an address that cannot be read")


def _is_same_place(one: httpx.Request, other: httpx.Request) -> bool:
    return (one.url.scheme, one.url.host, one.url.port) == (other.url.scheme, other.url.host, other.url.port)


def _unreadable(url: str, what: str) -> SourceError:
    return SourceError(Condition.UNREADABLE, f"{urlsplit(url).netloc} {what}")
