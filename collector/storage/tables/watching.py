"""Whom we ask: hosts, and the watches on them with what they could not see."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from collector.storage.columns import Instant, Json
from collector.storage.tables.metadata import metadata

hosts = Table(
    "hosts",
    metadata,
    Column("address", Text, primary_key=True),  # scheme://host[:port]
    Column("blocked_until", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("is_told", Boolean, nullable=False, server_default=false()),  # the server's own word
    Column("spent", Json),  # what was asked of it lately: {minute as ISO 8601: [requests, those that page]}
    Column("memory", Json),  # by kind of source: what it learned of the host, and need not ask again for a day
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
    Column("looked_until", Instant),  # the latest good look there ever was, also by a clock that was wrong
    UniqueConstraint("kind", "address", "hashtag", "topic", "thread"),
    Index(None, "next_poll_at"),
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
