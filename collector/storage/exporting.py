"""Posts on their way out, as a stream: however many there are, a thousand are in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from collector.errors import UnknownNameError
from collector.model import ExportRow
from collector.storage.blocking import is_unblocked
from collector.storage.matching import is_one_of
from collector.storage.numbers import networks
from collector.storage.tables import (
    authors,
    digest_members,
    digests,
    post_addresses,
    post_hashtags,
    post_topics,
    posts,
    revisions,
    series,
    sightings,
    watches,
)
from collector.storage.visibility import has_topic, is_visible
from collector.words import ENGLISH

_CHUNK = 1000
_Earlier = tuple[tuple[Any, ...], ...]  # texts, titles, content warnings, when each was replaced
_NO_REVISIONS: _Earlier = ((), (), (), ())

_COLUMNS = (
    *(posts.c.id, posts.c.cluster_id, posts.c.network, posts.c.uri, posts.c.url, posts.c.published_at),
    *(posts.c.edited_at, posts.c.first_seen_at, authors.c.key, authors.c.handle, authors.c.name),
    *(authors.c.url.label("author_url"), authors.c.is_bot, posts.c.title, posts.c.text, posts.c.content_warning),
    *(posts.c.language, posts.c.mentions, posts.c.links, posts.c.media, posts.c.reply_to_uri, posts.c.quote_of_uri),
    *(posts.c.replies, posts.c.boosts, posts.c.likes, posts.c.quotes, posts.c.is_sensitive),
)

_HASHTAGS = (
    select(post_hashtags.c.post_id, post_hashtags.c.normal)
    .where(is_one_of(post_hashtags.c.post_id))
    .order_by(post_hashtags.c.post_id, post_hashtags.c.position)
)
_TOPICS = (
    select(post_topics.c.post_id, post_topics.c.topic)
    .where(is_one_of(post_topics.c.post_id), post_topics.c.withdrawn_at.is_(None))
    .order_by(post_topics.c.post_id, post_topics.c.topic)
)
_SEEN_ON = (
    select(sightings.c.post_id, watches.c.name)
    .join_from(sightings, watches)
    .where(is_one_of(sightings.c.post_id))
    .order_by(sightings.c.post_id, sightings.c.first_seen_at, sightings.c.watch_id)
)
_DIGESTS = (
    select(digest_members.c.post_id, series.c.name + "/" + digests.c.name)
    .join_from(digest_members, digests)
    .join(series, series.c.id == digests.c.series_id)
    .where(is_one_of(digest_members.c.post_id))
    .order_by(digest_members.c.post_id, series.c.name, digests.c.starts_at)
)
_REVISIONS = (
    select(
        revisions.c.post_id,
        revisions.c.text,
        revisions.c.title,
        revisions.c.content_warning,
        revisions.c.replaced_at,
    )
    .where(is_one_of(revisions.c.post_id))
    .order_by(revisions.c.post_id, revisions.c.id)
)
_ANSWERED = (  # posts that are answered or quoted under another address than the one they are known by here
    select(post_addresses.c.address, posts.c.uri)
    .join_from(post_addresses, posts)
    .where(is_one_of(post_addresses.c.address), posts.c.uri != post_addresses.c.address)
)
_COPIES = (
    select(posts.c.cluster_id, posts.c.id, func.coalesce(posts.c.url, posts.c.uri))
    .join_from(posts, authors)
    .where(is_one_of(posts.c.cluster_id), is_visible(), has_topic(None))
    .order_by(posts.c.id)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which posts are wanted; what is None does not narrow. Stretches are half-open."""

    since: datetime | None = None  # published at or after
    until: datetime | None = None  # published before
    dated: tuple[datetime, datetime] | None = None  # dated within, as digests reckon
    topic: str | None = None
    source: str | None = None  # a source's label
    network: str | None = None
    language: str | None = None  # with its regions: en is also en-gb
    digest: tuple[str, str] | None = None  # (series, week): its members
    is_for_readers: bool = False  # as digests and pages have it: without what a block word keeps out


def stream_posts(conn: Connection, selection: Selection, *, with_revisions: bool = False) -> Iterator[ExportRow]:
    """The selected posts that may be shown, by published_at and then uri; their earlier texts only if asked for."""
    query = _query(conn, selection).execution_options(yield_per=_CHUNK)
    for chunk in conn.execute(query).partitions():
        earlier = _earlier(conn, [row[0] for row in chunk]) if with_revisions else {}
        yield from _complete(conn, chunk, earlier)


def count_posts(conn: Connection, selection: Selection) -> int:
    """How many there are: for a progress bar."""
    query = _query(conn, selection).with_only_columns(func.count()).order_by(None)
    return conn.execute(query).scalar() or 0


def _query(conn: Connection, selection: Selection) -> Select[Any]:
    topics = None if selection.topic is None else [selection.topic]
    query = (
        select(*_COLUMNS).join_from(posts, authors).where(is_visible(), has_topic(topics), *conditions(conn, selection))
    )
    return query.order_by(posts.c.published_at, posts.c.uri)


def conditions(conn: Connection, selection: Selection) -> Iterator[ColumnElement[bool]]:
    """What is asked for, but for the topic; `UnknownNameError` for what names nothing."""
    if selection.since is not None:
        yield posts.c.published_at >= selection.since
    if selection.until is not None:
        yield posts.c.published_at < selection.until
    if selection.dated is not None:
        dated = select(post_topics.c.post_id).where(
            post_topics.c.post_id == posts.c.id,
            post_topics.c.dated_at >= selection.dated[0],
            post_topics.c.dated_at < selection.dated[1],
        )
        yield exists(dated)
    if selection.network is not None:
        _refuse_unknown_network(conn, selection.network)
        yield posts.c.network == selection.network
    if selection.language is not None:
        language = selection.language.lower()
        yield or_(posts.c.language == language, posts.c.language.startswith(f"{language}-", autoescape=True))
    if selection.source is not None:
        watch_ids = _find_watches(conn, selection.source)
        yield exists().where(sightings.c.post_id == posts.c.id, is_one_of(sightings.c.watch_id, watch_ids))
    if selection.digest is not None:
        digest_id = _find_digest(conn, *selection.digest)
        yield exists().where(digest_members.c.post_id == posts.c.id, digest_members.c.digest_id == digest_id)
    if selection.is_for_readers:
        yield is_unblocked()


def _refuse_unknown_network(conn: Connection, network: str) -> None:
    known = sorted({*ENGLISH.networks, *networks(conn)})
    if network not in known:
        raise UnknownNameError(f"no network is called {network!r}; there are: {', '.join(known)}")


def _find_watches(conn: Connection, source: str) -> list[int]:
    names = {row.id: row.name for row in conn.execute(select(watches.c.id, watches.c.name))}
    ids = [watch_id for watch_id, name in names.items() if name == source]
    if not ids:
        known = ", ".join(sorted(set(names.values()))) or "none yet"
        raise UnknownNameError(f"no source is called {source!r}; there are: {known}")
    return ids


def _find_digest(conn: Connection, series_name: str, name: str) -> int:
    query = (
        select(digests.c.id)
        .join_from(digests, series)
        .where(series.c.name == series_name, digests.c.name == name, digests.c.state == "built")
    )
    found: int | None = conn.execute(query).scalar()
    if found is None:
        raise UnknownNameError(
            f"no digest {series_name}/{name} was built; 'collector digest list' shows those there are"
        )
    return found


def _complete(conn: Connection, chunk: Sequence[Any], earlier: Mapping[int, _Earlier]) -> Iterator[ExportRow]:
    """The rows of posts with what stands in other tables, a query a list for the whole chunk."""
    ids = [row[0] for row in chunk]
    tags, topics = _grouped(conn, _HASHTAGS, ids), _grouped(conn, _TOPICS, ids)
    seen, members = _grouped(conn, _SEEN_ON, ids), _grouped(conn, _DIGESTS, ids)
    copies = _copies(conn, {row[0]: row[1] for row in chunk if row[1] is not None})
    answered = _answered(conn, {address for row in chunk for address in row[20:22]} - {None})
    for row in chunk:
        post_id, media = row[0], row[19]
        seen_on = tuple(dict.fromkeys(seen.get(post_id, ())))  # several watches may have one label
        fields = (
            row[2],
            seen_on[0] if seen_on else "",
            " | ".join(topics.get(post_id, ())),
            *row[3:17],
            tuple(tags.get(post_id, ())),
            tuple([mention["handle"] for mention in row[17]]),
            tuple(row[18]),
            tuple([item["url"] for item in media]),
            tuple([item["type"] for item in media]),
            tuple([item["alt_text"] or "" for item in media]),
            answered.get(row[20], row[20]),
            answered.get(row[21], row[21]),
            *row[22:27],
            seen_on,
            copies.get(post_id, ()),
            tuple(members.get(post_id, ())),
            *earlier.get(post_id, _NO_REVISIONS),
            tuple([mention["url"] for mention in row[17]]),
        )
        yield ExportRow._make(fields)


def _grouped(conn: Connection, query: Select[Any], ids: Sequence[int]) -> dict[int, list[str]]:
    """The second column of a query in lists by the first."""
    grouped: dict[int, list[str]] = defaultdict(list)
    for post_id, value in conn.execute(query, {"post_id": ids}).all():
        grouped[post_id].append(value)
    return grouped


def _earlier(conn: Connection, ids: Sequence[int]) -> dict[int, _Earlier]:
    """The earlier texts of posts that were edited, oldest first."""
    grouped: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for post_id, *revision in conn.execute(_REVISIONS, {"post_id": ids}).all():
        grouped[post_id].append(revision)
    return {post_id: tuple(zip(*told, strict=True)) for post_id, told in grouped.items()}


def _answered(conn: Connection, told: set[str]) -> dict[str, str]:
    """The uris of posts by the other addresses that answers and quotes tell: a blog may change all its addresses."""
    return {address: uri for address, uri in conn.execute(_ANSWERED, {"address": told})} if told else {}  # noqa: C416


def _copies(conn: Connection, clusters: dict[int, int]) -> dict[int, tuple[str, ...]]:
    """For each post of a cluster, the addresses of the others that may be shown."""
    if not clusters:
        return {}
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for cluster, post_id, address in conn.execute(_COPIES, {"cluster_id": set(clusters.values())}).all():
        found[cluster].append((post_id, address))
    return {
        post_id: tuple(address for other, address in found[cluster] if other != post_id)
        for post_id, cluster in clusters.items()
    }
