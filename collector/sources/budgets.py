"""How much may be asked of a host: counted over all that asks it, and kept well below what servers allow.

Mastodon lets one address make 300 requests in 5 minutes, and 300 in 15 minutes of those that page by ids; other servers
allow no less. What is used up makes a walk wait for its turn, which is no failure.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from collector.errors import BudgetSpentError
from collector.model import Spent
from collector.sources.answers import rate_limit
from collector.text.addresses import host_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """So many requests in so much time."""

    requests: int
    within: timedelta


ALL = Limit(requests=300, within=timedelta(minutes=5))
PAGING = Limit(requests=300, within=timedelta(minutes=15))
ROOM = 30  # of either limit, left to others behind the same address, and to a second process of ours
ENOUGH = 5  # requests that one page of a source may take: with fewer left none is begun
SPARE = 30  # what a backfill leaves to the ordinary rounds

_MINUTE = timedelta(minutes=1)
_PAGING_KEYS = {"max_id", "min_id", "since_id"}


def requests_left(spent: Spent, now: datetime, *, paging: bool) -> int:
    """How many requests may still be made of a host now; `paging`: of those that page by ids."""
    left = ALL.requests - ROOM - spent.within(ALL.within, now).requests
    if paging:
        left = min(left, PAGING.requests - ROOM - spent.within(PAGING.within, now).paging)
    return max(0, left)


def allows_page(spent: Spent, now: datetime, *, paging: bool, spare: int = 0) -> bool:
    """Whether another page may be begun, and this much still be left."""
    left, pages_left = (requests_left(spent, now, paging=one) for one in (False, True))
    return left >= ENOUGH + spare and (not paging or pages_left > spare)


def waits_until(spent: Spent, now: datetime, *, paging: bool = False, spare: int = 0) -> datetime | None:
    """When a page may be begun again; None: now."""
    if allows_page(spent, now, paging=paging, spare=spare):
        return None
    ends = sorted(minute + limit.within + _MINUTE for minute in spent.minutes for limit in (ALL, PAGING))
    return next(
        (end for end in ends if end > now and allows_page(spent, end, paging=paging, spare=spare)), now + _MINUTE
    )


def describe_use(spent: Spent, now: datetime) -> str:
    """ "270 of 300 requests in 5 minutes", and how many of them page, where any does."""
    used, paging = spent.within(ALL.within, now).requests, spent.within(PAGING.within, now).paging
    words = f"{used} of {ALL.requests} requests in {ALL.within // _MINUTE} minutes"
    return words + (f", {paging} of {PAGING.requests} further pages in {PAGING.within // _MINUTE}" if paging else "")


def pages_by_id(url: str) -> bool:
    """Whether a request counts for the limit on paging."""
    return not _PAGING_KEYS.isdisjoint(parse_qs(urlsplit(url).query))


def _host(url: str) -> str:
    """The host as watches name it; as it stands, where no watch could."""
    try:
        return host_address(url)
    except ValueError:
        return url.partition("?")[0]


class Budgets:
    """What each host was asked lately, for all sources of this process. May be used from any thread."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._stored: dict[str, Spent] = {}  # as the database has it: by this process and others
        self._unsaved: dict[str, Spent] = {}
        self._lock = threading.Lock()

    def left(self, address: str, *, paging: bool = False) -> int:
        """How many requests may still be made of this host now; `paging`: of those that page by ids."""
        return requests_left(self._spent(address), self._now(), paging=paging)

    def waits_until(self, address: str, *, paging: bool = False, spare: int = 0) -> datetime | None:
        """When this host may be asked for a page again, and this much still be left; None: now."""
        return waits_until(self._spent(address), self._now(), paging=paging, spare=spare)

    def spend(self, url: str) -> None:
        """Counts a request that is about to be made; BudgetSpentError where it has to wait."""
        address, paging, now = _host(url), pages_by_id(url), self._now()
        with self._lock:
            spent = self._sum(address)
            if requests_left(spent, now, paging=paging):
                self._unsaved[address] = self._unsaved.get(address, Spent()) + Spent.at(now, paging=int(paging))
                return
        retry_at = waits_until(spent, now, paging=paging) or now + _MINUTE
        message = f"{urlsplit(url).netloc} waits until {retry_at:%H:%M} UTC: {describe_use(spent, now)}"
        raise BudgetSpentError(message, retry_at=retry_at)

    def note(self, url: str, headers: Mapping[str, str]) -> None:
        """Heeds what a server says is left: others may ask it from the same address.

        What it counts and we do not know of is taken as asked so long ago that it ends when the server says.
        """
        now = self._now()
        told = rate_limit(headers, now)
        if told is None:
            return
        address = _host(url)
        with self._lock:
            used = self._sum(address).within(ALL.within, now).requests
            more = round(ALL.requests * told.used) - used
            if more > 0:
                at = min(now, told.reset_at - ALL.within - _MINUTE)
                self._unsaved[address] = self._unsaved.get(address, Spent()) + Spent.at(at, more)

    def load(self, stored: Mapping[str, Spent]) -> None:
        """Takes over what the database has."""
        with self._lock:
            self._stored = dict(stored)

    def unsaved(self) -> dict[str, Spent]:
        """What the database does not have yet."""
        with self._lock:
            return {address: spent for address, spent in self._unsaved.items() if spent}

    def saved(self, more: Mapping[str, Spent], stored: Mapping[str, Spent]) -> None:
        """`more` is in the database now, which has `stored` of its hosts."""
        with self._lock:
            self._stored |= stored
            for address, spent in more.items():
                self._unsaved[address] = self._unsaved[address] - spent

    def _spent(self, address: str) -> Spent:
        with self._lock:
            return self._sum(address)

    def _sum(self, address: str) -> Spent:
        return self._stored.get(address, Spent()) + self._unsaved.get(address, Spent())
