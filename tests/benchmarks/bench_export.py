"""How quick an export of 200,000 posts is, and whether its memory grows with the rows.

    python tests/benchmarks/bench_export.py

Against it stands a Python loop of `csv.writer` over one `sqlite3` query of the same columns, for the same posts in the
same order, with the lists joined by SQLite. Ratios are the bare loop's time through our time: 1.0 is as quick, 0.5 half
as quick. Each run is a process of its own, whose peak memory is what the system says of it.
"""

from __future__ import annotations

import csv
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROWS = (20_000, 200_000)
AUTHORS = 5_000
REACH = 0.5
REACH_MEMORY = 1.1
RUNS = 3  # the best of so many counts: the least disturbed
FIRST_AT = datetime(2020, 1, 1, tzinfo=UTC)

BARE_QUERY = """
    SELECT posts.network,
           (SELECT name FROM sightings JOIN watches ON watches.id = watch_id WHERE post_id = posts.id
            ORDER BY sightings.first_seen_at, watch_id LIMIT 1),
           (SELECT group_concat(topic, ' | ') FROM post_topics WHERE post_id = posts.id AND withdrawn_at IS NULL),
           posts.uri, posts.url, posts.published_at, posts.edited_at, posts.first_seen_at,
           authors.key, authors.handle, authors.name, authors.url, authors.is_bot,
           posts.title, posts.text, posts.content_warning, posts.language,
           (SELECT group_concat(normal, ' | ') FROM post_hashtags WHERE post_id = posts.id),
           (SELECT group_concat(value ->> 'handle', ' | ') FROM json_each(posts.mentions)),
           (SELECT group_concat(value, ' | ') FROM json_each(posts.links)),
           (SELECT group_concat(value ->> 'url', ' | ') FROM json_each(posts.media)),
           (SELECT group_concat(value ->> 'type', ' | ') FROM json_each(posts.media)),
           (SELECT group_concat(coalesce(value ->> 'alt_text', ''), ' | ') FROM json_each(posts.media)),
           posts.reply_to_uri, posts.quote_of_uri, replies, boosts, likes, quotes, is_sensitive,
           (SELECT group_concat(DISTINCT name) FROM sightings JOIN watches ON watches.id = watch_id
            WHERE post_id = posts.id),
           (SELECT group_concat(coalesce(copy.url, copy.uri), ' | ') FROM posts AS copy
            WHERE copy.cluster_id = posts.cluster_id AND copy.id <> posts.id),
           (SELECT group_concat(series.name || '/' || digests.name, ' | ') FROM digest_members
            JOIN digests ON digests.id = digest_id JOIN series ON series.id = digests.series_id
            WHERE post_id = posts.id)
    FROM posts JOIN authors ON authors.id = posts.author_id
    WHERE gone_at IS NULL AND erased_at IS NULL AND posts.hidden_at IS NULL AND authors.hidden_at IS NULL
      AND NOT is_opted_out
      AND EXISTS (SELECT 1 FROM post_topics WHERE post_id = posts.id AND withdrawn_at IS NULL)
    ORDER BY published_at, uri
"""


def fill(path: Path, size: int) -> None:
    """Bare sqlite3, with the values that a poll round would have left."""
    from collector.storage import schema
    from collector.storage.database import Database

    with closing(Database(f"sqlite:///{path}")) as database:
        schema.prepare(database)
    with closing(sqlite3.connect(path)) as bare, bare:
        bare.executemany(
            "INSERT INTO watches (id, kind, address, hashtag, topic, name) VALUES (?, 'mastodon', ?, 'h', 't', ?)",
            [(1, "https://fedi.example", "our server"), (2, "https://social.example", "another server")],
        )
        bare.executemany(
            "INSERT INTO authors (id, key, handle, name, url, is_bot, wishes, is_opted_out, told_by, first_seen_at)"
            " VALUES (?1, 'writer' || ?1 || '@fedi.example', 'writer' || ?1 || '@fedi.example', 'Writer ' || ?1,"
            " 'https://fedi.example/@writer' || ?1, 0, '[]', 0, '', '')",
            ((number,) for number in range(AUTHORS)),
        )
        bare.executemany(
            "INSERT INTO posts (id, uri, url, network, author_id, published_at, first_seen_at, title, text,"
            " content_warning, language, mentions, links, media, is_sensitive, likes, boosts, replies, told_by,"
            " content_hash) VALUES (?1, 'https://fedi.example/users/w/statuses/' || ?1,"
            " 'https://fedi.example/@w/' || ?1, 'fediverse', ?2, ?3, ?3, '',"
            " ?4, '', 'en', ?5, ?6, ?7, 0, ?1 % 40, ?1 % 13, ?1 % 5, '', x'')",
            (make_row(number) for number in range(1, size + 1)),
        )
        bare.execute(
            "INSERT INTO post_topics SELECT id, 'notcoproduction', published_at, published_at, 0, NULL FROM posts"
        )
        bare.execute("INSERT INTO post_hashtags SELECT id, 0, 'notcoproduction', 'NotCoproduction', 'text' FROM posts")
        bare.execute("INSERT INTO post_hashtags SELECT id, 1, 'rooms', 'Rooms', 'text' FROM posts WHERE id % 2")
        for watch_id, share in ((1, 1), (2, 3)):
            bare.execute(
                "INSERT INTO sightings (watch_id, native_id, post_id, first_seen_at, last_seen_at)"
                " SELECT ?, id, id, first_seen_at, first_seen_at FROM posts WHERE id % ? = 0",
                (watch_id, share),
            )
        bare.execute("INSERT INTO series VALUES (1, 'weekly', '2020')")
        bare.execute(
            "INSERT INTO digests (id, series_id, name, starts_at, ends_at, timezone, state)"
            " VALUES (1, 1, '2020-W01', '', '', 'UTC', 'built')"
        )
        bare.execute(
            "INSERT INTO digest_members (series_id, post_id, digest_id, section, position)"
            " SELECT 1, id, 1, 'more', id FROM posts WHERE id % 4"
        )


def make_row(number: int) -> tuple[object, ...]:
    at = (FIRST_AT + timedelta(seconds=number * 600)).isoformat(timespec="microseconds")[:26] + "Z"
    text = f"They renamed the complaints box, again: number {number}.\n\n" + "Nobody had asked for it. " * 6
    mentions = '[{"handle":"rhys@social.example","url":null}]' if number % 2 else "[]"
    links = '["https://blog.example/minutes"]' if number % 3 == 0 else "[]"
    media = '[{"url":"https://fedi.example/m/1.png","type":"image","alt_text":"A table"}]' if number % 4 == 0 else "[]"
    return number, number % AUTHORS, at, text, mentions, links, media


def write_ours(path: Path, out: Path, *, is_pseudonymised: bool = False) -> int:
    from collector.exporting import Order, look_up, write_out
    from collector.storage.database import Database
    from collector.storage.exporting import Selection

    order = Order(
        selection=Selection(),
        output=str(out),
        format_name="csv",
        timezone="UTC",
        is_pseudonymised=is_pseudonymised,
    )
    with closing(Database(f"sqlite:///{path}")) as database, database.read() as conn:
        return write_out(conn, order, look_up(conn, order), FIRST_AT, lambda _: None)


def write_rows(path: Path, out: Path) -> int:
    """Nothing but the rows: not counted before, and without a manifest."""
    from collector.export import open_output, write
    from collector.storage.database import Database
    from collector.storage.exporting import Selection, stream_posts

    with closing(Database(f"sqlite:///{path}")) as database, database.read() as conn, open_output(str(out)) as file:
        return write("csv", stream_posts(conn, Selection()), file)


def write_pseudonymised(path: Path, out: Path) -> int:
    return write_ours(path, out, is_pseudonymised=True)


def write_bare(path: Path, out: Path) -> int:
    with closing(sqlite3.connect(path)) as bare, out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        rows = 0
        for row in bare.execute(BARE_QUERY):
            writer.writerow(row)
            rows += 1
    return rows


WAYS = {"bare": write_bare, "rows": write_rows, "ours": write_ours, "pseudonymised": write_pseudonymised}


def run(which: str, path: Path) -> None:
    """What the processes do: prints seconds and peak KiB."""
    started = time.perf_counter()
    written = WAYS[which](path, path.with_suffix(".csv"))
    took = time.perf_counter() - started
    if written != int(path.stem):
        raise AssertionError(f"{written} rows instead of {path.stem}")
    print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def measure(which: str, path: Path) -> tuple[float, int]:
    """Seconds, and peak KiB, of a process of its own."""
    told = subprocess.run([sys.executable, __file__, which, str(path)], check=True, capture_output=True, text=True)
    took, peak = told.stdout.split()
    return float(took), int(peak)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="export-"))
    try:
        small, large = (folder / f"{size}.db" for size in ROWS)
        for path in (small, large):
            fill(path, int(path.stem))
        runs = [{way: measure(way, large) for way in WAYS} for _ in range(RUNS)]
        bare, rows, ours, pseudonymised = (min(run[way][0] for run in runs) for way in WAYS)
        peaks = measure("ours", small)[1], max(run["ours"][1] for run in runs)
        people = max(run["pseudonymised"][1] for run in runs)
    finally:
        shutil.rmtree(folder)
    print(f"bare: {bare / ROWS[1] * 1e6:.1f} µs a row, ours: {ours / ROWS[1] * 1e6:.1f} µs a row")
    print(f"export, CSV of {ROWS[1]:,} posts: {bare / ours:.2f} of a bare loop (reach {REACH})")
    print(
        f"export, peak memory: {peaks[0] / 1024:.0f} MB for {ROWS[0]:,} posts, {peaks[1] / 1024:.0f} MB for {ROWS[1]:,}"
    )
    print(f"export, counting and manifest: {rows / ours:.2f} of the rows alone")
    print(f"export, pseudonymised: {ours / pseudonymised:.2f} of a plain one, {people / 1024:.0f} MB")
    print(f"export, ten times the rows: {peaks[1] / peaks[0]:.2f} times the memory (reach {REACH_MEMORY})")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        run(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
