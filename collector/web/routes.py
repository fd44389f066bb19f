"""All the pages there are: each module has a table of its own."""

from __future__ import annotations

from collector.web import (
    curating,
    digests,
    feeds,
    numbers,
    posts,
    privacy,
    single,
    standing,
    subscribing,
)

ROUTES = (
    *digests.ROUTES,
    *feeds.ROUTES,
    *posts.ROUTES,
    *single.ROUTES,
    *numbers.ROUTES,
    *privacy.ROUTES,
    *standing.ROUTES,
    *curating.ROUTES,
    *subscribing.ROUTES,
)
