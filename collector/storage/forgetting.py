"""What was forgotten, taken out of every table; and others' posts, which stay, without the names of it.

Of a forgotten post a tombstone without a name is left: digests that are built already go on saying how many posts they
held. All of it can be done twice, and goes on where it was broken off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table, Text, cast, exists, literal, select

from collector.identity.naming import handle_name, post_names_at
from collector.identity.traces import (
    Cut,
    author_without,
    home_of,
    names_in,
    spots_in,
    spots_of,
    traces_in,
    without,
)
from collector.model import Author, Erasure, Hashtag, Post
from collector.storage.erasing import erase_posts
from collector.storage.erasing_readers import NAMELESS, make_nameless
from collector.storage.forgotten import Forgotten, add_forgotten
from collector.storage.indexing import index_authors, index_posts
from collector.storage.matching import is_one_of
from collector.storage.rows import CONTENT, POST_COLUMNS, content_row, hash_content, read_post
from collector.storage.searching import Found, Meant
from collector.storage.subscribers import drop_subscribers
from collector.storage.tables import (
    authors,
    curations,
    deliveries,
    digest_members,
    digests,
    gaps,
    hosts,
    letters,
    post_addresses,
    post_hashtags,
    posts,
    raw_answers,
    rejections,
    revisions,
    sightings,
    subscribers,
    warnings,
    watches,
)

_TEXTS = ("title", "text", "content_warning")
_EARLIER = select(revisions.c.id, *(revisions.c[name] for name in _TEXTS))
_REMARKS = (  # what we say about others' answers may quote them, and a curator's note may name anybody
    *(watches.c.message, hosts.c.reason, gaps.c.message, warnings.c.message, deliveries.c.error, letters.c.error),
    curations.c.note,
)
_PLACES = (watches.c.walk, watches.c.backfill, watches.c.bookmark)  # where a walk goes on: without it, at the newest


def forget_found(conn: Connection, found: Found, told: Forgotten, now: datetime) -> None:
    """Takes it out; from now on the addresses of the posts that were found are forgotten, too."""
    meant: Meant = told.those_among
    if found.posts:
        add_forgotten(conn, told.with_names(post_names(conn, found.posts), now))
    _blot_facts(conn, found.posts)
    erase_posts(conn, found.posts, Erasure.FORGOTTEN, now)
    _make_nameless(conn, found.posts)
    has_posts = exists(
        select(posts.c.id).where(posts.c.author_id == authors.c.id)
    )  # then the id is somebody else's now
    conn.execute(authors.delete().where(is_one_of(authors.c.id, found.authors), ~has_posts))
    _cut_out(conn, found.naming, meant)
    _delete_pairs(conn, raw_answers, found.answers)
    _delete_pairs(conn, rejections, found.rejections)
    _drop_readers(conn, found, told)
    _clean_profiles(conn, found.linking, meant)
    _clean_remarks(conn, meant)


def post_names(conn: Connection, post_ids: Collection[int]) -> set[str]:
    """What these posts are known by."""
    told = [
        *conn.execute(select(posts.c.uri).where(is_one_of(posts.c.id, post_ids))).scalars(),
        *conn.execute(select(post_addresses.c.address).where(is_one_of(post_addresses.c.post_id, post_ids))).scalars(),
    ]
    return {name for uri in told if not uri.startswith(NAMELESS) for name in post_names_at(uri)}


def _make_nameless(conn: Connection, post_ids: Collection[int]) -> None:
    nameless = literal(NAMELESS, Text) + cast(posts.c.id, Text)
    conn.execute(posts.update().where(is_one_of(posts.c.id, post_ids)).values(uri=nameless))
    for table in (post_addresses, sightings):
        conn.execute(table.delete().where(is_one_of(table.c.post_id, post_ids)))


def _drop_readers(conn: Connection, found: Found, told: Forgotten) -> None:
    """Without those who came back by themselves after they were forgotten: they are readers anew."""
    query = select(subscribers.c.id, subscribers.c.address, subscribers.c.created_at)
    rows = conn.execute(query.where(is_one_of(subscribers.c.id, found.readers))).all()
    since = {row.id: told.forgotten_at([handle_name(row.address)]) or row.created_at for row in rows}
    back = {handle_name(row.address) for row in rows if row.created_at > since[row.id]}
    drop_subscribers(conn, [row.id for row in rows if handle_name(row.address) not in back])
    sent = conn.execute(
        select(deliveries.c.id, deliveries.c.address).where(is_one_of(deliveries.c.id, found.deliveries))
    )
    make_nameless(conn, {row.id for row in sent.all() if handle_name(row.address) not in back})


def _blot_facts(conn: Connection, post_ids: Collection[int]) -> None:
    """Takes the hashtags out of built digests that nobody else used."""
    displays = set(
        conn.execute(select(post_hashtags.c.display).where(is_one_of(post_hashtags.c.post_id, post_ids))).scalars()
    )
    others = select(post_hashtags.c.display).where(
        post_hashtags.c.display.in_(displays), ~is_one_of(post_hashtags.c.post_id, post_ids)
    )
    if not (lonely := displays - set(conn.execute(others).scalars())):
        return
    held = select(digest_members.c.digest_id).where(is_one_of(digest_members.c.post_id, post_ids))
    for digest_id, facts in conn.execute(select(digests.c.id, digests.c.facts).where(digests.c.id.in_(held))).all():
        kept = [pair for pair in facts["also_tagged"] if pair[0] not in lonely]
        conn.execute(digests.update().where(digests.c.id == digest_id).values(facts=facts | {"also_tagged": kept}))


def _cut_out(conn: Connection, post_ids: Collection[int], meant: Meant) -> None:
    """Others' posts, and their earlier texts, without the names; and without the answers that hold them."""
    told = (posts.c.author_id, posts.c.told_by)
    query = select(*POST_COLUMNS, *told).join_from(posts, authors).where(is_one_of(posts.c.id, post_ids))
    for row in conn.execute(query).mappings().all():
        post = read_post(row, _hashtags(conn, row["id"]))
        earlier = conn.execute(_EARLIER.where(revisions.c.post_id == row["id"])).mappings().all()
        cut = Cut(meant(_names_told(post, earlier)), post)
        for revision in earlier:
            texts = {name: cut.text(revision[name]) for name in _TEXTS}
            conn.execute(revisions.update().where(revisions.c.id == revision["id"]).values(texts))
        after = without(post, cut.meant)
        content = content_row(after, row["author_id"], row["told_by"], hash_content(after))
        values = dict(zip(CONTENT, content, strict=True)) | {"copy_of": after.copy_of}
        conn.execute(posts.update().where(posts.c.id == row["id"]).values(values))
    conn.execute(raw_answers.delete().where(is_one_of(raw_answers.c.post_id, post_ids)))
    index_posts(conn, post_ids)


def _hashtags(conn: Connection, post_id: int) -> tuple[Hashtag, ...]:
    table = post_hashtags
    query = select(table.c.normal, table.c.display, table.c.found_in).where(table.c.post_id == post_id)
    return tuple(Hashtag(**row) for row in conn.execute(query.order_by(table.c.position)).mappings())


def _names_told(post: Post, earlier: Iterable[RowMapping]) -> set[str]:
    names = {name for spot in spots_in(post) for name in spot.names}
    texts = [revision[name] for revision in earlier for name in _TEXTS]
    return names | {name for text in texts for trace in traces_in(text, home_of(post)) for name in trace.names}


def _clean_profiles(conn: Connection, author_ids: Collection[int], meant: Meant) -> None:
    query = select(authors.c.id, authors.c.name, authors.c.links).where(is_one_of(authors.c.id, author_ids))
    for row in conn.execute(query).all():
        author = Author(key="", handle="", name=row.name, url=None, links=tuple(row.links or ()))
        after = author_without(author, meant({name for spot in spots_of(author) for name in spot.names}))
        values = {"name": after.name, "links": list(after.links) or None}
        conn.execute(authors.update().where(authors.c.id == row.id).values(values))
    index_authors(conn, author_ids)


def _delete_pairs(conn: Connection, table: Table, pairs: Iterable[tuple[int, str]]) -> None:
    by_watch: dict[int, list[str]] = {}
    for watch_id, native_id in pairs:
        by_watch.setdefault(watch_id, []).append(native_id)
    for watch_id, ids in by_watch.items():
        conn.execute(table.delete().where(table.c.watch_id == watch_id, is_one_of(table.c.native_id, ids)))


def _clean_remarks(conn: Connection, meant: Meant) -> None:
    """What we noted of a server's words, and where walks stand, holds names now and then."""
    for column in _REMARKS:
        for text in conn.execute(select(column).where(column != "").distinct()).scalars().all():
            if named := meant(names_in(text)):
                conn.execute(column.table.update().where(column == text).values({column.name: Cut(named).text(text)}))
    for column in _PLACES:
        rows = conn.execute(select(watches.c.id, column).where(column.is_not(None))).all()
        named_in = [watch_id for watch_id, value in rows if meant(names_in(value))]
        conn.execute(watches.update().where(is_one_of(watches.c.id, named_in)).values({column.name: None}))
