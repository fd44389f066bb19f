"""Where in the tables somebody, or a post, is: as an author, under an address, and in what others wrote.

Whoever is looked for is known to the caller, by name or only by the marks of names: it is asked of names, many at a
time, which of them are meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Select, select

from collector.identity.naming import names_at, names_of_account
from collector.identity.traces import Spot, spots_in, spots_of, traces_in
from collector.model import Author, Post
from collector.storage.matching import is_one_of
from collector.storage.rows import POST_COLUMNS, read_post
from collector.storage.sifting import names_in_body, names_of_rejection
from collector.storage.tables import author_handles, authors, post_addresses, posts, raw_answers, rejections, revisions

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

    def __bool__(self) -> bool:
        return any((self.authors, self.posts, self.naming, self.linking, self.answers, self.rejections))


def search(conn: Connection, meant: Meant, *, in_answers: bool = True) -> Found:
    """Looks through all tables; through the raw answers, which takes longest, only where that is wanted."""
    found = Found()
    found.authors = _authors(conn, meant)
    found.posts = _posts(conn, meant, found.authors)
    found.copies = _copies(conn, found.posts) - found.posts
    found.posts |= found.copies
    found.naming = {post.id for post in naming_posts(conn, meant, found.posts)} | _revised(conn, meant, found.posts)
    found.linking = _linking(conn, meant) - found.authors
    if in_answers:
        found.answers = search_answers(conn, meant, found.posts)
    found.rejections = _rejections(conn, meant)
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


def _linking(conn: Connection, meant: Meant) -> set[int]:
    query = select(authors.c.id, authors.c.name, authors.c.links)
    found: set[int] = set()
    for chunk in _chunks(conn, query):
        found.update(_matching(((row.id, _names_linked(row)) for row in chunk), meant))
    return found


def _names_linked(row: Any) -> set[str]:
    author = Author(key="", handle="", name=row.name, url=None, links=tuple(row.links or ()))
    return {name for spot in spots_of(author) for name in spot.names}


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
    post: Post
    spots: tuple[Spot, ...]


def naming_posts(conn: Connection, meant: Meant, but: Collection[int]) -> Iterator[Naming]:
    """The posts that name them, without the posts with these ids."""
    query = select(*POST_COLUMNS).join_from(posts, authors).where(posts.c.erased_at.is_(None)).order_by(posts.c.id)
    for chunk in conn.execute(query.execution_options(yield_per=_CHUNK)).mappings().partitions():
        others = [(row["id"], read_post(row, ())) for row in chunk if row["id"] not in but]
        told = [(post_id, post, list(spots_in(post))) for post_id, post in others]
        known = frozenset(meant({name for *_, spots in told for spot in spots for name in spot.names}))
        for post_id, post, spots in told:
            if named := tuple(spot for spot in spots if spot.names & known):
                yield Naming(id=post_id, post=post, spots=named)


def _revised(conn: Connection, meant: Meant, but: Collection[int]) -> set[int]:
    """The posts whose earlier texts name them; `@user` alone is of the author's host."""
    query = (
        select(revisions.c.post_id, revisions.c.title, revisions.c.text, revisions.c.content_warning, authors.c.handle)
        .join_from(revisions, posts)
        .join(authors, authors.c.id == posts.c.author_id)
    )
    found: set[int] = set()
    for chunk in _chunks(conn, query):
        named = ((row.post_id, _names_revised(row)) for row in chunk if row.post_id not in but)
        found.update(_matching(named, meant))
    return found


def _names_revised(row: Any) -> set[str]:
    home = row.handle.partition("@")[2]
    return {
        name
        for text in (row.title, row.text, row.content_warning)
        for trace in traces_in(text, home)
        for name in trace.names
    }


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
