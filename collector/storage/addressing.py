"""The addresses that posts are known by: a post is found by any of them, and keeps them all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from collector.identity import addresses_of
from collector.model import COMMENTED, Found, Post
from collector.storage.bulk import Insertion, Row, add_rows
from collector.storage.matching import is_one_of
from collector.storage.merging import Stored
from collector.storage.rows import COUNTS
from collector.storage.tables import post_addresses, posts
from collector.text.addresses import with_other_scheme

_SAME_MOMENT = timedelta(minutes=2)  # feeds round to the second, and some to the minute

_FIND = (
    select(
        post_addresses.c.address,
        *(posts.c.id, posts.c.content_hash, posts.c.edited_at, posts.c.told_by, posts.c.network),
        *(posts.c.published_at, posts.c.first_seen_at, posts.c.erased_at),
        *(posts.c[name] for name in COUNTS),
    )
    .join_from(post_addresses, posts)
    .where(is_one_of(post_addresses.c.address))
)
_ADD = Insertion(post_addresses, ("address", "post_id"), keeps=True)


def find_posts(conn: Connection, told: Collection[Post]) -> dict[str, Stored]:
    """What is stored of posts, by the uri they are told with, whichever of their addresses they are stored under.

    The uri is proof enough. Another address, such as a page that a feed and an API both link to, is one only for posts
    of the same moment: some servers give one page for everything.
    """
    if not told:
        return {}
    wanted = {address for post in told for address in _sought(post)}
    rows = conn.execute(_FIND, {"address": wanted}).all()
    stored = {address: _stored(columns) for address, *columns in rows}
    return {post.uri: found for post in told if (found := _match(post, stored)) is not None}


def _stored(columns: Sequence[Any]) -> Stored:
    published_at, first_seen_at, erased_at, *counts = columns[5:]
    return Stored(
        id=columns[0],
        content_hash=columns[1],
        edited_at=columns[2],
        told_by=columns[3],
        network=columns[4],
        published_at=published_at,
        first_seen_at=first_seen_at,
        counts=tuple(counts),
        is_erased=erased_at is not None,
    )


def _sought(post: Post) -> frozenset[str]:
    """Its addresses; for a blog also those with the other scheme: many changed to https, with all that stood there."""
    addresses = addresses_of(post)
    if post.network != COMMENTED:
        return addresses
    return addresses | {other for address in addresses if (other := with_other_scheme(address))}


def _match(post: Post, stored: dict[str, Stored]) -> Stored | None:
    if (found := stored.get(post.uri)) is not None:
        return found
    for address in sorted(_sought(post)):
        found = stored.get(address)
        if found is not None and abs(found.published_at - post.published_at) <= _SAME_MOMENT:
            return found
    return None


def group_told(items: Sequence[Found], known: Mapping[str, Stored]) -> dict[str, int | str]:
    """For each uri, what all items that tell of one post share: its id where it is known, else the latest edit's uri.

    A tweet that was edited has a uri for each edit, and names those before it.
    """
    posts_told = {item.post.uri: item.post for item in items}
    groups: dict[str, int | str] = {uri: known[uri].id for uri in posts_told if uri in known}
    for post in sorted(posts_told.values(), key=_last_edit, reverse=True):
        group = groups.setdefault(post.uri, post.uri)
        for address in post.other_addresses:
            earlier = posts_told.get(address)
            if earlier is not None and abs(earlier.published_at - post.published_at) <= _SAME_MOMENT:
                groups.setdefault(address, group)
    return groups


def told_last(items: Sequence[Found], groups: Mapping[str, int | str]) -> list[Found]:
    """One item a post, the latest edit of it: a page that shifted while we walked shows some posts twice."""
    latest: dict[int | str, Found] = {}
    for item in items:
        group = groups[item.post.uri]
        before = latest.get(group)
        if before is None or _last_edit(item.post) >= _last_edit(before.post):
            latest[group] = item
    return list(latest.values())


def _last_edit(post: Post) -> datetime:
    return post.edited_at or post.published_at


def add_addresses(conn: Connection, told: Sequence[tuple[int, Post]]) -> None:
    """Keeps the addresses of posts, their own first; an address that is another post's already stays with that."""
    own: list[Row] = [(post.uri, post_id) for post_id, post in told]
    others: list[Row] = [
        (address, post_id) for post_id, post in told for address in sorted(addresses_of(post)) if address != post.uri
    ]
    add_rows(conn, _ADD, own + others)
