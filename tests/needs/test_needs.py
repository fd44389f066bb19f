"""What needs a person, what mends itself, and the words for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from making import NOW
from making_storage import make_key

from collector.config import SeriesSettings
from collector.config.schedules import parse_send_on
from collector.digest.windows import window_named
from collector.errors import Condition
from collector.model import Cadence, DigestState, Watch, WatchState
from collector.needs.finding import Facts, Need, find_needs, find_waiting
from collector.needs.lateness import find_awaited, find_overdue
from collector.needs.silence import Silence
from collector.storage.numbers import Trouble
from collector.storage.pausing import Paused
from collector.storage.series import StoredWindow

LONDON = ZoneInfo("Europe/London")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIVE = tuple(f"{name}@x.org" for name in "abcde")


def watch(condition: Condition | None = None, failing_for: timedelta | None = None, **changes: Any) -> Watch:
    state = WatchState(
        condition=condition,
        failing_since=None if failing_for is None else NOW - failing_for,
        message="it is like this",
        next_poll_at=changes.pop("next_poll_at", NOW),
    )
    return Watch(id=1, key=make_key(**changes), name="our server", state=state)


def facts(*watches: Watch, **changes: Any) -> Facts:
    values: Mapping[str, Any] = {"watches": watches, "patience": DAY, "zone": LONDON}
    return Facts(**{**values, **changes})


def trouble(week: str, state: str, error: str, addresses: tuple[str, ...], tries: int) -> Trouble:
    return Trouble(series="weekly", name=week, state=state, error=error, addresses=addresses, tries=tries)


def said(needs: list[Need]) -> list[str]:
    return [need.message for need in needs]


@pytest.mark.parametrize(
    ("condition", "failing_for", "needs"),
    [
        (None, None, False),
        (Condition.OK, None, False),
        (Condition.UNREACHABLE, HOUR, False),
        (Condition.UNREACHABLE, DAY, True),
        (Condition.RATE_LIMITED, 23 * HOUR, False),
        (Condition.BAD_TOKEN, timedelta(0), True),
        (Condition.NEEDS_TOKEN, timedelta(0), True),
        (Condition.REFUSED_ADDRESS, timedelta(0), True),
    ],
)
def test_a_person_is_called_for_what_waiting_does_not_mend(
    condition: Condition | None, failing_for: timedelta | None, needs: bool
) -> None:
    found = facts(watch(condition, failing_for))
    assert said(find_needs(found, NOW)) == (["our server: it is like this"] if needs else [])
    is_failing = failing_for is not None
    assert find_waiting(found, NOW) == (["our server: it is like this"] if is_failing and not needs else [])


def test_how_long_a_source_may_fail_is_the_operators_to_say() -> None:
    found = facts(watch(Condition.UNREACHABLE, 3 * HOUR), patience=2 * HOUR)
    assert said(find_needs(found, NOW)) == ["our server: it is like this"]


def test_several_hashtags_of_one_source_with_one_trouble_are_one_line() -> None:
    one, two = watch(Condition.BAD_TOKEN, HOUR), watch(Condition.BAD_TOKEN, HOUR, hashtag="notcopro")
    assert len(find_needs(facts(one, two), NOW)) == 1


def test_mails_refused_for_good_need_a_person_and_the_others_are_tried_again() -> None:
    found = facts(
        troubles=[
            trouble("2026-W47", "refused", "no such user", ("a@b.example",), 1),
            trouble("2026-W46", "owed", "come back later", FIVE, 2),
            trouble("2026-W45", "owed", "wrong password", ("a@x.org",), 3),
        ]
    )
    needs = find_needs(found, NOW)
    assert said(needs) == [
        "weekly/2026-W47 was refused for good for a@b.example: no such user",
        "weekly/2026-W45 is not delivered yet to a@x.org: wrong password",
    ]
    assert "take it out" in needs[0].advice
    assert "'collector check' tries to log in" in needs[1].advice
    assert find_waiting(found, NOW) == [
        "weekly/2026-W46 is not delivered yet to a@x.org, b@x.org, c@x.org and 2 more: come back later"
    ]


@pytest.mark.parametrize("state", ["refused", "owed"])
def test_a_curator_who_cannot_be_reached_is_told_as_that_and_not_as_a_reader(state: str) -> None:
    preview = replace(trouble("2026-W48", state, "no", ("curator@x.org",), 3), is_preview=True)
    (need, readers) = find_needs(facts(troubles=[preview, trouble("2026-W48", state, "no", ("a@x.org",), 3)]), NOW)
    assert need.message.startswith("the preview of weekly/2026-W48 ")
    assert readers.message.startswith("weekly/2026-W48 ")
    assert need.key != readers.key
    assert ("`curator`" in need.advice, "`to`" in need.advice) == (state == "refused", False)


def test_a_digest_that_pauses_needs_a_person_and_its_refusals_are_not_told_twice() -> None:
    paused = Paused(
        digest_id=1, series="weekly", name="2026-W47", paused_at=NOW, reason="51 of 60 mails were refused", owed=9_940
    )
    found = facts(paused=[paused], troubles=[trouble("2026-W47", "refused", "no", FIVE, 1)])
    (need,) = find_needs(found, NOW)
    assert need.message == "weekly/2026-W47 pauses, with 9,940 still owed: 51 of 60 mails were refused"
    assert "'collector digest send --series weekly --week 2026-W47'" in need.advice
    assert find_waiting(found, NOW) == []


def test_a_thousand_different_answers_about_one_digest_are_one_line() -> None:
    found = facts(
        troubles=[trouble("2026-W47", "refused", f"no user {n}", (f"{n}@x.org",), 1) for n in range(1_000)]
        + [trouble("2026-W47", "owed", f"later {n}", (f"{n}@y.org",), 1) for n in range(3)]
    )
    assert said(find_needs(found, NOW)) == [
        (
            "weekly/2026-W47 was refused for good for 0@x.org, 1@x.org, 2@x.org and 997 more: no user 0"
            " (and 999 other answers)"
        )
    ]
    assert len(find_waiting(found, NOW)) == 3


def test_a_collector_that_stands_still_is_one_line_for_all_its_sources() -> None:
    late = watch(next_poll_at=NOW - DAY)
    (need,) = find_needs(facts(late, replace(late, name="other"), watch(next_poll_at=NOW - 23 * HOUR)), NOW)
    assert need.message == "our server and other: to be asked since Sun 22 Nov 2026, 08:00, and not asked"
    assert "'collector run'" in need.advice


def test_a_silence_is_told_with_what_is_usual() -> None:
    silence = Silence(watch=watch(Condition.OK), since_at=NOW - 5 * DAY, longest_pause=30 * HOUR)
    (need,) = find_needs(facts(silences=[silence]), NOW)
    assert need.message == (
        "our server: nothing new with #notcoproduction since Wed 18 Nov 2026, 08:00; the longest pause in the year"
        " before was 30 hours"
    )
    everything = replace(silence, watch=watch(Condition.OK, hashtag=""), longest_pause=50 * HOUR)
    (need,) = find_needs(facts(silences=[everything]), NOW)
    assert "nothing new since" in need.message
    assert need.message.endswith("was 2 days")


WEEKLY = SeriesSettings.model_construct(name="weekly", send_on=parse_send_on("monday 08:00", Cadence.WEEKLY))


def window(week: str, state: DigestState) -> StoredWindow:
    return StoredWindow(
        id=1, window=window_named(week, LONDON), state=state, closed_at=None, facts=None, topics=("notcoproduction",)
    )


@pytest.mark.parametrize(
    ("week", "state", "at", "is_overdue"),
    [
        ("2026-W47", DigestState.OPEN, NOW + timedelta(minutes=59), False),
        ("2026-W47", DigestState.OPEN, NOW + HOUR, True),
        ("2026-W47", DigestState.BUILT, NOW + HOUR, False),
        ("2026-W47", DigestState.SKIPPED, NOW + HOUR, False),
        ("2026-W48", DigestState.OPEN, NOW + HOUR, False),
    ],
)
def test_a_digest_is_overdue_an_hour_after_its_time(
    week: str, state: DigestState, at: datetime, is_overdue: bool
) -> None:
    found = find_overdue(WEEKLY, [window(week, state)], at)
    needs = find_needs(facts(overdue=found), at)
    assert said(needs) == (
        ["weekly/2026-W47 was to be built on Mon 23 Nov 2026, 08:00, and is not"] if is_overdue else []
    )
    assert all("collector digest send --series weekly --week 2026-W47" in need.advice for need in needs)


def test_a_trouble_has_the_same_key_whatever_its_words_become() -> None:
    first = watch(Condition.UNREACHABLE, DAY)
    later = replace(first, state=replace(first.state, condition=Condition.SERVER_FAULT, message="another word"))
    keys = {need.key for found in (first, later) for need in find_needs(facts(found), NOW)}
    assert len(keys) == 1


def test_every_need_says_what_to_do() -> None:
    failing = [watch(condition, DAY) for condition in Condition]
    needs = [need for each in failing for need in find_needs(facts(each), NOW)]
    assert needs
    assert all(need.advice.endswith(".") for need in needs)


@pytest.mark.parametrize(
    ("keys", "asked", "approved", "hours", "expected"),
    [
        ({"approval": "required"}, {46}, None, 1, ("2026-W46", 0)),
        ({"approval": "required"}, {46, 47}, None, 8 * 24, ("2026-W46", 1)),
        ({"approval": "required"}, {46, 47}, NOW, 8 * 24, ("2026-W47", 0)),
        ({"approval": "required"}, set(), None, 1, None),  # nothing was in it to ask about: if it hangs, it hangs
        ({"approval": "required"}, {46}, None, -1, None),
        ({}, {46}, None, 1, None),
    ],
)
def test_a_digest_waits_for_its_curator_where_they_were_asked(
    keys: dict[str, str], asked: set[int], approved: datetime | None, hours: int, expected: tuple[str, int] | None
) -> None:
    series = SeriesSettings.model_validate({"timezone": "Europe/London", "curator": "c@x.org", **keys})
    windows = [
        StoredWindow(
            id=number,
            window=window_named(f"2026-W{number}", LONDON),
            state=DigestState.OPEN,
            closed_at=None,
            facts=None,
            topics=None,
            approved_at=approved if number == 46 else None,
        )
        for number in (46, 47)
    ]
    due = datetime.fromisoformat("2026-11-16T08:00Z")
    found = find_awaited(series, windows, asked, due + hours * HOUR)
    assert (found and (found.window.name, found.behind)) == expected
    if found:
        (need,) = find_needs(facts(awaited=[found]), NOW)
        assert need.key == f"awaited weekly/{found.window.name}"
        assert f"'collector digest send --series weekly --week {found.window.name}'" in need.advice
