"""Readers: somebody with an address, and what they asked for, get, or have left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """How a subscription stands."""

    ASKED = "asked"  # and not confirmed yet
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Origin(StrEnum):
    """Where a subscription comes from."""

    PAGE = "page"
    COMMAND = "command"
    IMPORT = "import"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """How and when somebody said that they want mails."""

    source: str
    given_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One series for one person."""

    series: str
    state: Standing
    origin: Origin
    asked_at: datetime
    consent: Consent | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: str = ""  # "link", "one click", "settings", "mail", "command", "restored"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber:
    """A reader."""

    id: int
    key: str  # what signed links name them by
    address: str  # in normal form
    folded: str  # what they are one person by
    created_at: datetime
    subscriptions: tuple[Subscription, ...] = ()
    soft_bounces: int = 0
    last_bounce_at: datetime | None = None
    bounced_at: datetime | None = None
    bounce_reason: str = ""

    def subscription(self, series: str) -> Subscription | None:
        """Theirs of a series."""
        return next((one for one in self.subscriptions if one.series == series), None)

    def series_that_are(self, *states: Standing) -> tuple[str, ...]:
        """The series whose subscription stands so."""
        return tuple(one.series for one in self.subscriptions if one.state in states)
