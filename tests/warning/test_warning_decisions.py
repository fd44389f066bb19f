"""What of all that needs a person is news."""

from __future__ import annotations

from datetime import timedelta

import pytest
from making import NOW

from collector.needs.finding import Need
from collector.storage.warnings import StoredWarning
from collector.warning.deciding import SETTLED_AFTER, TRY_AGAIN, decide

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NEED = Need(key="failing x", message="x: it is down", advice="Look at it.")


def stored(
    began: timedelta, mailed: timedelta | None = None, claimed: timedelta | None = None, key: str = NEED.key
) -> StoredWarning:
    """A warning that was remembered, mailed and claimed so long ago."""
    return StoredWarning(
        key=key,
        message=NEED.message,
        began_at=NOW - began,
        mailed_at=None if mailed is None else NOW - mailed,
        claimed_at=None if claimed is None else NOW - claimed,
    )


STANDS, IS_OVER = [NEED], list[Need]()


@pytest.mark.parametrize(
    ("needs", "known", "what"),
    [
        pytest.param(STANDS, [], {"begun"}, id="what is new is remembered first"),
        pytest.param(STANDS, [stored(SETTLED_AFTER - SECOND)], set(), id="what may pass by itself is waited for"),
        pytest.param(STANDS, [stored(SETTLED_AFTER)], {"told"}, id="what stands is told"),
        pytest.param(STANDS, [stored(DAY, mailed=DAY)], set(), id="what was told is not told again"),
        pytest.param(STANDS, [stored(400 * DAY, mailed=399 * DAY)], set(), id="not after a year either"),
        pytest.param(IS_OVER, [stored(SETTLED_AFTER)], {"passed"}, id="what passed untold is not spoken of"),
        pytest.param(IS_OVER, [stored(DAY, mailed=DAY)], {"over"}, id="what was told is told to be over"),
        pytest.param(STANDS, [stored(DAY, claimed=TRY_AGAIN - SECOND)], set(), id="another is telling it"),
        pytest.param(STANDS, [stored(DAY, claimed=TRY_AGAIN)], {"told"}, id="the other has died, or failed"),
        pytest.param(IS_OVER, [stored(DAY, claimed=TRY_AGAIN - SECOND)], set(), id="it ended while it is being told"),
        pytest.param(
            IS_OVER, [stored(DAY, mailed=DAY, claimed=TRY_AGAIN - SECOND)], set(), id="another is telling that"
        ),
        pytest.param(IS_OVER, [stored(DAY, mailed=DAY, claimed=TRY_AGAIN)], {"over"}, id="and failed"),
        pytest.param(STANDS, [stored(-DAY)], {"told"}, id="a clock that ran ahead keeps nobody from being told"),
        pytest.param(STANDS, [stored(DAY, claimed=-DAY)], {"told"}, id="nor does its claim"),
        pytest.param(IS_OVER, [], set(), id="all is well"),
    ],
)
def test_somebody_is_told_once_when_it_begins_and_once_when_it_is_over(
    needs: list[Need], known: list[StoredWarning], what: set[str]
) -> None:
    plan = decide(needs, known, NOW)
    assert {name for name in ("begun", "passed", "told", "over") if getattr(plan, name)} == what
    assert plan.is_nothing == (not what)
    assert plan.is_mail == bool(what & {"told", "over"})
    assert set(plan.mailed_keys) == ({NEED.key} if plan.is_mail else set())


def test_several_lines_of_one_trouble_are_one_warning() -> None:
    other = Need(key=NEED.key, message="x: and its other hashtag, too", advice="Look.")
    assert [warning.message for warning in decide([NEED, other], [], NOW).begun] == [NEED.message]


def test_what_is_told_is_in_the_words_of_now() -> None:
    changed = Need(key=NEED.key, message="x: it is still down", advice="Look.")
    (news,) = decide([changed], [stored(DAY)], NOW).told
    assert (news.need, news.began_at) == (changed, NOW - DAY)


def test_one_that_ends_and_one_that_begins_are_told_together() -> None:
    plan = decide([NEED], [stored(DAY), stored(2 * DAY, mailed=DAY, key="another")], NOW)
    assert plan.mailed_keys == (NEED.key, "another")
