"""What a search looks through, kept in step with the posts: one folded text for each, in the caller's transaction.

The databases' own indexes of its words follow the table by triggers. What is folded is what the tables hold now, so
that the same call is right after whatever was saved, edited, cut out or renamed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, select

from collector.model import Post
from collector.storage.bulk import Insertion, add_rows
from collector.storage.matching import is_one_of
from collector.storage.merging import Stored
from collector.storage.tables import authors, post_hashtags, posts, search_texts
from collector.text.folding import fold, fold_handle

# SQLite's index only notes that words were taken out of it; this writes it without them, or does nothing where no such
# note is.
DROP_REMOVED_WORDS = "INSERT INTO search_words (search_words) VALUES ('optimize')"

_CHUNK = 1000
_TEXTS = (
    select(
        *(posts.c.id, posts.c.published_at, posts.c.first_seen_at),
        *(posts.c.title, posts.c.text, posts.c.content_warning, posts.c.media, authors.c.name, authors.c.handle),
    )
    .join_from(posts, authors)
    .where(posts.c.erased_at.is_(None))
)
_OF_POSTS = _TEXTS.where(is_one_of(posts.c.id))
_UNWRITTEN_TAGS = (  # what a server lists and the text does not show
    select(post_hashtags.c.post_id, post_hashtags.c.display)
    .where(is_one_of(post_hashtags.c.post_id), post_hashtags.c.found_in != "text")
    .order_by(post_hashtags.c.post_id, post_hashtags.c.position)
)
_NAMES = select(authors.c.id, authors.c.name, authors.c.handle).where(is_one_of(authors.c.id))
_ADD = Insertion(search_texts, ("post_id", "dated_at", "text"))
_KEEP = Insertion(search_texts, ("post_id", "dated_at", "text"), refreshed=("dated_at", "text"))


def index_new(
    conn: Connection, told: Iterable[Post], added: Mapping[str, Stored], author_ids: Mapping[str, int]
) -> None:
    """Adds posts as they were just stored, without reading them again: most are in an index for good then.

    Only their authors' names are read, which may be another place's word than the one that came with the post.
    """
    if not added:
        return
    names = {
        author_id: (name, handle) for author_id, name, handle in conn.execute(_NAMES, {"id": set(author_ids.values())})
    }
    rows = []
    for post in told:
        name, handle = names[author_ids[post.author.key]]
        tags = [tag.display for tag in post.hashtags if tag.found_in != "text"]
        alt_texts = [media.alt_text or "" for media in post.media]
        text = _fold(post.title, post.text, post.content_warning, alt_texts, tags, name, handle)
        rows.append((added[post.uri].id, added[post.uri].dated_at, text))
    add_rows(conn, _ADD, rows)


def index_posts(conn: Connection, post_ids: Collection[int]) -> None:
    """Brings what is searched of these posts up to date; of a tombstone nothing is."""
    if post_ids:
        _index(conn, conn.execute(_OF_POSTS, {"id": post_ids}).all())


def index_authors(conn: Connection, author_ids: Collection[int]) -> None:
    """The same for all posts of these authors, whose names are searched with them."""
    if author_ids:
        _index_all(conn, _TEXTS.where(is_one_of(posts.c.author_id, author_ids)))


def index_missing(conn: Connection) -> None:
    """Fills in what is not there: after an upgrade, that is all."""
    known = select(search_texts.c.post_id).where(search_texts.c.post_id == posts.c.id)
    _index_all(conn, _TEXTS.where(~known.exists()))


def unindex(conn: Connection, post_ids: Collection[int]) -> None:
    """Takes these posts out of what is searched."""
    conn.execute(search_texts.delete().where(is_one_of(search_texts.c.post_id, post_ids)))


def _index_all(conn: Connection, query: Select[Any]) -> None:
    ids = query.with_only_columns(posts.c.id).order_by(posts.c.id)
    told = conn.execute(ids).scalars().all()
    for start in range(0, len(told), _CHUNK):
        index_posts(conn, told[start : start + _CHUNK])


def _index(conn: Connection, told: Collection[Any]) -> None:
    tags = _unwritten_tags(conn, [row.id for row in told])
    add_rows(
        conn, _KEEP, [(row.id, min(row.published_at, row.first_seen_at), _text(row, tags[row.id])) for row in told]
    )


def _unwritten_tags(conn: Connection, post_ids: Collection[int]) -> dict[int, list[str]]:
    tags: dict[int, list[str]] = defaultdict(list)
    for post_id, display in conn.execute(_UNWRITTEN_TAGS, {"post_id": post_ids}):
        tags[post_id].append(display)
    return tags


def _text(row: Any, tags: Iterable[str]) -> str:
    alt_texts = [item["alt_text"] or "" for item in row.media]
    return _fold(row.title, row.text, row.content_warning, alt_texts, tags, row.name, row.handle)


def _fold(
    title: str, text: str, warning: str, alt_texts: Iterable[str], tags: Iterable[str], name: str, handle: str
) -> str:
    return fold(title, text, warning, *alt_texts, *tags, name) + " " + fold_handle(handle)
