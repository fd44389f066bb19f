"""Digests: who may be in one, freezing it when it is built, and reading what it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select, union_all

from collector.errors import StorageError
from collector.model import (
    COMMENTED,
    Candidate,
    DigestPost,
    DigestState,
    Hashtag,
    IssuePlan,
    Member,
    Window,
)
from collector.storage.blocking import is_unblocked
from collector.storage.bulk import Insertion, add_rows
from collector.storage.choices import find_choices, find_curations
from collector.storage.facts import facts_values, read_facts
from collector.storage.matching import is_one_of
from collector.storage.rows import COUNTS, POST_COLUMNS, count_row, read_counts, read_post
from collector.storage.series import StoredWindow
from collector.storage.tables import authors, digest_members, digests, post_hashtags, post_topics, posts
from collector.storage.visibility import has_topic, is_visible

_ADD_MEMBERS = Insertion(digest_members, ("series_id", "post_id", "digest_id", "section", "position", *COUNTS))


_HASHTAGS = (
    select(post_hashtags.c.post_id, post_hashtags.c.normal, post_hashtags.c.display, post_hashtags.c.found_in)
    .where(is_one_of(post_hashtags.c.post_id))
    .order_by(post_hashtags.c.post_id, post_hashtags.c.position)
)


def find_candidates(
    conn: Connection,
    series_id: int | None,
    topics: Iterable[str],
    stretches: Sequence[tuple[datetime, datetime]],
    *,
    with_history: Sequence[tuple[datetime, datetime]] = (),
) -> list[Candidate]:
    """The posts dated in the given half-open stretches that no digest of the series holds, nor a copy of them.

    In `stretches` history is left out, in `with_history` it is not.
    """
    found: dict[tuple[int, str], Candidate] = {}
    for stretch in stretches:
        query = _candidates(topics, stretch).where(post_topics.c.is_history.is_(False))
        found |= _read_candidates(conn, query, series_id)
    for stretch in with_history:
        found |= _read_candidates(conn, _candidates(topics, stretch), series_id)
    tags = _hashtags(conn, {candidate.post_id for candidate in found.values()})
    return [_with_hashtags(candidate, tags[candidate.post_id]) for candidate in found.values()]


def _candidates(topics: Iterable[str], stretch: tuple[datetime, datetime]) -> Select[Any]:
    return (
        select(
            posts.c.id,
            posts.c.uri,
            func.coalesce(posts.c.cluster_id, posts.c.id).label("cluster"),
            authors.c.key.label("author"),
            posts.c.network,
            posts.c.reply_to_uri,
            posts.c.copy_of,
            post_topics.c.topic,
            post_topics.c.dated_at,
            post_topics.c.is_history,
            posts.c.replies,
            posts.c.boosts,
            posts.c.likes,
            posts.c.quotes,
        )
        .select_from(post_topics)
        .join(posts, posts.c.id == post_topics.c.post_id)
        .join(authors, authors.c.id == posts.c.author_id)
        .where(
            post_topics.c.topic.in_(list(topics)),
            post_topics.c.dated_at >= stretch[0],
            post_topics.c.dated_at < stretch[1],
            post_topics.c.withdrawn_at.is_(None),
            is_visible(),
            is_unblocked(),
        )
    )


def _not_in_series(series_id: int) -> ColumnElement[bool]:
    """Neither the post nor a copy of it is a member already."""
    member = exists().where(digest_members.c.series_id == series_id, digest_members.c.post_id == posts.c.id)
    copy = posts.alias("copy")
    copied = exists(
        select(copy.c.id)
        .join(digest_members, digest_members.c.post_id == copy.c.id)
        .where(copy.c.cluster_id == posts.c.cluster_id, digest_members.c.series_id == series_id)
    )
    return ~member & or_(posts.c.cluster_id.is_(None), ~copied)


def _read_candidates(conn: Connection, query: Select[Any], series_id: int | None) -> dict[tuple[int, str], Candidate]:
    if series_id is not None:
        query = query.where(_not_in_series(series_id))
    return {
        (row["id"], row["topic"]): Candidate(
            post_id=row["id"],
            uri=row["uri"],
            cluster=row["cluster"],
            author=row["author"],
            network=row["network"],
            topic=row["topic"],
            dated_at=row["dated_at"],
            counts=read_counts(row),
            is_comment=row["network"] == COMMENTED and row["reply_to_uri"] is not None,
            is_copy=row["copy_of"] is not None,
            is_history=row["is_history"],
        )
        for row in conn.execute(query).mappings()
    }


def _with_hashtags(candidate: Candidate, tags: Sequence[Hashtag]) -> Candidate:
    return replace(candidate, hashtags=tuple((tag.normal, tag.display) for tag in tags))


def count_dated(conn: Connection, topics: Iterable[str], window: Window, series_id: int | None = None) -> int:
    """How many posts, copies counted once, are dated in a window: for one that was never built.

    What the series' curator left out is not counted; a series that has not begun (None) has none.
    """
    query = _candidates(topics, (window.starts_at, window.ends_at)).subquery()
    is_in = query.c.cluster.not_in(find_choices(conn, series_id).left_out)
    return conn.execute(select(func.count(func.distinct(query.c.cluster))).where(is_in)).scalar() or 0


def find_known(conn: Connection, post_ids: Collection[int], topics: Iterable[str], before: datetime) -> frozenset[int]:
    """Which of these posts are by somebody who had posted under the topics before then, be it as who wrote a copy."""
    copy, earlier = posts.alias("copy"), posts.alias("earlier")
    people = union_all(
        select(posts.c.id, posts.c.author_id).where(is_one_of(posts.c.id, post_ids)),
        select(posts.c.id, copy.c.author_id)
        .join(copy, copy.c.cluster_id == posts.c.cluster_id)
        .where(is_one_of(posts.c.id, post_ids)),
    ).subquery()
    had_posted = exists(
        select(earlier.c.id)
        .join(post_topics, post_topics.c.post_id == earlier.c.id)
        .where(
            earlier.c.author_id == people.c.author_id,
            post_topics.c.topic.in_(list(topics)),
            post_topics.c.dated_at < before,
        )
    )
    return frozenset(conn.execute(select(people.c.id).where(had_posted).distinct()).scalars())


def first_dated_at(conn: Connection, topics: Iterable[str]) -> datetime | None:
    """The date of the earliest post there is: how far an archive can look back."""
    return min(_edges(conn, topics, func.min), default=None)


def last_dated_at(conn: Connection, topics: Iterable[str]) -> datetime | None:
    """The date of the newest post there is."""
    return max(_edges(conn, topics, func.max), default=None)


def _edges(conn: Connection, topics: Iterable[str], edge: Callable[[ColumnElement[datetime]], Any]) -> list[datetime]:
    """Topic by topic: the index gives each at once, where all of them together would be a walk through it."""
    queries = (select(edge(post_topics.c.dated_at)).where(post_topics.c.topic == topic) for topic in topics)
    return [found for query in queries if (found := conn.execute(query).scalar()) is not None]


def freeze(
    conn: Connection, stored: StoredWindow, series_id: int, plan: IssuePlan, topics: Iterable[str], now: datetime
) -> None:
    """Builds: members, order, sections and numbers stand from now on. StorageError for a window closed before."""
    _close(conn, stored.id, DigestState.BUILT, topics, now, facts_values(plan.facts))
    rows = [
        (series_id, member.post_id, stored.id, member.section, member.position, *count_row(member.counts))
        for member in plan.members
    ]
    add_rows(conn, _ADD_MEMBERS, rows)


def skip(conn: Connection, stored: StoredWindow, topics: Iterable[str], now: datetime) -> None:
    """Closes a window that nothing came in. StorageError for one closed before."""
    _close(conn, stored.id, DigestState.SKIPPED, topics, now, None)


def _close(
    conn: Connection,
    digest_id: int,
    state: DigestState,
    topics: Iterable[str],
    now: datetime,
    facts: dict[str, Any] | None,
) -> None:
    closed = conn.execute(
        digests.update()
        .where(digests.c.id == digest_id, digests.c.state == str(DigestState.OPEN))
        .values(state=str(state), closed_at=now, topics=sorted(topics), facts=facts)
    )
    if closed.rowcount != 1:
        raise StorageError(f"digest {digest_id} is built or skipped already")


def read_plan(conn: Connection, stored: StoredWindow) -> IssuePlan:
    """A built digest as it was frozen."""
    rows = conn.execute(
        select(digest_members)
        .where(digest_members.c.digest_id == stored.id)
        .order_by(digest_members.c.section, digest_members.c.position)
    ).mappings()
    members = tuple(
        Member(post_id=row["post_id"], section=row["section"], position=row["position"], counts=read_counts(row))
        for row in rows
    )
    return IssuePlan(window=stored.window, members=members, facts=read_facts(stored.facts or {}))


def shown_posts(
    conn: Connection, post_ids: Iterable[int], topics: Iterable[str] | None, series_id: int | None = None
) -> dict[int, DigestPost]:
    """Posts as they may be shown today; what was taken back is left out. Notes are those of the series' curator."""
    ids = sorted(set(post_ids))
    said = find_curations(conn, series_id, ids)
    topics = list(topics) if topics is not None else None
    tags = _hashtags(conn, ids)
    copies = _copies(conn, ids)
    shown: dict[int, DigestPost] = {}
    query = (
        select(*POST_COLUMNS)
        .join_from(posts, authors)
        .where(is_one_of(posts.c.id, ids), is_visible(), is_unblocked(), has_topic(topics))
    )
    for row in conn.execute(query).mappings():
        post = read_post(row, tuple(tags[row["id"]]))
        shown[row["id"]] = DigestPost(
            post_id=row["id"],
            post=post,
            counts=post.counts,
            dated_at=min(post.published_at, row["first_seen_at"]),
            first_seen_at=row["first_seen_at"],
            also_at=copies.get(row["id"], ()),
            note=said[row["id"]].note if row["id"] in said else "",
        )
    return shown


def _hashtags(conn: Connection, post_ids: Collection[int]) -> dict[int, list[Hashtag]]:
    tags: dict[int, list[Hashtag]] = defaultdict(list)
    for post_id, normal, display, found_in in conn.execute(_HASHTAGS, {"post_id": post_ids}):
        tags[post_id].append(Hashtag(normal=normal, display=display, found_in=found_in))
    return tags


def _copies(conn: Connection, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The addresses of the visible copies of posts."""
    copy = posts.alias("copy")
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        select(copy.c.id, func.coalesce(posts.c.url, posts.c.uri).label("address"))
        .select_from(copy)
        .join(posts, (posts.c.cluster_id == copy.c.cluster_id) & (posts.c.id != copy.c.id))
        .join(authors, authors.c.id == posts.c.author_id)
        .where(is_one_of(copy.c.id, ids), is_visible(), is_unblocked(), has_topic(None))
        .order_by(posts.c.id)
    )
    for row in conn.execute(query):
        found[row.id].append(row.address)
    return {post_id: tuple(addresses) for post_id, addresses in found.items()}
