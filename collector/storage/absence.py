"""What is no longer there: known posts that a walk should have met, and posts taken out of sight.

A post is gone where its own place says so, or where it is missing in every place that showed it; the same place showing
it again brings it back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Exists, and_, exists, select

from collector.model import ARCHIVE_KIND, Watch
from collector.storage.matching import is_one_of
from collector.storage.tables import posts, sightings, watches
from collector.text.addresses import is_at_home


def find_unmet(
    conn: Connection, watch_id: int, *, not_since: datetime, published_from: datetime | None, limit: int
) -> list[str]:
    """The native ids that this watch has not met since a walk began, longest unseen first; not those missing already.

    Only posts published from a horizon on (None: all) are meant: the walk went no further.
    """
    query = (
        select(sightings.c.native_id)
        .join_from(sightings, posts)
        .where(
            sightings.c.watch_id == watch_id,
            sightings.c.last_seen_at < not_since,
            sightings.c.missing_since.is_(None),
        )
        .order_by(sightings.c.last_seen_at, sightings.c.native_id)
        .limit(limit)
    )
    if published_from is not None:
        query = query.where(posts.c.published_at >= published_from)
    return list(conn.execute(query).scalars())


def save_gone(conn: Connection, watch: Watch, native_ids: Collection[str], now: datetime) -> int:
    """Writes down that a watch's place no longer shows these; gives how many posts went out of sight by it."""
    is_missing = and_(sightings.c.watch_id == watch.id, is_one_of(sightings.c.native_id, native_ids))
    conn.execute(sightings.update().where(is_missing).values(missing_since=now))
    rows = conn.execute(
        select(posts.c.id, posts.c.uri, _is_shown_elsewhere().label("elsewhere"))
        .join_from(posts, sightings)
        .where(is_missing, posts.c.gone_at.is_(None))
    )
    gone = {row.id for row in rows if is_at_home(row.uri, watch.key.address) or not row.elsewhere}
    if gone:
        conn.execute(posts.update().where(is_one_of(posts.c.id, gone)).values(gone_at=now))
    return len(gone)


def find_returned(conn: Connection, watch: Watch, post_ids: Collection[int]) -> set[int]:
    """Those of these posts, shown by a watch just now, that are out of sight since one of the same place missed them.

    To be asked before the sightings of this watch are refreshed.
    """
    if not post_ids:
        return set()
    is_of_the_place = and_(watches.c.kind == watch.key.kind, watches.c.address == watch.key.address)
    missed = (
        select(sightings.c.post_id)
        .join_from(sightings, watches)
        .where(sightings.c.post_id == posts.c.id, sightings.c.missing_since.is_not(None), is_of_the_place)
    )
    query = select(posts.c.id).where(is_one_of(posts.c.id, post_ids), posts.c.gone_at.is_not(None), exists(missed))
    return set(conn.execute(query).scalars())


def save_returned(conn: Connection, post_ids: Collection[int]) -> None:
    """Lets posts into sight again that the place which missed them shows once more; what was erased stays so."""
    if post_ids:
        conn.execute(
            posts.update().where(is_one_of(posts.c.id, post_ids), posts.c.erased_at.is_(None)).values(gone_at=None)
        )


def _is_shown_elsewhere() -> Exists:
    """By a place that can be asked: a file goes on showing what its author took back long ago."""
    other = sightings.alias("other")
    elsewhere = select(other.c.post_id).join_from(other, watches)
    return exists(
        elsewhere.where(other.c.post_id == posts.c.id, other.c.missing_since.is_(None), watches.c.kind != ARCHIVE_KIND)
    )
