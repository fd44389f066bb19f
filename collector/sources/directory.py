"""All places that can be asked: those that are configured, opened when they are first needed, and strangers.

A stranger is a post's own place that nobody configured; it is asked as everybody sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from collector.config import Settings, SourceSettings
from collector.errors import UnknownNameError
from collector.model import WatchKey
from collector.sources import Budgets, Setup, Source, make_source
from collector.sources.origins import Origins, OriginSays
from collector.text.addresses import host_address

_STRANGERS = ("mastodon", "wordpress")  # kinds that show a single post to everybody


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A place that may know a post."""

    kind: str
    address: str
    source: Source


class Directory:
    """Keeps sources open between rounds."""

    def __init__(self, settings: Settings, *, user_agent: str, now: Callable[[], datetime], budgets: Budgets) -> None:
        self._settings = settings
        self._user_agent = user_agent
        self._now = now
        self._budgets = budgets
        self._sources: dict[str, Source] = {}  # by name: two sources may share a server and not a token
        self._strangers: dict[tuple[str, str], Source] = {}  # by kind and address
        self._origins: Origins | None = None

    def source_at(self, key: WatchKey) -> Source:
        """The configured source behind a key; UnknownNameError where there is none."""
        return self._open(self._settings.source_for(key))

    def place_of(self, key: WatchKey) -> Source:
        """The place that a watch asks, whether it is configured, was once, or never: posts are added from anywhere."""
        try:
            return self.source_at(key)
        except UnknownNameError:
            return self._nearest(key)

    def who_may_know(self, url: str, stack: ExitStack) -> list[Asked]:
        """The post's own place first, with its token if it is configured; then those that can look a post up.

        A place that nobody configured is tried as each kind that can be asked so, and closed with the stack.
        """
        known = [
            Asked(kind=configured.kind, address=configured.address, source=source)
            for configured in self._settings.sources
            if (source := self._open(configured)).may_know(url)
        ]
        known.sort(key=lambda asked: not asked.source.is_home_of(url))
        if not url.startswith("at://") and not any(asked.source.is_home_of(url) for asked in known):
            known = [*self._unconfigured(url, stack), *known]
        return known

    def ask_origin(self, uri: str) -> OriginSays:
        """Whether a post stands where it was first posted."""
        if self._origins is None:
            self._origins = Origins(
                lambda: map(self._open, self._settings.sources),
                user_agent=self._user_agent,
                now=self._now,
                budgets=self._budgets,
            )
        return self._origins.ask(uri)

    def close(self) -> None:
        """Lets go of every connection."""
        for source in (*self._sources.values(), *self._strangers.values()):
            source.close()
        if self._origins is not None:
            self._origins.close()

    def _nearest(self, key: WatchKey) -> Source:
        for configured in self._settings.sources:
            if (configured.kind, configured.address) == (key.kind, key.address):
                return self._open(configured)
        if key.kind not in _STRANGERS:
            raise UnknownNameError(f"the configuration has no source of the kind {key.kind} at {key.address}")
        label = (key.kind, key.address)
        if label not in self._strangers:
            self._strangers[label] = make_source(key.kind, self._setup_of_stranger(key.address, key.address))
        return self._strangers[label]

    def _unconfigured(self, url: str, stack: ExitStack) -> Iterator[Asked]:
        try:
            address = host_address(url)
        except ValueError as error:
            raise UnknownNameError(f"{url!r} is no address of a post: {error}") from error
        for kind in _STRANGERS:
            source = make_source(kind, self._setup_of_stranger(address, url))
            stack.callback(source.close)
            yield Asked(kind=kind, address=address, source=source)

    def _open(self, configured: SourceSettings) -> Source:
        if configured.name not in self._sources:
            self._sources[configured.name] = make_source(configured.kind, self._setup(configured))
        return self._sources[configured.name]

    def _setup(self, configured: SourceSettings) -> Setup:
        return Setup(
            address=configured.address,
            user_agent=self._user_agent,
            now=self._now,
            url=configured.url,
            collect=configured.collect,
            token=configured.token.get_secret_value() if configured.token else None,
            username=configured.username,
            password=configured.password.get_secret_value() if configured.password else None,
            allow_private=configured.allow_private_network,
            budgets=self._budgets,
        )

    def _setup_of_stranger(self, address: str, url: str) -> Setup:
        return Setup(address=address, user_agent=self._user_agent, now=self._now, url=url, budgets=self._budgets)
