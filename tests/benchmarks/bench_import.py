"""How quick an import is, how much memory it takes, and how it compares to the usual tool.

    python tests/benchmarks/bench_import.py [TWEETS]

A file of made-up tweets as twarc2 writes them (200,000 unless told otherwise) is imported by the command, in a process
of its own, into a new database. Against it, in another process, the least that can be done: bare `json.loads` of the
same lines and `sqlite3.executemany` of the rows that are then in the tables. Ratios are bare processor time through
ours: 1.0 is as quick, 0.5 half as quick. `twarc2 csv` reads the same file in the same run, where PATH has it (the
packages `twarc` and `twarc-csv`; they are not needed for anything else). Peak memory is that of a tenth of the file and
of the whole.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from making_tweets import write_twarc2

from collector.storage import schema
from collector.storage.database import Database

REACH = 0.3
MOST_GROWTH = 1.1
TABLES = (
    *("watches", "authors", "author_handles", "posts", "post_addresses", "post_hashtags", "post_topics"),
    "sightings",
)
CONFIGURATION = '[collector]\nhashtags = ["notcoproduction"]\n'


def run(command: list[str], folder: Path) -> tuple[float, float, float]:
    """Seconds of processor time and of the clock, and peak memory in MB, of a process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - started
    assert os.waitstatus_to_exitcode(status) == 0, command
    return usage.ru_utime + usage.ru_stime, took, usage.ru_maxrss / 1024


def import_into(folder: Path, file: Path) -> tuple[float, float, float]:
    folder.mkdir()
    (folder / "collector.toml").write_text(CONFIGURATION, encoding="utf-8")
    return run([sys.executable, "-m", "collector", "import", str(file)], folder)


def bare(folder: Path, file: Path, rows_from: Path) -> float:
    """Processor seconds of reading the lines and writing the rows: what no import can do without."""
    with closing(sqlite3.connect(rows_from)) as made:
        rows = {name: made.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
    database = Database(f"sqlite:///{folder / 'bare.db'}")
    schema.prepare(database)
    database.close()
    started = time.process_time()
    with file.open("rb") as lines:
        for line in lines:
            json.loads(line)
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for name, values in rows.items():
            places = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {name} VALUES ({places})", values)
        connection.execute("COMMIT")
    return time.process_time() - started


def twarc_csv(folder: Path, file: Path) -> float | None:
    """Seconds on the clock of `twarc2 csv`, where it is installed."""
    found = shutil.which("twarc2")
    if found is None:
        return None
    command = [found, "--bearer-token", "none", "csv"]  # or it would ask for one
    if subprocess.run([*command, "--help"], capture_output=True, check=False).returncode:
        return None
    return run([*command, str(file), str(folder / "tweets.csv")], folder)[1]


def main() -> None:
    tweets = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    folder = Path(tempfile.mkdtemp(prefix="import-"))
    try:
        whole, tenth = folder / "tweets.jsonl", folder / "tenth.jsonl"
        write_twarc2(whole, tweets=tweets)
        with whole.open("rb") as lines, tenth.open("wb") as out:
            out.writelines(islice(lines, max(1, tweets // 1000)))
        *_, small = import_into(folder / "tenth", tenth)
        busy, took, large = import_into(folder / "whole", whole)
        least = bare(folder, whole, folder / "whole" / "collector.db")
        print(f"import: {tweets / busy:,.0f} tweets a second of processor time, {took:.0f} s on the clock")
        print(f"import: {least / busy:.2f} of bare json.loads and sqlite3.executemany (reach {REACH})")
        print(f"memory: {small:.0f} MB for a tenth, {large:.0f} MB for all: {large / small:.2f} (reach {MOST_GROWTH})")
        usual = twarc_csv(folder, whole)
        if usual is None:
            print("twarc2 csv: not installed")
        else:
            print(f"twarc2 csv: {usual:.0f} s on the clock, {usual / took:.1f} times the import")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
