"""The conductor of a round: due watches → fetch → decide → save. The daemon and the one-shot commands call it alike."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from collector.errors import Condition, SourceError, StorageError
from collector.model import Batch, Depth, HostState, Saved, Watch, WatchState
from collector.polling.gaps import Sight
from collector.polling.landmarks import choose_landmarks
from collector.polling.looking import NOTHING, Looked, look_again, save_looked
from collector.polling.noting import note_gaps
from collector.polling.outcome import next_host_state, next_state
from collector.polling.pace import present_interval
from collector.polling.plan import RoundPlan, plan_round
from collector.polling.poller import Poller, WatchReport, writing
from collector.polling.pool import run_side_by_side
from collector.polling.walk import Walked, Walker
from collector.sources.budgets import SPARE
from collector.storage.database import Connection, Database
from collector.storage.hosts import read_memory, read_spent, save_memory
from collector.storage.room import require_room
from collector.storage.saving import save_batch
from collector.storage.watches import (
    find_landmarks,
    host_states,
    known_ids,
    read_state,
    save_host_state,
    save_watch_state,
)

log = logging.getLogger(__name__)

WORKERS = 8
MOST_LANDMARKS = 100  # known posts among which the landmarks of a walk are chosen
BUDGET = 15.0  # seconds after which a walk asks for no further page; it goes on next round
TURN = 2 * 60.0  # seconds after which a round that nobody asked for begins no further walk of a host: others are due


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fetched:
    watch: Watch
    plan: RoundPlan
    walked: Walked
    host: HostState | None = None  # as it was before the round
    looked: Looked = NOTHING
    memory: Mapping[str, Any] = field(default_factory=dict)  # what its source learned of the place


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
    the stop sign, or the end of the round's time, came before. StorageError, before anybody is asked, where nothing
    could be kept.
    """
    require_room(poller.database)
    with poller.database.read() as conn:
        hosts = host_states(conn)
        poller.budgets.load(read_spent(conn))
    over_at = time.monotonic() + TURN if asked is None else math.inf
    jobs: dict[str, list[Callable[[], _Fetched]]] = {}
    for watch in watches:
        jobs.setdefault(watch.key.address, []).append(
            partial(_fetch, poller, watch, asked, since, hosts.get(watch.key.address))
        )
    reports = []
    for fetched in run_side_by_side(jobs, workers=WORKERS, stop=poller.stop, goes_on=partial(_may_go_on, over_at)):
        report = _keep(poller, fetched)
        reports.append(report)
        _log(report)
        if tell is not None:
            tell(report)
    return reports


def _fetch(
    poller: Poller, watch: Watch, asked: Depth | None, since: datetime | None, host: HostState | None
) -> _Fetched:
    plan = plan_round(watch.state, poller.pace_of(watch), poller.now(), asked, since)
    until = partial(poller.budgets.waits_until, watch.key.address, spare=SPARE if asked is Depth.ALL else 0)
    if (held_until := until()) is not None:
        return _Fetched(watch=watch, plan=plan, walked=Walked(waits_until=held_until))
    deadline = time.monotonic() + BUDGET

    def is_over(*, paging: bool) -> bool:
        return poller.stop.is_set() or time.monotonic() > deadline or until(paging=paging) is not None

    try:
        source = poller.source_of(watch)
        source.recall(_memory(poller.database, watch))
        known = partial(_known, poller.database, watch.id)
        landmarks = _find_landmarks(poller.database, watch, plan)
        walker = Walker(source, watch.key, poller.counted(watch.key), known, partial(is_over, paging=True), landmarks)
        walked = walker.walk(plan)
        looked = look_again(poller, watch, source, plan, walked, partial(is_over, paging=False))
    except StorageError:
        raise
    except Exception as error:  # a fault of ours in one source must not stop the others
        return _Fetched(watch=watch, plan=plan, walked=Walked(error=_unexpected("reading", watch, error)), host=host)
    if not walked.is_done and walked.error is None:
        walked = replace(walked, waits_until=walked.waits_until or until(paging=True))
    memory = source.memory()
    return _Fetched(watch=watch, plan=plan, walked=walked, looked=looked, host=host, memory=memory)


def _find_landmarks(database: Database, watch: Watch, plan: RoundPlan) -> frozenset[str]:
    """The known posts just above the horizon of a walk like the last one that was complete."""
    state, is_deep = watch.state, plan.depth is Depth.DEEP
    last = state.last_deep_at if is_deep else state.last_complete_at
    if plan.horizon is None or last is None or plan.depth not in {Depth.FULL, Depth.DEEP}:
        return frozenset()
    with database.read() as conn:
        known = find_landmarks(conn, watch.id, met_since=last, published_from=plan.horizon, limit=MOST_LANDMARKS)
    return choose_landmarks(known, state.began_at, plan.resume.started_at if plan.resume else plan.started_at)


def _unexpected(doing: str, watch: Watch, error: Exception) -> SourceError:
    """A fault that nobody foresaw, in the log whole and from here on as a failure of this one watch."""
    log.exception("unexpected error while %s %s", doing, watch.name)
    return SourceError(Condition.UNREADABLE, f"unexpected {type(error).__name__} while {doing} it: please report it")


def _memory(database: Database, watch: Watch) -> dict[str, Any]:
    with database.read() as conn:
        return read_memory(conn, watch.key.address).get(watch.key.kind) or {}


def _known(database: Database, watch_id: int, native_ids: Sequence[str]) -> set[str]:
    with database.read() as conn:
        return known_ids(conn, watch_id, native_ids)


def _may_go_on(over_at: float, fetched: _Fetched) -> bool:
    """Whether the next watch of a host has its turn; what has not stays due, and has waited longest the next time."""
    error = fetched.walked.error or fetched.looked.error
    return time.monotonic() < over_at and (error is None or not error.holds_the_host)


def _keep(poller: Poller, fetched: _Fetched) -> WatchReport:
    """Saves; what cannot be saved counts as a failed round, which is written down instead.

    Where not even that can be, the database is at fault, and its error ends the round.
    """
    if fetched.walked.waits_until is not None and not fetched.walked.pages:
        return _report(fetched, Saved())
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
    with writing(poller) as conn:
        before = read_state(conn, watch.id)  # another process may have asked meanwhile
        note_gaps(conn, fetched.watch, _sight(poller, fetched, before), plan, walked)
        state = next_state(before, plan, walked, poller.pace_of(watch), now, poller.dice())
        batch = Batch(
            watch=watch,
            spellings=poller.counted(watch.key),
            found=(*walked.found, *looked.found),
            rejections=walked.rejections,
            state=state,
            fetched_at=now,
            history_before=_history_before(before, plan),
            asked_for=frozenset(item.native_id for item in looked.found) - walked.ids,
        )
        saved = save_batch(conn, batch, keep_raw=poller.keep_raw, keep_raw_for=poller.keep_raw_for)
        gone = save_looked(conn, watch, looked, now)
        save_watch_state(conn, watch.id, state)
        if fetched.memory:
            save_memory(conn, watch.key.address, watch.key.kind, fetched.memory)
        _save_host(conn, watch.key.address, walked.error or looked.error, now, poller.dice())
    return _report(fetched, replace(saved, gone=gone))


def _report(fetched: _Fetched, saved: Saved) -> WatchReport:
    walked = fetched.walked
    return WatchReport(
        watch=fetched.watch,
        fetched=len(walked.found) + len(walked.rejections),
        pages=walked.pages,
        saved=saved,
        error=walked.error,
        condition=walked.error.condition if walked.error else walked.condition,
        is_done=walked.is_done,
        reached_at=walked.reached_at,
        waits_until=walked.waits_until,
    )


def _sight(poller: Poller, fetched: _Fetched, before: WatchState) -> Sight:
    usual = present_interval(before, poller.pace_of(fetched.watch))
    return Sight(state=before, usual=usual, host=fetched.host)


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
    elif report.waits_until is not None and not report.pages:
        log.debug("waits for its turn", extra={"numbers": numbers})
    else:
        log.info("round", extra={"numbers": numbers})
