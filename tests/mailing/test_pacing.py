"""How many mails may go now, and how many refusals are too many."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from making import NOW

from collector.mailing.claiming import next_size
from collector.mailing.pacing import Allowance, allow
from collector.mailing.pausing import Tally, is_too_many
from collector.storage.deliveries import Delivery
from collector.storage.pausing import Tries

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
EARLIER = NOW - 20 * SECOND


@pytest.mark.parametrize(
    ("handed_over", "first_at", "in_hand", "mails", "again_at"),
    [
        pytest.param(0, None, 0, 60, NOW + SECOND, id="nothing went out"),
        pytest.param(20, EARLIER, 0, 40, NOW + 40 * SECOND, id="some did"),
        pytest.param(20, EARLIER, 25, 15, NOW + 40 * SECOND, id="and others are about to"),
        pytest.param(60, EARLIER, 0, 0, NOW + 40 * SECOND, id="all that may"),
        pytest.param(50, EARLIER, 30, 0, NOW + 40 * SECOND, id="more than may"),
        pytest.param(0, None, 60, 0, NOW + SECOND, id="others have all in hand"),
    ],
)
def test_what_is_left_of_a_minute(
    handed_over: int, first_at: datetime | None, in_hand: int, mails: int, again_at: datetime
) -> None:
    assert allow(60, handed_over, first_at, in_hand, NOW) == Allowance(mails=mails, again_at=again_at)


def test_no_minute_sees_more_than_are_allowed_and_the_pace_is_kept_up() -> None:
    dice, now = Random(7), NOW
    gone: list[datetime] = []
    while now < NOW + 30 * MINUTE:
        recent = [at for at in gone if now - MINUTE < at <= now]
        allowance = allow(30, len(recent), min(recent, default=None), 0, now)
        for _ in range(min(allowance.mails, dice.randint(1, 100))):
            now += timedelta(milliseconds=dice.randint(1, 300))
            gone.append(now)
        if not allowance.mails:
            now = allowance.again_at
    assert all(later - earlier >= MINUTE for earlier, later in zip(gone, gone[30:], strict=False))
    assert all(earlier <= later for earlier, later in pairwise(gone))
    assert len(gone) > 25 * 30


@pytest.mark.parametrize(
    ("size", "took", "expected"),
    [
        pytest.param(25, 0.1, 50, id="quick"),
        pytest.param(100, 0.7, 100, id="about a second"),
        pytest.param(100, 1.5, 50, id="slow"),
        pytest.param(25, 90, 25, id="never fewer"),
        pytest.param(400, 0.2, 500, id="never more"),
    ],
)
def test_as_many_are_claimed_as_go_in_about_a_second(size: int, took: float, expected: int) -> None:
    assert next_size(size, took) == expected


@pytest.mark.parametrize(
    ("tried", "refused", "expected"),
    [
        pytest.param(50, 50, False, id="as many as may be"),
        pytest.param(51, 51, True, id="one more"),
        pytest.param(100, 51, True, id="half of them"),
        pytest.param(509, 51, True, id="more than a tenth"),
        pytest.param(510, 51, False, id="a tenth: an old list"),
        pytest.param(10_000, 900, False, id="many of very many"),
        pytest.param(10_000, 1_001, True, id="too many of very many"),
        pytest.param(3, 3, False, id="a short list"),
    ],
)
def test_how_many_refusals_are_too_many(tried: int, refused: int, expected: bool) -> None:
    assert is_too_many(tried, refused, 50) is expected


def delivery(tried_at: datetime | None = None, error: str = "", attempts: int = 0) -> Delivery:
    return Delivery(
        id=1,
        digest_id=1,
        address="a@example.org",
        kind="digest",
        message_id="<1>",
        created_at=NOW,
        attempts=attempts,
        tried_at=tried_at,
        error=error,
    )


@pytest.mark.parametrize(
    ("what", "refusal", "expected"),
    [
        pytest.param(delivery(), "", (11, 3), id="taken at once"),
        pytest.param(delivery(), "no", (11, 4), id="refused at first"),
        pytest.param(delivery(NOW, "later"), "no", (10, 3), id="refused once more"),
        pytest.param(delivery(NOW, "later"), "", (10, 2), id="taken at last"),
        pytest.param(delivery(NOW - MINUTE, "later"), "no", (11, 4), id="refused before the pause, and after"),
        pytest.param(delivery(NOW - MINUTE, "later"), "", (11, 3), id="refused before the pause, and taken after"),
        pytest.param(delivery(None, "no server"), "", (11, 3), id="waited for the server"),
        pytest.param(delivery(), "Greylisted", (11, 3), id="greylisted"),
        pytest.param(delivery(NOW, "Greylisted", 2), "Greylisted", (10, 3), id="greylisted a third time"),
        pytest.param(delivery(NOW, "Greylisted", 3), "Greylisted", (10, 4), id="greylisted too often"),
        pytest.param(delivery(NOW, "Greylisted", 1), "no", (10, 4), id="refused after it was greylisted"),
        pytest.param(delivery(NOW, "Greylisted", 1), "", (10, 3), id="taken after it was greylisted"),
    ],
)
def test_a_delivery_counts_once(what: Delivery, refusal: str, expected: tuple[int, int]) -> None:
    tally = Tally(Tries(tried=10, refused=3, since=NOW - SECOND))
    tally.note(what, refusal)
    assert (tally.tried, tally.refused) == expected
