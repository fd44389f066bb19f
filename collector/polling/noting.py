"""Writes down what a watch could not see, in the transaction of its round."""

from __future__ import annotations

from dataclasses import replace

from collector.errors import SourceError
from collector.model import Watch
from collector.polling.gaps import Sight, begun_gap, next_gaps
from collector.polling.plan import RoundPlan
from collector.polling.walk import Walked
from collector.storage.database import Connection
from collector.storage.gaps import pending_gaps, save_gaps
from collector.storage.watches import all_watches


def note_gaps(conn: Connection, watch: Watch, sight: Sight, plan: RoundPlan, walked: Walked) -> None:
    """Saves the gaps of a watch after a round, and of those others that the trouble of its host keeps waiting."""
    now = plan.started_at
    pending = pending_gaps(conn, watch.id, now)
    save_gaps(conn, watch.id, pending, next_gaps(pending, sight, plan, walked))
    if walked.error is not None and walked.error.holds_the_host:
        _note_others(conn, watch, sight, plan, walked.error)


def _note_others(conn: Connection, watch: Watch, sight: Sight, plan: RoundPlan, error: SourceError) -> None:
    for other in all_watches(conn):
        is_held = other.key.address == watch.key.address and other.id != watch.id and other.state.next_poll_at
        if not is_held or other.is_retired:
            continue
        pending = pending_gaps(conn, other.id, plan.started_at)
        begun = begun_gap(pending, replace(sight, state=other.state), plan.started_at, error)
        if begun is not None:
            save_gaps(conn, other.id, pending, [*pending, begun])
