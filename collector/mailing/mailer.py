"""What mailing needs of the world, and what it came to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from collector.config import Settings
from collector.deliver import Deliverer
from collector.storage.database import Database

_MOST_NAMED = 20  # problems that are told one by one


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailer:
    """What mailing needs of the world."""

    database: Database
    settings: Settings
    open_deliverer: Callable[[], Deliverer]
    owner: str  # who claims: from `make_owner`
    unrecorded: set[int]  # deliveries that went out while the database was away: written down when it is back
    now: Callable[[], datetime]
    stop: threading.Event
    look_again: Callable[[Collection[int]], None]  # asks whether posts, by id, are still there


@dataclass(slots=True)
class SendReport:
    """What a run of sending came to; `problems` are one line each."""

    sent: int = 0
    refused: int = 0
    waiting: int = 0
    has_paused: bool = False  # a digest waits for a person from now on
    problems: list[str] = field(default_factory=list)
    unnamed: int = 0  # problems beyond those

    def note(self, problem: str) -> None:
        """Adds a problem once, however many deliveries met it; of ten thousand different ones the first few."""
        if problem in self.problems:
            return
        if len(self.problems) < _MOST_NAMED:
            self.problems.append(problem)
        else:
            self.unnamed += 1
