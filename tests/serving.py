"""A small web server on loopback that answers as a test tells it to, also badly, and keeps what it was asked.

with Serving() as server:
    server.answers["/api/v1/things"] = Reply(body=b"[]")
    ...
    assert server.asked[-1].headers["User-Agent"] == "…"
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, TypeAlias, cast
from urllib.parse import parse_qs, urlsplit

RECORDED = Path(__file__).parent / "data" / "mastodon" / "answers"
_OF_THE_CONNECTION = {"connection", "content-length", "transfer-encoding", "keep-alive"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    path: str  # as it came: percent-encoded, without the query
    query: Mapping[str, list[str]]
    headers: Message  # asked for without regard to case
    client_port: int  # the same for all that comes over one connection


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, or a way to fail at giving it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    drip_seconds: float = 0.0  # between two bytes of the whole answer, head included
    says_length: int | None = None  # in place of the body's; a longer one breaks the answer off
    resets: bool = False  # the connection, in place of an answer
    hangs: bool = False  # until the server is closed


Route: TypeAlias = Reply | Callable[[Asked], Reply]


def json_reply(value: Any, status: int = 200, **headers: str) -> Reply:
    """JSON, as servers give it; header names are written with underscores."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status=status, headers={"Content-Type": "application/json"} | named, body=json.dumps(value).encode())


def recorded(name: str) -> Reply:
    """An answer that a real server once gave, whole but for what belongs to its connection."""
    first, *lines = (RECORDED / f"{name}.headers").read_text("utf-8").splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    headers = {key.strip(): value.strip() for key, value in pairs if key.strip().lower() not in _OF_THE_CONNECTION}
    return Reply(status=int(first.split()[1]), headers=headers, body=(RECORDED / f"{name}.body").read_bytes())


class Serving:
    """The server: `answers` maps paths to replies, or to functions that make them; `otherwise` is for all others."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Route] = {}
        self.otherwise: Route = json_reply({"error": "Not Found"}, 404)
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.serving = self
        if context is not None:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._scheme = "https" if context else "http"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.005,), daemon=True)

    @property
    def port(self) -> int:
        """The port that the system gave."""
        return int(self._http.server_address[1])

    @property
    def address(self) -> str:
        """scheme://127.0.0.1:port"""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for one path, in their order."""
        return [asked for asked in self.asked if asked.path == path]

    def reply_to(self, asked: Asked) -> Reply:
        """What the test wants said to this request, which is kept."""
        self.asked.append(asked)
        route = self.answers.get(asked.path, self.otherwise)
        return route if isinstance(route, Reply) else route(asked)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Server(ThreadingHTTPServer):
    serving: Serving
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or distrusts the certificate, is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        serving = cast("_Server", self.server).serving
        query, port = parse_qs(parts.query), int(self.client_address[1])
        reply = serving.reply_to(Asked(path=parts.path, query=query, headers=self.headers, client_port=port))
        if reply.hangs:
            serving.closing.wait(30)
        if reply.hangs or reply.resets:
            self._reset()
            return
        self._send(_bytes_of(reply), reply.drip_seconds, serving.closing)
        if reply.says_length is not None or reply.headers.get("Connection") == "close":
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests look at `asked`."""

    def _send(self, answer: bytes, drip_seconds: float, closing: threading.Event) -> None:
        if not drip_seconds:
            self.wfile.write(answer)
            return
        for byte in answer:
            self.wfile.write(bytes([byte]))
            if closing.wait(drip_seconds):
                break

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True


def _bytes_of(reply: Reply) -> bytes:
    length = len(reply.body) if reply.says_length is None else reply.says_length
    headers = {"Content-Length": str(length)} | dict(reply.headers)
    lines = [f"HTTP/1.1 {reply.status} As Told", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + reply.body
