"""Posts and what they say: found by any of their addresses, added, and brought up to date when they were edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from collector.model import Batch, Found, Post
from collector.storage.bulk import Insertion, Row, add_rows
from collector.storage.matching import is_one_of
from collector.storage.merging import Stored, Verdict, weigh
from collector.storage.rows import CONTENT, COUNTS, HASHTAG, content_row, count_row, hash_content, hashtag_rows
from collector.storage.tables import post_addresses, post_hashtags, posts, revisions
from collector.text.addresses import same_host

_TEXTS = ("title", "text", "content_warning")

_FIND = (
    select(
        post_addresses.c.address,
        *(posts.c.id, posts.c.content_hash, posts.c.edited_at, posts.c.told_by),
        *(posts.c.published_at, posts.c.first_seen_at),
        *(posts.c[name] for name in COUNTS),
    )
    .join_from(post_addresses, posts)
    .where(is_one_of(post_addresses.c.address))
)
_HIGHEST_ID = select(func.max(posts.c.id))
_ADD = Insertion(posts, ("id", "uri", "network", "published_at", "first_seen_at", *CONTENT, *COUNTS))
_ADD_ADDRESSES = Insertion(post_addresses, ("address", "post_id"), keeps=True)
_ADD_HASHTAGS = Insertion(post_hashtags, HASHTAG)
_UPDATE = (
    posts.update().where(posts.c.id == bindparam("b_id")).values({name: bindparam(f"b_{name}") for name in CONTENT})
)
_EARLIER = select(posts.c.id, posts.c.edited_at, *(posts.c[name] for name in _TEXTS)).where(is_one_of(posts.c.id))
_REMOVE_HASHTAGS = post_hashtags.delete().where(is_one_of(post_hashtags.c.post_id))
_ADD_REVISIONS = Insertion(revisions, ("post_id", "edited_at", "replaced_at", *_TEXTS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    """What became of content that was told again, as uris."""

    changed: set[str]
    standing: set[str]  # what was told is what is stored now: only then may a missing hashtag count


def find_posts(conn: Connection, uris: Collection[str]) -> dict[str, Stored]:
    """What is stored of posts, by whichever of their addresses was asked for."""
    if not uris:
        return {}
    rows = conn.execute(_FIND, {"address": uris}).all()
    return {
        address: Stored(post_id, content_hash, edited_at, told_by, min(published_at, first_seen_at), tuple(counts))
        for address, post_id, content_hash, edited_at, told_by, published_at, first_seen_at, *counts in rows
    }


def add_posts(
    conn: Connection, batch: Batch, unknown: Collection[Found], author_ids: Mapping[str, int]
) -> dict[str, Stored]:
    """Adds posts that are not known yet; gives them as they are stored now, by uri."""
    if not unknown:
        return {}
    first = (conn.execute(_HIGHEST_ID).scalar() or 0) + 1  # nobody else takes it: we hold the write lock
    told = list(enumerate((item.post for item in unknown), first))
    rows = [_row(batch, post_id, post, author_ids[post.author.key]) for post_id, post in told]
    add_rows(conn, _ADD, rows)
    add_rows(conn, _ADD_ADDRESSES, _address_rows(told))
    add_rows(conn, _ADD_HASHTAGS, [row for post_id, post in told for row in hashtag_rows(post_id, post.hashtags)])
    address, now = batch.watch.key.address, batch.fetched_at
    return {
        post.uri: Stored(post_id, b"", post.edited_at, address, min(post.published_at, now), count_row(post.counts))
        for post_id, post in told
    }


def _row(batch: Batch, post_id: int, post: Post, author_id: int) -> Row:
    content = content_row(post, author_id, batch.watch.key.address, hash_content(post))
    head = (post_id, post.uri, post.network, post.published_at, batch.fetched_at)
    return head + content + count_row(post.counts)


def _address_rows(told: Sequence[tuple[int, Post]]) -> list[Row]:
    """The addresses posts are known by, their own first. One on another host is no proof: anybody could claim it."""
    own: list[Row] = [(post.uri, post_id) for post_id, post in told]
    other: list[Row] = [
        (post.url, post_id)
        for post_id, post in told
        if post.url and post.url != post.uri and same_host(post.url, post.uri)
    ]
    return own + other


def replace_content(
    conn: Connection,
    batch: Batch,
    told_again: Collection[Found],
    author_ids: Mapping[str, int],
    known: Mapping[str, Stored],
    *,
    keep_revisions: bool,
) -> Replaced:
    """Edits: earlier texts are kept where the author changed them. Gives what became of the content, by uri."""
    told_by = batch.watch.key.address
    changed: dict[int, tuple[Post, Row]] = {}
    revised: dict[int, Post] = {}
    standing: set[str] = set()
    for post in (item.post for item in told_again):
        stored, content_hash = known[post.uri], hash_content(post)
        verdict = weigh(stored, post, content_hash, told_by)
        if verdict is not Verdict.KEEP:
            changed[stored.id] = post, content_row(post, author_ids[post.author.key], told_by, content_hash)
        if verdict is Verdict.REVISE:
            revised[stored.id] = post
        if verdict is not Verdict.KEEP or content_hash == stored.content_hash:
            standing.add(post.uri)
    if revised and keep_revisions:
        _keep_revisions(conn, revised, batch.fetched_at)
    if changed:
        _update(conn, changed)
    return Replaced(changed={post.uri for post, _ in changed.values()}, standing=standing)


def _update(conn: Connection, changed: Mapping[int, tuple[Post, Row]]) -> None:
    names = [f"b_{name}" for name in CONTENT]
    values = [{"b_id": post_id, **dict(zip(names, row, strict=True))} for post_id, (_, row) in changed.items()]
    conn.execute(_UPDATE, values)
    conn.execute(_REMOVE_HASHTAGS, {"post_id": changed})
    rows = [row for post_id, (post, _) in changed.items() for row in hashtag_rows(post_id, post.hashtags)]
    add_rows(conn, _ADD_HASHTAGS, rows)
    add_rows(conn, _ADD_ADDRESSES, _address_rows([(post_id, post) for post_id, (post, _) in changed.items()]))


def _keep_revisions(conn: Connection, revised: Mapping[int, Post], now: datetime) -> None:
    rows = [
        (post_id, edited_at, now, *texts)
        for post_id, edited_at, *texts in conn.execute(_EARLIER, {"id": revised})
        if texts != [getattr(revised[post_id], name) for name in _TEXTS]
    ]
    add_rows(conn, _ADD_REVISIONS, rows)
