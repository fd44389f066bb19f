"""The recordings, and four servers that play them as if it all had been written last week.

`recordings/` holds statuses and instance documents as a GoToSocial 0.20 and a Takahē 0.11 server gave them, with
these changes: hosts are called fedi.example and commons.example, people have display names (and other names on the
second server), days, times and counts are set to those of a lively week, and a description that was written to
trouble spreadsheets is cut short. One post of fedi.example is held by both servers, under two ids.

The comments under a post of a blog, and a page of Bluesky's search, are in the form in which WordPress 6.1 and the
network's own software gave theirs; words, people and numbers were made up to go with the rest. On Bluesky there are
also a post that its author had put on fedi.example a little earlier, one that a bridge brought over from
commons.example, and one by somebody who asks not to be shown to people who are not logged in.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from collector.demo.bluesky import Account, HomeServer
from collector.demo.fediverse import GOTOSOCIAL, TAKAHE, Dialect, Site, Status, fold_hashtag
from collector.demo.server import Responder, listening
from collector.demo.wordpress import Blog
from collector.digest.calendars import WEEKS
from collector.digest.windows import window_before, window_of

_RECORDED_MONDAY = date(2026, 11, 16)  # the week that the recordings' days and times belong to
_FIRST_THAT_MOVES = date(2026, 9, 1)  # what is years older stays: a blog's addresses tell of its years
_PAGE_LIMIT = 15  # fewer than clients ask for, as some servers do: the demo walks over several pages
_PAGE_OF_BLUESKY = 6
_TOKEN = "shown-on-loopback-only"  # noqa: S105 (it opens nothing but the demo)
_READER = Account(
    did="did:plc:qrjxbwtd5mzk4ee2thvyo3ac",
    handle="reader.sky.example",
    password="demo-demo-demo-demo",  # noqa: S106 (the same)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoServer:
    """One of the demo's servers, as a configuration names it."""

    name: str
    address: str
    kind: str = "mastodon"
    page: str = ""  # the path of what is watched there, where that is not the whole server
    token: str | None = None  # what it wants to be shown, if anything
    keys: Mapping[str, str] = field(default_factory=dict)  # what else its kind asks for


@contextmanager
def start_servers(now: datetime, zone: ZoneInfo) -> Iterator[tuple[DemoServer, ...]]:
    """Four servers on loopback while the block runs, whose posts fall into the week that ended last before `now`.

    The first speaks as GoToSocial and wants a token, the second as Takahē and is open to anybody; then come a blog and
    an account's server on Bluesky.
    """
    week_start = window_before(window_of(now, zone, WEEKS)).starts_at
    first = _load_site("gotosocial", GOTOSOCIAL, week_start, zone, token=_TOKEN)
    second = _load_site("takahe", TAKAHE, week_start, zone, token=None)
    blog, home_server = _load_blog(week_start, zone), _load_home_server(week_start, zone)
    with ExitStack() as stack:

        def start(answer: Responder) -> str:
            return stack.enter_context(listening(answer)).address

        yield (
            DemoServer(name="fedi.example", address=start(first.answer), token=_TOKEN),
            DemoServer(name="commons.example", address=start(second.answer)),
            DemoServer(
                name="blog.example",
                address=start(blog.answer),
                kind="wordpress",
                page=urlsplit(blog.posts[0]["link"]).path,
                keys={"collect": "comments"},
            ),
            DemoServer(
                name="Bluesky",
                address=start(home_server.answer),
                kind="bluesky",
                keys={"username": _READER.handle, "password": _READER.password},
            ),
        )


def shift_dates(statuses: Iterable[Status], week_start: datetime, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The recorded statuses, moved to the week that begins at `week_start`.

    A recorded time is the time on a clock in `zone`: a post of Tuesday 09:41 stays one, also in a week in which the
    clocks change. Order and distances in days stay too, so what was posted a week earlier still is.
    """
    monday = week_start.astimezone(zone).date()
    return [_move_status(status, monday, zone) for status in statuses]


def shift_comments(things: Iterable[Mapping[str, Any]], week_start: datetime, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The recorded comments or posts of a blog, moved likewise; what is years older stays where it was."""
    monday = week_start.astimezone(zone).date()
    return [_move_thing(thing, monday, zone) for thing in things]


def shift_views(views: Iterable[Any], week_start: datetime, zone: ZoneInfo) -> list[Any]:
    """The recorded posts of Bluesky, and the posts that they quote, moved likewise."""
    monday = week_start.astimezone(zone).date()
    return [_move_view(view, monday, zone) for view in views]


def _load_blog(week_start: datetime, zone: ZoneInfo) -> Blog:
    return Blog(
        index=_read_recording("wordpress-index") | {"timezone_string": zone.key},
        posts=shift_comments(_read_recording("wordpress-posts"), week_start, zone),
        comments=shift_comments(_read_recording("wordpress"), week_start, zone),
        zone=zone,
    )


def _load_home_server(week_start: datetime, zone: ZoneInfo) -> HomeServer:
    return HomeServer(
        account=_READER,
        documents=_read_recording("bluesky-server"),
        posts=shift_views(_read_recording("bluesky"), week_start, zone),
        profiles=_read_recording("bluesky-profiles"),
        page_limit=_PAGE_OF_BLUESKY,
    )


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


def _move_thing(thing: Mapping[str, Any], monday: date, zone: ZoneInfo) -> dict[str, Any]:
    """A blog tells each time twice: on the clock on its wall, and in UTC."""
    moved = dict(thing)
    for name in ("date", "modified"):
        if name in thing and _moves(thing[name]):
            instant = _moved(thing[name], monday, zone)
            moved[name] = instant.astimezone(zone).replace(tzinfo=None).isoformat()
            moved[f"{name}_gmt"] = instant.replace(tzinfo=None).isoformat()
    return moved


def _move_view(value: Any, monday: date, zone: ZoneInfo) -> Any:
    if isinstance(value, list):
        return [_move_view(item, monday, zone) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _move_instant(inner, monday, zone)
        if name in {"createdAt", "indexedAt", "cts"} and _moves(inner)
        else _move_view(inner, monday, zone)
        for name, inner in value.items()
    }


def _moves(recorded: str) -> bool:
    return datetime.fromisoformat(recorded).date() >= _FIRST_THAT_MOVES


def _move_instant(recorded: str, monday: date, zone: ZoneInfo) -> str:
    return _moved(recorded, monday, zone).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moved(recorded: str, monday: date, zone: ZoneInfo) -> datetime:
    wall_clock = datetime.fromisoformat(recorded).replace(tzinfo=None) + (monday - _RECORDED_MONDAY)
    return wall_clock.replace(tzinfo=zone).astimezone(UTC)
