"""How many posts there were in each stretch of time, by network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Integer, column, func, select, values

from collector.storage.blocking import is_unblocked
from collector.storage.columns import Instant
from collector.storage.tables import authors, posts, search_texts
from collector.storage.visibility import has_topic, is_visible

Stretch = tuple[datetime, datetime]  # half-open


def count_over_time(
    conn: Connection, stretches: Sequence[Stretch], topics: Iterable[str] | None = None
) -> list[Counter[str]]:
    """For each stretch the posts that may be shown, by network; topics None: all."""
    counted = [Counter[str]() for _ in stretches]
    if not stretches:
        return counted
    table = values(column("place", Integer), column("starts_at", Instant), column("ends_at", Instant))
    told = table.data([(place, *stretch) for place, stretch in enumerate(stretches)]).cte()
    query = (
        select(told.c.place, posts.c.network, func.count())
        .select_from(told)
        .join(search_texts, (search_texts.c.dated_at >= told.c.starts_at) & (search_texts.c.dated_at < told.c.ends_at))
        .join(posts, posts.c.id == search_texts.c.post_id)
        .join(authors, authors.c.id == posts.c.author_id)
        .where(is_visible(), is_unblocked(), has_topic(topics))
        .group_by(told.c.place, posts.c.network)
    )
    for place, network, number in conn.execute(query):
        counted[place][network] = number
    return counted


def first_dated_at(conn: Connection) -> datetime | None:
    """When the earliest post is dated; None where there is none."""
    return conn.execute(select(func.min(search_texts.c.dated_at))).scalar()
