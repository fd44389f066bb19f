"""The place where a post was first posted, asked whether it still stands there.

Servers drop what they hold of other servers' posts as they like. Only a post's own place knows whether its author took
it back, and only where it answers, and is no empty shell, does its "no" count.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from collector.errors import BudgetSpentError, Condition, SourceError
from collector.sources.answers import Answer
from collector.sources.budgets import Budgets
from collector.sources.protocol import Limits, Source
from collector.text.addresses import is_web_address

_ACTIVITY = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
_LIFE_HOLDS = timedelta(hours=24)
_SILENCE_HOLDS = timedelta(minutes=10)


class OriginSays(StrEnum):
    """What a post's own place says."""

    SHOWN = "it is there"
    GONE = "there is no such post"
    UNKNOWN = "nothing that can be relied on"
    LATER = "nothing yet: it was asked enough for now"


class Origins:
    """Asks the sources that are configured about their own posts, and everybody else by the posts' addresses."""

    def __init__(
        self,
        sources: Callable[[], Iterable[Source]],
        *,
        user_agent: str,
        now: Callable[[], datetime],
        allow_private: bool = False,
        budgets: Budgets | None = None,
    ) -> None:
        from collector.sources.web import WebClient  # httpx takes its time to import

        self._sources = sources
        self._now = now
        self._web = WebClient(user_agent=user_agent, allow_private=allow_private, limits=Limits(), budgets=budgets)
        self._lock = threading.Lock()
        self._alive: dict[str, tuple[bool, datetime]] = {}  # by host: it runs a server of the network, until when
        self._silent: dict[str, datetime] = {}  # hosts in trouble: until when they are left alone

    def ask(self, uri: str) -> OriginSays:
        """Whether the post with this address is there. Never raises a SourceError."""
        home = next((source for source in self._sources() if source.is_home_of(uri)), None)
        try:
            return _ask_source(home, uri) if home else self._ask_stranger(uri)
        except BudgetSpentError:
            return OriginSays.LATER
        except SourceError:
            return OriginSays.UNKNOWN

    def close(self) -> None:
        """Gives back its connections."""
        self._web.close()

    def _ask_stranger(self, uri: str) -> OriginSays:
        if not is_web_address(uri):
            return OriginSays.UNKNOWN
        with self._lock:
            answer = self._get(uri)
            if answer is None:
                return OriginSays.UNKNOWN
            if answer.moved_to is not None:
                return OriginSays.UNKNOWN
            if answer.status == 404:
                return OriginSays.GONE if self._is_alive(uri) else OriginSays.UNKNOWN
        return judge_activity(answer)

    def _get(self, uri: str) -> Answer | None:
        """What a post's address answers; None where its host cannot be reached just now, or wants to be left alone."""
        host = urlsplit(uri).netloc
        if self._now() < self._silent.get(host, self._now()):
            return None
        try:
            answer = self._web.get(uri, {"Accept": _ACTIVITY})
        except BudgetSpentError:
            raise
        except SourceError:
            answer = None
        if answer is None or answer.status == 429 or answer.status >= 500:
            self._silent[host] = self._now() + _SILENCE_HOLDS
        return answer

    def _is_alive(self, uri: str) -> bool:
        """Whether a server of the network runs there: a host that was given up says "not found" to everything."""
        parts = urlsplit(uri)
        known, until = self._alive.get(parts.netloc, (False, self._now()))
        if self._now() < until:
            return known
        answer = self._web.get(f"{parts.scheme}://{parts.netloc}/.well-known/nodeinfo")
        is_alive = answer.status == 200 and isinstance(_json(answer), dict)
        self._alive[parts.netloc] = (is_alive, self._now() + _LIFE_HOLDS)
        return is_alive


def judge_activity(answer: Answer) -> OriginSays:
    """What an answer at a post's own address says, apart from "not found"."""
    if answer.status == 410:
        return OriginSays.GONE
    told = _json(answer) if answer.status == 200 else None
    if not isinstance(told, dict) or "type" not in told:
        return OriginSays.UNKNOWN
    return OriginSays.GONE if told["type"] == "Tombstone" else OriginSays.SHOWN


def _ask_source(source: Source, uri: str) -> OriginSays:
    try:
        source.fetch_post(uri)
    except BudgetSpentError:
        raise
    except SourceError as error:
        is_clear = error.condition is Condition.NO_POSTS and error.status in {404, 410}  # and not "there is no API"
        return OriginSays.GONE if is_clear else OriginSays.UNKNOWN
    return OriginSays.SHOWN


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
