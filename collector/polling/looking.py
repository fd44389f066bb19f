"""Posts asked about again by their ids: which, what their place says, and what becomes of those that are missing.

choose → ask their place → ask the place they were first posted at, where only that can tell → judge → write down
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from collector.errors import BudgetSpentError, SourceError
from collector.model import Depth, Erasure, Evidence, Found, Watch, WatchKey
from collector.polling.evidence import judge, may_erase, needs_origin
from collector.polling.plan import RoundPlan
from collector.polling.poller import Poller
from collector.polling.walk import Walked
from collector.sources import LookedUp, Source
from collector.sources.origins import OriginSays
from collector.storage.absence import (
    find_absent,
    find_by_authors,
    find_due,
    find_soonest,
    find_unmet,
    put_off,
    save_gone,
    save_missing,
    save_returned,
)
from collector.storage.database import Connection
from collector.storage.erasing import erase_posts

MOST_REQUESTS = 10  # that one round makes to ask again; the rest waits for the next …
MOST_SINGLE_REQUESTS = 60  # … where each is about one post only …
MOST_ASKED_REQUESTS = 100  # … and where a person wants to know now
MOST_AT_ONCE = 25  # ids that a request is filled up to
MANY = 10  # posts: so many do not go at once by their authors' will, and leave nothing behind
ORIGINS_BUDGET = 20.0  # seconds for asking where posts were first posted; the rest waits for the next round


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What came of asking again."""

    found: tuple[Found, ...] = ()
    gone: frozenset[str] = frozenset()  # native ids
    away: frozenset[str] = frozenset()
    origins: Mapping[str, OriginSays] = field(default_factory=dict)  # by the posts' addresses
    unclear: frozenset[str] = frozenset()  # those that nothing was learned about
    has_others: bool = True  # the place shows other posts
    error: SourceError | None = None


NOTHING = Looked()


def choose_ids(
    missed: Sequence[str], due: Sequence[str], soonest: Sequence[str], met: Sequence[str], *, at_once: int, most: int
) -> list[str]:
    """What is asked about: first what a walk missed, then what is due. None of either: nothing.

    A request that is made anyway takes along those whose turn is next, and one that the walk met just now: its answer
    shows that the place can be believed about the others.
    """
    wanted = list(dict.fromkeys([*missed, *due]))[:most]
    begun = len(wanted) % at_once  # ids that the last request has
    room = max(0, min(at_once, MOST_AT_ONCE) - begun) if begun else 0
    if not room:
        return wanted
    taken = set(wanted)
    witness = [native_id for native_id in met if native_id not in taken][:1]
    taken.update(witness)
    return wanted + witness + [native_id for native_id in soonest if native_id not in taken][: room - len(witness)]


def look_again(
    poller: Poller, watch: Watch, source: Source, plan: RoundPlan, walked: Walked, is_over: Callable[[], bool]
) -> Looked:
    """Asks about what a whole walk should have met and did not, and about what has not been looked at for long."""
    if walked.error is not None or plan.depth not in {Depth.FULL, Depth.DEEP} or not source.looks_up:
        return NOTHING
    asked = _choose_looks(poller, watch, source, plan, walked)
    of_shown = _of_shown(poller, watch, asked, walked)
    looked = look_up(source, watch.key, asked, is_over, of_shown)
    looked = replace(looked, has_others=bool(walked.found or looked.found))
    return with_origins(poller, watch, looked)


def _of_shown(poller: Poller, watch: Watch, native_ids: Sequence[str], walked: Walked) -> frozenset[str]:
    """Those of authors of whom the walk met another post."""
    if not native_ids:
        return frozenset()
    with poller.database.read() as conn:
        return find_by_authors(conn, watch.id, native_ids, {item.post.author.key for item in walked.found})


def _choose_looks(poller: Poller, watch: Watch, source: Source, plan: RoundPlan, walked: Walked) -> list[str]:
    began = plan.resume.started_at if plan.resume else plan.started_at
    is_wanted_now = plan.is_asked and plan.depth is Depth.DEEP
    at_once = source.looks_up
    most = _most_requests(at_once, is_wanted_now=is_wanted_now) * min(at_once, MOST_AT_ONCE)
    enough = most + MOST_AT_ONCE + len(walked.ids)  # what the walk met is not written down yet
    with poller.database.read() as conn:
        missed = find_unmet(
            conn,
            watch.id,
            not_since=began,
            now=plan.started_at,
            met_since=watch.state.last_complete_at,
            published_from=plan.horizon,
            limit=enough,
        )
        due = find_due(conn, watch.id, plan.started_at, enough)
        if is_wanted_now:
            due += find_soonest(conn, watch.id, began, enough)
        soonest = find_soonest(conn, watch.id, began, enough) if missed or due else []

    def unmet(native_ids: Sequence[str]) -> list[str]:
        return [native_id for native_id in native_ids if native_id not in walked.ids]

    missed = unmet(missed) if walked.is_whole else []
    met = [item.native_id for item in walked.found[:1]]
    return choose_ids(missed, unmet(due), unmet(soonest), met, at_once=at_once, most=most)


def _most_requests(at_once: int, *, is_wanted_now: bool) -> int:
    if is_wanted_now:
        return MOST_ASKED_REQUESTS
    return MOST_REQUESTS if at_once > 1 else MOST_SINGLE_REQUESTS


def look_up(
    source: Source,
    key: WatchKey,
    native_ids: Sequence[str],
    is_over: Callable[[], bool],
    of_shown: frozenset[str] = frozenset(),
) -> Looked:
    """Asks a place about posts, as many at a time as it takes; ends early at an error, or when there is no time.

    `of_shown` as in `Source.look_up`.
    """
    left, parts = list(native_ids), [LookedUp()]
    asked: list[str] = []
    while left and parts[-1].error is None and not is_over():
        size = max(1, source.looks_up)
        parts.append(source.look_up(key, left[:size], of_shown.intersection(left[:size])))
        asked += left[:size] if parts[-1].error is None else []
        left = left[size:]
    found = tuple(item for part in parts for item in part.found)
    gone = frozenset[str]().union(*(part.gone for part in parts))
    away = frozenset[str]().union(*(part.away for part in parts))
    clear = {item.native_id for item in found} | gone | away
    error = parts[-1].error
    return Looked(
        found=found,
        gone=gone,
        away=away,
        has_others=bool(found),
        unclear=frozenset(asked) - clear,
        error=None if isinstance(error, BudgetSpentError) else error,
    )


def with_origins(poller: Poller, watch: Watch, looked: Looked) -> Looked:
    """Has origins asked about what only they can tell; those there is no time for are left for the next round."""
    now = poller.now()
    with poller.database.read() as conn:
        absent = find_absent(conn, watch, looked.gone) if looked.gone else []
    unsure = [item for item in absent if needs_origin(item, now)]
    origins = dict(_ask_origins(poller, {item.uri for item in unsure}))
    later = {item.native_id for item in unsure if origins.get(item.uri, OriginSays.LATER) is OriginSays.LATER}
    return replace(looked, gone=looked.gone - later, origins=origins)


def _ask_origins(poller: Poller, uris: Collection[str]) -> Iterator[tuple[str, OriginSays]]:
    deadline = time.monotonic() + ORIGINS_BUDGET
    for uri in sorted(uris):
        if poller.stop.is_set() or time.monotonic() > deadline:
            return
        yield uri, poller.ask_origin(uri)


def save_looked(conn: Connection, watch: Watch, looked: Looked, now: datetime) -> int:
    """Takes out of sight what is gone, and leaves a tombstone of it at the second look; how many posts went by it.

    What was found is saved with everything else that a round found.
    """
    put_off(conn, watch, looked.unclear, now)
    if not looked.gone and not looked.away:
        return 0
    absent = find_absent(conn, watch, looked.gone)
    is_empty = not looked.has_others and len(looked.gone) >= MANY
    verdicts = {item.post_id: judge(item, looked.origins.get(item.uri), is_place_empty=is_empty) for item in absent}
    away = find_absent(conn, watch, looked.away)
    verdicts |= {item.post_id: Evidence.AWAY for item in away}
    gone = {post_id: why for post_id, why in verdicts.items() if why is not None}
    erased = [item.post_id for item in absent if item.post_id in gone and may_erase(item, gone[item.post_id], now)]
    save_missing(conn, watch, looked.gone | looked.away, now)
    save_gone(conn, gone, now)
    save_returned(conn, [item.post_id for item in absent if item.gone_at is not None and item.post_id not in gone])
    erase_posts(conn, erased, Erasure.TAKEN_BACK, now)
    return len({item.post_id for item in (*absent, *away) if item.gone_at is None and item.post_id in gone})
