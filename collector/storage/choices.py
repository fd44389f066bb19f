"""A curator's word on posts, for one series: what is left out of its digests, what stands first, and notes.

It is said of one post, and holds for its copies: also for those that are found, or known as copies, only later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from collector.model import Choices, Curation, DigestState
from collector.storage.matching import is_one_of
from collector.storage.tables import curations, digests, posts

_CLUSTER = func.coalesce(posts.c.cluster_id, posts.c.id)
_CLUSTERS = select(posts.c.id, _CLUSTER.label("cluster")).where(is_one_of(posts.c.id))


def find_choices(conn: Connection, series_id: int | None) -> Choices:
    """What was decided for a series so far; None: it has not begun."""
    rows = _curated(conn, series_id)
    first = sorted((row.first_at, row.cluster) for row in rows if row.first_at is not None)
    return Choices(
        left_out=frozenset(row.cluster for row in rows if row.left_out_at is not None),
        first=tuple(dict.fromkeys(cluster for _, cluster in first)),
    )


def find_curations(conn: Connection, series_id: int | None, post_ids: Collection[int]) -> dict[int, Curation]:
    """What was said of each of these posts, or of a copy of it."""
    said: dict[int, list[Row[Any]]] = {}
    for row in _curated(conn, series_id):
        said.setdefault(row.cluster, []).append(row)
    clusters = conn.execute(_CLUSTERS, {"id": post_ids}).all() if said and post_ids else []
    return {post_id: _together(said[cluster]) for post_id, cluster in clusters if cluster in said}


def save_curation(conn: Connection, series_id: int, post_id: int, curation: Curation) -> None:
    """Puts this in the place of all that was said of the post and its copies; nothing at all takes it back."""
    cluster = select(_CLUSTER).where(posts.c.id == post_id).scalar_subquery()
    copies = select(posts.c.id).where((posts.c.cluster_id == cluster) | (posts.c.id == post_id))
    conn.execute(curations.delete().where(curations.c.series_id == series_id, curations.c.post_id.in_(copies)))
    if curation != Curation():
        conn.execute(curations.insert().values(series_id=series_id, post_id=post_id, **asdict(curation)))


def save_approval(conn: Connection, digest_id: int, approved_at: datetime | None) -> bool:
    """Writes down that a digest may go out, or (None) may not yet; False where it was built or skipped already."""
    is_open = digests.c.state == str(DigestState.OPEN)
    result = conn.execute(digests.update().where(digests.c.id == digest_id, is_open).values(approved_at=approved_at))
    return result.rowcount == 1


def _curated(conn: Connection, series_id: int | None) -> list[Row[Any]]:
    """Every word that was said for a series, with the cluster it holds for; in a fixed order."""
    if series_id is None:
        return []
    query: Select[Any] = (
        select(_CLUSTER.label("cluster"), curations.c.left_out_at, curations.c.first_at, curations.c.note)
        .join_from(curations, posts)
        .where(curations.c.series_id == series_id)
        .order_by(curations.c.post_id)
    )
    return list(conn.execute(query))


def _together(rows: Iterable[Row[Any]]) -> Curation:
    """One word out of those for posts that turned out to be copies later."""
    told = list(rows)
    return Curation(
        left_out_at=min((row.left_out_at for row in told if row.left_out_at), default=None),
        first_at=min((row.first_at for row in told if row.first_at), default=None),
        note=next((row.note for row in told if row.note), ""),
    )
