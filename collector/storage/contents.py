"""Posts and what they say: found by any of their addresses, added, and brought up to date when they were edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, func, select

from collector.identity import is_better_witness, original_of
from collector.model import Batch, Found, Post
from collector.storage.addressing import add_addresses
from collector.storage.bulk import Insertion, Row, add_rows
from collector.storage.matching import is_one_of
from collector.storage.merging import Stored, Verdict, weigh
from collector.storage.rows import CONTENT, COUNTS, HASHTAG, content_row, count_row, hash_content, hashtag_rows
from collector.storage.tables import post_hashtags, posts, revisions

_TEXTS = ("title", "text", "content_warning")

_HIGHEST_ID = select(func.max(posts.c.id))
_ADD = Insertion(posts, ("id", "uri", "network", "copy_of", "published_at", "first_seen_at", *CONTENT, *COUNTS))
_ADD_HASHTAGS = Insertion(post_hashtags, HASHTAG)
_UPDATE = (
    posts.update().where(posts.c.id == bindparam("b_id")).values({name: bindparam(f"b_{name}") for name in CONTENT})
)
_TAKEN = posts.alias("taken")
_IS_TAKEN = exists().where(_TAKEN.c.uri == bindparam("b_uri"), _TAKEN.c.id != bindparam("b_id"))
_PROMOTE = (
    posts.update()
    .where(posts.c.id == bindparam("b_id"), ~_IS_TAKEN)
    .values(uri=bindparam("b_uri"), network=bindparam("b_network"), copy_of=bindparam("b_copy_of"))
)
_EARLIER = select(posts.c.id, posts.c.edited_at, *(posts.c[name] for name in _TEXTS)).where(is_one_of(posts.c.id))
_REMOVE_HASHTAGS = post_hashtags.delete().where(is_one_of(post_hashtags.c.post_id))
_ADD_REVISIONS = Insertion(revisions, ("post_id", "edited_at", "replaced_at", *_TEXTS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    """What became of content that was told again, by uris."""

    changed: set[str]
    ids: set[int]  # the posts behind those
    standing: set[str]  # what was told is what is stored now: only then may a missing hashtag count


def add_posts(
    conn: Connection, batch: Batch, unknown: Collection[Found], author_ids: Mapping[str, int]
) -> dict[str, Stored]:
    """Adds posts that are not known yet; gives them as they are stored now, by uri."""
    if not unknown:
        return {}
    first = (conn.execute(_HIGHEST_ID).scalar() or 0) + 1  # nobody else takes it: we hold the write lock
    told = list(enumerate((item.post for item in unknown), first))
    seen = [item.first_seen_at or batch.fetched_at for item in unknown]
    address = batch.watch.key.witness
    rows = [
        _row(post_id, post, first_seen_at, author_ids[post.author.key], address)
        for (post_id, post), first_seen_at in zip(told, seen, strict=True)
    ]
    add_rows(conn, _ADD, rows)
    add_addresses(conn, told)
    add_rows(conn, _ADD_HASHTAGS, [row for post_id, post in told for row in hashtag_rows(post_id, post.hashtags)])
    return {
        post.uri: _as_stored(post_id, post, first_seen_at, address)
        for (post_id, post), first_seen_at in zip(told, seen, strict=True)
    }


def _row(post_id: int, post: Post, first_seen_at: datetime, author_id: int, told_by: str) -> Row:
    content = content_row(post, author_id, told_by, hash_content(post))
    head = (post_id, post.uri, post.network, original_of(post), post.published_at, first_seen_at)
    return head + content + count_row(post.counts)


def _as_stored(post_id: int, post: Post, first_seen_at: datetime, told_by: str) -> Stored:
    return Stored(
        id=post_id,
        content_hash=b"",
        edited_at=post.edited_at,
        told_by=told_by,
        network=post.network,
        published_at=post.published_at,
        first_seen_at=first_seen_at,
        counts=count_row(post.counts),
    )


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
    told_by = batch.watch.key.witness
    changed: dict[int, tuple[Post, Row]] = {}
    revised: dict[int, Post] = {}
    better: dict[int, Post] = {}
    standing: set[str] = set()
    for post in (item.post for item in told_again):
        stored, content_hash = known[post.uri], hash_content(post)
        verdict = weigh(stored, post, content_hash, told_by)
        if verdict is not Verdict.KEEP:
            changed[stored.id] = post, content_row(post, author_ids[post.author.key], told_by, content_hash)
        if verdict is Verdict.REVISE:
            revised[stored.id] = post
        if is_better_witness(stored.network, post.network):
            better[stored.id] = post
        if verdict is not Verdict.KEEP or content_hash == stored.content_hash:
            standing.add(post.uri)
    if revised and keep_revisions:
        _keep_revisions(conn, revised, batch.fetched_at)
    if changed:
        _update(conn, changed)
    if better:
        _promote(conn, better)
    return Replaced(changed={post.uri for post, _ in changed.values()}, ids=set(changed), standing=standing)


def _update(conn: Connection, changed: Mapping[int, tuple[Post, Row]]) -> None:
    names = [f"b_{name}" for name in CONTENT]
    values = [{"b_id": post_id, **dict(zip(names, row, strict=True))} for post_id, (_, row) in changed.items()]
    conn.execute(_UPDATE, values)
    conn.execute(_REMOVE_HASHTAGS, {"post_id": changed})
    rows = [row for post_id, (post, _) in changed.items() for row in hashtag_rows(post_id, post.hashtags)]
    add_rows(conn, _ADD_HASHTAGS, rows)
    add_addresses(conn, [(post_id, post) for post_id, (post, _) in changed.items()])


def _promote(conn: Connection, better: Mapping[int, Post]) -> None:
    """Gives posts the identity that a better witness tells: one first seen in a feed has its network's own address."""
    conn.execute(
        _PROMOTE,
        [
            {"b_id": post_id, "b_uri": post.uri, "b_network": post.network, "b_copy_of": original_of(post)}
            for post_id, post in better.items()
        ],
    )


def _keep_revisions(conn: Connection, revised: Mapping[int, Post], now: datetime) -> None:
    rows = [
        (post_id, edited_at, now, *texts)
        for post_id, edited_at, *texts in conn.execute(_EARLIER, {"id": revised})
        if texts != [getattr(revised[post_id], name) for name in _TEXTS]
    ]
    add_rows(conn, _ADD_REVISIONS, rows)
