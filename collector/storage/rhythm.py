"""When a watch met posts of its topic, by their dates: how busy it is, and how long it may well be quiet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, exists, select

from collector.model import Watch
from collector.storage.tables import post_topics, sightings


def newest_since(conn: Connection, watch: Watch, since: datetime) -> datetime | None:
    """The date of the newest post that a watch met, if there is one from then on.

    It goes back through the topic's dates, so that a watch which is not quiet costs next to nothing.
    """
    return conn.execute(_dates(watch, since).order_by(post_topics.c.dated_at.desc()).limit(1)).scalar()


def dates_since(conn: Connection, watch: Watch, since: datetime) -> list[datetime]:
    """The dates of all posts that a watch met from then on, the earliest first."""
    return list(conn.execute(_dates(watch, since).order_by(post_topics.c.dated_at)).scalars())


def _dates(watch: Watch, since: datetime) -> Select[datetime]:
    is_met = exists().where(sightings.c.post_id == post_topics.c.post_id, sightings.c.watch_id == watch.id)
    return select(post_topics.c.dated_at).where(
        post_topics.c.topic == watch.key.topic, post_topics.c.dated_at >= since, is_met
    )
