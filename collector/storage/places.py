"""Where a post was seen: sightings with their counts, the topics it counts for, raw answers and rejections."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, bindparam, select

from collector.model import ARCHIVE_KIND, Batch, Found
from collector.storage.bulk import Insertion, Row, add_rows
from collector.storage.matching import is_one_of
from collector.storage.merging import Stored
from collector.storage.rows import COUNTS, count_row
from collector.storage.tables import post_topics, posts, raw_answers, rejections, sightings, watches

_Counts: TypeAlias = tuple[int, ...]

_FIND_SIGHTINGS = select(
    *(sightings.c.post_id, sightings.c.watch_id, sightings.c.native_id),
    sightings.c.last_seen_at,
    *(sightings.c[name] for name in COUNTS),
).where(is_one_of(sightings.c.post_id))
_FIND_TOPICS = select(post_topics.c.post_id, post_topics.c.is_history, post_topics.c.withdrawn_at).where(
    is_one_of(post_topics.c.post_id), post_topics.c.topic == bindparam("topic")
)
_COUNTED_ANYWAY = (
    select(sightings.c.post_id)
    .join_from(sightings, watches)
    .where(
        is_one_of(sightings.c.post_id),
        watches.c.topic == bindparam("topic"),
        watches.c.hashtag == "",
        watches.c.kind != ARCHIVE_KIND,  # a file's posts were chosen by their hashtags
        sightings.c.missing_since.is_(None),
    )
)
_SEE = Insertion(
    sightings,
    (
        *("watch_id", "native_id", "post_id", "is_home", "first_seen_at", "last_seen_at", "looked_at", "missing_since"),
        *COUNTS,
    ),
    refreshed=(
        "post_id",
        "is_home",
        "last_seen_at",
        "looked_at",
        "missing_since",
        *COUNTS,
    ),  # a server that began anew gives ids once more
)
_UPDATE_HIGHEST = (
    posts.update().where(posts.c.id == bindparam("b_id")).values({name: bindparam(f"b_{name}") for name in COUNTS})
)
_ADD_TOPICS = Insertion(post_topics, ("post_id", "topic", "dated_at", "first_seen_at", "is_history"))
_UPDATE_TOPIC = (
    post_topics.update()
    .where(post_topics.c.post_id == bindparam("b_post_id"), post_topics.c.topic == bindparam("b_topic"))
    .values(is_history=bindparam("b_is_history"), withdrawn_at=bindparam("b_withdrawn_at"))
)
_KEEP_RAW = Insertion(
    raw_answers,
    ("watch_id", "native_id", "post_id", "fetched_at", "body"),
    refreshed=("post_id", "fetched_at", "body"),
)
_REFRESH_RAW = replace(_KEEP_RAW, unless_same="body")  # comparing costs, so only where there is something to compare
_REJECT = Insertion(
    rejections,
    ("watch_id", "native_id", "reason", "first_seen_at", "last_seen_at", "body"),
    refreshed=("reason", "last_seen_at", "body"),
)
_ADMIT = rejections.delete().where(rejections.c.watch_id == bindparam("watch_id"), is_one_of(rejections.c.native_id))


@dataclass(slots=True)
class Places:
    """What the tables hold, before the batch is written, of where its known posts were seen."""

    seen: dict[str, datetime] = field(default_factory=dict)  # when this watch last met what it knows, by native id
    elsewhere: dict[int, _Counts] = field(default_factory=dict)  # the highest of all other sightings, by post id
    topics: dict[int, tuple[bool, datetime | None]] = field(default_factory=dict)  # (is_history, withdrawn_at)


def gather_places(conn: Connection, batch: Batch, known: Mapping[str, Stored]) -> Places:
    """Two queries, none where every post is new."""
    places = Places()
    if not known:
        return places
    ids = {stored.id for stored in known.values()}
    told = {item.native_id for item in batch.found}
    for post_id, watch_id, native_id, last_seen_at, *counts in conn.execute(_FIND_SIGHTINGS, {"post_id": ids}).all():
        if watch_id == batch.watch.id and native_id in told:
            places.seen[native_id] = last_seen_at
        else:
            places.elsewhere[post_id] = _highest(places.elsewhere.get(post_id), tuple(counts))
    topics = conn.execute(_FIND_TOPICS, {"post_id": ids, "topic": batch.watch.key.topic}).all()
    places.topics = {post_id: (is_history, withdrawn_at) for post_id, is_history, withdrawn_at in topics}
    return places


def save_sightings(
    conn: Connection, batch: Batch, items: Collection[Found], known: Mapping[str, Stored], places: Places
) -> None:
    """Refreshes who saw what when, and the counts."""
    watch_id, now = batch.watch.id, batch.fetched_at
    rows: dict[str, Row] = {}
    highest: dict[int, _Counts] = {}
    for item in {item.native_id: item for item in items}.values():
        stored, counts = known[item.post.uri], count_row(item.post.counts)
        post_id = stored.id
        met_at = places.seen.get(item.native_id, now) if item.native_id in batch.asked_for else now
        rows[item.native_id] = (watch_id, item.native_id, post_id, item.is_home, now, met_at, now, None, *counts)
        if not stored.is_erased:
            highest[post_id] = _highest(highest.get(post_id) or places.elsewhere.get(post_id), counts)
    add_rows(conn, _SEE, list(rows.values()))
    _save_highest(conn, highest, known)


def _highest(one: _Counts | None, other: _Counts) -> _Counts:
    return other if one is None else tuple(map(max, one, other))


def _save_highest(conn: Connection, highest: Mapping[int, _Counts], known: Mapping[str, Stored]) -> None:
    before = {stored.id: stored.counts for stored in known.values()}
    names = [f"b_{name}" for name in COUNTS]
    rows = [
        {"b_id": post_id, **dict(zip(names, counts, strict=True))}
        for post_id, counts in highest.items()
        if counts != before[post_id]
    ]
    if rows:
        conn.execute(_UPDATE_HIGHEST, rows)


def save_topics(
    conn: Connection,
    batch: Batch,
    items: Collection[Found],
    known: Mapping[str, Stored],
    places: Places,
    standing: Collection[str],
) -> int:
    """Ties posts to the watch's topic: one that lost its hashtag is withdrawn, one that has it again returns.

    `standing` are the uris whose content, as told, is what is stored: a server that words a post differently, or still
    shows an earlier edit, has no say. Nor has it where a post counts without the hashtag: one watch may take every
    comment of a page, and another of the same blog only those that carry it. Gives how many were withdrawn.
    """
    topic, now = batch.watch.key.topic, batch.fetched_at
    counted_anyway = _counted_anyway(conn, batch, items, known)
    fresh: list[Row] = []
    updates: list[dict[str, object]] = []
    withdrawn = 0
    for item in items:
        stored = known[item.post.uri]
        is_history = batch.history_before is not None and item.post.published_at < batch.history_before
        if (before := places.topics.get(stored.id)) is None:
            fresh.append((stored.id, topic, stored.dated_at, now, is_history))
            continue
        was_history, was_withdrawn_at = before
        after = (was_history and is_history, was_withdrawn_at)
        if item.post.uri in standing and stored.id not in counted_anyway:
            after = (after[0], _withdrawn_at(batch, item, was_withdrawn_at))
        if after != before:
            withdrawn += after[1] is not None and was_withdrawn_at is None
            updates.append(
                {"b_post_id": stored.id, "b_topic": topic, "b_is_history": after[0], "b_withdrawn_at": after[1]}
            )
    add_rows(conn, _ADD_TOPICS, fresh)
    if updates:
        conn.execute(_UPDATE_TOPIC, updates)
    return withdrawn


def _counted_anyway(conn: Connection, batch: Batch, items: Collection[Found], known: Mapping[str, Stored]) -> set[int]:
    """The posts without the hashtag that count for the topic all the same: another watch takes all it is shown."""
    if not batch.spellings:
        return set()
    untagged = {known[item.post.uri].id for item in items if not item.post.carries(batch.spellings)}
    asked = {"post_id": untagged, "topic": batch.watch.key.topic}
    return set(conn.execute(_COUNTED_ANYWAY, asked).scalars()) if untagged else set()


def _withdrawn_at(batch: Batch, item: Found, before: datetime | None) -> datetime | None:
    if not batch.spellings or item.post.carries(batch.spellings):
        return None
    return before or batch.fetched_at


def save_raw(
    conn: Connection, batch: Batch, items: Collection[Found], known: Mapping[str, Stored], places: Places
) -> None:
    """The latest raw answer of each sighting."""
    watch_id, now = batch.watch.id, batch.fetched_at
    latest = {item.native_id: item for item in items if item.raw}
    rows = {name: (watch_id, name, known[item.post.uri].id, now, item.raw) for name, item in latest.items()}
    add_rows(conn, _KEEP_RAW, [row for name, row in rows.items() if name not in places.seen])
    add_rows(conn, _REFRESH_RAW, [row for name, row in rows.items() if name in places.seen])


def save_rejections(conn: Connection, batch: Batch) -> None:
    """What could not be read as a post, once for each item however often it comes, until it can be read."""
    watch_id, now = batch.watch.id, batch.fetched_at
    if batch.found:
        conn.execute(_ADMIT, {"watch_id": watch_id, "native_id": [item.native_id for item in batch.found]})
    latest: dict[str, Row] = {
        rejection.native_id: (watch_id, rejection.native_id, rejection.reason, now, now, rejection.raw)
        for rejection in batch.rejections
    }
    add_rows(conn, _REJECT, list(latest.values()))
