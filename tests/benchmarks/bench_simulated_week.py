"""What is found, mirrored and asked in a made-up week, beside a collector that only follows `since_id`.

    python tests/benchmarks/bench_simulated_week.py [--seed N] [--posts N]

Six servers of three kinds are polled over real HTTP on loopback, two more are only a home of posts. They deliver late,
look up late, forget, go down and refuse; their people edit, delete and tag anew. A virtual clock drives it.
What is asked: recall and precision whole, all edits and deletions mirrored, and no server asked more than its bound.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from simulation.living import describe, live_a_week  # noqa: E402
from simulation.week import make_shape  # noqa: E402

PACE = {"interval": "15m", "overlap_interval": "3h"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--posts", type=int, default=2_000)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        outcome = live_a_week(Path(folder), asked.seed, make_shape(asked.posts), polling=PACE)
    print(f"seed {asked.seed}, {asked.posts:,} posts, {time.perf_counter() - started:.0f} s\n\n{describe(outcome)}")
    for what, uris in outcome.ours.faults.items():
        if uris:
            print(f"{what}: {', '.join(uris)}")


if __name__ == "__main__":
    main()
