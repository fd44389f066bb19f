"""The conductor of a round: due watches → fetch → decide → save. The daemon and the one-shot commands call it alike."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from collector.errors import Condition, SourceError, StorageError
from collector.model import Batch, Depth, HostState, Saved, Watch, WatchKey, WatchState
from collector.polling.looking import (
    MOST_AT_ONCE,
    NOTHING,
    AskOrigin,
    Looked,
    choose_ids,
    look_up,
    save_looked,
    with_origins,
)
from collector.polling.outcome import next_host_state, next_state
from collector.polling.plan import Pace, RoundPlan, plan_round
from collector.polling.pool import run_side_by_side
from collector.polling.walk import Walked, Walker
from collector.sources import Source
from collector.storage.absence import find_due, find_soonest, find_unmet
from collector.storage.database import Connection, Database
from collector.storage.saving import save_batch
from collector.storage.upkeep import require_room
from collector.storage.watches import host_states, known_ids, read_state, save_host_state, save_watch_state

log = logging.getLogger(__name__)

WORKERS = 8
MOST_LOOKS = 200  # ids that one round asks about again; the rest waits for the next …
MOST_SINGLE_LOOKS = 30  # … and where each takes a request of its own
BUDGET = 15.0  # seconds after which a walk asks for no further page; it goes on next round


@dataclass(frozen=True, kw_only=True, slots=True)
class Poller:
    """What a round needs of the world: everything but the watches."""

    database: Database
    source_of: Callable[[Watch], Source]
    pace_of: Callable[[Watch], Pace]
    counted: Callable[[WatchKey], frozenset[str]]  # the hashtags that make a post of a watch count; empty: all do
    now: Callable[[], datetime]
    dice: Callable[[], float]
    stop: threading.Event
    ask_origin: AskOrigin  # whether a post stands where it was first posted
    keep_raw: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchReport:
    """What one round of one watch came to."""

    watch: Watch
    fetched: int
    pages: int
    saved: Saved
    error: SourceError | None
    condition: Condition
    is_done: bool  # False: the walk goes on next round


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fetched:
    watch: Watch
    plan: RoundPlan
    walked: Walked
    looked: Looked = NOTHING


def poll_watches(
    poller: Poller,
    watches: Sequence[Watch],
    asked: Depth | None = None,
    tell: Callable[[WatchReport], None] | None = None,
    *,
    since: datetime | None = None,
) -> list[WatchReport]:
    """One round of the given watches. Each is saved, posts and cursor together, as soon as it has come in.

    `asked` and `since` as in `plan_round`. Watches of a host that does not answer have no report, nor have those that
    the stop sign came before. StorageError, before anybody is asked, where nothing could be kept.
    """
    require_room(poller.database)
    jobs: dict[str, list[Callable[[], _Fetched]]] = {}
    for watch in watches:
        jobs.setdefault(watch.key.address, []).append(partial(_fetch, poller, watch, asked, since))
    reports = []
    for fetched in run_side_by_side(jobs, workers=WORKERS, stop=poller.stop, goes_on=_may_go_on):
        report = _keep(poller, fetched)
        reports.append(report)
        _log(report)
        if tell is not None:
            tell(report)
    return reports


def _fetch(poller: Poller, watch: Watch, asked: Depth | None, since: datetime | None) -> _Fetched:
    plan = plan_round(watch.state, poller.pace_of(watch), poller.now(), asked, since)
    deadline = time.monotonic() + BUDGET

    def is_over() -> bool:
        return poller.stop.is_set() or time.monotonic() > deadline

    try:
        source = poller.source_of(watch)
        known = partial(_known, poller.database, watch.id)
        walked = Walker(source, watch.key, poller.counted(watch.key), known, is_over).walk(plan)
        looked = _look_again(poller, watch, source, plan, walked, is_over)
    except StorageError:
        raise
    except Exception as error:  # a fault of ours in one source must not stop the others
        return _Fetched(watch=watch, plan=plan, walked=Walked(error=_unexpected("reading", watch, error)))
    return _Fetched(watch=watch, plan=plan, walked=walked, looked=looked)


def _look_again(
    poller: Poller, watch: Watch, source: Source, plan: RoundPlan, walked: Walked, is_over: Callable[[], bool]
) -> Looked:
    """Asks about what a whole walk should have met and did not, and about what has not been looked at for long."""
    if walked.error is not None or plan.depth not in {Depth.FULL, Depth.DEEP} or not source.looks_up:
        return NOTHING
    asked = _choose_looks(poller, watch, source, plan, walked)
    told = look_up(source, watch.key, asked, is_over)
    return with_origins(poller.database, watch, told, poller.ask_origin)


def _choose_looks(poller: Poller, watch: Watch, source: Source, plan: RoundPlan, walked: Walked) -> list[str]:
    began = plan.resume.started_at if plan.resume else plan.started_at
    at_once = source.looks_up
    most = MOST_LOOKS if at_once > 1 else MOST_SINGLE_LOOKS
    enough = most + MOST_AT_ONCE + len(walked.ids)  # what the walk met is not written down yet
    with poller.database.read() as conn:
        missed = find_unmet(conn, watch.id, not_since=began, published_from=plan.horizon, limit=enough)
        due = find_due(conn, watch.id, plan.started_at, enough)
        if plan.is_asked and plan.depth is Depth.DEEP:  # a person wants to know now
            due += find_soonest(conn, watch.id, began, enough)
        soonest = find_soonest(conn, watch.id, began, enough) if missed or due else []

    def unmet(native_ids: Sequence[str]) -> list[str]:
        return [native_id for native_id in native_ids if native_id not in walked.ids]

    missed = unmet(missed) if walked.is_whole else []
    return choose_ids(missed, unmet(due), unmet(soonest), at_once=at_once, most=most)


def _unexpected(doing: str, watch: Watch, error: Exception) -> SourceError:
    """A fault that nobody foresaw, in the log whole and from here on as a failure of this one watch."""
    log.exception("unexpected error while %s %s", doing, watch.name)
    return SourceError(Condition.UNREADABLE, f"unexpected {type(error).__name__} while {doing} it: please report it")


def _known(database: Database, watch_id: int, native_ids: Sequence[str]) -> set[str]:
    with database.read() as conn:
        return known_ids(conn, watch_id, native_ids)


def _may_go_on(fetched: _Fetched) -> bool:
    error = fetched.walked.error or fetched.looked.error
    return error is None or not error.holds_the_host


def _keep(poller: Poller, fetched: _Fetched) -> WatchReport:
    """Saves; what cannot be saved counts as a failed round, which is written down instead.

    Where not even that can be, the database is at fault, and its error ends the round.
    """
    try:
        return _save(poller, fetched)
    except StorageError as error:
        log.warning("could not save what came from %s: %s", fetched.watch.name, error)
        failure = SourceError(Condition.UNREADABLE, f"what it showed could not be saved: {error}")
    except Exception as error:
        failure = _unexpected("saving", fetched.watch, error)
    return _save(poller, replace(fetched, walked=Walked(error=failure), looked=NOTHING))


def _save(poller: Poller, fetched: _Fetched) -> WatchReport:
    watch, plan, walked, looked = fetched.watch, fetched.plan, fetched.walked, fetched.looked
    now = poller.now()
    with poller.database.write() as conn:
        before = read_state(conn, watch.id)  # another process may have asked meanwhile
        state = next_state(before, plan, walked, poller.pace_of(watch), now, poller.dice())
        batch = Batch(
            watch=watch,
            spellings=poller.counted(watch.key),
            found=(*walked.found, *looked.found),
            rejections=walked.rejections,
            state=state,
            fetched_at=now,
            history_before=_history_before(before, plan),
        )
        saved = save_batch(conn, batch, keep_raw=poller.keep_raw)
        gone = save_looked(conn, watch, looked, now)
        save_watch_state(conn, watch.id, state)
        _save_host(conn, watch.key.address, walked.error or looked.error, now, poller.dice())
    return WatchReport(
        watch=watch,
        fetched=len(walked.found) + len(walked.rejections),
        pages=walked.pages,
        saved=replace(saved, gone=gone),
        error=walked.error,
        condition=walked.error.condition if walked.error else walked.condition,
        is_done=walked.is_done,
    )


def _history_before(state: WatchState, plan: RoundPlan) -> datetime:
    """When the watch began, or its first round, which may go on from an earlier one."""
    first_walk = plan.resume or state.walk
    return state.began_at or (first_walk.started_at if first_walk else plan.started_at)


def _save_host(conn: Connection, address: str, error: SourceError | None, now: datetime, dice: float) -> None:
    host = host_states(conn).get(address, HostState(address=address))
    after = next_host_state(host, error, now, dice)
    if after != host:
        save_host_state(conn, after)


def _log(report: WatchReport) -> None:
    numbers = {
        "source": report.watch.name,
        "hashtag": report.watch.key.hashtag,
        "pages": report.pages,
        "fetched": report.fetched,
        "new": report.saved.new,
        "changed": report.saved.changed,
        "withdrawn": report.saved.withdrawn,
        "gone": report.saved.gone,
        "rejected": report.saved.rejected,
        "condition": str(report.condition),
    }
    if report.error is not None:
        log.warning("could not read %s: %s", report.watch.name, report.error, extra={"numbers": numbers})
    else:
        log.info("round", extra={"numbers": numbers})
