"""A tiny HTTP server: fixed paths, each a function that gives an answer, on threads of its own.

It is made for probes on the same machine. A connection carries one request and lasts ten seconds at most, whatever the
other side does; there are never more than a few of them; and none of it can hold the daemon up.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from collector import __version__
from collector.config import Listen
from collector.errors import ListenError

log = logging.getLogger(__name__)

LONGEST_CONNECTION = 10.0  # seconds
MOST_CONNECTIONS = 16
LONGEST_WAIT = 0.5  # seconds for one of them to end; a crowd that answers quickly gets its turn, one after another


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a page says."""

    status: int
    content_type: str
    body: bytes


Page = Callable[[], Answer]


@contextmanager
def serving(listen: Listen, pages: Mapping[str, Page]) -> Iterator[None]:
    """Serves the pages for the length of a block; ListenError where nothing can listen there."""
    try:
        server = _Server(listen, pages)
    except OSError as error:
        raise ListenError(_refusal(listen, error)) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def try_listening(listen: Listen) -> None:
    """Listens for a moment; ListenError where nothing can."""
    with serving(listen, {}):
        pass


def _refusal(listen: Listen, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"health.listen: {listen} is taken by another program: choose another port, or stop that program"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"health.listen: cannot listen at {listen}: this machine has no such address"
    return f"health.listen: cannot listen at {listen}: {(error.strerror or str(error)).lower()}"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # elsewhere it would let two programs share a port

    def __init__(self, listen: Listen, pages: Mapping[str, Page]) -> None:
        self.pages = pages
        self.address_family = socket.AF_INET6 if ipaddress.ip_address(listen.host).version == 6 else socket.AF_INET
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__((listen.host, listen.port), _Conversation)

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for the connection, or a closed door where too many stay."""
        if self._room.acquire(timeout=LONGEST_WAIT):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The conversation, cut off where it dawdles."""
        patience = threading.Timer(LONGEST_CONNECTION, _cut, (request,))
        patience.daemon = True
        patience.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            patience.cancel()
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 (the library's signature)
        """A client that goes away is no news."""
        log.debug("a conversation broke off", exc_info=True)


def _cut(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class _Conversation(BaseHTTPRequestHandler):
    server: _Server
    server_version = f"hashtag-collector/{__version__}"
    error_message_format = "%(message)s: %(explain)s\n"
    error_content_type = "text/plain; charset=utf-8"

    def do_GET(self) -> None:
        """A page."""
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND, explain=f"there are {' and '.join(self.server.pages)}")
            return
        try:
            answer = page()
        except Exception:
            log.exception("unexpected error while answering %s", self.path)
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, explain="the log says more")
            return
        self._send(answer)

    do_HEAD = do_GET  # noqa: N815

    def _refuse(self) -> None:
        self.send_response(HTTPStatus.METHOD_NOT_ALLOWED)
        self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def version_string(self) -> str:
        """Who answers, without Python's version."""
        return self.server_version

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
        """Probes come every few seconds: only who asks for everything reads of them."""
        log.debug(format, *args)
