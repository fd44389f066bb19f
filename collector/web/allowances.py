"""How much one client may ask of what costs something: a purse that fills again over time.

Plain pages are free: they are cheap, and many people may share one address. What writes, sends mail or searches is not.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.web.refusing import Refusal

MOST_PURSES = 20_000  # clients remembered at a time, a few megabytes; the one that was away longest is forgotten first


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What a purse holds when it is full, and how long one more takes to come."""

    name: str
    most: int
    every: timedelta


# A room full of people may share one address. Letters are bounded by themselves, for each mailbox and in all.
POSTS = Allowance(name="posts", most=60, every=timedelta(seconds=1))
SIGN_UPS = Allowance(name="sign-ups", most=20, every=timedelta(minutes=1))
SEARCHES = Allowance(name="searches", most=60, every=timedelta(seconds=1))
DOWNLOADS = Allowance(name="downloads", most=60, every=timedelta(seconds=1))
FEEDS = Allowance(name="feeds", most=120, every=timedelta(seconds=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Purse:
    """What was left at a moment."""

    left: float
    at: datetime


def take(purse: Purse | None, allowance: Allowance, now: datetime) -> tuple[Purse, timedelta]:
    """The purse after one was taken, and how long to wait first: nothing where one was there.

    None is a full purse. A clock that was put back fills nothing and takes nothing away.
    """
    left = float(allowance.most)
    if purse is not None:
        gained = max(timedelta(), now - purse.at) / allowance.every
        left = min(left, purse.left + gained)
    if left >= 1:
        return Purse(left=left - 1, at=now), timedelta()
    return Purse(left=left, at=now), (1 - left) * allowance.every


class Purses:
    """The purses of all clients; several threads ask."""

    def __init__(self, most: int = MOST_PURSES) -> None:
        self._most = most
        self._purses: OrderedDict[tuple[str, str], Purse] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, allowance: Allowance, client: str, now: datetime) -> None:
        """Takes one; Refusal where the client has to wait first."""
        key = allowance.name, name_client(client)
        with self._lock:
            self._purses[key], wait = take(self._purses.pop(key, None), allowance, now)
            while len(self._purses) > self._most:
                self._purses.popitem(last=False)
        if wait:
            raise Refusal(429, wait=wait)


def name_client(address: str) -> str:
    """Whose purse it is: in IPv6 somebody has a whole network of addresses, of which the first half tells it apart."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
