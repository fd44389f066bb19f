"""How the memory of one process grows over 2,000 rounds of what the daemon does.

    python tests/benchmarks/bench_memory.py [ROUNDS]

A server on loopback shows pages that change a little; the clock moves ten minutes with each round, so that two weeks
pass, and digests are built and written to the outbox on the way. Printed: memory, threads and open files after a tenth
of the rounds and after all of them. What is asked: within 10 %.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from serving import Asked, Reply, Serving, json_reply  # noqa: E402

from collector.app import App  # noqa: E402
from collector.config import build_settings  # noqa: E402

PAGE = 40
STEP = timedelta(minutes=10)
START = datetime(2026, 11, 2, tzinfo=UTC)


class Clock:
    """Shows what the benchmark says."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Timeline:
    """A page whose newest post changes every few rounds, and whose counts change with each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, asked: Asked) -> Reply:
        if "max_id" in asked.query:
            return json_reply([])
        newest = (self._clock.now - START) // (STEP * 5)
        statuses = [self._status(number) for number in range(newest, newest - PAGE, -1)]
        return Reply(headers={"Content-Type": "application/json"}, body=json.dumps(statuses).encode())

    def _status(self, number: int) -> dict[str, Any]:
        host, at = "fedi.example", START + number * STEP * 5
        return {
            "id": f"{number + 10_000:08}",
            "uri": f"https://{host}/users/asha/statuses/{number}",
            "url": f"https://{host}/@asha/{number}",
            "created_at": at.isoformat(),
            "content": f"<p>Example {number} of what is not. {'word ' * 60}#notcoproduction</p>",
            "visibility": "public",
            "account": {"acct": "asha", "username": "asha", "url": f"https://{host}/@asha", "display_name": "Asha"},
            "tags": [{"name": "notcoproduction", "url": f"https://{host}/tags/notcoproduction"}],
            "favourites_count": (self._clock.now - START) // STEP % 50,
            "media_attachments": [],
            "mentions": [],
        }


def make_app(folder: Path, address: str, clock: Clock) -> App:
    tables = {
        "collector": {"hashtags": ["notcoproduction"]},
        "source": [{"kind": "mastodon", "url": address, "allow_private_network": True}],
        "digest": [{"to": ["me@example.org"]}],
    }
    return App(build_settings(tables, folder=folder, environ={}), now=clock)


def live(app: App, clock: Clock, rounds: int) -> None:
    """What the daemon's jobs do, so many times."""
    for _ in range(rounds):
        app.poll_due()
        app.close_due_windows()
        app.send_owed()
        clock.now += STEP


def measure(name: str) -> int:
    gc.collect()
    used = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    files, threads = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    print(f"after {name:>6} rounds: {used / 2**20:6.1f} MiB, {threads} threads, {files} open files", flush=True)
    return used


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, Serving() as server:
        server.answers["/api/v1/timelines/tag/notcoproduction"] = Timeline(clock)
        app = make_app(Path(folder), server.address, clock)
        app.prepare()
        begun = time.perf_counter()
        live(app, clock, rounds // 10)
        early = measure(f"{rounds // 10:,}")
        for part in range(3):
            live(app, clock, rounds * 3 // 10)
            server.asked.clear()
            late = measure(f"{rounds // 10 + (part + 1) * (rounds * 3 // 10):,}")
        mails = len(list(Path(folder, "outbox").glob("*.eml")))
        app.close()
    print(f"{rounds / (time.perf_counter() - begun):.0f} rounds a second, {mails} digests on the way")
    print(f"ratio {late / early:.3f}; asked: within 10 %")


if __name__ == "__main__":
    main()
