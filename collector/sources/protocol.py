"""What a source is, what it is made from, and what it says of itself when it is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from collector.errors import Condition
from collector.model import Found, Page, WatchKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much and how long one answer of a server may be."""

    body_bytes: int = 24 * 1024 * 1024  # as sent and again when decompressed; a page of 40 posts has 0.1 to 12 MB
    connect_seconds: float = 5
    silence_seconds: float = 10  # between two pieces of an answer
    answer_seconds: float = 30  # for the whole of it, redirects included
    redirects: int = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What a source is made from."""

    address: str  # scheme://host[:port]
    user_agent: str
    now: Callable[[], datetime]
    token: str | None = field(default=None, repr=False)
    allow_private: bool = False  # True: the server may stand on loopback or in a private network
    limits: Limits = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """How a source is, as `check` shows it: `message` is one line for a person."""

    address: str
    condition: Condition
    message: str
    needs_token: bool | None = None  # None: not known
    title: str = ""
    version: str = ""
    rules_url: str | None = None


class Source(Protocol):
    """A place that posts come from. Everything it raises is a SourceError; it may be used from any thread."""

    def fetch_page(self, key: WatchKey, cursor: str | None, limit: int = 40) -> Page:
        """Gives one page, newest first; without a cursor the newest. Posts need not carry the hashtag: check them."""
        ...

    def fetch_post(self, url: str) -> Found:
        """Gives the one post that a person sees at this address."""
        ...

    def probe(self, hashtag: str) -> Probe:
        """Looks whether this hashtag can be read here; what is wrong is told, not raised."""
        ...

    def close(self) -> None:
        """Gives back its connections."""
        ...
