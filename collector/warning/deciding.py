"""What of all that needs a person is news: a pure decision, from what was remembered.

Somebody is told once when a trouble begins and once when it is over, and never reminded: `status` shows what stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.needs.finding import Need
from collector.storage.warnings import StoredWarning

SETTLED_AFTER = timedelta(minutes=10)  # what is over sooner is not worth a mail: after a sleep, all looks late at first
TRY_AGAIN = timedelta(hours=1)  # after a mail that did not go out, or whose sender died


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """Something that stands, and that nobody was told of."""

    need: Need
    began_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be written down, and what is to be mailed."""

    begun: tuple[StoredWarning, ...] = ()  # new
    passed: tuple[StoredWarning, ...] = ()  # over before anybody was told
    told: tuple[News, ...] = ()  # to be mailed now
    over: tuple[StoredWarning, ...] = ()  # that it is over, to be mailed now

    @property
    def is_nothing(self) -> bool:
        """True where everything stays as it is."""
        return not (self.begun or self.passed or self.is_mail)

    @property
    def is_mail(self) -> bool:
        """True where somebody is to be told something."""
        return bool(self.told or self.over)

    @property
    def mailed_keys(self) -> tuple[str, ...]:
        """The keys of all that is mailed."""
        return (*(news.need.key for news in self.told), *(warning.key for warning in self.over))


def decide(needs: Sequence[Need], stored: Sequence[StoredWarning], now: datetime) -> Plan:
    """What to do about the needs of now, where those of before are `stored`."""
    standing: dict[str, Need] = {}
    for need in needs:
        standing.setdefault(need.key, need)
    known = {warning.key for warning in stored}
    free = [warning for warning in stored if not _is_within(TRY_AGAIN, warning.claimed_at, now)]
    return Plan(
        begun=tuple(
            StoredWarning(key=key, message=need.message, began_at=now)
            for key, need in standing.items()
            if key not in known
        ),
        passed=tuple(warning for warning in free if warning.mailed_at is None and warning.key not in standing),
        told=tuple(
            News(need=standing[warning.key], began_at=warning.began_at)
            for warning in free
            if warning.mailed_at is None
            and warning.key in standing
            and not _is_within(SETTLED_AFTER, warning.began_at, now)
        ),
        over=tuple(warning for warning in free if warning.mailed_at is not None and warning.key not in standing),
    )


def _is_within(length: timedelta, since: datetime | None, now: datetime) -> bool:
    """True for less than `length` after `since`; what a clock that ran ahead wrote down holds nothing up."""
    return since is not None and timedelta(0) <= now - since < length
