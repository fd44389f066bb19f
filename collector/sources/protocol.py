"""What a source is, what it is made from, and what it says of itself when it is checked.

A kind is one class, named in the entry points of its package under the group `collector.sources`; those in here are no
different. A class that only fetches pages is a whole source: everything else has a default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from collector.config.kinds import SourceForm
from collector.errors import Condition, SourceError
from collector.model import Found, Page, Rejection, WatchKey
from collector.sources.budgets import Budgets
from collector.text.addresses import same_host


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
    url: str = ""  # the page that is configured, for a kind whose form says so
    collect: str = ""  # what is wanted of it, one of the form's `collects`
    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    allow_private: bool = False  # True: the server may stand on loopback or in a private network
    limits: Limits = Limits()
    budgets: Budgets | None = None  # what hosts may still be asked; None: as often as the source likes


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """Which page is wanted. A source may leave aside everything but the cursor."""

    cursor: str | None = None  # where the page before said to go on; None: the newest page
    since: datetime | None = None  # nothing older is looked for; None: everything is
    bookmark: str | None = None  # what the source's last newest page asked to be given back, such as an ETag
    limit: int | None = None  # posts on the page; None: as many as the source likes


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


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedUp:
    """What a place says of posts that it showed before. Of those named in none of these it cannot tell just now."""

    found: tuple[Found, ...] = ()  # still shown, as they are now
    gone: frozenset[str] = frozenset()  # native ids: not public any more, for sure
    away: frozenset[str] = frozenset()  # native ids: their author's account is switched off, and may come back
    error: SourceError | None = None  # what ended the asking early; what was found out before stays true


class Source(ABC):
    """A place that posts come from. Everything it raises is a SourceError; it may be used from any thread."""

    form: ClassVar[SourceForm] = SourceForm()
    reads_all: ClassVar[bool] = False  # True: a first and a deep round go to the end of what it holds, however old
    walks_authors: ClassVar[bool] = False  # True: `fetch_by_author` gives what one author posted with a hashtag
    enough_older: ClassVar[int] = 40  # posts older than the horizon, in a row, that end a deep round

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    @abstractmethod
    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        """Gives one page, newest first. Posts need not carry the hashtag: whoever keeps them checks that."""

    @property
    def looks_up(self) -> int:
        """How many posts one request of `look_up` asks about; 0: this kind cannot be asked about posts by their ids."""
        return 0

    def look_up(
        self,
        key: WatchKey,  # noqa: ARG002
        native_ids: Sequence[str],  # noqa: ARG002
        of_shown: Collection[str] = (),  # noqa: ARG002
    ) -> LookedUp:
        """Asks about posts met before: are they still there, and how are they now. Never raises a SourceError.

        `of_shown` are those among them whose authors' other posts the place shows to everybody just now.

        What cannot be asked just now is not gone; what is shown without the watch's hashtag lost it by an edit.
        """
        return LookedUp()

    def fetch_by_author(self, key: WatchKey, handle: str, cursor: str | None) -> Page:  # noqa: ARG002
        """Gives one page of what an author posted with the watch's hashtag, newest first; empty for a stranger."""
        return Page(found=())

    def is_home_of(self, url: str) -> bool:
        """Whether the post that a person sees at this address stands in this very place."""
        return same_host(url, self.setup.address)

    def may_know(self, url: str) -> bool:
        """Whether the post that a person sees at this address may be shown here."""
        return self.is_home_of(url)

    def fetch_post(self, url: str) -> Found:
        """Gives the one post that a person sees at this address."""
        raise SourceError(Condition.NO_SUCH_API, f"{self.setup.address} cannot be asked for the single post at {url}")

    def probe(self, key: WatchKey) -> Probe:
        """Looks whether this watch can be read; what is wrong is told, not raised."""
        try:
            page = self.fetch_page(key, Look(limit=1))
        except SourceError as error:
            return Probe(address=self.setup.address, condition=error.condition, message=str(error))
        return Probe(address=self.setup.address, condition=page.condition, message=f"{self.setup.address} can be read")

    def recall(self, memory: Mapping[str, Any]) -> None:  # noqa: B027 (most sources learn nothing)
        """Takes over what another process learned of the place; whatever cannot be used is left aside."""

    def memory(self) -> dict[str, Any]:
        """What other processes are to know of the place: a few values of JSON, none of them secret."""
        return {}

    @classmethod
    def read_kept(
        cls,
        raw: Mapping[str, Any],  # noqa: ARG003
        key: WatchKey,
        account_domain: str | None,  # noqa: ARG003
    ) -> Found | Rejection | None:
        """Reads a raw answer that was kept, as `fetch_page` would; None: it is not one that counts.

        ValueError where this kind cannot.
        """
        raise ValueError(f"no answers of the kind {key.kind} can be read")

    def close(self) -> None:  # noqa: B027 (not every source has something open)
        """Gives back its connections."""
