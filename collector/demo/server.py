"""A small HTTP server on loopback: it hands each request to a function and sends what comes back."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_STOP_CHECK_SECONDS = 0.02  # how soon a listening thread sees that it is to end


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request, taken apart. `path` is still percent-encoded; header names are in lower case."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)  # of a repeated name the last
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    repeated: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of each name in the query all values
    body: bytes = b""

    @property
    def base(self) -> str:
        """The server's address, as whoever asks knows it."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What goes back. Content-Length is added when it is sent, and Date where the headers name none."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Responder = Callable[[Request], Answer]


def json_answer(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer that carries a value as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status=status, body=body, headers={"Content-Type": "application/json", **(headers or {})})


class _Handler(BaseHTTPRequestHandler):
    """One connection, one request: HTTP/1.0, so that nothing stays open when the server ends."""

    server: LoopbackServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        address = urlsplit(self.path)
        repeated = parse_qs(address.query, keep_blank_values=True)
        answer = self.server.respond(
            Request(
                path=address.path,
                query={name: values[-1] for name, values in repeated.items()},
                headers={name.lower(): value for name, value in self.headers.items()},
                method=self.command,
                repeated=repeated,
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
        )
        self.send_response_only(answer.status)
        for name, value in {"Date": self.date_time_string(), **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name for it)
        """Says nothing: the demo's own words are enough."""


class LoopbackServer(ThreadingHTTPServer):
    """Bound to 127.0.0.1; port 0 takes any free one."""

    def __init__(self, respond: Responder, port: int = 0) -> None:
        self.respond = respond
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        """Where it listens, as a base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Binds without asking for the host's name, which can take seconds where there is no network."""
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keeps quiet about a client that hangs up early, and about nothing else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def listening(respond: Responder, port: int = 0) -> Iterator[LoopbackServer]:
    """A server that answers while the block runs."""
    with LoopbackServer(respond, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(_STOP_CHECK_SECONDS,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
