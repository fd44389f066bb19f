"""The collection in numbers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, exists, func, not_, or_, select

from collector.model import Wish
from collector.storage.blocking import count_blocked
from collector.storage.deliveries import FOR_READERS
from collector.storage.tables import authors, deliveries, digests, post_topics, posts, rejections, series, subscribers
from collector.storage.visibility import has_topic, is_visible

_IS_WITHDRAWN = and_(  # what was taken back since then is counted as that
    exists().where(post_topics.c.post_id == posts.c.id),
    not_(has_topic(None)),
    posts.c.gone_at.is_(None),
    posts.c.erased_at.is_(None),
)
_NEXT_NETWORK = select(func.min(posts.c.network))


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """How much is kept, and how much of it is kept out of sight, by the reason."""

    posts: int  # that may be shown
    authors: int  # of those posts
    by_network: dict[str, int]
    blocked: int  # of those, kept out of digests and pages by a block word
    gone: int  # taken back where they were posted
    hidden: int  # by the operator, themselves or with their author
    withdrawn: int  # the hashtag edited away
    opted_out: int  # of authors who refuse
    rejections: int  # answers that could not be read as a post
    wishes: dict[Wish, WishNumbers]


@dataclass(frozen=True, kw_only=True, slots=True)
class WishNumbers:
    """How many authors of kept posts ask for something, and how many posts are theirs."""

    authors: int
    posts: int


def count_all(conn: Connection) -> Numbers:
    """Counted as it stands now."""
    shown = select(posts.c.network, posts.c.author_id).join_from(posts, authors).where(is_visible(), has_topic(None))
    table = shown.subquery()
    by_network = conn.execute(
        select(table.c.network, func.count()).group_by(table.c.network).order_by(func.count().desc(), table.c.network)
    )
    networks = {row[0]: row[1] for row in by_network}
    hidden = or_(posts.c.hidden_at.is_not(None), authors.c.hidden_at.is_not(None))
    joined = select(func.count()).select_from(posts.join(authors))
    return Numbers(
        posts=sum(networks.values()),
        authors=conn.execute(select(func.count(func.distinct(table.c.author_id)))).scalar() or 0,
        by_network=networks,
        blocked=count_blocked(conn),
        gone=conn.execute(joined.where(posts.c.gone_at.is_not(None))).scalar() or 0,
        hidden=conn.execute(joined.where(hidden)).scalar() or 0,
        withdrawn=conn.execute(select(func.count()).select_from(posts).where(_IS_WITHDRAWN)).scalar() or 0,
        opted_out=conn.execute(joined.where(authors.c.is_opted_out)).scalar() or 0,
        rejections=conn.execute(select(func.count()).select_from(rejections)).scalar() or 0,
        wishes=count_wishes(conn, posts.c.erased_at.is_(None)),
    )


def count_wishes(conn: Connection, *conditions: ColumnElement[bool]) -> dict[Wish, WishNumbers]:
    """Every wish with its numbers, over the posts that meet the conditions; an author may ask for several things."""
    asked = cast(authors.c.wishes, Text)
    query = (
        select(asked, func.count(func.distinct(authors.c.id)), func.count())
        .join_from(posts, authors)
        .where(*conditions)
        .group_by(asked)
    )
    people, theirs = Counter[str](), Counter[str]()
    for wishes, number_of_people, number_of_posts in conn.execute(query):
        for wish in json.loads(wishes):
            people[wish] += number_of_people
            theirs[wish] += number_of_posts
    return {wish: WishNumbers(authors=people[wish], posts=theirs[wish]) for wish in Wish}


def networks(conn: Connection) -> list[str]:
    """The networks there are posts of: a few steps through an index, however many posts there are."""
    found: list[str] = []
    while (following := conn.execute(_NEXT_NETWORK.where(posts.c.network > (found or [""])[-1])).scalar()) is not None:
        found.append(following)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """Deliveries of one digest that met the same refusal."""

    series: str
    name: str  # of its window
    state: str  # "owed": tried again; "refused": for good
    error: str
    addresses: tuple[str, ...]
    tries: int  # the most that any of them had
    is_preview: bool = False  # for its curator, and not for readers


def delivery_troubles(conn: Connection) -> list[Trouble]:
    """What is owed after a refusal; what was refused for good of each series' newest mailed digest, unless nothing more
    goes there anyway; and the previews of what is still to come."""
    grouped: dict[tuple[str, str, str, str, bool], dict[str, int]] = {}
    for of_series, name, state, error, is_preview, address, tries in conn.execute(_refused_deliveries()):
        grouped.setdefault((of_series, name, state, error, bool(is_preview)), {})[address] = tries
    return [
        Trouble(
            series=of_series,
            name=name,
            state=state,
            error=error,
            addresses=tuple(met),
            tries=max(met.values()),
            is_preview=is_preview,
        )
        for (of_series, name, state, error, is_preview), met in grouped.items()
    ]


def _refused_deliveries() -> Select[Any]:
    is_for_readers = deliveries.c.kind.in_(FOR_READERS)
    newest = (
        select(digests.c.series_id, func.max(digests.c.starts_at).label("starts_at"))
        .join_from(deliveries, digests)
        .where(is_for_readers)
        .group_by(digests.c.series_id)
        .subquery()
    )
    stopped = select(subscribers.c.address).where(subscribers.c.bounced_at.is_not(None))
    is_newest = is_for_readers & (digests.c.starts_at == newest.c.starts_at) & deliveries.c.address.not_in(stopped)
    is_asked = ~is_for_readers & (digests.c.state == "open")  # afterwards it is too late for any word
    refused = (deliveries.c.state == "refused") & or_(is_newest, is_asked)
    what = (series.c.name, digests.c.name, deliveries.c.state, deliveries.c.error, ~is_for_readers)
    return (
        select(*what, deliveries.c.address, deliveries.c.attempts)
        .join_from(deliveries, digests)
        .join(series, series.c.id == digests.c.series_id)
        .outerjoin(newest, newest.c.series_id == digests.c.series_id)
        .where(deliveries.c.error != "", or_(deliveries.c.state == "owed", refused))
        .order_by(digests.c.starts_at.desc(), series.c.name, deliveries.c.id)
    )
