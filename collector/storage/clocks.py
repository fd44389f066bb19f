"""What the tables know about the clock: whether it is behind, and what was dated while it was."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from collector.storage.merging import Stored
from collector.storage.tables import post_topics, posts, search_texts

_ASTRAY = timedelta(days=1)  # clocks may differ by so much without harm
_SKEW = timedelta(hours=1)  # as people's and servers' clocks do
_WITNESSES = 3

_SEEN_NOW = posts.update().where(posts.c.id == bindparam("b_id")).values(first_seen_at=bindparam("b_seen_at"))
_DATE_ANEW = (
    post_topics.update()
    .where(post_topics.c.post_id == bindparam("b_id"), post_topics.c.dated_at < bindparam("b_dated_at"))
    .values(dated_at=bindparam("b_dated_at"), first_seen_at=bindparam("b_seen_at"))
)
_LIST_ANEW = (
    search_texts.update().where(search_texts.c.post_id == bindparam("b_id")).values(dated_at=bindparam("b_dated_at"))
)


def is_clock_behind(conn: Connection, now: datetime) -> bool:
    """True where it is later than `now`: several posts were published later, and our own clock said so then, too."""
    witnesses = (
        select(posts.c.id)
        .where(posts.c.published_at > now + _ASTRAY, posts.c.published_at <= posts.c.first_seen_at)
        .limit(_WITNESSES)
    )
    return len(conn.execute(witnesses).all()) == _WITNESSES


def date_anew(conn: Connection, told_again: Collection[Stored], now: datetime) -> None:
    """Posts cannot be seen before they are published. Where they were, a clock was wrong: ours, or their author's.

    Once their own date has come, and a source still shows them, they count as seen now, and in the week of that date.
    """
    rows = [
        {"b_id": stored.id, "b_dated_at": stored.published_at, "b_seen_at": now}
        for stored in told_again
        if stored.dated_at + _SKEW < stored.published_at <= now
    ]
    if rows:
        conn.execute(_SEEN_NOW, rows)
        conn.execute(_DATE_ANEW, rows)
        conn.execute(_LIST_ANEW, rows)
