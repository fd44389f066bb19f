"""What needs a person, and the words that tables are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from making import NOW

from collector.cli.status import describe_gap
from collector.cli.tables import count, moment
from collector.errors import Condition
from collector.model import NOT_HELD, NOT_RUNNING, HostState, Spent, Unread, WantedWatch, Watch, WatchKey, WatchState
from collector.overview import find_needs, find_waiting, use_of_hosts, wanted_watches
from collector.storage.numbers import Trouble

LONDON = ZoneInfo("Europe/London")
ADDRESS = "https://fedi.example"
FIVE = tuple(f"{name}@x.org" for name in "abcde")


def watch(condition: Condition | None, failing_for: timedelta | None) -> Watch:
    state = WatchState(
        condition=condition,
        failing_since=None if failing_for is None else NOW - failing_for,
        message="it is like this",
    )
    key = WatchKey(kind="mastodon", address=ADDRESS, hashtag="one", topic="one")
    return Watch(id=1, key=key, name="our server", state=state)


@pytest.mark.parametrize(
    ("condition", "failing_for", "needs"),
    [
        (None, None, False),
        (Condition.OK, None, False),
        (Condition.UNREACHABLE, timedelta(hours=1), False),
        (Condition.UNREACHABLE, timedelta(hours=24), True),
        (Condition.RATE_LIMITED, timedelta(hours=23), False),
        (Condition.BAD_TOKEN, timedelta(0), True),
        (Condition.NEEDS_TOKEN, timedelta(0), True),
        (Condition.REFUSED_ADDRESS, timedelta(0), True),
    ],
)
def test_a_person_is_called_for_what_waiting_does_not_mend(
    condition: Condition | None, failing_for: timedelta | None, needs: bool
) -> None:
    found = find_needs([watch(condition, failing_for)], [], NOW)
    assert found == (["our server: it is like this"] if needs else [])


def test_several_hashtags_of_one_source_with_one_trouble_are_one_line() -> None:
    troubled = watch(Condition.BAD_TOKEN, timedelta(0))
    assert len(find_needs([troubled, troubled], [], NOW)) == 1


def test_mails_refused_for_good_need_a_person_and_the_others_are_tried_again() -> None:
    troubles = [
        Trouble(
            series="weekly", week="2026-W47", state="refused", error="no such user", addresses=("a@b.example",), tries=1
        ),
        Trouble(series="weekly", week="2026-W46", state="owed", error="come back later", addresses=FIVE, tries=2),
        Trouble(series="weekly", week="2026-W45", state="owed", error="wrong password", addresses=FIVE[:1], tries=3),
    ]
    assert find_needs([], troubles, NOW) == [
        "weekly/2026-W47 was refused for good for a@b.example: no such user",
        "weekly/2026-W45 is not delivered yet to a@x.org: wrong password",
    ]
    assert find_waiting([], troubles, NOW) == [
        "weekly/2026-W46 is not delivered yet to a@x.org, b@x.org, c@x.org and 2 more: come back later"
    ]


def test_the_table_follows_the_configuration_and_tells_how_long_a_host_is_left_alone() -> None:
    stored, until = watch(None, None), NOW + timedelta(hours=1)
    stored = replace(stored, state=replace(stored.state, next_poll_at=NOW))
    new_key = replace(stored.key, hashtag="new", topic="new")
    wanted = [WantedWatch(key=stored.key, name="renamed"), WantedWatch(key=new_key, name="new")]
    hosts = use_of_hosts({ADDRESS: HostState(address=ADDRESS, blocked_until=until)}, {}, NOW)
    first, second = wanted_watches([stored], wanted, hosts)
    assert (first.name, first.state.next_poll_at) == ("renamed", until)
    assert (second.name, second.state.condition, second.state.next_poll_at) == ("new", None, None)
    assert wanted_watches([stored], [], {}) == ()


def test_a_host_whose_budget_is_spent_puts_its_watches_off_as_long() -> None:
    stored = replace(watch(None, None), state=WatchState(next_poll_at=NOW))
    hosts = use_of_hosts({ADDRESS: HostState(address=ADDRESS)}, {ADDRESS: Spent.at(NOW, 240, 30)}, NOW)
    use = hosts[ADDRESS]
    assert (use.requests, use.paging, use.waits_until) == (240, 30, NOW + timedelta(minutes=6))
    (shown,) = wanted_watches([stored], [WantedWatch(key=stored.key, name="one")], hosts)
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


TUESDAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
SPAN = "from Tue 17 Nov 09:00 to Thu 19 Nov 12:00"


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            Unread(place="fedi.example", starts_at=TUESDAY, ends_at=THURSDAY, is_caught_up=True),
            f"fedi.example could not be read {SPAN}; caught up since",
        ),
        (
            Unread(place="fedi.example", starts_at=TUESDAY, ends_at=THURSDAY, reason=NOT_HELD),
            f"fedi.example no longer showed what was posted {SPAN}; not caught up with",
        ),
        (
            Unread(place="fedi.example", starts_at=TUESDAY, reason="unreachable", message="no answer"),
            "fedi.example could not be read since Tue 17 Nov 09:00: no answer",
        ),
        (
            Unread(place="fedi.example", starts_at=TUESDAY, reason="half a feed"),
            "fedi.example showed only a part since Tue 17 Nov 09:00",
        ),
        (
            Unread(place="", starts_at=TUESDAY, reason=NOT_RUNNING),
            "the collector was not running since Tue 17 Nov 09:00",
        ),
    ],
)
def test_a_gap_is_told_in_a_line(told: Unread, line: str) -> None:
    assert describe_gap(told, LONDON, NOW) == line


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (None, "never"),
        (datetime(2026, 11, 23, 6, 5, tzinfo=UTC), "today, 06:05"),
        (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), "Mon 30 Nov, 08:00"),
        (datetime(2026, 6, 1, 23, 30, tzinfo=UTC), "Tue 2 Jun, 00:30"),
        (datetime(2027, 1, 4, 8, 0, tzinfo=UTC), "Mon 4 Jan 2027, 08:00"),
    ],
)
def test_a_moment_is_local_and_says_no_more_than_needed(at: datetime | None, shown: str) -> None:
    assert moment(at, LONDON, NOW) == shown


@pytest.mark.parametrize(("number", "shown"), [(0, "0 posts"), (1, "1 post"), (1234, "1,234 posts")])
def test_things_are_counted_in_words(number: int, shown: str) -> None:
    assert count(number, "post") == shown
