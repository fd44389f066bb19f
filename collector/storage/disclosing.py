"""Everything that the tables hold about somebody, row by row and with nothing left out: to answer those who ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, Table, select

from collector.storage.matching import is_one_of
from collector.storage.tables import (
    author_handles,
    author_walks,
    authors,
    curations,
    deliveries,
    digest_members,
    digests,
    post_addresses,
    post_hashtags,
    post_topics,
    posts,
    raw_answers,
    rejections,
    revisions,
    series,
    sightings,
    watches,
)

Row: TypeAlias = dict[str, Any]

_AT_ONCE = 100  # posts, each with its answers
_ACCOUNT = (
    *(authors.c.handle.label("account"), authors.c.hidden_at.label("account_hidden_at")),
    authors.c.is_opted_out.label("account_is_opted_out"),
)


def read_account(conn: Connection, author_id: int) -> Row:
    """The profile as it is kept, with every handle it was seen with."""
    row = dict(conn.execute(select(authors).where(authors.c.id == author_id)).mappings().one())
    handles = select(author_handles.c.handle).where(author_handles.c.author_id == author_id)
    walks = (
        select(watches.c.name.label("source"), author_walks.c.finished_at)
        .join_from(author_walks, watches)
        .where(author_walks.c.author_id == author_id)
    )
    return row | {
        "handles": sorted(conn.execute(handles).scalars()),
        "timeline_read": [dict(walk) for walk in conn.execute(walks).mappings()],
    }


def stream_posts(conn: Connection, post_ids: Collection[int]) -> Iterator[Row]:
    """These posts in order of time, each with all that other tables hold of it; raw answers as they are stored."""
    query = select(posts.c.id).where(is_one_of(posts.c.id, post_ids)).order_by(posts.c.published_at, posts.c.id)
    ids = conn.execute(query).scalars().all()
    for start in range(0, len(ids), _AT_ONCE):
        yield from _read_posts(conn, ids[start : start + _AT_ONCE])


def _read_posts(conn: Connection, ids: Sequence[int]) -> Iterator[Row]:
    query = select(posts, *_ACCOUNT).join_from(posts, authors).where(is_one_of(posts.c.id, ids))
    rows = {row["id"]: dict(row) for row in conn.execute(query).mappings()}
    parts = {name: read_grouped(conn, query, "post_id") for name, query in _parts(ids).items()}
    for post_id in ids:
        row = rows[post_id]
        row["content_hash"] = row["content_hash"].hex()
        yield row | {name: found.get(post_id, []) for name, found in parts.items()}


def _of(table: Table, column: Any, ids: Collection[int]) -> Select[Any]:
    return select(table).where(is_one_of(column, ids))


def _parts(ids: Collection[int]) -> dict[str, Select[Any]]:
    """What stands in other tables, with the post's id under its own name."""
    place = (watches.c.name.label("source"), watches.c.address.label("place"), watches.c.hashtag.label("asked_for"))
    sighted = (column for column in sightings.c if column.name != "watch_id")
    said = (curations.c.left_out_at, curations.c.first_at, curations.c.note)
    answered = (raw_answers.c.post_id, raw_answers.c.native_id, raw_answers.c.fetched_at, raw_answers.c.body)
    shown = (digest_members.c.section, digest_members.c.position, digests.c.starts_at, digests.c.closed_at)
    return {
        "addresses": _of(post_addresses, post_addresses.c.post_id, ids).order_by(post_addresses.c.address),
        "hashtags": _of(post_hashtags, post_hashtags.c.post_id, ids).order_by(post_hashtags.c.position),
        "topics": _of(post_topics, post_topics.c.post_id, ids).order_by(post_topics.c.topic),
        "sightings": select(*sighted, *place)
        .join_from(sightings, watches)
        .where(is_one_of(sightings.c.post_id, ids))
        .order_by(sightings.c.first_seen_at),
        "earlier_texts": _of(revisions, revisions.c.post_id, ids).order_by(revisions.c.id),
        "raw_answers": select(*answered, *place[:2])
        .join_from(raw_answers, watches)
        .where(is_one_of(raw_answers.c.post_id, ids)),
        "digests": select(digest_members.c.post_id, series.c.name.label("series"), digests.c.name.label("week"), *shown)
        .join_from(digest_members, digests)
        .join(series, series.c.id == digests.c.series_id)
        .where(is_one_of(digest_members.c.post_id, ids)),
        "curations": select(curations.c.post_id, series.c.name.label("series"), *said)
        .join_from(curations, series)
        .where(is_one_of(curations.c.post_id, ids)),
    }


def read_grouped(conn: Connection, query: Select[Any], by: str) -> dict[int, list[Row]]:
    """The rows of a query by what one of its columns holds, and without that."""
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in conn.execute(query).mappings():
        values = dict(row)
        grouped[values.pop(by)].append(values)
    return grouped


def read_rejections(conn: Connection, keys: Iterable[tuple[int, str]]) -> Iterator[Row]:
    """Answers that could not be read as a post."""
    for watch_id, native_id in sorted(keys):
        query = (
            select(
                watches.c.name.label("source"),
                *(rejections.c.native_id, rejections.c.reason, rejections.c.first_seen_at, rejections.c.last_seen_at),
                rejections.c.body,
            )
            .join_from(rejections, watches)
            .where(rejections.c.watch_id == watch_id, rejections.c.native_id == native_id)
        )
        yield from (dict(row) for row in conn.execute(query).mappings())


def read_answers(conn: Connection, keys: Iterable[tuple[int, str]]) -> Iterator[Row]:
    """Where kept answers about others' posts are from; their words are others'."""
    for watch_id, native_id in sorted(keys):
        query = (
            select(posts.c.uri.label("post"), watches.c.name.label("source"), raw_answers.c.fetched_at)
            .join_from(raw_answers, watches)
            .join(posts, posts.c.id == raw_answers.c.post_id)
            .where(raw_answers.c.watch_id == watch_id, raw_answers.c.native_id == native_id)
        )
        yield from (dict(row) for row in conn.execute(query).mappings())


def read_deliveries(conn: Connection, addresses: Collection[str]) -> list[Row]:
    """What was sent, or is to be sent, to mail addresses."""
    query = (
        select(
            *(series.c.name.label("series"), digests.c.name.label("week"), deliveries.c.address, deliveries.c.kind),
            *(deliveries.c.state, deliveries.c.created_at, deliveries.c.attempts, deliveries.c.finished_at),
            deliveries.c.error,
        )
        .join_from(deliveries, digests)
        .join(series, series.c.id == digests.c.series_id)
        .where(is_one_of(deliveries.c.address, addresses))
        .order_by(deliveries.c.id)
    )
    return [dict(row) for row in conn.execute(query).mappings()]
