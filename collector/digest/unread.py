"""What could not be read, told of places: the gaps of all watches of a source in one, and in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.errors import Condition
from collector.model import NOT_HELD, NOT_RUNNING, Unread, WatchGap, Window
from collector.words import Words

_FATES = ("unread_late", "unread_found", "unread_missing")
_PARTS = {str(Condition.HALF_FEED): "unread_half", NOT_HELD: "unread_short"}
_CLOSE = timedelta(hours=1)  # stretches no further apart are one; of two fates, those that overlap by more
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def tell_unread(gaps: Iterable[WatchGap]) -> tuple[Unread, ...]:
    """The gaps of many watches as the stretches of places: the collector's own first, then in order of time."""
    stories: dict[tuple[str, str], list[Unread]] = {}
    for gap in sorted(gaps, key=lambda gap: gap.gap.starts_at):
        told = _told(gap)
        stretches = stories.setdefault((told.place, _clause(told)), [])
        if stretches and _is_one(stretches[-1], told):
            stretches[-1] = _joined(stretches[-1], told)
        else:
            stretches.append(told)
    everything = (stretch for stretches in stories.values() for stretch in stretches)
    return tuple(sorted(everything, key=lambda told: (told.place != "", told.starts_at, told.place)))


def describe_unread(
    words: Words, unread: Sequence[Unread], window: Window, most: int, cut: Callable[[str], str]
) -> str:
    """In sentences: what may arrive late, what was found since, and what is missing; `most` places in each."""
    fates: dict[str, dict[tuple[str, str], list[Unread]]] = {fate: {} for fate in _FATES}
    for told in unread:
        fates[_fate(told)].setdefault((told.place, _clause(told)), []).append(told)
    return " ".join(
        words.say(
            fate, clauses=words.join_some([_say_story(words, story, cut, window) for story in found.items()], most)
        )
        for fate, found in fates.items()
        if found
    )


def _say_story(
    words: Words, story: tuple[tuple[str, str], Sequence[Unread]], cut: Callable[[str], str], window: Window
) -> str:
    (place, clause), stretches = story
    return words.say(clause, place=cut(place), when=_when(words, stretches, window))


def _told(gap: WatchGap) -> Unread:
    return Unread(
        place="" if gap.gap.reason == NOT_RUNNING else gap.source,
        starts_at=gap.gap.starts_at,
        ends_at=gap.gap.ends_at,
        is_caught_up=gap.gap.caught_up_at is not None,
        reason=gap.gap.reason,
        message=gap.gap.message,
    )


def _is_one(first: Unread, second: Unread) -> bool:
    if first.ends_at is None:
        return True
    have_one_fate = first.is_caught_up == second.is_caught_up
    may_touch = have_one_fate and first.reason != NOT_RUNNING  # a look every six hours is no week without one
    return second.starts_at <= first.ends_at + (_CLOSE if may_touch else -_CLOSE)


def _joined(first: Unread, second: Unread) -> Unread:
    ends_at = max(first.ends_at, second.ends_at) if first.ends_at and second.ends_at else None
    return replace(first, ends_at=ends_at, is_caught_up=first.is_caught_up and second.is_caught_up)


def _clause(told: Unread) -> str:
    return "unread_stopped" if not told.place else _PARTS.get(told.reason, "unread_place")


def _fate(told: Unread) -> str:
    if told.is_caught_up:
        return "unread_found"
    return "unread_missing" if told.reason in _PARTS else "unread_late"


def _when(words: Words, stretches: Sequence[Unread], window: Window) -> str:
    zone = ZoneInfo(window.timezone)
    first, last = stretches[0].starts_at, stretches[-1].ends_at
    start = _name(words, first, window, zone)
    if last is None:
        return words.say("when_since", start=start)
    end = _name(words, last, window, zone)
    if len(stretches) > 1:
        return words.say("when_often", times=words.count("times", len(stretches)), start=start, end=end)
    if last - first >= _DAY:
        return words.say("when_days", start=start, end=end)
    clocks = {"start": f"{first.astimezone(zone):%H:%M}", "end": f"{last.astimezone(zone):%H:%M}"}
    if first.astimezone(zone).date() == last.astimezone(zone).date():
        return words.say("when_hours", day=start, **clocks)
    return words.say("when_days", start=f"{start} {clocks['start']}", end=f"{end} {clocks['end']}")


def _name(words: Words, instant: datetime, window: Window, zone: ZoneInfo) -> str:
    """Its weekday, where the window has no other of that name; else with its date."""
    day = instant.astimezone(zone).date()
    return words.days[day.weekday()] if _is_in(day, window, zone) else words.name_day(day)


def _is_in(day: date, window: Window, zone: ZoneInfo) -> bool:
    starts_at, ends_at = window.starts_at.astimezone(zone), window.ends_at.astimezone(zone)
    return starts_at.date() <= day < ends_at.date() and ends_at.date() - starts_at.date() <= _WEEK
