"""All the pages there are: each module has a table of its own."""

from __future__ import annotations

from collector.web import (
    digests,
    feeds,
    privacy,
    standing,
)

ROUTES = (
    *digests.ROUTES,
    *feeds.ROUTES,
    *privacy.ROUTES,
    *standing.ROUTES,
)
