"""All the pages there are: each module has a table of its own."""

from __future__ import annotations

from collector.web import (
    digests,
    feeds,
    numbers,
    posts,
    privacy,
    single,
    standing,
)

ROUTES = (
    *digests.ROUTES,
    *feeds.ROUTES,
    *posts.ROUTES,
    *single.ROUTES,
    *numbers.ROUTES,
    *privacy.ROUTES,
    *standing.ROUTES,
)
