"""A few deliveries at a time, claimed for this run: due, within the pace, and to people who still want them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.config import SeriesSettings, Settings
from collector.mailing.asking import is_for_curator, is_still_wanted
from collector.mailing.kinds import is_for_readers
from collector.mailing.mailer import Mailer
from collector.mailing.owners import is_dead
from collector.mailing.pacing import MINUTE, Allowance, allow
from collector.storage.database import Connection
from collector.storage.deliveries import (
    Claimer,
    Delivery,
    claim_some,
    claimers,
    count_in_hand,
    hand_overs_since,
    let_go,
)
from collector.storage.recipients import welcome
from collector.storage.series import find_names, find_window

FEWEST, MOST = 25, 500  # claimed together; what a crash leaves of them on another machine waits for their lease
SECONDS = 1.0  # that a batch may take: who leaves meanwhile gets what was claimed


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One mail to be made and handed over."""

    delivery: Delivery
    series: str
    name: str  # of the window that it is of
    key: str | None  # what links of this reader name them by; None: it goes to no reader


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What one transaction claimed."""

    tasks: tuple[Task, ...] = ()
    last_id: int  # behind which the next one looks
    is_empty: bool  # nothing was claimed, not even for people who left
    again_at: datetime | None = None  # when the pace allows more; None: it is no matter of pace


def next_size(size: int, took: float) -> int:
    """How many deliveries to claim after so many were handed over in so many seconds."""
    return min(MOST, 2 * size) if took < SECONDS / 2 else max(FEWEST, size // 2) if took > SECONDS else size


def claim_batch(mailer: Mailer, claimer: Claimer, size: int) -> Batch:
    """The next deliveries, in their order; an empty batch where there are none, or the pace allows none now."""
    now, per_minute = mailer.now(), mailer.settings.mail.per_minute
    with mailer.database.write() as conn:
        claimer = replace(claimer, dead=[owner for owner in claimers(conn) if is_dead(owner, mailer.owner)])
        allowance = _allowance(conn, claimer, per_minute, now) if per_minute else None
        most = min(size, allowance.mails) if allowance else size
        claimed = claim_some(conn, claimer, now, most) if most else []
        tasks, left = _sort_out(conn, mailer.settings, claimed, now)
        if left:
            let_go(conn, left, now)
    return Batch(
        tasks=tuple(tasks),
        last_id=claimed[-1].id if claimed else claimer.after,
        is_empty=not claimed,
        again_at=allowance.again_at if allowance and not most else None,
    )


def _allowance(conn: Connection, claimer: Claimer, per_minute: int, now: datetime) -> Allowance:
    """What the pace leaves, whoever sent what went out: other processes keep it together with this one."""
    handed_over, first_at = hand_overs_since(conn, now - MINUTE, now)
    return allow(per_minute, handed_over, first_at, count_in_hand(conn, claimer.dead, now), now)


def _sort_out(
    conn: Connection, settings: Settings, claimed: Sequence[Delivery], now: datetime
) -> tuple[list[Task], list[int]]:
    """What is to be made, and the deliveries, by their ids, that nobody waits for any more."""
    names = {digest_id: find_names(conn, digest_id) for digest_id in {delivery.digest_id for delivery in claimed}}
    configured = {series.name: series for series in settings.digests}
    keys = _find_keys(conn, configured, [(names[d.digest_id][0], d.address) for d in claimed if _is_readers(d)], now)
    tasks, left = [], []
    for delivery in claimed:
        series, name = names[delivery.digest_id]
        key = keys.get((series, delivery.address))
        if series in configured and not _is_wanted(conn, delivery, configured[series], key, now):
            left.append(delivery.id)
        else:
            tasks.append(Task(delivery=delivery, series=series, name=name, key=key))
    return tasks, left


def _find_keys(
    conn: Connection, configured: Mapping[str, SeriesSettings], wanted: Iterable[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], str]:
    """The key of each reader who still gets the series: (series, address) → key."""
    addresses: defaultdict[str, list[str]] = defaultdict(list)
    for series, address in wanted:
        addresses[series].append(address)
    return {
        (name, address): key
        for name, theirs in addresses.items()
        if name in configured
        for address, key in welcome(conn, name, theirs, configured[name].to, now).items()
    }


def _is_wanted(conn: Connection, delivery: Delivery, series: SeriesSettings, key: str | None, now: datetime) -> bool:
    """Whether whom it is owed to still gets such mails, and it still tells them something."""
    if _is_readers(delivery):
        return key is not None
    if not is_for_curator(delivery.kind):
        return True
    stored = find_window(conn, delivery.digest_id)
    return delivery.address == series.curator and is_still_wanted(delivery.kind, stored, series, now)


def _is_readers(delivery: Delivery) -> bool:
    return is_for_readers(delivery.kind)
