"""Makes the rows that tests of exports are about: each call says only what matters to its test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from collector.model import ExportRow

_ROW = ExportRow(
    network="fediverse",
    source="our server",
    topic="notcoproduction",
    uri="https://fedi.example/users/carys/statuses/1",
    url="https://fedi.example/@carys/1",
    published_at=datetime(2026, 11, 17, 9, 41, tzinfo=UTC),
    edited_at=None,
    first_seen_at=datetime(2026, 11, 17, 9, 50, 7, 412_000, tzinfo=UTC),
    author_id="carys@fedi.example",
    author_handle="carys@fedi.example",
    author_name="Carys",
    author_url="https://fedi.example/@carys",
    author_is_bot=False,
    title="",
    text="They renamed the complaints box.",
    content_warning="",
    language="en",
    hashtags=("NotCoproduction",),
    mentions=(),
    links=(),
    media_urls=(),
    media_types=(),
    media_alt_texts=(),
    reply_to_uri=None,
    quote_of_uri=None,
    replies=0,
    boosts=12,
    likes=31,
    quotes=0,
    is_sensitive=False,
    seen_on=("our server",),
    also_at=(),
    digests=("weekly/2026-W47",),
)


def make_export_row(**changes: Any) -> ExportRow:
    """Carys's post, unless told otherwise."""
    return _ROW._replace(**changes)
