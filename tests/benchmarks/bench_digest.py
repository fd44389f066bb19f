"""How much longer one week's digest takes in a large collection than in a small one.

    python tests/benchmarks/bench_digest.py

The same 300 posts of one week stand in a table of 10,000 posts and in one of 1,000,000. The others are spread evenly
over the thirteen years before. The series began two years ago: its windows are built and hold the posts of their weeks,
and what is older is history. Measured is everything between the locks of the write: gathering, deciding, freezing. The
ratio is the time in the large table through the time in the small one.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.config import Settings, build_settings
from collector.mailing.issuing import close_window, look_up, open_windows
from collector.model import DigestState
from collector.storage import schema
from collector.storage.database import Database

SIZES = (10_000, 1_000_000)
POSTS = 300
AUTHORS = 2_000
REACH = 1.5
RUNS = 7  # the best of so many counts: the least disturbed
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WEEK = "2026-W47"
WEEK_STARTS_AT = datetime(2026, 11, 16, tzinfo=UTC)
SERIES_BEGAN_AT = NOW - timedelta(days=728)
FIRST_AT = datetime(2013, 11, 26, tzinfo=UTC)


def read_settings(folder: Path) -> Settings:
    tables = {
        "collector": {"hashtags": ["notcoproduction"], "timezone": "Europe/London"},
        "database": {"url": "sqlite:///collector.db"},
        "source": [{"name": "our server", "kind": "mastodon", "url": "https://fedi.example"}],
        "digest": [{"series": "weekly", "to": ["me@example.org"]}],
        "mail": {"from": "digest@example.org", "outbox": "outbox"},
    }
    return build_settings(tables, folder=folder, environ={}, file="collector.toml")


def dates(size: int) -> Iterator[datetime]:
    """The others over the years before, then the week's own: the latest rows, as they are in life."""
    others = size - POSTS
    for number in range(others):
        yield FIRST_AT + (WEEK_STARTS_AT - FIRST_AT) * (number / others)
    for number in range(POSTS):
        yield WEEK_STARTS_AT + timedelta(days=7) * (number / POSTS)


def text_of(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def fill(path: Path, settings: Settings, size: int) -> None:
    """Bare sqlite3: a million posts through the front door would take minutes."""
    with closing(Database(f"sqlite:///{path}")) as database:
        schema.prepare(database)
        with database.write() as conn:
            open_windows(conn, settings, settings.digests[0], SERIES_BEGAN_AT)
            open_windows(conn, settings, settings.digests[0], NOW)
    with closing(sqlite3.connect(path)) as bare, bare:
        bare.executemany(
            "INSERT INTO authors (id, key, handle, name, is_bot, wishes, is_opted_out, told_by, first_seen_at)"
            " VALUES (?1, 'writer' || ?1, 'writer' || ?1, 'Writer', 0, '[]', 0, '', '')",
            ((number,) for number in range(AUTHORS)),
        )
        bare.executemany(
            "INSERT INTO posts (id, uri, network, author_id, published_at, first_seen_at, title, text, content_warning,"
            " mentions, links, media, is_sensitive, likes, boosts, replies, told_by, content_hash)"
            " VALUES (?1, 'https://fedi.example/' || ?1, 'fediverse', ?2, ?3, ?3, '', ?4, '', '[]', '[]', '[]', 0,"
            " ?1 % 40, ?1 % 13, ?1 % 5, '', x'')",
            (
                (number, number % AUTHORS, text_of(at), "They renamed the complaints box. " * 6)
                for number, at in enumerate(dates(size), 1)
            ),
        )
        bare.execute(
            "INSERT INTO post_topics (post_id, topic, dated_at, first_seen_at, is_history)"
            " SELECT id, 'notcoproduction', published_at, published_at, published_at < ? FROM posts",
            (text_of(SERIES_BEGAN_AT),),
        )
        bare.execute("INSERT INTO post_hashtags SELECT id, 0, 'notcoproduction', 'NotCoproduction', 'text' FROM posts")
        bare.execute(
            "INSERT INTO digest_members (series_id, post_id, digest_id, section, position)"
            " SELECT series_id, posts.id, digests.id, 'more', posts.id FROM digests"
            " JOIN posts ON published_at >= starts_at AND published_at < ends_at WHERE ends_at <= ?",
            (text_of(WEEK_STARTS_AT),),
        )
        bare.execute("UPDATE digests SET state = 'built' WHERE ends_at <= ?", (text_of(WEEK_STARTS_AT),))


def build(database: Database, settings: Settings) -> float:
    """Seconds that one digest takes; nothing of it stays."""
    with database.write() as conn:
        started = time.perf_counter()
        desk = look_up(conn, settings, settings.digests[0])
        stored = desk.window_named(WEEK)
        if stored is None or close_window(conn, desk, stored, NOW) is not DigestState.BUILT:
            raise AssertionError("the week was not built")
        took = time.perf_counter() - started
        number = conn.exec_driver_sql("SELECT count(*) FROM digest_members WHERE digest_id = ?", (stored.id,))
        if number.scalar() != POSTS:
            raise AssertionError("the digest does not hold its posts")
        conn.rollback()
    return took


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="digest-"))
    try:
        settings = read_settings(folder)
        databases = []
        for size in SIZES:
            fill(folder / f"{size}.db", settings, size)
            databases.append(Database(f"sqlite:///{folder / f'{size}.db'}"))
        times: list[list[float]] = [[] for _ in SIZES]
        for _ in range(RUNS):
            for database, taken in zip(databases, times, strict=True):
                taken.append(build(database, settings))
        for database in databases:
            database.close()
        among = [f"{size:,}: {min(taken) * 1000:.1f} ms" for size, taken in zip(SIZES, times, strict=True)]
        print(f"a digest of {POSTS} posts among {', among '.join(among)}")
        ratio = min(times[1]) / min(times[0])
        print(f"digest, a hundred times the posts: {ratio:.2f} times as long (reach {REACH})")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
