"""Posts asked about again by their ids: which, what their place says, and what becomes of those that are missing.

choose → ask their place → ask the place they were first posted at, where only that can tell → judge → write down
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collector.errors import SourceError
from collector.model import Erasure, Evidence, Found, Watch, WatchKey
from collector.polling.evidence import judge, may_erase, needs_origin
from collector.sources import LookedUp, Source
from collector.sources.origins import OriginSays
from collector.storage.absence import find_absent, save_gone, save_missing, save_returned
from collector.storage.database import Connection, Database
from collector.storage.erasing import erase_posts

MOST_AT_ONCE = 25  # ids that a request is filled up to
MOST_ORIGINS = 20  # places that one round asks about posts of theirs; the rest waits for the next

AskOrigin = Callable[[str], OriginSays]


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What came of asking again."""

    found: tuple[Found, ...] = ()
    gone: frozenset[str] = frozenset()  # native ids
    away: frozenset[str] = frozenset()
    origins: Mapping[str, OriginSays] = field(default_factory=dict)  # by the posts' addresses
    error: SourceError | None = None


NOTHING = Looked()


def choose_ids(
    missed: Sequence[str], due: Sequence[str], soonest: Sequence[str], *, at_once: int, most: int
) -> list[str]:
    """What is asked about: first what a walk missed, then what is due. None of either: nothing.

    A request that is made anyway takes along those whose turn is next.
    """
    wanted = list(dict.fromkeys([*missed, *due]))[:most]
    room = -len(wanted) % min(at_once, MOST_AT_ONCE)
    taken = set(wanted)
    return wanted + [native_id for native_id in soonest if native_id not in taken][:room]


def look_up(source: Source, key: WatchKey, native_ids: Sequence[str], is_over: Callable[[], bool]) -> LookedUp:
    """Asks a place about posts, as many at a time as it takes; ends early at an error, or when there is no time."""
    left, parts = list(native_ids), [LookedUp()]
    while left and parts[-1].error is None and not is_over():
        size = max(1, source.looks_up)
        parts.append(source.look_up(key, left[:size]))
        left = left[size:]
    return LookedUp(
        found=tuple(item for part in parts for item in part.found),
        gone=frozenset().union(*(part.gone for part in parts)),
        away=frozenset().union(*(part.away for part in parts)),
        error=parts[-1].error,
    )


def with_origins(database: Database, watch: Watch, told: LookedUp, ask: AskOrigin) -> Looked:
    """Has origins asked about what no place shows any more; those there is no time for are left for the next round."""
    with database.read() as conn:
        absent = find_absent(conn, watch, told.gone) if told.gone else []
    unsure = [item for item in absent if needs_origin(item)]
    later = {item.native_id for item in unsure[MOST_ORIGINS:]}
    origins = {item.uri: ask(item.uri) for item in unsure[:MOST_ORIGINS]}
    return Looked(found=told.found, gone=told.gone - later, away=told.away, origins=origins, error=told.error)


def save_looked(conn: Connection, watch: Watch, looked: Looked, now: datetime) -> int:
    """Takes out of sight what is gone, and leaves a tombstone of it at the second look; how many posts went by it.

    What was found is saved with everything else that a round found.
    """
    if not looked.gone and not looked.away:
        return 0
    absent = find_absent(conn, watch, looked.gone)
    verdicts = {item.post_id: judge(item, looked.origins.get(item.uri)) for item in absent}
    away = find_absent(conn, watch, looked.away)
    verdicts |= {item.post_id: Evidence.AWAY for item in away}
    gone = {post_id: why for post_id, why in verdicts.items() if why is not None}
    erased = [item.post_id for item in absent if item.post_id in gone and may_erase(item, gone[item.post_id], now)]
    save_missing(conn, watch, looked.gone | looked.away, now)
    save_gone(conn, gone, now)
    save_returned(conn, [item.post_id for item in absent if item.gone_at is not None and item.post_id not in gone])
    erase_posts(conn, erased, Erasure.TAKEN_BACK, now)
    return sum(item.gone_at is None and item.post_id in gone for item in (*absent, *away))
