"""All the pages there are: each module has a table of its own."""

from __future__ import annotations

from collector.web import (
    standing,
    subscribing,
)

ROUTES = (
    *standing.ROUTES,
    *subscribing.ROUTES,
)
