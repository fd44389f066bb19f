"""What becomes of subscriptions: tables of decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from making import NOW

from collector.model import Consent, Origin, Standing, Subscriber, Subscription
from collector.subscribing.deciding import (
    LetterKind,
    Outcome,
    decide_addition,
    decide_choice,
    decide_confirmation,
    decide_end,
    decide_sign_up,
)
from collector.subscribing.limits import BETWEEN, MOST, Written, letter_time

HOUR = timedelta(hours=1)
ASKED, CONFIRMED, ENDED = Standing.ASKED, Standing.CONFIRMED, Standing.ENDED


def one(state: Standing, series: str = "weekly", **changes: Any) -> Subscription:
    values: dict[str, Any] = {"series": series, "state": state, "origin": Origin.PAGE, "asked_at": NOW}
    return Subscription(**(values | changes))


def reader(*subscriptions: Subscription, **changes: Any) -> Subscriber:
    values: dict[str, Any] = {
        "id": 1,
        "key": "k",
        "address": "jo@example.org",
        "folded": "jo@example.org",
        "created_at": NOW,
        "subscriptions": subscriptions,
    }
    return Subscriber(**(values | changes))


@pytest.mark.parametrize(
    ("known", "asked", "letter"),
    [
        (reader(), ["weekly"], LetterKind.CONFIRM),
        (reader(one(ASKED)), [], LetterKind.CONFIRM),
        (reader(one(CONFIRMED)), [], LetterKind.SETTINGS),
        (reader(one(ENDED)), ["weekly"], LetterKind.CONFIRM),
        (reader(one(CONFIRMED), bounced_at=NOW), [], LetterKind.CONFIRM),
        (reader(one(CONFIRMED, "second")), ["weekly"], LetterKind.CONFIRM),
    ],
    ids=["a stranger", "asked", "confirmed", "ended", "bounced", "of another series"],
)
def test_signing_up_confirms_nothing_and_touches_nothing_that_is_confirmed(
    known: Subscriber, asked: list[str], letter: LetterKind
) -> None:
    asking = decide_sign_up(known, ["weekly"], NOW + HOUR)
    assert [(change.series, change.state, change.asked_at) for change in asking.changed] == [
        (series, ASKED, NOW + HOUR) for series in asked
    ]
    assert asking.letter == letter


def test_one_letter_tells_of_all_that_is_new() -> None:
    asking = decide_sign_up(reader(one(CONFIRMED)), ["weekly", "second"], NOW)
    assert ([change.series for change in asking.changed], asking.letter) == (["second"], LetterKind.CONFIRM)


def test_a_link_confirms_what_was_asked_for_before_its_letter_and_nothing_later() -> None:
    known = reader(one(ASKED, asked_at=NOW), one(ASKED, "second", asked_at=NOW + 2 * HOUR))
    told = decide_confirmation(known, NOW + HOUR, NOW + 3 * HOUR)
    assert [(change.series, change.state) for change in told.changed] == [("weekly", CONFIRMED)]
    assert told.changed[0].confirmed_at == NOW + 3 * HOUR
    assert told.changed[0].consent == Consent(
        source="signed up on the page, and confirmed by mail", given_at=NOW + 3 * HOUR
    )


def test_a_link_that_is_used_twice_shows_that_it_is_done() -> None:
    told = decide_confirmation(reader(one(CONFIRMED)), NOW + HOUR, NOW + 2 * HOUR)
    assert (told.changed, told.got, told.comes_back_to) == ((), ("weekly",), False)


def test_a_link_does_not_undo_leaving() -> None:
    left = one(ENDED, ended_at=NOW + 2 * HOUR)
    told = decide_confirmation(reader(left), NOW + HOUR, NOW + 3 * HOUR)
    assert (told.changed, told.got, told.left) == ((), (), ("weekly",))
    again = replace(left, state=ASKED, asked_at=NOW + 4 * HOUR, ended_at=None)
    assert decide_confirmation(reader(again), NOW + HOUR, NOW + 5 * HOUR).changed == ()
    assert decide_confirmation(reader(again), NOW + 4 * HOUR, NOW + 5 * HOUR).got == ("weekly",)


def test_confirming_shows_that_mails_arrive_again_but_only_after_the_bounce() -> None:
    known = reader(one(CONFIRMED), bounced_at=NOW)
    assert decide_confirmation(known, NOW + HOUR, NOW + HOUR).is_reachable_again
    assert not decide_confirmation(known, NOW - HOUR, NOW + HOUR).is_reachable_again


def test_who_is_reachable_again_has_confirmed_all_they_get_so_that_older_reports_count_for_nothing() -> None:
    known = reader(one(CONFIRMED), one(ENDED, "second", ended_at=NOW), bounced_at=NOW)
    told = decide_confirmation(known, NOW + HOUR, NOW + 2 * HOUR)
    assert [(one.series, one.confirmed_at) for one in told.changed] == [("weekly", NOW + 2 * HOUR)]
    assert told.got == ("weekly",)


def test_somebody_gets_what_they_chose_of_what_they_were_shown() -> None:
    known = reader(one(CONFIRMED), one(ENDED, "second", ended_at=NOW), one(CONFIRMED, "third"))
    changed = decide_choice(known, {"second", "fourth"}, ["weekly", "second"], NOW + HOUR)
    assert {change.series: change.state for change in changed} == {"weekly": ENDED, "second": CONFIRMED}
    assert [change.ended_why for change in changed if change.state is ENDED] == ["settings"]
    assert decide_choice(known, {"weekly", "third"}, ["weekly", "second", "third"], NOW) == ()


@pytest.mark.parametrize(("series", "ended"), [("weekly", ["weekly"]), (None, ["weekly", "second"]), ("other", [])])
def test_leaving_ends_one_series_or_all_and_what_is_only_asked_for_too(series: str | None, ended: list[str]) -> None:
    known = reader(one(CONFIRMED), one(ASKED, "second"), one(ENDED, "third", ended_at=NOW, ended_why="mail"))
    changed = decide_end(known, series, "link", NOW + HOUR)
    assert [change.series for change in changed] == ended
    assert {(change.state, change.ended_at, change.ended_why) for change in changed} <= {(ENDED, NOW + HOUR, "link")}


@pytest.mark.parametrize(
    ("known", "is_refused", "outcome"),
    [
        (None, False, Outcome.ADDED),
        (None, True, Outcome.REFUSED),
        (reader(), False, Outcome.ADDED),
        (reader(one(ASKED)), False, Outcome.ADDED),
        (reader(one(CONFIRMED)), False, Outcome.KNOWN),
        (reader(one(CONFIRMED, origin=Origin.CONFIGURATION)), False, Outcome.ADDED),
        (reader(one(ENDED)), False, Outcome.REFUSED),
        (reader(one(CONFIRMED), bounced_at=NOW), False, Outcome.BOUNCED),
        (reader(one(CONFIRMED, "second")), False, Outcome.ADDED),
    ],
)
def test_the_operator_adds_whom_nothing_speaks_against(
    known: Subscriber | None, is_refused: bool, outcome: Outcome
) -> None:
    new = one(CONFIRMED, origin=Origin.IMPORT)
    assert decide_addition(known, new, is_refused=is_refused) == (outcome, new if outcome is Outcome.ADDED else None)


MINUTE = timedelta(minutes=1)


def sent(*minutes_ago: int) -> list[Written]:
    moments = [NOW - minutes * MINUTE for minutes in minutes_ago]
    return [Written(created_at=moment, finished_at=moment) for moment in moments]


@pytest.mark.parametrize(
    ("earlier", "when"),
    [
        ([], NOW),
        (sent(11), NOW),
        (sent(4), NOW + 6 * MINUTE),
        (sent(200, 300, 400, 500), NOW),
        (sent(200, 300, 400, 500, 600), None),
        (sent(200, 300, 400, 500, 24 * 60), NOW),
        ([Written(created_at=NOW - MINUTE, finished_at=None)], None),
        ([Written(created_at=NOW - 15 * MINUTE, finished_at=NOW - MINUTE)], NOW + 9 * MINUTE),
    ],
)
def test_letters_to_one_address_are_few_and_apart(earlier: list[Written], when: object) -> None:
    assert letter_time(earlier, [], NOW) == when
    assert (BETWEEN, MOST) == (10 * MINUTE, 5)


@pytest.mark.parametrize(
    ("earlier", "others", "when"),
    [
        (sent(), sent(1, 2, 3, 4), NOW),
        (sent(200), sent(1, 2, 3), NOW),
        (sent(), sent(1, 2, 3, 4, 5), None),
        (sent(200, 300), sent(1, 2, 3), None),
        (sent(), sent(1, 2, 3, 4, 24 * 60), NOW),
        (sent(), [Written(created_at=NOW - MINUTE, finished_at=None)], NOW),
    ],
)
def test_letters_to_several_addresses_of_one_mailbox_are_few(
    earlier: list[Written], others: list[Written], when: object
) -> None:
    assert letter_time(earlier, others, NOW) == when
