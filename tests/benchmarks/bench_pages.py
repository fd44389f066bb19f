"""Pages while the daemon polls in the same process, against waitress handing out the same bytes ready-made.

Run: python tests/benchmarks/bench_pages.py   (it needs wrk)

A digest of 300 posts, asked for by eight readers at once for a few seconds a page, from one address. Beside pages a
second it says how late the daemon's polls came meanwhile, seen from the server that is polled every two seconds.
"""

from __future__ import annotations

import itertools
import math
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from fediverse import FakeServer  # noqa: E402
from running import LAST_WEEK, Daemon, Folder, now, wait_until  # noqa: E402
from smtpserver import free_port  # noqa: E402

POSTS = 300
SECONDS = 8
READERS = 8
POLL = 2.0  # seconds between two polls
BARE = """
import sys
from waitress import serve
body = b"x" * int(sys.argv[2])
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
serve(application, host="127.0.0.1", port=int(sys.argv[1]), threads=4)
"""


def main() -> None:
    port = free_port()
    with FakeServer() as server, tempfile.TemporaryDirectory() as name:
        folder = make_folder(Path(name), server, port)
        with Daemon(folder) as daemon:
            week = wait_for_digest(folder, port, daemon)
            quiet = watch_polls(server, SECONDS)
            print(f"polls come {worst(quiet) - POLL:+.2f} s late at most while nobody reads")
            for path in ("/", f"/digests/weekly/{week}", "/digests/weekly", "/posts", "/privacy"):
                compare(server, port, path)
            daemon.stop()


def make_folder(path: Path, server: FakeServer, port: int) -> Folder:
    """A collection whose last week has a digest to build."""
    for number in range(POSTS):
        at = now() - LAST_WEEK + timedelta(seconds=number)
        server.publish(f"Example number {number}: they asked which colour the leaflet should be.", at=at)
    web = {"listen": f"127.0.0.1:{port}", "base_url": "https://digest.example.org"}
    folder = Folder(path, server, polling={"interval": f"{POLL:.0f}s", "adaptive": False}, web=web)
    folder.live_at(now() - LAST_WEEK - timedelta(days=1))
    return folder


def wait_for_digest(folder: Folder, port: int, daemon: Daemon) -> str:
    """The name of the week, once its digest was built."""
    week = f"{(now() - LAST_WEEK):%G-W%V}"
    wait_until(
        lambda: status(port, f"/digests/weekly/{week}.csv") == 200 and daemon.has_said("round"),
        lambda: daemon.log,
        within=60,
    )
    return week


def status(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def size(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    length = len(connection.getresponse().read())
    connection.close()
    return length


def compare(server: FakeServer, port: int, path: str) -> None:
    """Pages a second, the ratio to ready-made bytes of the same length, and how late polls came."""
    if status(port, path) != 200:
        print(f"{path}: not there")
        return
    came: list[float] = []
    watching = threading.Thread(target=lambda: came.extend(watch_polls(server, SECONDS)))
    watching.start()
    ours, slowest = load(port, path)
    watching.join()
    length = size(port, path)
    with bare(length) as other:
        ready, _ = load(other, "/")
    print(
        f"{path}: {length / 1000:.0f} kB, {ours:.0f} pages/s (99 % within {slowest}), ready-made {ready:.0f}: "
        f"ratio {ours / ready:.3f}; polls come {worst(came) - POLL:+.2f} s late at most"
    )


def load(port: int, path: str) -> tuple[float, str]:
    """What wrk says: requests a second, and the time within which 99 % were answered. Every answer has to be a page."""
    command = ["wrk", "-t1", f"-c{READERS}", f"-d{SECONDS}s", "--latency", f"http://127.0.0.1:{port}{path}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in told, told
    rate, slowest = re.search(r"Requests/sec: +([\d.]+)", told), re.search(r"99% +(\S+)", told)
    assert rate, told
    assert slowest, told
    return float(rate[1]), slowest[1]


def watch_polls(server: FakeServer, seconds: float) -> list[float]:
    """The seconds between two polls that came meanwhile."""
    came, known, end = [], len(server.asked()), time.monotonic() + seconds
    while time.monotonic() < end:
        if len(server.asked()) > known:
            known = len(server.asked())
            came.append(time.monotonic())
        time.sleep(0.005)
    rounds = [at for before, at in itertools.pairwise([0.0, *came]) if at - before > POLL / 4]  # a poll has pages
    return [after - before for before, after in itertools.pairwise(rounds)]


def worst(spans: list[float]) -> float:
    return max(spans, default=math.nan)


@contextmanager
def bare(length: int) -> Iterator[int]:
    """Waitress with one answer of that length."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", BARE, str(port), str(length)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: status(port, "/") == 200)
        yield port
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    if shutil.which("wrk") is None:
        sys.exit("wrk is not on this machine: it asks for the pages")
    main()
