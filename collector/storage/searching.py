"""Where in the tables somebody, or a post, is: as an author, under an address, and in what others wrote.

Whoever is looked for is known to the caller, by name or only by the marks of names: it is asked of names, many at a
time, which of them are meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Select, select

from collector.identity.naming import handle_name, names_at, names_of_account
from collector.identity.traces import Spot, spots_in, spots_of, traces_in
from collector.model import Author
from collector.storage.matching import is_one_of
from collector.storage.rows import POST_COLUMNS, read_post
from collector.storage.sifting import names_in_body, names_of_rejection
from collector.storage.tables import (
    author_handles,
    authors,
    deliveries,
    post_addresses,
    posts,
    raw_answers,
    rejections,
    revisions,
    subscribers,
)

Meant: TypeAlias = Callable[[Collection[str]], Collection[str]]  # which of these names are meant
T = TypeVar("T")

_CHUNK = 1000


@dataclass(slots=True)
class Found:
    """Rows, by their ids; true where there is one."""

    authors: set[int] = field(default_factory=set)
    posts: set[int] = field(default_factory=set)  # theirs, those at an address that is meant, and copies of those
    copies: set[int] = field(default_factory=set)  # those among them that another account posted
    naming: set[int] = field(default_factory=set)  # posts of others that name them, now or in an earlier text
    linking: set[int] = field(default_factory=set)  # authors whose profile names them
    answers: set[tuple[int, str]] = field(default_factory=set)  # raw answers about posts of others, likewise
    rejections: set[tuple[int, str]] = field(default_factory=set)
    deliveries: set[int] = field(default_factory=set)  # of digests to a mail address of theirs
    readers: set[int] = field(default_factory=set)  # subscribers with such an address

    def __bool__(self) -> bool:
        others = (self.naming, self.linking, self.answers, self.rejections)
        return any((self.authors, self.posts, *others, self.deliveries, self.readers))


def search(conn: Connection, meant: Meant, *, in_answers: bool = True) -> Found:
    """Looks through all tables; through the raw answers, which takes longest, only where that is wanted."""
    found = Found()
    found.authors = _authors(conn, meant)
    found.posts = _posts(conn, meant, found.authors)
    found.copies = _copies(conn, found.posts) - found.posts
    found.posts |= found.copies
    found.naming = {post.id for read in (naming_posts, naming_revisions) for post in read(conn, meant, found.posts)}
    found.linking = {profile.id for profile in naming_profiles(conn, meant)} - found.authors
    if in_answers:
        found.answers = search_answers(conn, meant, found.posts)
    found.rejections = _rejections(conn, meant)
    for chunk in _chunks(conn, select(deliveries.c.id, deliveries.c.address)):
        found.deliveries.update(_matching(((row.id, [handle_name(row.address)]) for row in chunk), meant))
    for chunk in _chunks(conn, select(subscribers.c.id, subscribers.c.address)):
        found.readers.update(_matching(((row.id, [handle_name(row.address)]) for row in chunk), meant))
    return found


def _matching(rows: Iterable[tuple[T, Collection[str]]], meant: Meant) -> Iterator[T]:
    """The rows one of whose names is meant: asked in one go for all rows that are given."""
    named = [(row, frozenset(names)) for row, names in rows]
    known = frozenset(meant(frozenset().union(*(names for _, names in named))))
    return (row for row, names in named if names & known)


def _chunks(conn: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    yield from conn.execute(query.execution_options(yield_per=_CHUNK)).partitions()


def _authors(conn: Connection, meant: Meant) -> set[int]:
    """By what their rows say, and by every handle they had; of those who share a handle, nobody is meant by it."""
    earlier = select(authors.c.id, authors.c.key, author_handles.c.handle, authors.c.url).join_from(
        author_handles, authors
    )
    found: set[int] = set()
    for query in (select(authors.c.id, authors.c.key, authors.c.handle, authors.c.url), earlier):
        for chunk in _chunks(conn, query):
            named = ((row.id, names_of_account(_author(row))) for row in chunk)
            found.update(_matching(named, meant))
    return found


def _author(row: Any) -> Author:
    return Author(key=row.key, handle=row.handle, name="", url=row.url)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamingProfile:
    """An author, and the parts of the profile that name whom is looked for."""

    id: int
    handle: str
    spots: tuple[Spot, ...]


def naming_profiles(conn: Connection, meant: Meant) -> Iterator[NamingProfile]:
    """The profiles that name them, among these their own."""
    for chunk in _chunks(conn, select(authors.c.id, authors.c.handle, authors.c.name, authors.c.links)):
        for row, spots in _spotted(((row, spots_of(_profile(row))) for row in chunk), meant):
            yield NamingProfile(id=row.id, handle=row.handle, spots=spots)


def _profile(row: Any) -> Author:
    return Author(key="", handle="", name=row.name, url=None, links=tuple(row.links or ()))


def _spotted(rows: Iterable[tuple[T, Iterable[Spot]]], meant: Meant) -> Iterator[tuple[T, tuple[Spot, ...]]]:
    """The rows with a spot that names whom is meant, and those spots."""
    told = [(row, list(spots)) for row, spots in rows]
    known = frozenset(meant({name for _, spots in told for spot in spots for name in spot.names}))
    for row, spots in told:
        if named := tuple(spot for spot in spots if spot.names & known):
            yield row, named


def _posts(conn: Connection, meant: Meant, author_ids: Collection[int]) -> set[int]:
    """Tombstones, too: their addresses still say whose they were."""
    found = set(conn.execute(select(posts.c.id).where(is_one_of(posts.c.author_id, author_ids))).scalars())
    for query in (
        select(post_addresses.c.post_id, post_addresses.c.address),
        select(posts.c.id, posts.c.uri),
        select(posts.c.id, posts.c.copy_of).where(posts.c.copy_of.is_not(None)),
    ):
        for chunk in _chunks(conn, query):
            found.update(_matching(((post_id, names_at(address)) for post_id, address in chunk), meant))
    return found


def _copies(conn: Connection, post_ids: Collection[int]) -> set[int]:
    """The same person's words elsewhere."""
    clusters = select(posts.c.cluster_id).where(is_one_of(posts.c.id, post_ids), posts.c.cluster_id.is_not(None))
    return set(conn.execute(select(posts.c.id).where(posts.c.cluster_id.in_(clusters))).scalars())


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """A post of somebody else, and the parts of it that name whom is looked for."""

    id: int
    uri: str
    published_at: datetime
    spots: tuple[Spot, ...]


def naming_posts(conn: Connection, meant: Meant, but: Collection[int]) -> Iterator[Naming]:
    """The posts that name them, without the posts with these ids."""
    query = select(*POST_COLUMNS).join_from(posts, authors).where(posts.c.erased_at.is_(None)).order_by(posts.c.id)
    for chunk in conn.execute(query.execution_options(yield_per=_CHUNK)).mappings().partitions():
        others = [(row["id"], read_post(row, ())) for row in chunk if row["id"] not in but]
        for (post_id, post), spots in _spotted(((told, spots_in(told[1])) for told in others), meant):
            yield Naming(id=post_id, uri=post.uri, published_at=post.published_at, spots=spots)


def naming_revisions(conn: Connection, meant: Meant, but: Collection[int]) -> Iterator[Naming]:
    """The same of the posts' earlier texts, each by itself; `@user` alone is of the author's host."""
    query = (
        select(posts.c.id, posts.c.uri, posts.c.published_at, authors.c.handle)
        .add_columns(revisions.c.title, revisions.c.text, revisions.c.content_warning)
        .join_from(revisions, posts)
        .join(authors, authors.c.id == posts.c.author_id)
        .order_by(revisions.c.id)
    )
    for chunk in _chunks(conn, query):
        others = (row for row in chunk if row.id not in but)
        for row, spots in _spotted(((row, _spots_revised(row)) for row in others), meant):
            yield Naming(id=row.id, uri=row.uri, published_at=row.published_at, spots=spots)


def _spots_revised(row: Any) -> Iterator[Spot]:
    home = row.handle.partition("@")[2]
    for text in (row.title, row.text, row.content_warning):
        yield from (Spot("earlier text", text[trace.start : trace.end], trace.names) for trace in traces_in(text, home))


def search_answers(conn: Connection, meant: Meant, but: Collection[int]) -> set[tuple[int, str]]:
    """The raw answers that name them, without those about the posts with these ids."""
    table = raw_answers
    found: set[tuple[int, str]] = set()
    for chunk in _chunks(conn, select(table.c.watch_id, table.c.native_id, table.c.post_id, table.c.body)):
        named = (((row.watch_id, row.native_id), names_in_body(row.body)) for row in chunk if row.post_id not in but)
        found.update(_matching(named, meant))
    return found


def _rejections(conn: Connection, meant: Meant) -> set[tuple[int, str]]:
    table = rejections
    found: set[tuple[int, str]] = set()
    for chunk in _chunks(conn, select(table.c.watch_id, table.c.native_id, table.c.reason, table.c.body)):
        named = (
            ((row.watch_id, row.native_id), names_of_rejection(row.native_id, row.reason, row.body)) for row in chunk
        )
        found.update(_matching(named, meant))
    return found
