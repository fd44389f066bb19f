"""Which posts somebody wants to see, as conditions; and whether they are a few, whichever of these makes them so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from collector.storage.blocking import is_unblocked
from collector.storage.matching import is_one_of
from collector.storage.tables import author_handles, authors, post_hashtags, post_topics, posts, search_texts
from collector.storage.visibility import has_topic, is_visible
from collector.storage.wording import that_hold
from collector.text.asking import Term

A_FEW = 1_000  # posts that are looked at one by one


class Order(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    BEST = "best"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which posts; what is None does not narrow. Stretches are half-open."""

    terms: tuple[Term, ...] = ()
    hashtag: str | None = None  # in normal form: a topic, or a hashtag in the post
    network: str | None = None
    language: str | None = None  # with its regions
    author: str | None = None  # a handle, without a leading @
    since: datetime | None = None
    until: datetime | None = None
    order: Order = Order.NEWEST


def within_dates(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """For a query over `search_texts`."""
    if wanted.since is not None:
        yield search_texts.c.dated_at >= wanted.since
    if wanted.until is not None:
        yield search_texts.c.dated_at < wanted.until


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowed:
    """All that is asked but dates and words, and that a post may be shown at all."""

    conditions: Sequence[ColumnElement[bool]]  # for a query over `posts` and `authors`
    few: set[int] | None  # posts with all of those that are wanted among them, where one thing asked leaves a few


def narrow(conn: Connection, wanted: Wanted) -> Narrowed:
    """What is wanted as conditions, and whether any of them, or the words, leave a few posts."""
    columns = [*_columns(conn, wanted)]
    conditions = [is_visible(), is_unblocked(), has_topic(None), *columns]
    if wanted.terms or wanted.author is not None:  # who does not want to be found by a search is not
        conditions.append(authors.c.is_indexable.is_not(False))
    if wanted.hashtag is not None:
        carries = exists().where(post_hashtags.c.post_id == posts.c.id, post_hashtags.c.normal == wanted.hashtag)
        conditions.append(or_(has_topic([wanted.hashtag]), carries))
    return Narrowed(conditions=conditions, few=_find_few(conn, _ways(conn, wanted, columns)))


def _columns(conn: Connection, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What a column of `posts` that has an index tells."""
    if wanted.author is not None:
        yield is_one_of(posts.c.author_id, _people(conn, wanted.author))
    if wanted.language is not None:
        yield is_one_of(posts.c.language, _languages(conn, wanted.language))
    if wanted.network is not None:
        yield posts.c.network == wanted.network


def _find_few(conn: Connection, everything: Iterable[Sequence[Select[int]]]) -> set[int] | None:
    for ways in everything:
        found = {post_id for way in ways for post_id in conn.execute(way.limit(A_FEW + 1)).scalars()}
        if len(found) <= A_FEW:
            return found
    return None


def _ways(conn: Connection, wanted: Wanted, columns: Iterable[ColumnElement[bool]]) -> Iterator[Sequence[Select[int]]]:
    """For each thing that is asked the queries, each along an index, that together find all that fulfil it."""
    if wanted.terms:
        yield [that_hold(conn, wanted.terms)]
    if wanted.hashtag is not None:
        yield [
            select(post_hashtags.c.post_id).where(post_hashtags.c.normal == wanted.hashtag),
            select(post_topics.c.post_id).where(post_topics.c.topic == wanted.hashtag),
        ]
    for condition in columns:
        yield [select(posts.c.id).where(condition)]


def _people(conn: Connection, handle: str) -> Sequence[int]:
    query = select(author_handles.c.author_id).where(author_handles.c.handle == handle.lower().lstrip("@"))
    return conn.execute(query).scalars().all()


def _languages(conn: Connection, language: str) -> list[str]:
    """It and its regions, as posts have them: each language is asked for the next one, along the index."""
    first = select(func.min(posts.c.language).label("language")).cte(recursive=True)
    following = select(func.min(posts.c.language)).where(posts.c.language > first.c.language).scalar_subquery()
    known = first.union_all(select(following).where(first.c.language.is_not(None)))
    wanted = language.lower()
    told = conn.execute(select(known.c.language).where(known.c.language.is_not(None))).scalars()
    return [one for one in told if one == wanted or one.startswith(f"{wanted}-")]
