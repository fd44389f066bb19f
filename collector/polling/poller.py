"""What polling needs of the world, what a round tells, and the transaction that both end in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.errors import Condition, SourceError
from collector.model import Saved, Watch, WatchKey
from collector.polling.plan import Pace
from collector.sources import Budgets, Source
from collector.sources.origins import OriginSays
from collector.storage.database import Connection, Database
from collector.storage.hosts import add_spent


@dataclass(frozen=True, kw_only=True, slots=True)
class Poller:
    """What a round needs of the world: everything but the watches."""

    database: Database
    source_of: Callable[[Watch], Source]
    pace_of: Callable[[Watch], Pace]
    counted: Callable[[WatchKey], frozenset[str]]  # the hashtags that make a post of a watch count; empty: all do
    now: Callable[[], datetime]
    dice: Callable[[], float]
    stop: threading.Event
    budgets: Budgets
    pause: Callable[[timedelta], object]  # waits so long, or until the stop sign
    ask_origin: Callable[[str], OriginSays]  # whether a post stands where it was first posted
    keep_raw: bool = True
    keep_raw_for: timedelta | None = None  # None: for ever


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchReport:
    """What one round of one watch came to."""

    watch: Watch
    fetched: int
    pages: int
    saved: Saved
    error: SourceError | None
    condition: Condition
    is_done: bool  # False: the walk goes on next round
    reached_at: datetime | None = None  # how far back the walk has come
    waits_until: datetime | None = None  # its host's budget is spent: nothing, or no more, is asked before


@contextmanager
def writing(poller: Poller) -> Iterator[Connection]:
    """A transaction in which it is also written down what hosts were asked, so that other processes know."""
    spent = poller.budgets.unsaved()
    with poller.database.write() as conn:
        yield conn
        stored = add_spent(conn, spent, poller.now())
    poller.budgets.saved(spent, stored)
