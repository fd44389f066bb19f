"""When a watch met posts, by their dates: how busy it is, and how long it may well be quiet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, select

from collector.model import Watch
from collector.storage.tables import post_topics, posts, sightings

_DATE = case((posts.c.published_at < posts.c.first_seen_at, posts.c.published_at), else_=posts.c.first_seen_at)


def has_met_since(conn: Connection, watch: Watch, since: datetime) -> bool:
    """Whether a watch met a post dated later than that: a look at the newest of its topic, at next to no cost."""
    is_met = exists().where(sightings.c.post_id == post_topics.c.post_id, sightings.c.watch_id == watch.id)
    query = select(post_topics.c.post_id).where(
        post_topics.c.topic == watch.key.topic, post_topics.c.dated_at > since, is_met
    )
    return conn.execute(query.limit(1)).first() is not None


def newest_since(conn: Connection, watch: Watch, since: datetime) -> datetime | None:
    """The date of the newest post that a watch met, if there is one from then on. It reads all that the watch met."""
    return conn.execute(_met(watch, since, func.max(_DATE, type_=posts.c.published_at.type))).scalar()


def dates_since(conn: Connection, watch: Watch, since: datetime) -> list[datetime]:
    """The dates of all posts that a watch met from then on, the earliest first."""
    return list(conn.execute(_met(watch, since, _DATE).order_by(_DATE)).scalars())


def _met(watch: Watch, since: datetime, what: ColumnElement[Any]) -> Select[Any]:
    """By way of the watch's own sightings: few, where it is often quiet."""
    is_since = and_(posts.c.published_at >= since, posts.c.first_seen_at >= since)
    return (
        select(what)
        .select_from(sightings.join(posts, posts.c.id == sightings.c.post_id))
        .where(sightings.c.watch_id == watch.id, is_since)
    )
