"""Copies of one post on several networks: linked in a cluster, never merged.

Gather → decide (`collector.identity`) → apply. A cluster is known by the lowest id among its posts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, datetime, timedelta

from sqlalchemy import Connection, func, select

from collector.identity import addresses_of, copies_among, original_of
from collector.model import Post
from collector.storage.matching import is_one_of
from collector.storage.numbers import networks
from collector.storage.rows import POST_COLUMNS, read_post
from collector.storage.tables import authors, post_addresses, posts

_AROUND = timedelta(hours=2)  # copies are within one hour, and a copy's rival within one hour of that
_MOST_AROUND = 20_000  # posts of one stretch: a hashtag busier than this is none where copies stand out

_AT_ADDRESS = select(post_addresses.c.address, post_addresses.c.post_id).where(is_one_of(post_addresses.c.address))
_COPIED_FROM = select(posts.c.copy_of, posts.c.id).where(is_one_of(posts.c.copy_of))
_ANY_BRIDGED = select(posts.c.id).where(posts.c.copy_of.is_not(None)).limit(1)
_CLUSTERS = select(posts.c.id, posts.c.cluster_id).where(is_one_of(posts.c.id))


def link_copies(conn: Connection, new: Mapping[int, Post]) -> None:
    """Links posts that were just added, by id, with their copies: those a bridge names, and near-identical ones."""
    if not new:
        return
    pairs = [*_bridged(conn, new), *_near(conn, new)]
    for post_id, other in pairs:
        _join(conn, {post_id, other})


def _bridged(conn: Connection, new: Mapping[int, Post]) -> Iterator[tuple[int, int]]:
    """(copy, original), and (copy, another copy of the same original)."""
    originals = {post_id: original for post_id, post in new.items() if (original := original_of(post))}
    if originals:
        found = conn.execute(_AT_ADDRESS, {"address": set(originals.values())})
        ids = {address: post_id for address, post_id in found}  # noqa: C416 (rows are no pairs to a type checker)
        yield from ((post_id, ids[address]) for post_id, address in originals.items() if address in ids)
    if conn.execute(_ANY_BRIDGED).first() is None:
        return
    wanted = {address: post_id for post_id, post in new.items() for address in addresses_of(post)}
    wanted |= {address: post_id for post_id, address in originals.items()}
    for address, copy_id in conn.execute(_COPIED_FROM, {"copy_of": wanted}):
        if address is not None and copy_id != wanted[address]:
            yield wanted[address], copy_id


def _near(conn: Connection, new: Mapping[int, Post]) -> Iterator[tuple[int, int]]:
    """Near-identical posts of one person elsewhere."""
    if not _has_other_network(conn, new):
        return
    for group in _stretches(new):
        around = _published_around(conn, [new[post_id].published_at for post_id in group])
        moments = [post.published_at for _, post in around]
        for post_id in group:
            at = new[post_id].published_at
            near = around[bisect_left(moments, _earlier(at)) : bisect_right(moments, _later(at))]
            others = [(other_id, other) for other_id, other in near if other_id != post_id]
            found = copies_among(new[post_id], [other for _, other in others])
            yield from ((post_id, others[place][0]) for place in found)


def _has_other_network(conn: Connection, new: Mapping[int, Post]) -> bool:
    return len({*networks(conn), *(post.network for post in new.values())}) > 1


def _stretches(new: Mapping[int, Post]) -> Iterator[list[int]]:
    """The new posts in groups that follow each other closely."""
    group: list[int] = []
    for post_id in sorted(new, key=lambda key: new[key].published_at):
        if group and _later(new[group[-1]].published_at) < new[post_id].published_at:
            yield group
            group = []
        group.append(post_id)
    yield group


def _earlier(instant: datetime) -> datetime:
    return instant - _AROUND if instant.year > MINYEAR else instant


def _later(instant: datetime) -> datetime:
    return instant + _AROUND if instant.year < MAXYEAR else instant


def _published_around(conn: Connection, moments: Sequence[datetime]) -> list[tuple[int, Post]]:
    """Everything published near these moments, in order of time; on the posts' own network, too: a rival is there."""
    query = (
        select(*POST_COLUMNS)
        .join_from(posts, authors)
        .where(
            posts.c.published_at.between(_earlier(moments[0]), _later(moments[-1])),
            posts.c.gone_at.is_(None),
            posts.c.erased_at.is_(None),
        )
        .order_by(posts.c.published_at, posts.c.id)
        .limit(_MOST_AROUND)
    )
    return [(row["id"], read_post(row, ())) for row in conn.execute(query).mappings()]


def _join(conn: Connection, ids: set[int]) -> None:
    """Makes one cluster of posts, and of the clusters they are in."""
    rows = conn.execute(_CLUSTERS, {"id": ids}).all()
    clusters = {cluster for _, cluster in rows if cluster is not None}
    if len(clusters) == 1 and all(cluster is not None for _, cluster in rows):
        return
    together = posts.update().where(is_one_of(posts.c.id, ids) | is_one_of(posts.c.cluster_id, clusters))
    cluster = min(ids | clusters)
    conn.execute(together.values(cluster_id=cluster))
    _stay_hidden(conn, cluster)


def _stay_hidden(conn: Connection, cluster: int) -> None:
    """What the operator hid does not come back as a copy that is found only later."""
    is_in_it = posts.c.cluster_id == cluster
    hidden_at = conn.execute(select(func.min(posts.c.hidden_at)).where(is_in_it)).scalar()
    if hidden_at is not None:
        shown = posts.update().where(is_in_it, posts.c.hidden_at.is_(None))
        conn.execute(shown.values(hidden_at=hidden_at))
