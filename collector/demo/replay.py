"""The recordings, and two servers that play them as if they had been posted last week.

`recordings/` holds statuses and instance documents as a GoToSocial 0.20 and a Takahē 0.11 server gave them, with
these changes: hosts are called fedi.example and commons.example, people have display names (and other names on the
second server), days, times and counts are set to those of a lively week, and a description that was written to
trouble spreadsheets is cut short. One post of fedi.example is held by both servers, under two ids.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from collector.demo.fediverse import GOTOSOCIAL, TAKAHE, Dialect, Site, Status, fold_hashtag
from collector.demo.server import listening
from collector.digest.windows import shift_weeks, week_window, window_of

_RECORDED_MONDAY = date(2026, 11, 16)  # the week that the recordings' days and times belong to
_PAGE_LIMIT = 15  # fewer than clients ask for, as some servers do: the demo walks over several pages


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoServer:
    """One of the demo's servers, as a configuration names it."""

    name: str
    address: str
    token: str | None  # what it wants to be shown, if anything


@contextmanager
def start_servers(now: datetime, zone: ZoneInfo) -> Iterator[tuple[DemoServer, DemoServer]]:
    """Two servers on loopback while the block runs, whose posts fall into the week that ended last before `now`.

    The first speaks as GoToSocial and wants a token, the second as Takahē and is open to anybody.
    """
    week_start = week_window(shift_weeks(window_of(now, zone).name, -1), zone).starts_at
    token = "shown-on-loopback-only"  # noqa: S105 (it opens nothing but the demo)
    first = _load_site("gotosocial", GOTOSOCIAL, week_start, zone, token=token)
    second = _load_site("takahe", TAKAHE, week_start, zone, token=None)
    with listening(first.answer) as fedi, listening(second.answer) as commons:
        yield (
            DemoServer(name="fedi.example", address=fedi.address, token=token),
            DemoServer(name="commons.example", address=commons.address, token=None),
        )


def shift_dates(statuses: Iterable[Status], week_start: datetime, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The recorded statuses, moved to the week that begins at `week_start`.

    A recorded time is the time on a clock in `zone`: a post of Tuesday 09:41 stays one, also in a week in which the
    clocks change. Order and distances in days stay too, so what was posted a week earlier still is.
    """
    monday = week_start.astimezone(zone).date()
    return [_move_status(status, monday, zone) for status in statuses]


def _load_site(name: str, dialect: Dialect, week_start: datetime, zone: ZoneInfo, *, token: str | None) -> Site:
    statuses = shift_dates(_read_recording(name), week_start, zone)
    return Site(
        dialect=dialect,
        documents=_read_recording(f"{name}-instance"),
        timelines=_by_hashtag(statuses),
        statuses={status["id"]: status for status in statuses},
        token=token,
        page_limit=_PAGE_LIMIT,
    )


def _read_recording(name: str) -> Any:
    return json.loads(files("collector.demo").joinpath("recordings", f"{name}.json").read_text(encoding="utf-8"))


def _by_hashtag(statuses: Sequence[Status]) -> Mapping[str, Sequence[Status]]:
    timelines: dict[str, list[Status]] = defaultdict(list)
    for status in statuses:
        for hashtag in {fold_hashtag(tag["name"]) for tag in status["tags"]}:
            timelines[hashtag].append(status)
    return dict(timelines)


def _move_status(status: Status, monday: date, zone: ZoneInfo) -> dict[str, Any]:
    moved = dict(status)
    moved["created_at"] = _move_instant(status["created_at"], monday, zone)
    if status["edited_at"]:
        moved["edited_at"] = _move_instant(status["edited_at"], monday, zone)
    if status["poll"]:
        moved["poll"] = {**status["poll"], "expires_at": _move_instant(status["poll"]["expires_at"], monday, zone)}
    return moved


def _move_instant(recorded: str, monday: date, zone: ZoneInfo) -> str:
    wall_clock = datetime.fromisoformat(recorded).replace(tzinfo=None) + (monday - _RECORDED_MONDAY)
    moved = wall_clock.replace(tzinfo=zone).astimezone(UTC)
    return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")
