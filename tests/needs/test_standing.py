"""How the watches and their hosts are now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from making import NOW
from making_storage import make_key

from collector.model import HostState, Spent, WantedWatch, Watch, WatchState
from collector.needs.standing import use_of_hosts, wanted_watches

ADDRESS = make_key().address
STORED = Watch(id=1, key=make_key(), name="our server", state=WatchState(next_poll_at=NOW))


def test_the_table_follows_the_configuration_and_tells_how_long_a_host_is_left_alone() -> None:
    until, new_key = NOW + timedelta(hours=1), replace(STORED.key, hashtag="new", topic="new")
    wanted = [WantedWatch(key=STORED.key, name="renamed"), WantedWatch(key=new_key, name="new")]
    hosts = use_of_hosts({ADDRESS: HostState(address=ADDRESS, blocked_until=until)}, {}, NOW)
    first, second = wanted_watches([STORED], wanted, hosts)
    assert (first.name, first.state.next_poll_at) == ("renamed", until)
    assert (second.name, second.state.condition, second.state.next_poll_at) == ("new", None, None)
    assert wanted_watches([STORED], [], {}) == ()


def test_a_host_whose_budget_is_spent_puts_its_watches_off_as_long() -> None:
    hosts = use_of_hosts({ADDRESS: HostState(address=ADDRESS)}, {ADDRESS: Spent.at(NOW, 270, 30)}, NOW)
    use = hosts[ADDRESS]
    assert (use.requests, use.paging, use.waits_until) == (270, 30, NOW + timedelta(minutes=6))
    (shown,) = wanted_watches([STORED], [WantedWatch(key=STORED.key, name="one")], hosts)
    assert shown.state.next_poll_at == NOW + timedelta(minutes=6)


def test_hosts_are_told_of_while_something_was_asked_or_is_held_back() -> None:
    names = {name: f"https://{name}.example" for name in ("busy", "calm", "blocked", "over", "idle")}
    states = {address: HostState(address=address) for address in names.values()}
    states[names["blocked"]] = HostState(address=names["blocked"], blocked_until=NOW + timedelta(hours=1), failures=2)
    states[names["over"]] = HostState(address=names["over"], blocked_until=NOW - timedelta(hours=1), failures=2)
    spent = {names["busy"]: Spent.at(NOW, 9), names["calm"]: Spent.at(NOW, 2), names["over"]: Spent.at(NOW, 1)}
    hosts = use_of_hosts(states, spent, NOW)
    assert list(hosts) == [names[name] for name in ("busy", "calm", "over", "blocked")]
    assert hosts[names["over"]].state == HostState(address=names["over"])
    assert hosts[names["busy"]].words == "9 of 300 requests in 5 minutes"
