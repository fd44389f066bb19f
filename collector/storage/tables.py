"""The tables. Each is named after the word that the program has for its rows.

    watches ─┬─ sightings ── posts ─┬─ post_addresses, post_hashtags, post_topics, revisions
             ├─ raw_answers ────────┤
             └─ rejections          └─ authors ── author_handles
    series ── series_topics
       └───── digests ─┬─ digest_members ── posts
                       └─ deliveries
    watches ─── gaps, author_walks ── authors
    hosts, warnings, forgotten, about

Rows of posts are never merged: copies of one post share `cluster_id`. A post's topic is the watch's and stands in
`post_topics`, apart from the hashtags that its text carries.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from collector.storage.columns import Instant, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _counts() -> tuple[Column[int], ...]:
    return tuple(
        Column(name, Integer, nullable=False, server_default="0") for name in ("replies", "boosts", "likes", "quotes")
    )


about = Table(
    "about",
    metadata,
    Column("key", Text, primary_key=True),  # "program_version": the oldest that knows this schema; "secret"
    Column("value", Text, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    Column("address", Text, primary_key=True),  # scheme://host[:port]
    Column("blocked_until", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("is_told", Boolean, nullable=False, server_default=false()),  # the server's own word
    Column("spent", Json),  # what was asked of it lately: {minute as ISO 8601: [requests, those that page]}
)

watches = Table(
    "watches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("hashtag", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("thread", Text, nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("is_retired", Boolean, nullable=False, server_default=false()),
    Column("began_at", Instant),
    Column("last_round_at", Instant),
    Column("last_success_at", Instant),
    Column("last_complete_at", Instant),
    Column("last_deep_at", Instant),
    Column("next_poll_at", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("condition", Text),
    Column("message", Text, nullable=False, server_default=""),
    Column("walk", Json),
    Column("backfill", Json),
    Column("account_domain", Text),
    Column("bookmark", Text),  # what the source asked to be given with the next look at its newest page
    Column("interval_seconds", Integer),  # how often it is asked now; NULL: as configured
    UniqueConstraint("kind", "address", "hashtag", "topic", "thread"),
    Index(None, "next_poll_at"),
)

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
    Column("language", Text),
    Column("mentions", Json, nullable=False),
    Column("links", Json, nullable=False),
    Column("media", Json, nullable=False),
    Column("poll", Json),
    Column("reply_to_uri", Text),
    Column("quote_of_uri", Text),
    Column("is_sensitive", Boolean, nullable=False),
    *_counts(),
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

sightings = Table(
    "sightings",
    metadata,
    Column("watch_id", ForeignKey("watches.id"), primary_key=True),
    Column("native_id", Text, primary_key=True),  # the server's own id
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("missing_since", Instant),
    *_counts(),
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

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("watch_id", ForeignKey("watches.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),  # NULL: it goes on
    Column("caught_up_at", Instant),  # when a complete walk went back over all of it
    Column("reason", Text, nullable=False),  # a condition, "not running", or "no longer shown"
    Column("message", Text, nullable=False, server_default=""),
    Index(None, "watch_id", "starts_at"),
)

author_walks = Table(
    "author_walks",  # a backfill's way back through what each known author posted
    metadata,
    Column("watch_id", ForeignKey("watches.id"), primary_key=True),
    Column("author_id", ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True),
    Column("cursor", Text),  # where it goes on; NULL: at the newest
    Column("finished_at", Instant),
)

forgotten = Table(
    "forgotten",  # keyed hashes of the names of people and posts that are never to be kept again
    metadata,
    Column("mark", Text, primary_key=True),
    Column("forgotten_at", Instant, nullable=False),
)

warnings = Table(
    "warnings",  # what the operator was, or is to be, warned of
    metadata,
    Column("key", Text, primary_key=True),
    Column("message", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("mailed_at", Instant),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("started_at", Instant, nullable=False),
)

series_topics = Table(
    "series_topics",
    metadata,
    Column("series_id", ForeignKey("series.id"), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("started_at", Instant, nullable=False),
)

digests = Table(
    "digests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("name", Text, nullable=False),  # the ISO week
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed_at", Instant),  # when it was built or skipped
    Column("topics", Json),  # as they were when it was built
    Column("facts", Json),
    UniqueConstraint("series_id", "name"),
    UniqueConstraint("series_id", "starts_at"),
    CheckConstraint("state IN ('open', 'built', 'skipped')", name="state"),
)

digest_members = Table(
    "digest_members",
    metadata,
    Column("series_id", ForeignKey("series.id"), primary_key=True),  # at most one digest of a series
    Column("post_id", ForeignKey("posts.id"), primary_key=True),
    Column("digest_id", ForeignKey("digests.id"), nullable=False, index=True),
    Column("section", Text, nullable=False),
    Column("position", Integer, nullable=False),
    *_counts(),
    Index(None, "post_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest_id", ForeignKey("digests.id"), nullable=False),
    Column("address", Text, nullable=False),  # in normal form
    Column("kind", Text, nullable=False),  # "digest" or "sign of life"
    Column("state", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant),
    Column("claimed_by", Text),
    Column("claimed_at", Instant),
    Column("finished_at", Instant),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("digest_id", "address"),
    CheckConstraint("state IN ('owed', 'claimed', 'sent', 'refused')", name="state"),
    Index(None, "state", "next_attempt_at"),
)
