"""Writes down what a watch could not see, in the transaction of its round, or because there was none for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from collector.errors import SourceError
from collector.model import Gap, HostState, Watch
from collector.polling.gaps import Sight, begun_gap, next_gaps
from collector.polling.plan import RoundPlan
from collector.polling.walk import Walked
from collector.storage.database import Connection, Database
from collector.storage.gaps import pending_gaps, save_gaps
from collector.storage.watches import all_watches, host_states


def note_gaps(conn: Connection, watch: Watch, sight: Sight, plan: RoundPlan, walked: Walked) -> None:
    """Saves the gaps of a watch after a round, and of those others that the trouble of its host keeps waiting."""
    now = plan.started_at
    pending = pending_gaps(conn, watch.id, now)
    save_gaps(conn, watch.id, pending, next_gaps(pending, sight, plan, walked))
    if walked.error is not None and walked.error.holds_the_host:
        _note_others(conn, watch, sight, plan, walked.error)


def note_unseen(
    database: Database, watches: Sequence[Watch], sight_of: Callable[[Watch, HostState | None], Sight], now: datetime
) -> None:
    """Saves the gaps that go on and no round wrote down, since there was none: the collector is not running.

    `watches` are those that the configuration has now, which the tables learn of with the next round.
    """
    with database.read() as conn:
        begun = dict(_unseen(conn, watches, sight_of, now))
    if not begun:
        return
    with database.write() as conn:
        for watch_id, gap in begun.items():
            save_gaps(conn, watch_id, [], [gap])


def _unseen(
    conn: Connection, watches: Sequence[Watch], sight_of: Callable[[Watch, HostState | None], Sight], now: datetime
) -> Iterator[tuple[int, Gap]]:
    hosts = host_states(conn)
    for watch in watches:
        if watch.is_retired or watch.state.next_poll_at is None:
            continue
        sight = sight_of(watch, hosts.get(watch.key.address))
        begun = begun_gap(pending_gaps(conn, watch.id, now), sight, now)
        if begun is not None:
            yield watch.id, begun


def _note_others(conn: Connection, watch: Watch, sight: Sight, plan: RoundPlan, error: SourceError) -> None:
    for other in all_watches(conn):
        is_held = other.key.address == watch.key.address and other.id != watch.id and other.state.next_poll_at
        if not is_held or other.is_retired:
            continue
        pending = pending_gaps(conn, other.id, plan.started_at)
        begun = begun_gap(pending, replace(sight, state=other.state), plan.started_at, error)
        if begun is not None:
            save_gaps(conn, other.id, pending, [*pending, begun])
