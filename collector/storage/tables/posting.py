"""What was found: posts and their authors, where they were seen, and what is kept beside them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
)

from collector.storage.columns import Instant, Json
from collector.storage.tables.metadata import counts, metadata

authors = Table(
    "authors",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the writer counts: it holds the lock
    Column("key", Text, nullable=False, unique=True),  # a DID, or user@host
    Column("handle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text),
    Column("is_bot", Boolean, nullable=False),
    Column("wishes", Json, nullable=False),
    Column("is_opted_out", Boolean, nullable=False),
    Column("told_by", Text, nullable=False),  # the address whose word for all this it is
    Column("hidden_at", Instant),  # by the operator
    Column("first_seen_at", Instant, nullable=False),
    Column("links", Json),  # the addresses in the profile; NULL: none
    Column("is_indexable", Boolean),  # whether search may find the posts; NULL: the place knows no such wish
)

author_handles = Table(
    "author_handles",
    metadata,
    Column("handle", Text, primary_key=True),  # every handle this author was seen with, in lower case
    Column("author_id", ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the writer counts: it holds the lock
    Column("uri", Text, nullable=False, unique=True),
    Column("network", Text, nullable=False),
    Column("url", Text),
    Column("cluster_id", Integer),  # the lowest id among its copies; NULL: it has none
    Column("author_id", ForeignKey("authors.id"), nullable=False, index=True),
    Column("published_at", Instant, nullable=False),
    Column("edited_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("content_warning", Text, nullable=False),
    Column("language", Text, index=True),
    Column("mentions", Json, nullable=False),
    Column("links", Json, nullable=False),
    Column("media", Json, nullable=False),
    Column("poll", Json),
    Column("reply_to_uri", Text),
    Column("quote_of_uri", Text),
    Column("is_sensitive", Boolean, nullable=False),
    *counts(),
    Column("told_by", Text, nullable=False),  # the address whose word for the text this is
    Column("content_hash", LargeBinary, nullable=False),
    Column("gone_at", Instant),
    Column("erased_at", Instant),
    Column("hidden_at", Instant),  # by the operator
    Column("copy_of", Text),  # the address of the original, where a bridge made this post of one
    Column("gone_why", Text),  # the evidence: one of `model.Evidence`
    Column("erased_why", Text),  # one of `model.Erasure`
    Index(None, "published_at", "uri"),
    Index(None, "network", "published_at"),  # copies of a post stand in other networks, near it in time
)
_HAS_COPIES = posts.c.cluster_id.is_not(None)
Index(None, posts.c.cluster_id, sqlite_where=_HAS_COPIES, postgresql_where=_HAS_COPIES)
_IS_BRIDGED = posts.c.copy_of.is_not(None)
Index(None, posts.c.copy_of, sqlite_where=_IS_BRIDGED, postgresql_where=_IS_BRIDGED)

search_texts = Table(
    "search_texts",  # one of every post that is kept; with an index of words on top that each database has its own way
    metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("dated_at", Instant, nullable=False),  # as in `post_topics`: lists go by it
    Column("text", Text, nullable=False),  # folded: title, text, warning, alt texts, author, hashtags
    Index(None, "dated_at", "post_id"),
)

post_addresses = Table(
    "post_addresses",
    metadata,
    Column("address", Text, primary_key=True),  # its uri, its url, and every other address it is known by
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False, index=True),
)

post_hashtags = Table(
    "post_hashtags",
    metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("normal", Text, nullable=False),
    Column("display", Text, nullable=False),
    Column("found_in", Text, nullable=False),
    Index(None, "normal", "post_id"),
)

post_topics = Table(
    "post_topics",
    metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("dated_at", Instant, nullable=False),  # the earlier of published_at and the post's first_seen_at
    Column("first_seen_at", Instant, nullable=False),
    Column("is_history", Boolean, nullable=False),  # older than every watch that showed it, or imported: never late
    Column("withdrawn_at", Instant),  # the hashtag was edited away
    Index(None, "topic", "dated_at"),
)

blocked_posts = Table(
    "blocked_posts",  # those that hold one of the block words in force
    metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
)

blocked_authors = Table(
    "blocked_authors",  # those whose name does
    metadata,
    Column("author_id", ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True),
)

sightings = Table(
    "sightings",
    metadata,
    Column("watch_id", ForeignKey("watches.id"), primary_key=True),
    Column("native_id", Text, primary_key=True),  # the server's own id
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),  # when it was last met in a walk
    Column("missing_since", Instant),
    *counts(),
    Column("looked_at", Instant),  # when its place was last asked for it, whatever came of it
    Column("is_home", Boolean, nullable=False, server_default=false()),  # its author's own place showed it
    Index(None, "watch_id", "looked_at"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("content_warning", Text, nullable=False),
    Column("edited_at", Instant),  # when this earlier text was written, as its author's server says
    Column("replaced_at", Instant, nullable=False),  # when we saw the text that took its place
)

raw_answers = Table(
    "raw_answers",
    metadata,
    Column("watch_id", ForeignKey("watches.id"), primary_key=True),
    Column("native_id", Text, primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("fetched_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),  # scrubbed JSON, zlib
)

rejections = Table(
    "rejections",
    metadata,
    Column("watch_id", ForeignKey("watches.id"), primary_key=True),
    Column("native_id", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

author_walks = Table(
    "author_walks",  # a backfill's way back through what each known author posted
    metadata,
    Column("watch_id", ForeignKey("watches.id"), primary_key=True),
    Column("author_id", ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True),
    Column("cursor", Text),  # where it goes on; NULL: at the newest
    Column("finished_at", Instant),
)
