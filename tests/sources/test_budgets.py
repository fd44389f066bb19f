"""How much may be asked of a host: the windows, what servers say is left, and what is stored meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from collecting import Clock
from making import NOW
from serving import Reply, Serving, json_reply

from collector.errors import BudgetSpentError, Condition
from collector.model import Spent
from collector.sources import Budgets
from collector.sources.budgets import (
    ALL,
    ENOUGH,
    PAGING,
    ROOM,
    allows_page,
    describe_use,
    pages_by_id,
    requests_left,
    waits_until,
)
from collector.sources.protocol import Limits
from collector.sources.web import WebClient

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
HOST = "https://fedi.example"
TIMELINE = f"{HOST}/api/v1/timelines/tag/one"
OLDER = f"{TIMELINE}?max_id=7&limit=40"
MOST = ALL.requests - ROOM


def spent(*requests: tuple[timedelta, int, int]) -> Spent:
    """So many requests, and paging ones, so long ago."""
    total = Spent()
    for ago, all_of_them, paging in requests:
        total += Spent.at(NOW - ago, all_of_them, paging)
    return total


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (TIMELINE, False),
        (OLDER, True),
        (f"{TIMELINE}?since_id=1", True),
        (f"{TIMELINE}?limit=40&min_id=01ABC", True),
        (f"{HOST}/wp-json/wp/v2/comments?page=2", False),
        (f"{HOST}/search?q=max_id", False),
    ],
)
def test_what_pages_by_ids_is_known_by_its_address(url: str, expected: bool) -> None:
    assert pages_by_id(url) is expected


@pytest.mark.parametrize(
    ("asked", "left", "left_to_page"),
    [
        pytest.param(spent(), MOST, MOST, id="nothing asked"),
        pytest.param(spent((MINUTE, 100, 0)), MOST - 100, MOST - 100, id="without paging"),
        pytest.param(spent((MINUTE, 100, 90)), MOST - 100, MOST - 100, id="the general limit goes for paging too"),
        pytest.param(spent((10 * MINUTE, 100, 90)), MOST, MOST - 90, id="paging counts for longer"),
        pytest.param(spent((17 * MINUTE, 500, 500)), MOST, MOST, id="long ago"),
        pytest.param(spent((MINUTE, 400, 0)), 0, 0, id="more than there was, by others"),
        pytest.param(spent((-9 * MINUTE, 240, 240)), MOST, MOST, id="the clock was put back"),
    ],
)
def test_what_is_left_is_what_was_not_asked_lately(asked: Spent, left: int, left_to_page: int) -> None:
    assert requests_left(asked, NOW, paging=False) == left
    assert requests_left(asked, NOW, paging=True) == left_to_page


@pytest.mark.parametrize(
    ("asked", "paging", "expected"),
    [
        pytest.param(spent((MINUTE, 10, 0)), False, None, id="now"),
        pytest.param(spent((MINUTE, MOST - ENOUGH, 0)), False, None, id="just enough for a page"),
        pytest.param(spent((MINUTE, MOST, 0)), False, NOW + 5 * MINUTE, id="when those of a minute ago are over"),
        pytest.param(
            spent((4 * MINUTE, 2, 0), (3 * MINUTE, 200, 0), (MINUTE, 90, 0)),
            False,
            NOW + 3 * MINUTE,
            id="most are over",
        ),
        pytest.param(spent((6 * MINUTE, MOST, MOST)), False, None, id="paging holds no first page back"),
        pytest.param(spent((6 * MINUTE, MOST, MOST)), True, NOW + 10 * MINUTE, id="but further ones"),
    ],
)
def test_a_host_whose_budget_is_spent_waits_until_there_is_enough_for_a_page(
    asked: Spent, paging: bool, expected: datetime | None
) -> None:
    until = waits_until(asked, NOW, paging=paging)
    assert until == expected
    if until is not None:
        assert allows_page(asked, until, paging=paging)
        assert not allows_page(asked, until - SECOND, paging=paging)


@pytest.mark.parametrize(("pause", "share"), [(1.0, 0.0), (0.1, 0.5), (2.0, 1.0), (20.0, 0.6)])
def test_no_stretch_of_time_ever_holds_more_than_a_limit(pause: float, share: float) -> None:
    clock, dice = Clock(NOW), Random(f"{pause} {share}")
    budgets = Budgets(clock)
    made: list[tuple[datetime, bool]] = []
    refused = 0
    for _ in range(2000):
        clock.advance(seconds=dice.expovariate(1 / pause))
        paging = dice.random() < share
        try:
            budgets.spend(OLDER if paging else TIMELINE)
        except BudgetSpentError:
            refused += 1
        else:
            made.append((clock(), paging))
    assert (refused > 0) is (pause < 20)
    for limit, counted in ((ALL, [at for at, _ in made]), (PAGING, [at for at, paging in made if paging])):
        for first, last in zip(counted, counted[limit.requests - ROOM :], strict=False):
            assert last - first >= limit.within


def test_a_spent_budget_says_of_whom_how_much_and_until_when() -> None:
    budgets = Budgets(Clock(NOW))
    for _ in range(MOST):
        budgets.spend(TIMELINE)
    with pytest.raises(BudgetSpentError) as caught:
        budgets.spend(TIMELINE)
    assert str(caught.value) == "fedi.example waits until 08:06 UTC: 270 of 300 requests in 5 minutes"
    assert (caught.value.condition, caught.value.retry_at) == (Condition.RATE_LIMITED, NOW + 6 * MINUTE)
    budgets.spend("https://other.example/")


def test_use_is_told_with_paging_where_there_was_any() -> None:
    assert describe_use(spent((MINUTE, 12, 0)), NOW) == "12 of 300 requests in 5 minutes"
    told = describe_use(spent((MINUTE, 12, 3), (9 * MINUTE, 90, 80)), NOW)
    assert told == "12 of 300 requests in 5 minutes, 83 of 300 further pages in 15"


# What servers say


def told(left: int, allowed: int = 300, reset: str = "2026-11-23T08:05:00.000000Z") -> dict[str, str]:
    return {"x-ratelimit-limit": str(allowed), "x-ratelimit-remaining": str(left), "x-ratelimit-reset": reset}


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        pytest.param(told(299), MOST - 1, id="ours alone"),
        pytest.param(told(100), 70, id="others asked, too"),
        pytest.param(told(30), 0, id="what is left is for others"),
        pytest.param(told(10, allowed=20), 120, id="another limit counts by its part"),
        pytest.param(told(0, reset=str(int(NOW.timestamp()) + 60)), 0, id="reset in seconds since 1970"),
        pytest.param(told(0, reset="2026-11-23T07:59:00Z"), MOST - 1, id="a reset that is over"),
        pytest.param(told(0, reset="soon"), MOST - 1, id="no reset"),
        pytest.param(told(0, allowed=0), 0, id="nothing allowed"),
        pytest.param(told(900, allowed=300), MOST - 1, id="more left than allowed"),
        pytest.param({"x-ratelimit-remaining": "0"}, MOST - 1, id="too little said"),
        pytest.param(told(0) | {"x-ratelimit-limit": "300, 300;w=300"}, MOST - 1, id="what cannot be read"),
    ],
)
def test_what_a_server_says_is_left_is_heeded(headers: dict[str, str], left: int) -> None:
    budgets = Budgets(Clock(NOW))
    budgets.spend(TIMELINE)
    budgets.note(TIMELINE, headers)
    assert budgets.left(HOST) == left


def test_what_others_asked_is_over_when_the_server_says() -> None:
    clock = Clock(NOW)
    budgets = Budgets(clock)
    budgets.note(TIMELINE, told(0, reset="2026-11-23T08:02:00Z"))
    assert (budgets.left(HOST), budgets.waits_until(HOST)) == (0, NOW + 2 * MINUTE)
    clock.advance(minutes=2)
    assert (budgets.left(HOST), budgets.waits_until(HOST)) == (MOST, None)


# Every request


def test_every_request_is_counted_for_the_host_it_goes_to_redirects_too() -> None:
    budgets = Budgets(Clock(NOW))
    with Serving() as one, Serving() as other:
        one.answers["/"] = Reply(status=302, headers={"Location": f"{other.address}/there?max_id=3"})
        other.answers["/there"] = Reply(headers=told(150), body=b"[]")
        web = WebClient(user_agent="test/1", allow_private=True, limits=Limits(), budgets=budgets)
        assert web.get(f"{one.address}/").status == 200
        web.close()
        assert budgets.left(one.address) == MOST - 1
        assert budgets.left(other.address) == MOST - 150
        assert (budgets.unsaved()[other.address].paging, budgets.unsaved()[one.address].paging) == (1, 0)


def test_what_is_spent_is_not_asked() -> None:
    budgets = Budgets(Clock(NOW))
    with Serving() as server:
        server.otherwise = json_reply([])
        budgets.load({server.address: Spent.at(NOW, MOST - 1)})
        web = WebClient(user_agent="test/1", allow_private=True, limits=Limits(), budgets=budgets)
        web.get(f"{server.address}/")
        with pytest.raises(BudgetSpentError):
            web.get(f"{server.address}/")
        web.close()
        assert len(server.asked) == 1


# What is stored


def test_what_is_saved_counts_once_and_what_others_saved_counts_too() -> None:
    budgets = Budgets(Clock(NOW))
    budgets.spend(TIMELINE)
    more = budgets.unsaved()
    budgets.spend(OLDER)  # while the first is being saved
    budgets.saved(more, {HOST: Spent.at(NOW, 1) + Spent.at(NOW - MINUTE, 50)})
    assert budgets.left(HOST) == MOST - 52
    assert budgets.unsaved() == {HOST: Spent.at(NOW, 1, 1)}
    budgets.load({})
    assert budgets.left(HOST) == MOST - 1
