"""One window of one series: its issue built and frozen, or shown as it is or would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.config import SeriesSettings, Settings, WhenEmpty
from collector.config.series import SECTIONS
from collector.digest.assembling import Imprint, assemble
from collector.digest.building import Rules, Surroundings, build_issue
from collector.digest.calendars import CALENDARS, Calendar, calendar_of
from collector.digest.unread import tell_unread
from collector.digest.windows import same_windows_before, weeks_before, window_named, window_of
from collector.errors import Condition, WindowError
from collector.mailing.due import latest_finished, windows_to_open
from collector.mailing.trends import count_posts, gather_trend
from collector.model import Candidate, Choices, Digest, DigestState, Gap, IssuePlan, Unread, Window, gap_of
from collector.storage.choices import find_choices
from collector.storage.database import Connection
from collector.storage.deliveries import mailed_windows
from collector.storage.digests import (
    find_candidates,
    find_known,
    first_dated_at,
    freeze,
    read_plan,
    shown_posts,
    skip,
)
from collector.storage.facts import read_facts
from collector.storage.gaps import find_gaps
from collector.storage.series import (
    StoredSeries,
    StoredWindow,
    add_window,
    ensure_series,
    find_series,
    settle_windows,
    windows_of,
)
from collector.storage.watches import all_watches, due_watches

_YEARS_BACK = 10  # how far an archive is looked through


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """A series with everything that is stored about it: where its issues are made."""

    settings: Settings
    series: SeriesSettings
    stored: StoredSeries | None  # None: it has not begun
    windows: tuple[StoredWindow, ...]
    mailed: frozenset[int]  # the ids of those that went, or are to go, to somebody

    @property
    def zone(self) -> ZoneInfo:
        """Where the series' windows begin now."""
        return ZoneInfo(self.series.timezone)

    @property
    def calendar(self) -> Calendar:
        """How the series cuts time into windows now."""
        return CALENDARS[self.series.cadence]

    def window_named(self, name: str) -> StoredWindow | None:
        """The stored window of that name."""
        return next((stored for stored in self.windows if stored.window.name == name), None)

    def find_window(self, name: str) -> Window:
        """The window of that name, stored or not; WindowError for one that the series can have none of."""
        if stored := self.window_named(name):
            return stored.window
        if calendar_of(name) is not self.calendar:
            raise WindowError(
                f"{name} is no {self.calendar.noun}, and series {self.series.name} is {self.series.cadence}:"
                f" its digests have names such as {self.calendar.example}"
            )
        return window_named(name, self.zone)

    def latest_finished(self, now: datetime) -> Window:
        """The newest window that is over."""
        return latest_finished([stored.window for stored in self.windows], self.zone, self.calendar, now)

    def running(self, now: datetime) -> Window:
        """The window that `now` is in."""
        stored = (stored.window for stored in self.windows if now in stored.window)
        return next(stored, None) or window_of(now, self.zone, self.calendar)

    def with_skipped(self, skipped: StoredWindow) -> Desk:
        """The desk after this window was skipped, without asking: after years there may be hundreds in a row."""
        windows = (
            replace(stored, state=DigestState.SKIPPED) if stored.id == skipped.id else stored for stored in self.windows
        )
        return replace(self, windows=tuple(windows))

    def last_mailed(self, now: datetime) -> StoredWindow | None:
        """The newest window that a reader has heard of; what went out before its time, by a wrong clock, is none."""
        over = (stored for stored in reversed(self.windows) if stored.window.ends_at <= now)
        return next((stored for stored in over if stored.id in self.mailed), None)


def look_up(conn: Connection, settings: Settings, series: SeriesSettings) -> Desk:
    """The series as it stands; nothing is written."""
    stored = find_series(conn, series.name)
    windows = tuple(windows_of(conn, stored.id)) if stored else ()
    mailed = frozenset(mailed_windows(conn, stored.id)) if stored else frozenset[int]()
    return Desk(settings=settings, series=series, stored=stored, windows=windows, mailed=mailed)


def open_windows(conn: Connection, settings: Settings, series: SeriesSettings, now: datetime) -> Desk:
    """The series begun and its windows open up to now."""
    settle_windows(conn, series.name, now)
    stored = ensure_series(conn, series.name, series.topics, now)
    windows = windows_of(conn, stored.id)
    last = windows[-1].window if windows else None
    zone, calendar = ZoneInfo(series.timezone), CALENDARS[series.cadence]
    for window in windows_to_open(stored.started_at, last, zone, calendar, now):
        add_window(conn, stored.id, window)
    return look_up(conn, settings, series)


def close_window(conn: Connection, desk: Desk, stored: StoredWindow, now: datetime) -> DigestState:
    """Builds an open window, or skips it where nothing is in it and the series wants no empty digests."""
    if desk.stored is None:
        raise ValueError("a series that has not begun has no windows to close")
    plan = plan_issue(conn, desk, stored.window)
    if not plan.members and desk.series.when_empty is WhenEmpty.SKIP:
        skip(conn, stored, desk.series.topics, now)
        return DigestState.SKIPPED
    freeze(conn, stored, desk.stored.id, plan, desk.series.topics, now)
    return DigestState.BUILT


def find_members(conn: Connection, desk: Desk, windows: Sequence[Window]) -> set[int]:
    """The posts that would be in the issues of these windows, were they built now."""
    return {member.post_id for window in windows for member in plan_issue(conn, desk, window).members}


def plan_issue(conn: Connection, desk: Desk, window: Window, choices: Choices | None = None) -> IssuePlan:
    """What a window's issue would be, were it built now; with these choices instead of those that were made."""
    series = desk.series
    closed = [
        stored.window
        for stored in desk.windows
        if stored.state is not DigestState.OPEN and stored.window.starts_at < window.starts_at
    ]
    series_id = desk.stored.id if desk.stored else None
    candidates = find_candidates(
        conn,
        series_id,
        series.topics,
        _late_stretches(closed, weeks_before(window, series.late_weeks)),
        with_history=[(window.starts_at, window.ends_at)],
    )
    choices = find_choices(conn, series_id) if choices is None else choices
    is_quiet = sum(candidate.cluster not in choices.left_out for candidate in candidates) <= series.top_posts
    around = Surroundings(
        closed=closed,
        previous_posts=_previous_posts(conn, desk, window),
        unread=_unread(conn, series, window),
        archive=_archive(conn, desk, window) if is_quiet else (),
        trend=gather_trend(conn, series.topics, desk.windows, window, series_id),
        known=_known(conn, series, window, candidates) if "new_voices" in series.sections else None,
        choices=choices,
    )
    return build_issue(window, candidates, _rules(desk), around)


def _rules(desk: Desk) -> Rules:
    series, stored = desk.series, desk.stored
    starts = stored.topic_starts if stored else {}
    later = {topic: start for topic, start in starts.items() if stored and start > stored.started_at}
    spellings = frozenset[str]().union(*(desk.settings.spellings(topic) for topic in series.topics))
    return Rules(late_weeks=series.late_weeks, top_posts=series.top_posts, spellings=spellings, topic_starts=later)


def _late_stretches(closed: Sequence[Window], oldest: datetime) -> list[tuple[datetime, datetime]]:
    """The closed windows in which a late post may be dated; those that touch are one stretch, and so one question."""
    stretches: list[tuple[datetime, datetime]] = []
    for window in closed:
        starts_at = max(window.starts_at, oldest)
        if stretches and stretches[-1][1] == starts_at:
            stretches[-1] = (stretches[-1][0], window.ends_at)
        elif window.ends_at > starts_at:
            stretches.append((starts_at, window.ends_at))
    return stretches


def _previous_posts(conn: Connection, desk: Desk, window: Window) -> int | None:
    """How many the window before had; None where the series had not begun by then, or had another cadence."""
    for stored in desk.windows:
        if stored.window.ends_at == window.starts_at and calendar_of(stored.window.name) is calendar_of(window.name):
            return count_posts(conn, desk.series.topics, stored, desk.stored.id if desk.stored else None)
    return None


def _known(conn: Connection, series: SeriesSettings, window: Window, candidates: Sequence[Candidate]) -> frozenset[int]:
    return find_known(conn, {post.post_id for post in candidates}, series.topics, window.starts_at)


def is_unread(conn: Connection, series: SeriesSettings, window: Window, now: datetime) -> bool:
    """True where a watch that is about to be asked was not asked since the window ended: after a sleep, say."""
    due = due_watches(conn, now, dict.fromkeys(series.topics, window.ends_at))
    asked_at = [watch.state.last_round_at for watch in due if watch.key.topic in series.topics]
    return any(at is None or not window.ends_at <= at <= now for at in asked_at)


def _unread(conn: Connection, series: SeriesSettings, window: Window) -> tuple[Unread, ...]:
    """What could not be read in the window; what has failed since then only for a short time is no gap yet."""
    gaps = find_gaps(conn, since=window.starts_at, until=window.ends_at, topics=series.topics)
    told = {gap.watch_id for gap in gaps if gap.gap.ends_at is None and gap.gap.reason != Condition.HALF_FEED}
    failing = [
        gap_of(watch, Gap(starts_at=watch.state.failing_since, reason=str(watch.state.condition or "")))
        for watch in all_watches(conn)
        if watch.state.failing_since
        and watch.state.failing_since < window.ends_at
        and watch.key.topic in series.topics
        and not watch.is_retired
        and watch.id not in told
    ]
    return tell_unread([*gaps, *failing])


def _archive(conn: Connection, desk: Desk, window: Window) -> list[Candidate]:
    """The posts of the same day, week or month in earlier years."""
    first = first_dated_at(conn, desk.series.topics)
    if first is None or first >= window.starts_at:
        return []
    earlier = list(same_windows_before(window, first))[:_YEARS_BACK]
    stretches = [(one.starts_at, one.ends_at) for one in earlier]
    return find_candidates(conn, None, desk.series.topics, [], with_history=stretches)


def show_window(conn: Connection, desk: Desk, stored: StoredWindow | None, name: str) -> Digest:
    """The digest of the window of that name: as it was built, or as it would be."""
    window = stored.window if stored else desk.find_window(name)
    state = stored.state if stored else DigestState.OPEN
    if stored is not None and state is DigestState.BUILT:
        plan, topics = read_plan(conn, stored), stored.topics or desk.series.topics
    elif state is DigestState.SKIPPED:
        plan, topics = build_issue(window, [], _rules(desk), Surroundings()), desk.series.topics
    else:
        plan, topics = plan_issue(conn, desk, window), desk.series.topics
    ids = [member.post_id for member in plan.members] + [key for _, keys in plan.facts.references for key in keys]
    posts = shown_posts(conn, ids, topics, desk.stored.id if desk.stored else None)
    return assemble(plan, posts, _imprint(desk, stored, window, topics), state)


def _imprint(desk: Desk, stored: StoredWindow | None, window: Window, topics: Sequence[str]) -> Imprint:
    settings = desk.settings
    asked = [source for source in settings.sources if set(source.topics) & set(topics)]
    return Imprint(
        series=desk.series.name,
        topics=tuple(settings.display(topic) for topic in _in_order(topics, desk.series.topics)),
        subject=desk.series.subject_of(calendar_of(window.name).cadence),
        words=desk.series.words,
        contact=settings.collector.contact,
        sources=tuple(dict.fromkeys(source.place for source in asked)),
        open_places=tuple(dict.fromkeys(source.place for source in asked if source.takes_everything)),
        missed=_missed(desk, stored),
        opening=desk.series.opening or "",
        closing=desk.series.closing or "",
        switched_off=frozenset(SECTIONS).difference(desk.series.sections),
    )


def _in_order(topics: Sequence[str], configured: Sequence[str]) -> list[str]:
    """As the series has them now; what it had only when the digest was built comes last."""
    return sorted(topics, key=lambda topic: configured.index(topic) if topic in configured else len(configured))


def _missed(desk: Desk, stored: StoredWindow | None) -> tuple[tuple[str, int], ...]:
    """The earlier digests that were built in the same moment, after a pause, and not mailed: (name, posts)."""
    if stored is None or stored.closed_at is None:
        return ()
    return tuple(
        (other.window.name, read_facts(other.facts).totals.posts)
        for other in desk.windows
        if other.state is DigestState.BUILT
        and other.facts
        and other.closed_at == stored.closed_at
        and other.window.starts_at < stored.window.starts_at
        and other.id not in desk.mailed
    )
