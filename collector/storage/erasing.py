"""What a post held, taken out of every table: what stays is a tombstone that says that there was one.

A tombstone keeps the post's addresses, so that it is known again; when it was published and seen; and its places in
digests, which go on saying how many there were. It has no words, no pictures, no people.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, exists, select

from collector.model import Author, Erasure
from collector.storage.authors import save_authors
from collector.storage.indexing import unindex
from collector.storage.matching import is_one_of
from collector.storage.tables import authors, blocked_posts, curations, post_hashtags, posts, raw_answers, revisions

NOBODY = Author(key="", handle="", name="", url=None)  # whom tombstones are by

_NOTHING: dict[str, object] = {
    **dict.fromkeys(("url", "edited_at", "language", "poll", "reply_to_uri", "quote_of_uri", "copy_of")),
    **dict.fromkeys(("title", "text", "content_warning", "told_by"), ""),
    **{name: [] for name in ("mentions", "links", "media")},
    **dict.fromkeys(("replies", "boosts", "likes", "quotes"), 0),
    "is_sensitive": False,
    "cluster_id": None,
    "content_hash": b"",
}


def erase_posts(conn: Connection, post_ids: Collection[int], why: Erasure, now: datetime) -> int:
    """Leaves only tombstones of these posts, and nothing of authors of whom there is no other post.

    Gives how many there were. What is on the disk's free pages is another matter: see `upkeep`.
    """
    if not post_ids:
        return 0
    told = conn.execute(select(posts.c.author_id).where(is_one_of(posts.c.id, post_ids)).distinct()).scalars().all()
    nobody = save_authors(conn, [NOBODY], NOBODY.key, now)[NOBODY.key]
    values = _NOTHING | {"author_id": nobody, "erased_at": now, "erased_why": str(why)}
    erased = conn.execute(posts.update().where(is_one_of(posts.c.id, post_ids)).values(values)).rowcount
    for table in (post_hashtags, raw_answers, revisions, blocked_posts):
        conn.execute(table.delete().where(is_one_of(table.c.post_id, post_ids)))
    conn.execute(curations.update().where(is_one_of(curations.c.post_id, post_ids)).values(note=""))
    unindex(conn, post_ids)
    _drop_authors(conn, set(told) - {nobody})
    return erased


def _drop_authors(conn: Connection, author_ids: Collection[int]) -> None:
    """Takes out those without posts. Of one the operator hid, the key stays, or the next post would show them again."""
    if not author_ids:
        return
    has_posts = exists(select(posts.c.id).where(posts.c.author_id == authors.c.id))
    is_alone = is_one_of(authors.c.id, author_ids) & ~has_posts
    conn.execute(authors.delete().where(is_alone, authors.c.hidden_at.is_(None)))
    bare: dict[str, object] = {"name": "", "url": None, "links": None, "is_indexable": None, "wishes": []}
    conn.execute(authors.update().where(is_alone).values(bare))
