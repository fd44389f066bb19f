"""How quick storing is, against bare `sqlite3.executemany` of the same rows into the same tables.

    python tests/benchmarks/bench_storing.py

50,000 normalised posts with their raw answers go through `save_batch` into a new database, in batches of 40 and of
1,000, a transaction and a commit for each batch, as a poll round does it. The rows that are then in the tables are read
back, and bare `sqlite3` writes them into another new database with the same tables and indexes: one `executemany` a
table, in the order of the primary key, foreign keys not checked, all in one transaction with one commit. Nothing can be
much quicker than that; folding each post and indexing its words, so that it is found, we do besides. Ratios are bare
time through our time: 1.0 is as quick, 0.5 half as quick.
"""

from __future__ import annotations

import gc
import json
import random
import shutil
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.model import (
    Author,
    Batch,
    Counts,
    Found,
    Hashtag,
    Media,
    Mention,
    Post,
    WantedWatch,
    WatchKey,
    WatchState,
)
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.saving import save_batch
from collector.storage.watches import ensure_watch

POSTS = 50_000
AUTHORS = 5_000
REACH = {40: 0.2, 1000: 0.35}
RUNS = 3  # the best of so many counts: the least disturbed
FIRST_AT = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WORDS = [
    *("they", "renamed", "the", "complaints", "box", "co-creation", "portal", "and", "asked", "nobody"),
    *("what", "for", "eleven", "chairs", "one", "form"),
]
WATCH = WantedWatch(
    key=WatchKey(kind="mastodon", address="https://fedi.example", hashtag="notcoproduction", topic="notcoproduction"),
    name="our server",
)


def make_author(number: int) -> Author:
    name = f"writer{number}"
    return Author(
        key=f"{name}@fedi.example",
        handle=f"{name}@fedi.example",
        name=f"Writer {number}",
        url=f"https://fedi.example/@{name}",
    )


def make_post(number: int, dice: random.Random) -> Post:
    author = make_author(dice.randrange(AUTHORS))
    name = author.handle.partition("@")[0]
    media = Media(url=f"https://fedi.example/m/{number}.png", type="image", alt_text="A table with eleven chairs")
    return Post(
        network="fediverse",
        uri=f"https://fedi.example/users/{name}/statuses/{number:018}",
        url=f"https://fedi.example/@{name}/{number:018}",
        author=author,
        published_at=FIRST_AT + timedelta(seconds=number * 500),
        edited_at=None,
        text=" ".join(dice.choices(WORDS, k=40)) + " #notcoproduction",
        language="en",
        hashtags=(
            Hashtag(normal="notcoproduction", display="NotCoproduction"),
            *(Hashtag(normal=word, display=word) for word in dice.sample(WORDS, number % 3)),
        ),
        mentions=(Mention(handle="rhys@social.example", url="https://social.example/@rhys"),) * (number % 2),
        links=("https://blog.example/minutes",) * (number % 4 == 0),
        media=(media,) * (number % 5 == 0),
        counts=Counts(replies=dice.randrange(5), boosts=dice.randrange(20), likes=dice.randrange(40)),
    )


def make_raw(post: Post, dice: random.Random) -> bytes:
    """About 2 KB of JSON, as small as a server's answer gets once it is compressed."""
    told = {
        "id": post.uri.rpartition("/")[2],
        "uri": post.uri,
        "url": post.url,
        "content": f"<p>{post.text}</p>",
        "account": {"acct": post.author.handle, "note": " ".join(dice.choices(WORDS, k=120))},
        "tags": [{"name": tag.display, "url": f"https://fedi.example/tags/{tag.normal}"} for tag in post.hashtags],
        "key": dice.randbytes(200).hex(),
    }
    return zlib.compress(json.dumps(told).encode())


def make_found() -> list[Found]:
    dice = random.Random(47)
    posts = [make_post(number, dice) for number in range(POSTS)]
    return [Found(post=post, native_id=post.uri.rpartition("/")[2], raw=make_raw(post, dice)) for post in posts]


def make_database(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    schema.prepare(database)
    return database


def store(path: Path, found: Sequence[Found], size: int) -> float:
    """Seconds that all batches took, from the values to the last commit."""
    database = make_database(path)
    with database.write() as conn:
        watch = ensure_watch(conn, WATCH)
    started = time.perf_counter()
    for start in range(0, len(found), size):
        batch = Batch(
            watch=watch,
            spellings=frozenset({"notcoproduction"}),
            found=tuple(found[start : start + size]),
            rejections=(),
            state=WatchState(),
            fetched_at=NOW,
            history_before=None,
        )
        with database.write() as conn:
            save_batch(conn, batch)
    took = time.perf_counter() - started
    database.close()
    return took


def read_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in the order that the tables need each other."""
    with closing(sqlite3.connect(path)) as bare:
        names = "watches authors author_handles posts post_addresses post_hashtags post_topics sightings raw_answers"
        return {name: bare.execute(f"SELECT * FROM {name}").fetchall() for name in names.split()}


def store_bare(path: Path, rows: dict[str, list[tuple[object, ...]]]) -> float:
    make_database(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as bare:
        started = time.perf_counter()
        bare.execute("BEGIN")
        for name, values in rows.items():
            places = ", ".join("?" * len(values[0]))
            bare.executemany(f"INSERT INTO {name} VALUES ({places})", values)
        bare.execute("COMMIT")
        return time.perf_counter() - started


def main() -> None:
    found = make_found()
    gc.freeze()  # or each collection would walk through the input, whose size is no part of the question
    folder = Path(tempfile.mkdtemp(prefix="storing-"))
    try:
        store(folder / "first.db", found, 1000)
        rows = read_rows(folder / "first.db")
        times: dict[int, list[float]] = {0: [], **{size: [] for size in REACH}}
        for run in range(RUNS):
            times[0].append(store_bare(folder / f"bare{run}.db", rows))
            for size in REACH:
                times[size].append(store(folder / f"batches{run}-{size}.db", found, size))
        bare = min(times[0])
        print(f"bare sqlite3.executemany, one commit: {POSTS / bare:,.0f} posts a second")
        for size, reach in REACH.items():
            took = min(times[size])
            print(f"storing, batches of {size}: {bare / took:.2f} of bare sqlite3 (reach {reach})")
            print(f"storing, batches of {size}: {POSTS / took:,.0f} posts a second")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
