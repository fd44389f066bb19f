"""Who asked for digests: subscribers, their subscriptions, the short letters to one of them, what came back."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, false

from collector.storage.columns import Instant
from collector.storage.tables.metadata import metadata

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # random: what signed links name a person by
    Column("address", Text, nullable=False),  # in normal form, the part before @ as it was written
    Column("folded", Text, nullable=False, unique=True),  # the same in small letters: one person once
    Column("created_at", Instant, nullable=False),
    Column("soft_bounces", Integer, nullable=False, server_default="0"),  # since a digest last arrived, as far as known
    Column("last_bounce_at", Instant),
    Column("bounced_at", Instant),  # refused for good: nothing more goes there
    Column("bounce_reason", Text, nullable=False, server_default=""),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("series", Text, primary_key=True),  # by name: it may not have begun
    Column("state", Text, nullable=False),
    Column("origin", Text, nullable=False),  # "page", "command", "import", "configuration"
    Column("consent_source", Text, nullable=False, server_default=""),
    Column("consent_at", Instant),
    Column("asked_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("ended_at", Instant),
    Column("ended_why", Text, nullable=False, server_default=""),  # "link", "one click", "mail", "command", …
    CheckConstraint("state IN ('asked', 'confirmed', 'ended')", name="state"),
    Index(None, "series", "state"),
)

refusals = Table(
    "refusals",  # keyed hashes of addresses that left, a series or all: no import brings them back
    metadata,
    Column("mark", Text, primary_key=True),
    Column("refused_at", Instant, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),  # "confirm", "settings"
    Column("state", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant),
    Column("claimed_by", Text),
    Column("claimed_at", Instant),
    Column("finished_at", Instant),
    Column("error", Text, nullable=False, server_default=""),
    CheckConstraint("state IN ('owed', 'claimed', 'sent', 'refused')", name="state"),
    Index(None, "state", "next_attempt_at"),
)

mailboxes = Table(
    "mailboxes",  # how far what comes back was read
    metadata,
    Column("place", Text, primary_key=True),  # user, host, port and folder
    Column("validity", Text, nullable=False, server_default=""),  # while it is the same, numbers of mails are, too
    Column("last_uid", BigInteger, nullable=False, server_default="0"),  # the highest number that was dealt with
    Column("next_at", Instant, nullable=False),
    Column("read_at", Instant),  # when it was last read to its end
    Column("failing_since", Instant),
    Column("needs_a_person", Boolean, nullable=False, server_default=false()),
    Column("error", Text, nullable=False, server_default=""),
)
