"""Makes what storage is given and reads back what it holds: each call says only what matters to its test."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from making import NOW
from sqlalchemy import select

from collector.model import Batch, Found, Post, Rejection, Saved, WantedWatch, Watch, WatchKey, WatchState
from collector.storage.database import Connection, Database
from collector.storage.exporting import Selection, stream_posts
from collector.storage.saving import save_batch
from collector.storage.tables import metadata
from collector.storage.watches import ensure_watch

SPELLINGS = frozenset({"notcoproduction", "notcopro"})


def make_key(**changes: Any) -> WatchKey:
    """#notcoproduction on fedi.example."""
    values: dict[str, Any] = {
        "kind": "mastodon",
        "address": "https://fedi.example",
        "hashtag": "notcoproduction",
        "topic": "notcoproduction",
    }
    return WatchKey(**(values | changes))


def want(name: str = "our server", **changes: Any) -> WantedWatch:
    """A watch as a configuration asks for it."""
    return WantedWatch(key=make_key(**changes), name=name)


def add_watch(conn: Connection, name: str = "our server", **changes: Any) -> Watch:
    """A stored watch."""
    return ensure_watch(conn, want(name, **changes))


def make_found(*posts: Post) -> tuple[Found, ...]:
    """Each post as a server shows it, the end of its address for an id."""
    return tuple(make_one_found(post) for post in posts)


def make_one_found(post: Post, native_id: str | None = None) -> Found:
    """One post as a server shows it."""
    raw = zlib.compress(json.dumps({"uri": post.uri, "text": post.text}).encode())
    return Found(post=post, native_id=native_id or post.uri.rpartition("/")[2], raw=raw)


def make_rejection(native_id: str = "bad", reason: str = "no account") -> Rejection:
    """Something unreadable."""
    return Rejection(native_id=native_id, reason=reason, raw=zlib.compress(b"{}"))


def make_batch(watch: Watch, *posts: Post, **changes: Any) -> Batch:
    """What a round of a watch brings; posts of before the watch are none, unless told otherwise."""
    values: dict[str, Any] = {
        "watch": watch,
        "spellings": SPELLINGS,
        "found": make_found(*posts),
        "rejections": (),
        "state": WatchState(),
        "fetched_at": NOW,
        "history_before": None,
    }
    return Batch(**(values | changes))


def save(database: Database, *posts: Post, server: str = "https://fedi.example", **changes: Any) -> Saved:
    """Saves posts as a watch of that server shows them; other changes are the batch's."""
    with database.write() as conn:
        watch = add_watch(conn, changes.pop("name", server.partition("://")[2]), address=server)
        return save_batch(conn, make_batch(watch, *posts, **changes))


def shown(database: Database, **selection: Any) -> list[Any]:
    """What an export would hold."""
    with database.read() as conn:
        return list(stream_posts(conn, Selection(**selection)))


def dump(database: Database, *, but: Sequence[str] = ("last_seen_at",)) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, without the named columns."""
    with database.read() as conn:
        return {
            table.name: sorted(
                (tuple(row) for row in conn.execute(select(*(c for c in table.c if c.name not in but)))), key=repr
            )
            for table in metadata.sorted_tables
        }


def rows(database: Database, table: str, *columns: str) -> list[Any]:
    """These columns of every row of a table, in order of the primary key; one column's values stand by themselves."""
    kept = metadata.tables[table]
    with database.read() as conn:
        found = conn.execute(select(*(kept.c[name] for name in columns)).order_by(*kept.primary_key.columns))
        return [row[0] if len(columns) == 1 else tuple(row) for row in found]


def edited(post: Post, text: str, edited_at: datetime, **changes: Any) -> Post:
    """The post after its author edited it."""
    return replace(post, text=text, edited_at=edited_at, **changes)
