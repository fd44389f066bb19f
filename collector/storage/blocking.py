"""Posts that a block word keeps out of digests and pages. They are kept, and exported.

Which posts and authors hold one is a mark, so that every query can leave them out, in either database, without
matching texts. Marks are right because whatever brings or changes posts sets them in the same transaction
(`mark_posts`), and because the words that they were made for are kept beside them: where the configuration has others,
all marks are made anew before anything else is done (`adopt_block_words`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, exists, func, select

from collector import __version__
from collector.storage.bulk import Insertion, Row, add_rows
from collector.storage.database import Database
from collector.storage.matching import is_one_of
from collector.storage.tables import about, authors, blocked_authors, blocked_posts, post_hashtags, posts
from collector.storage.visibility import has_topic, is_visible
from collector.text.blocking import BlockWords

_KEY = "block_words"  # in `about`
_CHUNK = 2_000  # posts whose texts are in memory at a time

_NEXT = select(posts.c.id).order_by(posts.c.id)
_NAMES = select(authors.c.id, authors.c.name)
_TEXTS = select(posts.c.id, posts.c.title, posts.c.text, posts.c.content_warning, posts.c.media, posts.c.poll).where(
    is_one_of(posts.c.id)
)
_HASHTAGS = select(post_hashtags.c.post_id, post_hashtags.c.display).where(is_one_of(post_hashtags.c.post_id))
_ADD_POSTS = Insertion(blocked_posts, ("post_id",), keeps=True)
_ADD_AUTHORS = Insertion(blocked_authors, ("author_id",), keeps=True)


def is_unblocked() -> ColumnElement[bool]:
    """For a query over `posts`: neither it nor its author's name holds a block word."""
    return and_(
        ~exists().where(blocked_posts.c.post_id == posts.c.id),
        ~exists().where(blocked_authors.c.author_id == posts.c.author_id),
    )


def count_blocked(conn: Connection) -> int:
    """How many posts are out of digests and pages for a block word alone."""
    query = select(func.count()).select_from(posts.join(authors))
    return conn.execute(query.where(is_visible(), has_topic(None), ~is_unblocked())).scalar() or 0


def adopt_block_words(database: Database, written: Iterable[str]) -> None:
    """Puts the words of the configuration in force, if they are not."""
    words = BlockWords.read(written)
    with database.read() as conn:
        if _in_force(conn) == _describe(words):
            return
    with database.write() as conn:
        _mark_all(conn, words)
        conn.execute(about.delete().where(about.c.key == _KEY))
        if words.phrases:
            conn.execute(about.insert().values(key=_KEY, value=_describe(words)))


def mark_posts(conn: Connection, post_ids: Collection[int], author_ids: Collection[int]) -> None:
    """Marks posts that are new or changed, and these authors, by the words in force."""
    words = _read(_in_force(conn))
    if not words.phrases:
        return
    _mark(conn, words, post_ids)
    hit = _hit_names(conn, words, _NAMES.where(is_one_of(authors.c.id, author_ids)))
    _replace(conn, blocked_authors.c.author_id, _ADD_AUTHORS, author_ids, hit)


def _mark_all(conn: Connection, words: BlockWords) -> None:
    conn.execute(blocked_posts.delete())
    conn.execute(blocked_authors.delete())
    if not words.phrases:
        return
    last = 0
    while ids := conn.execute(_NEXT.where(posts.c.id > last).limit(_CHUNK)).scalars().all():
        _mark(conn, words, ids)
        last = ids[-1]
    add_rows(conn, _ADD_AUTHORS, _hit_names(conn, words, _NAMES))


def _mark(conn: Connection, words: BlockWords, post_ids: Collection[int]) -> None:
    texts = _texts(conn, post_ids)
    hit = [(post_id,) for post_id, told in texts.items() if words.are_in(told)]
    _replace(conn, blocked_posts.c.post_id, _ADD_POSTS, post_ids, hit)


def _replace(
    conn: Connection, column: Column[int], insertion: Insertion, ids: Collection[int], hit: Sequence[Row]
) -> None:
    conn.execute(insertion.table.delete().where(is_one_of(column, ids)))
    add_rows(conn, insertion, hit)


def _texts(conn: Connection, post_ids: Collection[int]) -> dict[int, list[str]]:
    """Everything that a post shows to readers, but for its author's name."""
    told: dict[int, list[str]] = {}
    for post_id, title, text, warning, media, poll in conn.execute(_TEXTS, {"id": post_ids}):
        alts = [one["alt_text"] or "" for one in media]
        told[post_id] = [title, text, warning, *alts, *(poll["options"] if poll else ())]
    for post_id, display in conn.execute(_HASHTAGS, {"post_id": post_ids}):
        told[post_id].append(display)
    return told


def _hit_names(conn: Connection, words: BlockWords, named: Select[Any]) -> list[Row]:
    return [(author_id,) for author_id, name in conn.execute(named) if words.are_in([name])]


def _in_force(conn: Connection) -> str:
    return conn.execute(select(about.c.value).where(about.c.key == _KEY)).scalar() or ""


def _describe(words: BlockWords) -> str:
    """With the program's version: a later one may fold texts better."""
    return json.dumps([__version__, *words.phrases], ensure_ascii=False) if words.phrases else ""


def _read(described: str) -> BlockWords:
    return BlockWords(phrases=tuple(json.loads(described)[1:])) if described else BlockWords()
