"""One watch's walk back from the newest page: fetching, and a pure decision after each page.

A walk that reaches the bound of its round is kept, and goes on in the next one below the page where it stopped. That
round looks at the newest pages first, so that new posts do not wait for the end of a long walk; but it is the walk
alone that counts as complete, from when its first page was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from urllib.parse import urlsplit

from collector.errors import BudgetSpentError, Condition, SourceError
from collector.model import Depth, Found, Page, Rejection, Walk, WatchKey
from collector.polling.landmarks import PATIENCE, has_passed
from collector.polling.plan import ENOUGH_OLDER, RoundPlan
from collector.sources import Look, Source

KnownIds = Callable[[Sequence[str]], set[str]]


class Step(Enum):
    """What follows a page."""

    GO_ON = "the next page"
    DONE = "the walk has come to its end"
    CIRCLE = "the place shows the same again: that is the end, too, but nobody knows of what"
    LATER = "the bound is reached, or the host's budget spent: the walk goes on next round"


_ENDS = (Step.DONE, Step.CIRCLE)


class Until(Enum):
    """What ends a stretch of pages, beside the server's own end."""

    KNOWN = "a page that holds something known"
    NOTHING_NEW = "a page that holds nothing new"
    HORIZON = "enough posts in a row that are older than the horizon"


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One stretch of a round: from the newest page, or from where an earlier round stopped."""

    cursor: str | None
    until: Until
    horizon: datetime | None
    max_pages: int
    enough_older: int = ENOUGH_OLDER
    bookmark: str | None = None


@dataclass(slots=True)
class Progress:
    """What a leg has met so far."""

    pages: int = 0
    older_in_row: int = 0
    ids: set[str] = field(default_factory=set)
    cursors: set[str] = field(default_factory=set)

    def note(self, leg: Leg, page: Page) -> None:
        """Adds a page."""
        self.pages += 1
        self.older_in_row = count_older(leg, page, self.older_in_row)
        self.ids |= page_ids(page)
        if page.next_cursor:
            self.cursors.add(page.next_cursor)


@dataclass(frozen=True, kw_only=True, slots=True)
class Walked:
    """What a round brought: kept even where an error ended it."""

    found: tuple[Found, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    pages: int = 0
    is_done: bool = False
    walk: Walk | None = None  # where to go on
    condition: Condition = Condition.OK
    message: str = ""  # what is missing, where something is
    account_domain: str | None = None
    bookmark: str | None = None
    is_whole: bool = False  # the walk came to its end, and was shown all there is on its way
    reached_at: datetime | None = None  # how far back it has come: the newest post of its last page
    error: SourceError | None = None
    fresh: int = 0  # ids that this watch had never met
    has_known: bool = False  # it met again what an earlier round had met
    waits_until: datetime | None = None  # the host's budget is spent: the rest is asked for then

    @property
    def ids(self) -> set[str]:
        """The server's own ids of all that was met in this round."""
        return {item.native_id for item in self.found} | {item.native_id for item in self.rejections}


@dataclass(frozen=True, kw_only=True, slots=True)
class _End:
    """How a leg ended."""

    step: Step
    cursor: str | None  # the page that comes next
    error: SourceError | None = None
    waits_until: datetime | None = None


def next_step(
    leg: Leg, progress: Progress, page: Page, *, has_fresh: bool, has_known: bool, is_far: bool = True
) -> Step:
    """Decides after a page, with the progress before it.

    A short or empty page is not the end: servers filter after paging. An absent cursor is, and so is a page that only
    repeats what this leg has met, for a server that ignores the cursor would be asked for ever. `is_far` says that the
    landmarks just above the horizon were met.
    """
    ids = page_ids(page)
    if ids and ids <= progress.ids:
        return Step.CIRCLE
    if page.next_cursor is None:
        return Step.DONE
    if page.next_cursor in progress.cursors | {leg.cursor}:
        return Step.CIRCLE
    if leg.until is not Until.HORIZON and (not has_fresh or (leg.until is Until.KNOWN and has_known)):
        return Step.DONE
    enough = leg.enough_older if is_far else leg.enough_older * PATIENCE
    if leg.until is Until.HORIZON and count_older(leg, page, progress.older_in_row) >= enough:
        return Step.DONE
    return Step.LATER if progress.pages + 1 >= leg.max_pages else Step.GO_ON


def count_older(leg: Leg, page: Page, before: int) -> int:
    """How many posts in a row are older than the horizon at the end of a page; `before` are those ahead of it.

    One alone proves nothing: late and back-dated posts stand among newer ones. A first round, too, meets this many
    before it ends: a hashtag can be quiet for years.
    """
    for item in page.found:
        is_older = leg.horizon is not None and item.post.published_at < leg.horizon
        before = before + 1 if is_older else 0
    return before


def page_ids(page: Page) -> set[str]:
    """The server's own ids on a page."""
    return {item.native_id for item in page.found} | {item.native_id for item in page.rejections}


class Walker:
    """Walks one watch for one round. `is_over` says that there is no time, and no budget, for another page.

    `landmarks` are the native ids of posts that stand just above the horizon (see the module of that name).
    """

    def __init__(
        self,
        source: Source,
        key: WatchKey,
        spellings: frozenset[str],
        known: KnownIds,
        is_over: Callable[[], bool],
        landmarks: frozenset[str] = frozenset(),
    ) -> None:
        self._source = source
        self._key = key
        self._spellings = spellings
        self._known = known
        self._is_over = is_over
        self._landmarks = landmarks
        self._pages: list[Page] = []
        self._fresh: set[str] = set()
        self._has_known = False

    def walk(self, plan: RoundPlan) -> Walked:
        """One round: never more pages than the plan allows, and at least one of a walk that goes on."""
        if plan.resume is None:
            until = Until.NOTHING_NEW if plan.depth is Depth.QUICK else Until.HORIZON
            return self._result(plan, self._follow(_leg(plan, None, until, plan.max_pages)))
        share = 0 if plan.depth is Depth.ALL else plan.max_pages // 2
        if share:
            newest = self._follow(_leg(plan, None, Until.KNOWN, share))
            if newest.error is not None or newest.waits_until is not None:
                return self._result(plan, replace(newest, cursor=plan.resume.cursor))
        rest = plan.max_pages - len(self._pages)
        return self._result(plan, self._follow(_leg(plan, plan.resume.cursor, Until.HORIZON, rest)))

    def _follow(self, leg: Leg) -> _End:
        progress = Progress()
        cursor = leg.cursor
        while True:
            try:
                page = self._source.fetch_page(self._key, _look(leg, cursor))
            except BudgetSpentError as spent:
                return _End(step=Step.LATER, cursor=cursor, waits_until=spent.retry_at)
            except SourceError as error:
                return _End(step=Step.LATER, cursor=cursor, error=error)
            fresh, known = self._sort(page)
            self._fresh |= fresh
            self._has_known = self._has_known or bool(known)
            self._pages.append(page)
            step = next_step(
                leg,
                progress,
                page,
                has_fresh=bool(fresh - progress.ids),
                has_known=bool(known),
                is_far=has_passed(self._landmarks, self._met()),
            )
            progress.note(leg, page)
            if step is Step.GO_ON and self._is_over():
                step = Step.LATER
            if step is not Step.GO_ON:
                return _End(step=step, cursor=page.next_cursor)
            cursor = page.next_cursor

    def _sort(self, page: Page) -> tuple[set[str], set[str]]:
        """The ids never met before, and the others. What does not carry the hashtag is not kept: it is neither."""
        ids = {item.native_id for item in page.rejections} | {
            item.native_id for item in page.found if not self._spellings or item.post.carries(self._spellings)
        }
        known = self._known(sorted(ids)) if ids else set()
        return ids - known, known

    def _result(self, plan: RoundPlan, end: _End) -> Walked:
        if end.error is None and plan.depth is not Depth.ALL and (error := self._unreadable()) is not None:
            return Walked(error=error)
        domains = [page.account_domain for page in self._pages if page.account_domain]
        is_circle = end.step is Step.CIRCLE
        return Walked(
            found=tuple(item for page in self._pages for item in page.found),
            rejections=tuple(item for page in self._pages for item in page.rejections),
            pages=len(self._pages),
            is_done=end.step in _ENDS,
            bookmark=self._pages[0].bookmark if self._pages else None,
            is_whole=end.step is Step.DONE and all(page.is_whole for page in self._pages),
            walk=self._pending(plan, end),
            reached_at=max((item.post.published_at for page in self._pages[-1:] for item in page.found), default=None),
            condition=Condition.HALF_FEED if is_circle else _condition(self._pages),
            message=self._circle() if is_circle else next((page.message for page in self._pages if page.message), ""),
            account_domain=domains[-1] if domains else None,
            error=end.error,
            fresh=len(self._fresh),
            has_known=self._has_known,
            waits_until=end.waits_until,
        )

    def _unreadable(self) -> SourceError | None:
        """What a round comes to that was shown things of which none can be read.

        It brought nothing, then: a place that has changed its ways must not pass for one without posts.
        """
        rejections = [item for page in self._pages for item in page.rejections]
        if not rejections or any(page.found for page in self._pages):
            return None
        message = f"{self._host} shows {len(rejections)} things, of which none can be read: {rejections[0].reason}"
        return SourceError(Condition.UNREADABLE, message)

    def _circle(self) -> str:
        return f"{self._host} shows the same again where it is asked for older posts: they cannot be seen"

    @property
    def _host(self) -> str:
        return urlsplit(self._key.address).netloc

    def _pending(self, plan: RoundPlan, end: _End) -> Walk | None:
        """What is left of the walk for the next round."""
        if end.step in _ENDS or end.cursor is None:
            return None
        return Walk(
            depth=Depth.FULL if plan.depth is Depth.QUICK else plan.depth,
            started_at=plan.resume.started_at if plan.resume else plan.started_at,
            horizon=plan.horizon,
            cursor=end.cursor,
            seen=(plan.resume.seen if plan.resume else 0) + len(self._met()),
        )

    def _met(self) -> set[str]:
        return set[str]().union(*map(page_ids, self._pages))


def _condition(pages: Sequence[Page]) -> Condition:
    """How the newest page was; that something is missing counts wherever it is."""
    conditions = [page.condition for page in pages]
    return Condition.HALF_FEED if Condition.HALF_FEED in conditions else next(iter(conditions), Condition.OK)


def _leg(plan: RoundPlan, cursor: str | None, until: Until, max_pages: int) -> Leg:
    return Leg(
        cursor=cursor,
        until=until,
        horizon=plan.horizon,
        max_pages=max_pages,
        enough_older=plan.enough_older,
        bookmark=plan.bookmark,
    )


def _look(leg: Leg, cursor: str | None) -> Look:
    return Look(cursor=cursor, since=leg.horizon, bookmark=None if cursor else leg.bookmark)
