"""Pages on an address of this machine: threads that answer, and an orderly end.

One thread reads from all connections and writes to them, so that a slow one holds nobody up; a few others make the
pages. Who sends a request drop by drop, opens connections by the hundred, or asks and asks without taking the answers,
is cut off. At the end nothing new is taken, and what is being answered is answered first, for a few seconds.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import create_server
from waitress.task import ErrorTask

from collector.config import Listen
from collector.errors import ListenError
from collector.storage.changes import Changes
from collector.web.allowances import name_client
from collector.web.remembering import Remembered
from collector.web.routes import ROUTES
from collector.web.site import EVERYWHERE, LARGEST_FORM, Application, headers_of
from collector.web.visiting import Site

THREADS = 4  # that make pages
MOST_CONNECTIONS = 500
MOST_OF_ONE = 400  # connections from one client, unless it is a proxy of ours
MOST_UNTAKEN = 1_000_000  # bytes that wait for whoever asks on without taking them
LONGEST_SILENCE = 20  # seconds that a connection may say nothing
LONGEST_REQUEST = 20.0  # seconds from the first to the last byte of one
LONGEST_TAKING = 10 * 60.0  # seconds that somebody has for taking what they asked for
MOST_WAITING = 500_000_000  # bytes of all answers that are not taken yet, most of them in files: past that some are cut
LARGEST_HEAD = 16_384  # bytes of a request's headers together
GRACE = 3.0  # seconds that answers in progress have at the end
_GLANCE = 0.2  # seconds between two looks at the stop sign, and at who dawdles


def try_listening(listen: Listen) -> None:
    """ListenError where the pages could not be served."""
    _open(listen, "web.listen").close()


@contextmanager
def serving(site: Site, listen: Listen, key: str = "web.listen") -> Iterator[None]:
    """Serves the pages for the length of a block; ListenError, which names the key, where nothing can listen there."""
    with closing(Changes(site.database)) as changes:
        application = Application(site, ROUTES, Remembered(changes.sign))
        server = Server(application, listen, key, proxies=site.settings.web.proxies, headers=headers_of(site))
        server.start()
        try:
            yield
        finally:
            server.end()


class Server:
    """Waitress with a loop of our own, since its own ends only with the process."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        listen: Listen,
        key: str = "web.listen",
        *,
        proxies: Sequence[str] = (),
        headers: Mapping[str, str] = EVERYWHERE,
    ) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a crowd is no news
        self._sockets: dict[int, Any] = {}
        self._proxies = frozenset(proxies)
        self._headers = headers
        self._stop = threading.Event()
        server: Any = create_server(  # of two kinds; with one socket it is always the same
            application,
            map=self._sockets,
            sockets=[_open(listen, key)],
            threads=THREADS,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=LONGEST_SILENCE,
            cleanup_interval=LONGEST_SILENCE // 4,
            max_request_header_size=LARGEST_HEAD,
            outbuf_high_watermark=sys.maxsize,  # no thread waits for a slow reader: what is not taken yet is in a file
            max_request_body_size=4 * LARGEST_FORM,  # up to here a friendly page says that it is too much
            log_socket_errors=False,  # a reader who goes away is no news
            clear_untrusted_proxy_headers=False,  # `forwarding` reads the one that matters, and knows whom to trust
            asyncore_use_poll=True,
            ident="",
        )
        self._server = server
        self._server.channel_class = self._admit
        self._thread = threading.Thread(target=self._run, name="pages", daemon=True)

    def _admit(self, server: Any, connection: socket.socket, peer: Any, settings: Any, map: Any) -> None:  # noqa: A002
        """A connection, unless its client has very many already."""
        client = name_client(peer[0])
        if peer[0] not in self._proxies:
            same = sum(channel.client == client for channel in self._server.active_channels.values())
            if same >= MOST_OF_ONE:
                connection.close()
                return
        channel = _Channel(server, connection, peer, settings, map=map)
        channel.client, channel.headers = client, self._headers

    def start(self) -> None:
        """Begins to answer."""
        self._thread.start()

    def end(self) -> None:
        """Takes nothing new, and waits for what is being answered. Nobody wakes the loop: it looks up soon enough."""
        self._stop.set()
        self._thread.join(GRACE + 1)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._turn()
            self._hurry()
        self._server.accepting = False
        self._server.socket.close()
        self._server.del_channel(self._sockets)
        deadline = time.monotonic() + GRACE
        while self._is_busy() and time.monotonic() < deadline:
            self._turn()
        self._server.task_dispatcher.shutdown(timeout=1)
        self._server.close()
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _turn(self) -> None:
        wasyncore.loop(timeout=_GLANCE, use_poll=True, map=self._sockets, count=1)

    def _hurry(self) -> None:
        """Lets go of who takes too long, at once: waitress would wait until there was room to write to them.

        Where very much waits in all, only what was asked for last is kept.
        """
        now, waiting = time.monotonic(), 0
        for channel in sorted(self._server.active_channels.values(), key=lambda one: -one.begun):
            waiting += channel.total_outbufs_len
            if channel.will_close or channel.is_dawdling(now) or waiting > MOST_WAITING:
                channel.handle_close()

    def _is_busy(self) -> bool:
        return any(channel.requests or channel.total_outbufs_len for channel in self._server.active_channels.values())


class _Faulty(ErrorTask):
    """What waitress itself refuses, such as headers without end, is answered with the headers of all answers."""

    channel: _Channel

    def execute(self) -> None:
        """The answer to what is no request."""
        self.response_headers = [*self.response_headers, *self.channel.headers.items()]
        super().execute()


class _Parser(HTTPRequestParser):
    """Takes an address that is none, such as http://[, for a fault of the request, and not of the program."""

    def parse_header(self, header_plus: bytes) -> None:
        """The first lines of a request."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("Bad address") from error


class _Channel(HTTPChannel):
    """A connection that knows whose it is, and when its present request began."""

    parser_class = _Parser
    error_task_class = _Faulty
    client = ""
    headers: Mapping[str, str] = EVERYWHERE  # of its answers
    begun = 0.0

    def __repr__(self) -> str:
        """How waitress names it in what it logs: not by who is at its other end."""
        return "a connection"

    def is_dawdling(self, now: float) -> bool:
        """Whether it takes too long to ask, or to take the answer; or asks on and takes nothing."""
        untaken = self.total_outbufs_len
        if untaken and now - self.begun > LONGEST_TAKING:
            return True
        if self.requests:
            return len(self.requests) > 1 and bool(untaken > MOST_UNTAKEN)
        return self.request is not None and now - self.begun > LONGEST_REQUEST

    def received(self, data: bytes) -> bool:
        """A piece of a request."""
        if self.request is None:
            self.begun = time.monotonic()
        return bool(super().received(data))


def _open(listen: Listen, key: str) -> socket.socket:
    family = socket.AF_INET6 if ipaddress.ip_address(listen.host).version == 6 else socket.AF_INET
    try:
        return socket.create_server((listen.host, listen.port), family=family, backlog=MOST_CONNECTIONS)
    except OSError as error:
        raise ListenError(_refusal(listen, key, error)) from error


def _refusal(listen: Listen, key: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{key}: {listen} is taken by another program: choose another port, or stop that program"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{key}: cannot listen at {listen}: this machine has no such address"
    reason = os.strerror(error.errno) if error.errno else str(error)  # its own text repeats the address
    return f"{key}: cannot listen at {listen}: {reason.lower()}"
