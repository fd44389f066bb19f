"""A server on loopback, down to its bytes: healthy until a fault stands in the way of its answers.

with Gate(place) as gate:
    gate.fall_ill(Trouble(happens=lambda call: b"HTTP/1.1 500 No\r\n\r\n"))
    ...
    gate.get_well()
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self, TypeAlias
from urllib.parse import parse_qs, urlsplit

from places import Place

from collector.demo.server import Answer, Request

_LONGEST_REQUEST = 65536


class SecureRequest(Request):
    """A request that came over TLS."""

    @property
    def base(self) -> str:
        return super().base.replace("http://", "https://")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to a place that is faulty, and all that can be done with it."""

    request: Request
    line: socket.socket  # encrypted, where the place is
    number: int  # of the calls since the fault began, from 1
    closing: threading.Event  # set when the place is closed, or well again
    place: Place

    @property
    def is_for_posts(self) -> bool:
        """Whether it asks for posts, and not for what a place says beside them."""
        return self.request.path == self.place.path

    def well(self, request: Request | None = None) -> Answer:
        """What the place would say if it were well, to this or another request."""
        return self.place.answer(request or self.request)

    def send(self, content: bytes) -> None:
        """Sends a part of the answer at once."""
        self.line.sendall(content)

    def pause(self, seconds: float) -> bool:
        """Waits; True where there is nothing more to wait for."""
        return self.closing.wait(seconds)

    def reset(self) -> None:
        """Ends the connection as a machine does that has lost its memory of it."""
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.line.close()


Happens: TypeAlias = Callable[[Call], bytes]  # the bytes are sent, then the connection is closed


@dataclass(kw_only=True)
class Trouble:
    """What is wrong with a gate for now; nothing, as it is made."""

    happens: Happens | None = None  # in place of each answer
    greeting: bytes | None = None  # in place of everything, to whoever connects; empty: it hangs up
    context: ssl.SSLContext | None = None  # the certificate that is shown
    closing: threading.Event = field(default_factory=threading.Event)
    calls: int = 0


class Gate:
    """Listens inside `with`, and on the same port again after `down()` and `up()`; one thread a connection."""

    def __init__(self, place: Place, *, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self.place = place
        self._host = host
        self._context = context
        self._port = 0
        self._listener: socket.socket | None = None
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.trouble = Trouble()
        self.requests: list[Request] = []

    @property
    def address(self) -> str:
        """scheme://host:port"""
        return f"{'https' if self._context else 'http'}://{self._host}:{self._port}"

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.get_well()
        self.down()

    def up(self) -> None:
        """Takes connections."""
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=64)
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        """Refuses connections, and ends those that are open."""
        assert self._listener is not None
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up()

    def fall_ill(self, trouble: Trouble) -> None:
        """From now on nothing is as it was, on open connections neither."""
        self.trouble = trouble
        self._hang_up()

    def get_well(self) -> None:
        """Answers as ever; what still waits is let go."""
        self.trouble.closing.set()
        self.trouble = Trouble()

    def _hang_up(self) -> None:
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        """One connection, request after request, until somebody ends it. A client that hangs up is no news."""
        with line, suppress(OSError):
            trouble = self.trouble
            if trouble.greeting is not None:
                line.sendall(trouble.greeting)
                _end(line)
            elif context := trouble.context or self._context:
                with context.wrap_socket(line, server_side=True) as encrypted:
                    self._talk(encrypted)
            else:
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        with self._lock:
            self._lines.add(line)
        try:
            while (request := _read_request(line, is_secure=self._context is not None)) is not None:
                self.requests.append(request)
                if self.trouble.happens is not None:
                    line.sendall(self._ill(self.trouble, request, line))
                    _end(line)
                    return
                line.sendall(bytes_of(self.place.answer(request), Connection="keep-alive"))
        finally:
            with self._lock:
                self._lines.discard(line)

    def _ill(self, trouble: Trouble, request: Request, line: socket.socket) -> bytes:
        assert trouble.happens is not None
        with self._lock:
            trouble.calls += 1
            number = trouble.calls
        call = Call(request=request, line=line, number=number, closing=trouble.closing, place=self.place)
        return trouble.happens(call)


def bytes_of(answer: Answer, **changes: str | None) -> bytes:
    """An answer as it is sent; `changes` are headers, written with underscores, and None leaves one out."""
    told: dict[str, str | None] = {"Content-Length": str(len(answer.body)), "Connection": "close", **answer.headers}
    told |= {name.replace("_", "-"): text for name, text in changes.items()}
    lines = [f"{name}: {text}" for name, text in told.items() if text is not None]
    return "\r\n".join([f"HTTP/1.1 {answer.status} As Told", *lines, "", ""]).encode("latin-1") + answer.body


def _end(line: socket.socket) -> None:
    """Says that nothing more comes, and waits for the other side: closing at once could cost it what was sent."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_WR)
        line.settimeout(0.05)
        while line.recv(65536):
            pass


def _read_request(line: socket.socket, *, is_secure: bool) -> Request | None:
    """The next request; None where there is none any more."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = line.recv(_LONGEST_REQUEST)
        if not piece:
            return None
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): text.strip() for name, _, text in (text.partition(":") for text in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += line.recv(_LONGEST_REQUEST)
    return make_request(target, method=method, headers=headers, body=body, is_secure=is_secure)


def make_request(
    target: str, *, method: str = "GET", headers: Mapping[str, str], body: bytes = b"", is_secure: bool = False
) -> Request:
    """A request for a path with its query."""
    split = urlsplit(target)
    repeated = parse_qs(split.query, keep_blank_values=True)
    return (SecureRequest if is_secure else Request)(
        path=split.path,
        query={name: values[-1] for name, values in repeated.items()},
        headers=headers,
        method=method,
        repeated=repeated,
        body=body,
    )
