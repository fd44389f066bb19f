"""The collection itself: what it is, what it must never hold again, what its keeper was told."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Table,
    Text,
)

from collector.storage.columns import Instant
from collector.storage.tables.metadata import metadata

about = Table(
    "about",
    metadata,
    Column("key", Text, primary_key=True),  # "program_version": the oldest that knows this schema; "secret"
    Column("value", Text, nullable=False),
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
    Column("claimed_at", Instant),  # when somebody last set out to mail it, or that it is over
    Column("mailed_at", Instant),
)
