"""What it means that a place no longer shows a post: a deletion, or nothing at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from making import NOW

from collector.model import Evidence
from collector.polling.evidence import judge, may_erase, needs_origin
from collector.sources.origins import OriginSays
from collector.storage.absence import Absent

GONE, MISSING, AWAY = Evidence.GONE, Evidence.MISSING, Evidence.AWAY
SHOWN, UNKNOWN = OriginSays.SHOWN, OriginSays.UNKNOWN
DAY = timedelta(days=1)


def absent(**changes: Any) -> Absent:
    values: dict[str, Any] = {
        "post_id": 1,
        "native_id": "1",
        "uri": "https://fedi.example/1",
        "is_home": False,
        "is_shown_elsewhere": False,
        "is_shown_anew": False,
        "is_shown_at_home": False,
        "gone_at": None,
        "gone_why": None,
    }
    return Absent(**(values | changes))


@pytest.mark.parametrize(
    ("about", "says", "why"),
    [
        ({"is_home": True}, None, GONE),
        ({"is_home": True, "is_shown_elsewhere": True}, None, GONE),  # its own place has the last word
        ({"is_home": True, "is_shown_anew": True}, None, None),  # set up anew, with other ids
        ({"is_shown_elsewhere": True}, None, None),  # this one only dropped it
        ({"is_shown_elsewhere": True}, UNKNOWN, None),
        ({"is_shown_elsewhere": True}, OriginSays.GONE, GONE),  # the other never heard of it
        ({}, SHOWN, None),
        ({}, OriginSays.GONE, GONE),
        ({}, UNKNOWN, MISSING),
        ({}, None, MISSING),
        ({"gone_why": MISSING, "gone_at": NOW}, SHOWN, None),  # seen again where it was posted
        ({"gone_why": MISSING, "gone_at": NOW}, OriginSays.GONE, GONE),
        ({"gone_why": GONE, "gone_at": NOW}, UNKNOWN, GONE),  # what was proven stays so
        ({"gone_why": GONE, "gone_at": NOW, "is_shown_elsewhere": True}, None, GONE),
        ({"gone_why": AWAY, "gone_at": NOW}, UNKNOWN, AWAY),
    ],
)
def test_only_its_own_place_or_the_silence_of_all_takes_a_post_out_of_sight(
    about: dict[str, Any], says: OriginSays | None, why: Evidence | None
) -> None:
    assert judge(absent(**about), says) is why


@pytest.mark.parametrize(
    ("about", "is_needed"),
    [
        ({}, True),
        ({"is_home": True}, False),
        ({"is_shown_elsewhere": True}, True),
        ({"is_shown_elsewhere": True, "is_shown_at_home": True}, False),
        ({"is_shown_elsewhere": True, "is_shown_anew": True}, False),
        ({"gone_why": MISSING, "gone_at": NOW}, True),
        ({"gone_why": GONE, "gone_at": NOW - timedelta(hours=5)}, False),  # it said so already …
        ({"gone_why": GONE, "gone_at": NOW - DAY}, True),  # … and is asked again before words are erased
    ],
)
def test_the_origin_is_asked_wherever_another_place_shows_a_post_no_more(
    about: dict[str, Any], is_needed: bool
) -> None:
    assert needs_origin(absent(**about), NOW) is is_needed


@pytest.mark.parametrize(
    ("gone_at", "why", "is_erased"),
    [
        (None, GONE, False),  # this is the first look
        (NOW, GONE, False),
        (NOW - timedelta(hours=19), GONE, False),
        (NOW - DAY, GONE, True),
        (NOW - DAY, MISSING, False),
        (NOW - 27 * DAY, MISSING, False),
        (NOW - 28 * DAY, MISSING, True),
        (NOW - 999 * DAY, AWAY, False),
    ],
)
def test_words_are_erased_at_a_second_look_and_never_those_of_an_account_that_may_come_back(
    gone_at: Any, why: Evidence, is_erased: bool
) -> None:
    assert may_erase(absent(gone_at=gone_at), why, NOW) is is_erased


def test_a_place_that_lost_everything_proves_nothing() -> None:
    assert judge(absent(is_home=True), None, is_place_empty=True) is MISSING
    assert judge(absent(is_home=True), OriginSays.GONE, is_place_empty=True) is GONE
