"""How long `collector --help` and `--version` take beside an empty Python.

    python tests/benchmarks/bench_startup.py

Each is started many times in turn; the median counts. What is asked: below 0.4 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
BARE = (sys.executable, "-c", "pass")
CALLS = {
    "python -c pass": BARE,
    "collector --help": (sys.executable, "-m", "collector", "--help"),
    "collector --version": (sys.executable, "-m", "collector", "--version"),
}


def seconds(command: tuple[str, ...]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in CALLS}
    for _ in range(ROUNDS):
        for name, command in CALLS.items():
            taken[name].append(seconds(command))
    bare = statistics.median(taken["python -c pass"])
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:20} {median:.3f} s   {median / bare:4.1f} times an empty Python")
    worst = max(statistics.median(times) for times in taken.values())
    print(f"slowest {worst:.3f} s; asked: below 0.4 s")


if __name__ == "__main__":
    main()
