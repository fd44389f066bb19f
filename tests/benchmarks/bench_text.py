"""How fast posts are read: HTML to text and statuses to posts, beside json.loads of the same statuses.

    python tests/benchmarks/bench_text.py

Processor time, the best of several runs; each figure in one run, as a ratio to the same bare reading of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collector.sources.mastodon.statuses import normalise_status
from collector.sources.raw import pack, scrub
from collector.text.html import html_to_text

DATA = Path(__file__).resolve().parents[1] / "data" / "mastodon"
ADDRESSES = {"gotosocial": "http://localhost:18080", "takahe": "https://localhost:18081"}
LONGEST = 1500  # characters of HTML in a short post
ROUNDS, REPEATS = 20, 9


def recorded() -> list[tuple[dict[str, Any], str]]:
    """Every recorded status of one page of each server that is no longer than a post usually is, with its server."""
    pages = {server: json.loads((DATA / server / "tag-limit40.body").read_text("utf-8")) for server in ADDRESSES}
    return [(raw, ADDRESSES[server]) for server in pages for raw in pages[server] if len(raw["content"]) <= LONGEST]


def seconds(work: Callable[[], Any]) -> float:
    """The processor time of one round, at best."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.process_time()
        for _ in range(ROUNDS):
            work()
        best = min(best, (time.process_time() - started) / ROUNDS)
    return best


def main() -> None:
    """Measures and prints."""
    statuses = recorded()
    lines = [json.dumps(raw) for raw, _ in statuses]
    bare = seconds(lambda: [json.loads(line) for line in lines])
    print(f"json.loads        {len(statuses) / bare:9,.0f}/s")
    measured: dict[str, Callable[[], Any]] = {
        "html_to_text": lambda: [html_to_text(raw["content"]) for raw, _ in statuses],
        "normalise_status": lambda: [normalise_status(raw, address=address) for raw, address in statuses],
        "scrub and pack": lambda: [pack(scrub(raw)) for raw, _ in statuses],
    }
    for name, work in measured.items():
        took = seconds(work)
        print(f"{name:17} {len(statuses) / took:9,.0f}/s   {bare / took:.2f} of json.loads")


if __name__ == "__main__":
    main()
