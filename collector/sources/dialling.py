"""Where sockets are opened: resolve, check, dial the checked address, and keep the deadline of the whole answer.

httpcore's own connections stand above: they ask for TLS by the host's name, so that certificate, SNI and Host header
are those of the name, though an address was dialled.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore

from collector.errors import Condition, SourceError
from collector.sources.guard import check_addresses

_USUAL_PORTS = frozenset((80, 443))  # are not named
_NO_TLS = frozenset(("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"))  # by version of OpenSSL
_deadline: ContextVar[float] = ContextVar("deadline of the answer being read in this thread")


@contextmanager
def whole_answer_within(seconds: float) -> Iterator[None]:
    """Lets nothing that is read in this block, in this thread, go on for longer in all."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


class CheckedDialler(httpcore.NetworkBackend):
    """Opens connections to public addresses, or to any where `allow_private` says so."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._sockets = httpcore.SyncBackend()
        self.opened = 0  # connections so far

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Dials the host's addresses in the resolver's order until one answers; SourceError where none does."""
        addresses = _resolve(host, port)
        check_addresses(host, addresses, allow_private=self._allow_private)
        failure: Exception | None = None
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(address, port, _left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self.opened += 1
                return _TimedStream(stream, port)
        raise _unreachable(host, port, _reason(failure))


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline: a server that drips its answer cannot hold us."""

    def __init__(self, stream: httpcore.NetworkStream, port: int) -> None:
        self._stream, self._port = stream, port

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, _left(timeout))
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise _unreachable(server_hostname or "the server", self._port, _reason(error)) from error
        return _TimedStream(stream, self._port)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None) -> float:
    """The time until the next piece or the deadline, whichever comes first."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the whole answer took too long")
    return left if timeout is None else min(timeout, left)


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        is_passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        reason = "its name cannot be looked up just now" if is_passing else "its name is not known"
        raise _unreachable(host, port, reason) from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def _unreachable(host: str, port: int, reason: str) -> SourceError:
    bracketed = f"[{host}]" if ":" in host else host
    place = host if port in _USUAL_PORTS else f"{bracketed}:{port}"
    return SourceError(Condition.UNREACHABLE, f"{place} cannot be reached: {reason}")


def _reason(error: Exception | None) -> str:
    """The operating system's own words, without its numbers."""
    if isinstance(error, httpcore.ConnectTimeout):
        return "no answer in time"
    match error and error.__cause__:
        case ssl.SSLCertVerificationError() as distrust:
            return f"its certificate is not trusted ({distrust.verify_message})"
        case ssl.SSLError(reason=str(reason)) if reason in _NO_TLS:
            return "it does not speak TLS there; the address of a server without it begins with http://"
        case ssl.SSLError():
            return "it does not speak TLS as it should"
        case OSError(strerror=str(words)):
            return words.lower()
    return "no connection"
