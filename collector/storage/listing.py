"""Lists of posts for readers: narrowed, looked through for words, the newest or the best first, a page at a time.

A page begins below the last post of the one before, and not after so many: what comes in meanwhile moves nothing, and
each post is seen once. Whatever may not be shown is in no list from the moment that this is known.

A query finds out first whether anything that is asked leaves a few posts. These are looked at one by one, whatever else
is asked. Where they are many, the posts are gone through from the newest on until a page is full: it soon is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select

from collector.storage.matching import is_one_of
from collector.storage.narrowing import Order, Wanted, narrow, within_dates
from collector.storage.tables import authors, posts, search_texts
from collector.storage.wording import holds
from collector.text.asking import Term, score
from collector.text.values import HIGHEST_COUNT

MOST_COUNTED = 1_000  # posts; past that it is said that there are more
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Where a post stands in a list; `score` is 0 where the newest come first."""

    score: float
    dated_at: datetime
    post_id: int

    def __str__(self) -> str:
        """For an address: the score in millionths, microseconds since 1970, the post."""
        moment = (self.dated_at - _EPOCH) // timedelta(microseconds=1)
        return f"{round(self.score * 1_000_000)}.{moment}.{self.post_id}"


def read_place(text: str) -> Place:
    """A place as an address has it; ValueError for anything else."""
    score_told, moment, post_id = (_number(part) for part in text.split("."))
    try:
        dated_at = _EPOCH + timedelta(microseconds=moment)
    except OverflowError:
        raise ValueError("no instant") from None
    if not 0 <= post_id <= HIGHEST_COUNT:
        raise ValueError("no number of a post")
    return Place(score_told / 1_000_000, dated_at, post_id)


def _number(text: str) -> int:
    if len(text) > 18 or not text.isascii() or not text.removeprefix("-").isdigit():
        raise ValueError("not a number")
    return int(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A page of a list."""

    post_ids: tuple[int, ...]
    total: int  # of the whole list …
    is_more: bool  # … or more than that
    following: Place | None  # the next page begins below it; None: this is the last one


def list_posts(conn: Connection, wanted: Wanted, size: int, after: Place | None = None) -> Listed:
    """A page of what is wanted."""
    search = _search(conn, wanted)
    if wanted.order is Order.BEST and wanted.terms:
        everything = _best(conn, search, wanted.terms)
        below = [place for place in everything if after is None or place < after]
    else:
        everything = _newest(conn, search, MOST_COUNTED + 1)
        below = everything if after is None else _newest(conn, search.where(_is_below(after)), size + 1)
    page = below[:size]
    return Listed(
        post_ids=tuple(place.post_id for place in page),
        total=min(len(everything), MOST_COUNTED),
        is_more=len(everything) > MOST_COUNTED,
        following=page[-1] if len(below) > size else None,
    )


def _search(conn: Connection, wanted: Wanted) -> Select[datetime, int]:
    """All that is wanted, the newest first: through the texts, which are in order, and for each to its post.

    SQLite, and PostgreSQL with a list of posts, would begin elsewhere if they were free to: an offset, even of nothing,
    keeps a subquery as it is written. Where PostgreSQL goes by words, it has the numbers to know best.
    """
    narrowed = narrow(conn, wanted)
    few, of_posts = narrowed.few, narrowed.conditions
    search = select(search_texts.c.dated_at, search_texts.c.post_id).where(*within_dates(wanted))
    if few is not None:
        search = search.where(is_one_of(search_texts.c.post_id, few))
    if wanted.terms:
        search = search.where(holds(conn, wanted.terms))
    if conn.dialect.name == "sqlite" or few is not None:
        post = select(posts.c.id).join_from(posts, authors).where(posts.c.id == search_texts.c.post_id, *of_posts)
        search = search.where(exists(post.offset(0)))
    else:
        search = search.join(posts, posts.c.id == search_texts.c.post_id).join(authors).where(*of_posts)
    return search.order_by(search_texts.c.dated_at.desc(), search_texts.c.post_id.desc())


def _newest(conn: Connection, search: Select[datetime, int], most: int) -> list[Place]:
    return [Place(0.0, row.dated_at, row.post_id) for row in conn.execute(search.limit(most))]


def _best(conn: Connection, search: Select[datetime, int], terms: tuple[Term, ...]) -> list[Place]:
    """All of them, where they are a few; else the newest ones."""
    rows = conn.execute(search.add_columns(search_texts.c.text).limit(MOST_COUNTED + 1))
    return sorted((Place(score(row.text, terms), row.dated_at, row.post_id) for row in rows), reverse=True)


def _is_below(place: Place) -> ColumnElement[bool]:
    """The first half alone tells the databases where to begin."""
    dated_at, post_id = search_texts.c.dated_at, search_texts.c.post_id
    return and_(dated_at <= place.dated_at, or_(dated_at < place.dated_at, post_id < place.post_id))
