"""How fast files of tweets are read, beside json.loads of the same lines and nothing else.

    python tests/benchmarks/bench_reading_tweets.py [TWEETS]

A made-up file of twarc2, a hundred tweets a line, is read through its format into posts, plain and packed with gzip.
Processor time, the best of several runs in one process; a ratio is bare time through our time, so 1.0 is as quick.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tests
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from making_tweets import write_twarc2

from collector.archives import twarc2
from collector.archives.files import ArchiveFile
from collector.archives.protocol import Entry

TWEETS = 20_000
RUNS = 5
BUDGET = 20.0  # µs of processor time for a tweet beyond json.loads


def seconds(work: Callable[[], int]) -> tuple[float, int]:
    """The processor time of a run, at best, and what it gave."""
    best, given = float("inf"), 0
    for _ in range(RUNS):
        started = time.process_time()
        given = work()
        best = min(best, time.process_time() - started)
    return best, given


def bare(path: Path) -> int:
    """Reads the JSON, keeps nothing."""
    with path.open("rb") as file:
        return sum(len(json.loads(line)["data"]) for line in file)


def ours(path: Path) -> int:
    """Reads the posts, keeps nothing; how many there were."""
    with ArchiveFile(path) as file:
        return sum(1 for item in twarc2.FORMAT.read(file) if isinstance(item, Entry))


def main() -> None:
    tweets = int(sys.argv[1]) if len(sys.argv) > 1 else TWEETS
    with tempfile.TemporaryDirectory(prefix="tweets-") as folder:
        plain, packed = Path(folder, "tweets.jsonl"), Path(folder, "tweets.jsonl.gz")
        write_twarc2(plain, tweets)
        write_twarc2(packed, tweets)
        bare_time, _ = seconds(lambda: bare(plain))
        for path in (plain, packed):
            time_taken, posts = seconds(lambda path=path: ours(path))  # type: ignore[misc]
            beyond = (time_taken - bare_time) / tweets * 1e6
            print(
                f"{path.name}: {tweets / time_taken:,.0f} tweets a second of processor time, {posts:,} posts;"
                f" {bare_time / time_taken:.2f} of bare json.loads, {beyond:.1f} µs a tweet beyond it"
                f" (reach {BUDGET:.0f}; json.loads {bare_time / tweets * 1e6:.1f})"
            )


if __name__ == "__main__":
    main()
