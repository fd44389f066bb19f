"""What a `[[source]]` of each kind may say: read off the kind's class, which a package names in its entry points.

The classes are found by name and loaded when a configuration uses them, so that this room need not know any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "collector.sources"


class Asks(Enum):
    """What a watch of a kind asks its place for."""

    SPELLING = "one spelling of a hashtag: each has a watch of its own"
    TOPIC = "all there is: what carries no spelling of the topic is left out here"
    EVERYTHING = "all there is, and all of it counts for the topic"


@dataclass(frozen=True, kw_only=True, slots=True)
class Watching:
    """One thing that is watched at a place."""

    asks: Asks = Asks.SPELLING
    part: str | None = None  # what is added to the page's address to name it; None: the server as a whole


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceForm:
    """Which keys of a `[[source]]` a kind takes beside those that all have."""

    is_page: bool = False  # `url` may be any page; otherwise it is a server's address
    accepts: frozenset[str] = frozenset()  # of token, username, password
    needs: frozenset[str] = frozenset()  # those that have to be there
    collects: Mapping[str, tuple[Watching, ...]] = field(default_factory=lambda: {"hashtag": (Watching(),)})

    @property
    def default_collect(self) -> str:
        """What `collect` means where the file is silent: the first that is accepted."""
        return next(iter(self.collects))


@cache
def _entries() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def known_kinds() -> tuple[str, ...]:
    """The names of all kinds that are installed, in alphabetical order."""
    return tuple(sorted(_entries()))


@cache
def load_kind(name: str) -> Any:
    """The class of that kind; ValueError where no installed package has one, or it cannot be loaded."""
    entry = _entries().get(name)
    if entry is None:
        raise ValueError("no such kind")
    try:
        return entry.load()
    except Exception as error:
        raise ValueError(f"cannot be loaded: {entry.value}: {error}") from error


def form_of(name: str) -> SourceForm:
    """What that kind takes; ValueError as in `load_kind`."""
    form = getattr(load_kind(name), "form", None)
    if not isinstance(form, SourceForm):
        raise ValueError("its class has no form")  # noqa: TRY004 (one kind of error, whatever is wrong with a plug-in)
    return form
