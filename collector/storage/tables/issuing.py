"""What goes out: series, their digests, and one delivery to one address."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from collector.storage.columns import Instant, Json
from collector.storage.tables.metadata import counts, metadata

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
    Column("name", Text, nullable=False),  # of its window: "2026-W47"
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed_at", Instant),  # when it was built or skipped
    Column("topics", Json),  # as they were when it was built
    Column("facts", Json),
    Column("approved_at", Instant),  # when its curator said that it may go out
    Column("paused_at", Instant),  # when sending it met too many refusals
    Column("pause_reason", Text, nullable=False, server_default=""),
    Column("resumed_at", Instant),  # since when refusals are counted anew
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
    *counts(),
    Index(None, "post_id"),
)

curations = Table(
    "curations",  # a curator's word on a post, for one series
    metadata,
    Column("series_id", ForeignKey("series.id"), primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("left_out_at", Instant),
    Column("first_at", Instant),
    Column("note", Text, nullable=False, server_default=""),
    Index(None, "post_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest_id", ForeignKey("digests.id"), nullable=False),
    Column("address", Text, nullable=False),  # in normal form
    Column("kind", Text, nullable=False),  # "digest", "sign of life", "preview", …
    Column("state", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant),
    Column("claimed_by", Text),
    Column("claimed_at", Instant),
    Column("finished_at", Instant),
    Column("error", Text, nullable=False, server_default=""),
    Column("tried_at", Instant, index=True),  # when it was last handed over, whatever came of it
    Column("bounce", Text, nullable=False, server_default=""),  # "hard" or "soft", where it came back
    UniqueConstraint("digest_id", "address", "kind"),
    CheckConstraint("state IN ('owed', 'claimed', 'sent', 'refused')", name="state"),
    Index(None, "state", "next_attempt_at"),
    Index(None, "address"),
)
