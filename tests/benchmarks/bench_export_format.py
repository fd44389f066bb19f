"""How quick and how flat the writing of exports is, against bare loops over the same ready values.

    python tests/benchmarks/bench_export_format.py

The bare loops do the least that gives readable files: `csv.writer` over lists joined and instants in ISO 8601, and
`json.dumps` of a dict. Ratios are bare time through our time: 1.0 is as quick, 0.5 half as quick.
"""

from __future__ import annotations

import csv
import io
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from collector.export import write
from collector.model import ExportRow

ROWS = 20_000
FIRST_AT = datetime(2026, 1, 1, tzinfo=UTC)


class Nowhere(io.RawIOBase):
    """Takes bytes and keeps none, so that memory is the writer's own."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


def make_row(number: int) -> ExportRow:
    at = FIRST_AT + timedelta(seconds=number * 7)
    return ExportRow(
        network="fediverse",
        source="our server",
        topic="notcoproduction",
        uri=f"https://fedi.example/users/carys/statuses/{number}",
        url=f"https://fedi.example/@carys/{number}",
        published_at=at,
        edited_at=at if number % 20 == 0 else None,
        first_seen_at=at + timedelta(milliseconds=740),
        author_id="carys@fedi.example",
        author_handle="carys@fedi.example",
        author_name="Carys, who counts chairs",
        author_url="https://fedi.example/@carys",
        author_is_bot=False,
        title="",
        text=f"They renamed the complaints box, again: number {number}.\n\n" + "Nobody had asked for it. " * 6,
        content_warning="",
        language="en",
        hashtags=("NotCoproduction", "meetings"),
        mentions=("rhys@social.example",),
        links=("https://blog.example/minutes",) if number % 3 == 0 else (),
        media_urls=(f"https://fedi.example/media/{number}.png",) if number % 4 == 0 else (),
        media_types=("image",) if number % 4 == 0 else (),
        media_alt_texts=("A table with eleven chairs",) if number % 4 == 0 else (),
        reply_to_uri=None,
        quote_of_uri=None,
        replies=number % 5,
        boosts=number % 13,
        likes=number % 31,
        quotes=0,
        is_sensitive=False,
        seen_on=("our server", "another server"),
        also_at=(),
        digests=("weekly/2026-W47",),
    )


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def bare_csv(rows: Iterator[ExportRow], out: BinaryIO) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(ExportRow._fields)
    for row in rows:
        writer.writerow([" | ".join(map(str, value)) if isinstance(value, tuple) else plain(value) for value in row])
    text.flush()
    text.detach()


def ready_csv(rows: Iterator[ExportRow], out: BinaryIO) -> None:
    """Not even that: every value is written as it stands."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(row)
    text.flush()
    text.detach()


def bare_json(rows: Iterator[ExportRow], out: BinaryIO) -> None:
    for row in rows:
        values = {name: plain(value) for name, value in row._asdict().items()}
        out.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")


def seconds(work: Callable[[Iterator[ExportRow], BinaryIO], object], rows: list[ExportRow]) -> float:
    """The best of five: the least disturbed."""

    def once() -> float:
        started = time.perf_counter()
        work(iter(rows), io.BufferedWriter(Nowhere()))
        return time.perf_counter() - started

    return min(once() for _ in range(5))


def peak_bytes(work: Callable[[Iterator[ExportRow], BinaryIO], object], rows: int) -> int:
    tracemalloc.start()
    work((make_row(number) for number in range(rows)), io.BufferedWriter(Nowhere()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def main() -> None:
    rows = [make_row(number) for number in range(ROWS)]
    ours: dict[str, Callable[[Iterator[ExportRow], BinaryIO], object]] = {
        "csv": lambda rows, out: write("csv", rows, out),
        "csv --for-excel": lambda rows, out: write("csv", rows, out, for_excel=True),
        "jsonl": lambda rows, out: write("jsonl", rows, out),
    }
    baselines = {"csv": bare_csv, "csv --for-excel": bare_csv, "jsonl": bare_json}
    ready = seconds(ready_csv, rows)
    print(f"csv.writer over the values as they stand: {ready / ROWS * 1e6:.1f} µs a row")
    for name, work in ours.items():
        bare, own = seconds(baselines[name], rows), seconds(work, rows)
        print(f"{name}: {own / ROWS * 1e6:.1f} µs a row, ratio to the bare loop {bare / own:.2f}")
        small, large = peak_bytes(work, 2_000), peak_bytes(work, 20_000)
        print(f"{name}: peak memory of 2,000 rows {small / 1e6:.2f} MB, of 20,000 {large / small:.2f} times that")


if __name__ == "__main__":
    main()
