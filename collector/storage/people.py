"""Whom, or which post, somebody means by what they typed; and what there is of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from collector.errors import UnknownNameError
from collector.identity.addresses import bare, last_part
from collector.identity.asked import Asked
from collector.identity.naming import account_names
from collector.storage.forgetting import post_names
from collector.storage.matching import is_one_of
from collector.storage.tables import (
    author_handles,
    authors,
    digest_members,
    post_addresses,
    posts,
    raw_answers,
    revisions,
    sightings,
    watches,
)
from collector.text.addresses import host_address, is_web_address, with_other_scheme
from collector.text.bluesky import post_behind

_NAMED = 5  # of those who share a name, so many are told apart in a message


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An account that posts are kept of."""

    id: int
    key: str
    handle: str
    name: str
    url: str | None
    handles: tuple[str, ...]  # all they were seen with


@dataclass(frozen=True, kw_only=True, slots=True)
class OnePost:
    """A post that is meant by its address."""

    id: int
    uri: str
    handle: str
    published_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """How much there is of some posts."""

    posts: int
    earlier_texts: int
    answers: int
    digests: int  # that were built, and hold one of them


def find_person(conn: Connection, asked: Asked) -> Person | None:
    """Whom a handle, a DID, an id or the address of a profile means. UnknownNameError where several share it."""
    rows = (asked.place and _people_at(conn, asked.place, asked.accounts)) or _people_called(conn, asked)
    if len(rows) > 1:
        raise UnknownNameError(_tell_apart(conn, asked.text, rows))
    return _read_person(conn, rows[0]) if rows else None


def _people_called(conn: Connection, asked: Asked) -> list[Any]:
    """By the id before any handle: that is nobody else's. An address shows a handle that somebody has, or had."""
    typed = asked.text.strip().lstrip("@")
    names = {asked.name, *asked.accounts} - {""}
    if rows := conn.execute(select(authors).where(is_one_of(authors.c.key, {typed, *names}))).all():
        return list(rows)
    known = select(author_handles.c.author_id).where(is_one_of(author_handles.c.handle, {typed.lower(), *names}))
    return list(conn.execute(select(authors).where(authors.c.id.in_(known))).all())


def _people_at(conn: Connection, place: str, accounts: frozenset[str]) -> list[Any]:
    """By the profile that is told of an account, or by one that can be its own alone."""
    rows = conn.execute(select(authors).where(authors.c.key != "")).all()
    if exact := [row for row in rows if accounts & account_names(row.key, row.handle, row.url)]:
        return exact
    return [row for row in rows if row.url and bare(row.url) == place]


def _tell_apart(conn: Connection, text: str, rows: Collection[Any]) -> str:
    query = select(posts.c.author_id, func.count()).group_by(posts.c.author_id)
    numbers = {row[0]: row[1] for row in conn.execute(query)}
    told = [f"{row.key} ({row.name or row.handle}, posts: {numbers.get(row.id, 0):,})" for row in rows][:_NAMED]
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return f"{text} is what {len(rows)} accounts are called; name one by its id: {', '.join(told)}{more}"


def _read_person(conn: Connection, row: Any) -> Person:
    handles = conn.execute(select(author_handles.c.handle).where(author_handles.c.author_id == row.id)).scalars()
    return Person(
        id=row.id,
        key=row.key,
        handle=row.handle,
        name=row.name,
        url=row.url,
        handles=tuple(sorted({row.handle, *handles})),
    )


def find_post(conn: Connection, asked: Asked) -> OnePost | None:
    """The post at an address, whichever of its addresses that is; tombstones are none."""
    addresses = {*asked.posts, *(f"{name}/" for name in asked.posts), asked.text.strip()}
    addresses |= {other for address in set(addresses) if (other := with_other_scheme(address))}
    known = select(post_addresses.c.post_id).where(is_one_of(post_addresses.c.address, addresses))
    for post_ids in (known, _records(conn, asked), _shown_at(asked)):
        query = (
            select(posts.c.id, posts.c.uri, authors.c.handle, posts.c.published_at)
            .join_from(posts, authors)
            .where(posts.c.id.in_(post_ids), posts.c.erased_at.is_(None))
            .order_by(posts.c.id)
            .limit(1)
        )
        if row := conn.execute(query).mappings().one_or_none():
            return OnePost(**row)
    return None


def _records(conn: Connection, asked: Asked) -> Select[Any]:
    """Posts of Bluesky at an address that shows a handle: whoever has it, or had it, is known by DID."""
    records = [record for name in asked.posts if (record := post_behind(name))]
    handles = {record.actor.lower() for record in records}
    keys = select(authors.c.key).join_from(author_handles, authors).where(is_one_of(author_handles.c.handle, handles))
    dids = conn.execute(keys).scalars().all()
    told = {record._replace(actor=did).uri for record in records for did in dids}
    return select(post_addresses.c.post_id).where(is_one_of(post_addresses.c.address, told))


def _shown_at(asked: Asked) -> Select[Any]:
    """Posts at the address under which a server that we ask shows them to its own people: by its id for them."""
    places = {(host_address(name), last_part(name)) for name in asked.posts if is_web_address(name)}
    hosts = {address for host, _ in places for address in (host, with_other_scheme(host)) if address}
    return (
        select(sightings.c.post_id)
        .join_from(sightings, watches)
        .where(watches.c.kind == "mastodon", is_one_of(watches.c.address, hosts))
        .where(is_one_of(sightings.c.native_id, {native_id for _, native_id in places}))
    )


def names_of_person(conn: Connection, person: Person) -> set[str]:
    """What nobody but they are known by, with all addresses of their posts."""
    names = {name for handle in person.handles for name in account_names(person.key, handle, person.url)}
    shared = select(author_handles.c.author_id).where(
        is_one_of(author_handles.c.handle, person.handles), author_handles.c.author_id != person.id
    )
    for other in conn.execute(select(authors).where(authors.c.id.in_(shared))):
        for handle in {other.handle, *person.handles}:
            names -= account_names(other.key, handle, other.url)
    theirs = set(conn.execute(select(posts.c.id).where(posts.c.author_id == person.id)).scalars())
    return names | {person.key} | post_names(conn, theirs)


def measure(conn: Connection, post_ids: Collection[int]) -> Amount:
    """How much there is of these posts."""

    def count(table: Table, what: Any = None) -> int:
        query = select(func.count(what) if what is not None else func.count()).select_from(table)
        return conn.execute(query.where(is_one_of(table.c.post_id, post_ids))).scalar() or 0

    kept = select(func.count()).where(is_one_of(posts.c.id, post_ids), posts.c.erased_at.is_(None))
    return Amount(
        posts=conn.execute(kept).scalar() or 0,
        earlier_texts=count(revisions),
        answers=count(raw_answers),
        digests=count(digest_members, digest_members.c.digest_id.distinct()),
    )
