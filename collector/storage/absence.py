"""What is no longer there: which known posts to ask about again, and what is written down of those that are missing.

A post is gone where its own place says so, or where it is missing in every place that showed it (`polling.evidence`
decides); the same place showing it again brings it back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Exists, Select, and_, case, exists, func, literal, not_, or_, select

from collector.model import ARCHIVE_KIND, Erasure, Evidence, Watch
from collector.storage.columns import Instant
from collector.storage.matching import is_one_of
from collector.storage.tables import authors, posts, sightings, watches
from collector.text.addresses import is_at_home

YOUNG = timedelta(days=30)  # so old, or younger, posts are looked at daily …
DAILY = timedelta(hours=25)  # … unless a walk met them: the daily walk comes first
MONTHLY = timedelta(days=30)  # the others
SECOND_LOOK = timedelta(hours=20)  # a post that is out of sight is asked about again after so long

_LOOKED_AT = sightings.c.looked_at  # every writer sets it
_LONGEST_AGO = (_LOOKED_AT, sightings.c.native_id)
_DRIFT = timedelta(hours=1)  # what lies further ahead was written under a clock that was wrong: it says nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Absent:
    """A post that a place no longer shows, and what else is known about it."""

    post_id: int
    native_id: str
    uri: str
    is_home: bool  # the place is its author's own
    is_shown_elsewhere: bool
    is_shown_anew: bool  # by this place, and later, under another id: it was set up anew
    is_shown_at_home: bool  # by a watch of its author's own place, which finds a deletion by itself
    gone_at: datetime | None
    gone_why: Evidence | None


def find_unmet(
    conn: Connection,
    watch_id: int,
    *,
    not_since: datetime,
    now: datetime,
    met_since: datetime | None,
    published_from: datetime | None,
    limit: int,
) -> list[str]:
    """The native ids that this watch has not met since a walk began, longest unseen first; not those missing already.

    Only posts published from a horizon on (None: all) are meant: the walk went no further. What was asked about since
    it was last met, and was not met since `met_since` either, is there all the same and in no timeline, as where its
    author is silenced: its turn comes daily.
    """
    is_news = sightings.c.last_seen_at >= _LOOKED_AT
    if met_since is not None:
        is_news = or_(is_news, sightings.c.last_seen_at >= met_since)
    query = (
        select(sightings.c.native_id)
        .join_from(sightings, posts)
        .where(
            sightings.c.watch_id == watch_id,
            or_(sightings.c.last_seen_at < not_since, sightings.c.last_seen_at > now + _DRIFT),
            sightings.c.missing_since.is_(None),
            posts.c.erased_at.is_(None),
            is_news,
        )
        .order_by(sightings.c.last_seen_at, sightings.c.native_id)
        .limit(limit)
    )
    if published_from is not None:
        query = query.where(posts.c.published_at >= published_from)
    return list(conn.execute(query).scalars())


def find_due(conn: Connection, watch_id: int, now: datetime, limit: int) -> list[str]:
    """The native ids whose time to be asked about again has come, those of posts out of sight first."""
    is_shown = case((posts.c.gone_at.is_(None), 1), else_=0)
    query = _not_erased(watch_id).where(is_look_due(now)).order_by(is_shown, *_LONGEST_AGO).limit(limit)
    return list(conn.execute(query).scalars())


def find_soonest(conn: Connection, watch_id: int, before: datetime, limit: int) -> list[str]:
    """The native ids of this watch that were not looked at since then, whether due or not, longest ago first.

    Not those that are missing: to make sure of one takes a request of its own.
    """
    is_meant = and_(before > _LOOKED_AT, sightings.c.missing_since.is_(None))
    query = _not_erased(watch_id).where(is_meant).order_by(*_LONGEST_AGO).limit(limit)
    return list(conn.execute(query).scalars())


def find_by_authors(
    conn: Connection, watch_id: int, native_ids: Collection[str], keys: Collection[str]
) -> frozenset[str]:
    """Which of these ids are of posts by authors with these keys."""
    query = (
        select(sightings.c.native_id)
        .join_from(sightings, posts)
        .join(authors, authors.c.id == posts.c.author_id)
        .where(
            sightings.c.watch_id == watch_id,
            is_one_of(sightings.c.native_id, native_ids),
            is_one_of(authors.c.key, keys),
        )
    )
    return frozenset(conn.execute(query).scalars())


def find_looks(conn: Connection, post_ids: Collection[int], now: datetime, fresh: timedelta) -> dict[int, list[str]]:
    """Where these posts can be asked about, unless they were looked at so lately: native ids by watch id."""
    is_stale = or_(now - fresh > _LOOKED_AT, now + _DRIFT < _LOOKED_AT)
    wanted = and_(is_one_of(sightings.c.post_id, post_ids), is_stale, posts.c.erased_at.is_(None))
    return _by_watch(conn, wanted, 10_000)


def find_stray_looks(conn: Connection, now: datetime, limit: int) -> dict[int, list[str]]:
    """What is due of watches that are never asked by themselves: added by hand, or no longer configured."""
    wanted = and_(watches.c.next_poll_at.is_(None), posts.c.erased_at.is_(None), is_look_due(now))
    return _by_watch(conn, wanted, limit)


def is_look_due(now: datetime) -> ColumnElement[bool]:
    """For a query over `sightings` joined with `posts`: daily while they are young, monthly after that.

    What is out of sight is asked about again as soon as a second look counts.
    """
    is_young = and_(posts.c.published_at > now - YOUNG, now - DAILY >= _LOOKED_AT)
    is_gone = and_(posts.c.gone_at.is_not(None), posts.c.gone_at > now - YOUNG, now - SECOND_LOOK >= _LOOKED_AT)
    return or_(is_young, is_gone, now - MONTHLY >= _LOOKED_AT, now + _DRIFT < _LOOKED_AT)


def _not_erased(watch_id: int) -> Select[Any]:
    return (
        select(sightings.c.native_id)
        .join_from(sightings, posts)
        .where(sightings.c.watch_id == watch_id, posts.c.erased_at.is_(None))
    )


def _by_watch(conn: Connection, wanted: ColumnElement[bool], limit: int) -> dict[int, list[str]]:
    query = (
        select(sightings.c.watch_id, sightings.c.native_id)
        .join_from(sightings, posts)
        .join(watches, watches.c.id == sightings.c.watch_id)
        .where(wanted, watches.c.kind != ARCHIVE_KIND)
        .order_by(_LOOKED_AT, sightings.c.watch_id, sightings.c.native_id)
        .limit(limit)
    )
    found: dict[int, list[str]] = {}
    for watch_id, native_id in conn.execute(query):
        found.setdefault(watch_id, []).append(native_id)
    return found


def find_absent(conn: Connection, watch: Watch, native_ids: Collection[str]) -> list[Absent]:
    """What is known of posts that a watch's place no longer shows; tombstones are done with."""
    query = (
        select(
            *(posts.c.id, posts.c.uri, posts.c.gone_at, posts.c.gone_why, sightings.c.native_id, sightings.c.is_home),
            _is_shown_elsewhere(watch, native_ids).label("elsewhere"),
            _is_shown_anew(watch, native_ids).label("anew"),
            _is_shown_at_home().label("at_home"),
        )
        .join_from(posts, sightings)
        .where(
            sightings.c.watch_id == watch.id,
            is_one_of(sightings.c.native_id, native_ids),
            posts.c.erased_at.is_(None),
        )
    )
    return [
        Absent(
            post_id=row.id,
            native_id=row.native_id,
            uri=row.uri,
            is_home=row.is_home or is_at_home(row.uri, watch.key.address),
            is_shown_elsewhere=row.elsewhere,
            is_shown_anew=row.anew,
            is_shown_at_home=row.at_home,
            gone_at=row.gone_at,
            gone_why=Evidence(row.gone_why) if row.gone_why else None,
        )
        for row in conn.execute(query)
    ]


def save_missing(conn: Connection, watch: Watch, native_ids: Collection[str], now: datetime) -> None:
    """Writes down that a watch's place no longer shows these, whichever of its watches showed them."""
    of_the_place = select(watches.c.id).where(_is_of_the_place(watch))
    is_missing = and_(sightings.c.watch_id.in_(of_the_place), is_one_of(sightings.c.native_id, native_ids))
    since = func.coalesce(sightings.c.missing_since, literal(now, Instant))
    conn.execute(sightings.update().where(is_missing).values(missing_since=since, looked_at=now))


def put_off(conn: Connection, watch: Watch, native_ids: Collection[str], now: datetime) -> None:
    """Has posts that nothing was learned about wait for another day, so that others have their turn."""
    if not native_ids:
        return
    published_at = select(posts.c.published_at).where(posts.c.id == sightings.c.post_id).scalar_subquery()
    tomorrow = case((published_at > now - YOUNG, literal(now, Instant)), else_=literal(now - MONTHLY + DAILY, Instant))
    is_meant = and_(sightings.c.watch_id == watch.id, is_one_of(sightings.c.native_id, native_ids))
    conn.execute(sightings.update().where(is_meant).values(looked_at=tomorrow))


def save_gone(conn: Connection, gone: Mapping[int, Evidence], now: datetime) -> None:
    """Takes posts out of sight; those that are already stay so since they were, with the evidence of now."""
    for evidence in Evidence:
        post_ids = [post_id for post_id, why in gone.items() if why is evidence]
        if post_ids:
            gone_at = case((posts.c.gone_at <= now, posts.c.gone_at), else_=literal(now, Instant))
            values = {"gone_at": gone_at, "gone_why": str(evidence)}
            conn.execute(posts.update().where(is_one_of(posts.c.id, post_ids)).values(values))


def find_returned(
    conn: Connection,
    watch: Watch,
    post_ids: Collection[int],
    native_ids: Collection[str],
    at_home: Collection[int] = (),
) -> set[int]:
    """Those of these posts, shown by a watch just now, that are out of sight since one of the same place missed them.

    It has to show one under the id that was missed: a server that looks a post up once more gives it another, and knows
    no better for it, unless the post is `at_home` there. One that was only missing everywhere comes back wherever it is
    shown. A tombstone does only where its author took the post back. To be asked before the sightings of this watch are
    refreshed.
    """
    if not post_ids or watch.key.kind == ARCHIVE_KIND:
        return set()
    missed = (
        select(sightings.c.post_id)
        .join_from(sightings, watches)
        .where(
            sightings.c.post_id == posts.c.id,
            sightings.c.missing_since.is_not(None),
            is_one_of(sightings.c.native_id, native_ids),
            _is_of_the_place(watch),
        )
    )
    may_return = or_(posts.c.erased_why.is_(None), posts.c.erased_why == str(Erasure.TAKEN_BACK))
    query = select(posts.c.id).where(
        is_one_of(posts.c.id, post_ids),
        posts.c.gone_at.is_not(None),
        may_return,
        or_(posts.c.gone_why == str(Evidence.MISSING), exists(missed), is_one_of(posts.c.id, at_home)),
    )
    return set(conn.execute(query).scalars())


def save_returned(conn: Connection, post_ids: Collection[int]) -> None:
    """Lets posts into sight again; what is shown of those that were erased has to be written anew."""
    if post_ids:
        values = dict.fromkeys(("gone_at", "gone_why", "erased_at", "erased_why"))
        conn.execute(posts.update().where(is_one_of(posts.c.id, post_ids)).values(values))


def _is_of_the_place(watch: Watch) -> ColumnElement[bool]:
    return and_(watches.c.kind == watch.key.kind, watches.c.address == watch.key.address)


def _is_shown_anew(watch: Watch, native_ids: Collection[str]) -> Exists:
    other = sightings.alias("anew")
    return exists(
        select(other.c.post_id)
        .join_from(other, watches)
        .where(
            other.c.post_id == posts.c.id,
            other.c.missing_since.is_(None),
            other.c.last_seen_at > _LOOKED_AT,
            not_(is_one_of(other.c.native_id, native_ids)),
            _is_of_the_place(watch),
        )
    )


def _is_shown_at_home() -> Exists:
    """By a place that is still asked."""
    other = sightings.alias("home")
    shown = (
        select(other.c.post_id)
        .join_from(other, watches)
        .where(
            other.c.post_id == posts.c.id,
            other.c.is_home.is_(True),
            other.c.missing_since.is_(None),
            watches.c.next_poll_at.is_not(None),
        )
    )
    return exists(shown)


def _is_shown_elsewhere(watch: Watch, native_ids: Collection[str]) -> Exists:
    """By another place that can be asked, or by this one under an id that is in no doubt.

    A file goes on showing what its author took back long ago.
    """
    other = sightings.alias("other")
    elsewhere = select(other.c.post_id).join_from(other, watches)
    return exists(
        elsewhere.where(
            other.c.post_id == posts.c.id,
            other.c.missing_since.is_(None),
            watches.c.kind != ARCHIVE_KIND,
            or_(not_(_is_of_the_place(watch)), not_(is_one_of(other.c.native_id, native_ids))),
        )
    )
