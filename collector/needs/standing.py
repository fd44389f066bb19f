"""How the watches and their hosts are now: pure, from what is stored and what the configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.model import HostState, Spent, WantedWatch, Watch, WatchState
from collector.sources.budgets import ALL, PAGING, describe_use, waits_until


@dataclass(frozen=True, kw_only=True, slots=True)
class HostUse:
    """How a host is, and how much was asked of it lately."""

    state: HostState
    requests: int  # in the last five minutes
    paging: int  # of those that page by ids, in the last fifteen
    words: str
    waits_until: datetime | None  # as much was asked as is polite; None: it may be asked


def wanted_watches(
    stored: Sequence[Watch], wanted: Sequence[WantedWatch], hosts: Mapping[str, HostUse]
) -> tuple[Watch, ...]:
    """The watches as the configuration has them now, also those that were never asked, and when each is next."""
    by_key = {watch.key: watch for watch in stored}
    watches = []
    for want in wanted:
        watch = by_key.get(want.key, Watch(id=0, key=want.key, name=want.name, state=WatchState()))
        host, following = hosts.get(want.key.address), watch.state.next_poll_at
        if following and host:
            following = max(filter(None, (following, host.state.blocked_until, host.waits_until)))
        watches.append(replace(watch, name=want.name, state=replace(watch.state, next_poll_at=following)))
    return tuple(watches)


def use_of_hosts(states: Mapping[str, HostState], spent: Mapping[str, Spent], now: datetime) -> dict[str, HostUse]:
    """The hosts that are left alone now, and those that were asked lately, most first."""
    uses = [_use_of(state, spent.get(address, Spent()), now) for address, state in states.items()]
    told = [use for use in uses if use.requests or use.paging or use.state.blocked_until]
    return {use.state.address: use for use in sorted(told, key=lambda use: (-use.requests, use.state.address))}


def _use_of(state: HostState, spent: Spent, now: datetime) -> HostUse:
    is_blocked = state.blocked_until is not None and state.blocked_until > now
    return HostUse(
        state=state if is_blocked else HostState(address=state.address),
        requests=spent.within(ALL.within, now).requests,
        paging=spent.within(PAGING.within, now).paging,
        words=describe_use(spent, now),
        waits_until=waits_until(spent, now),
    )
