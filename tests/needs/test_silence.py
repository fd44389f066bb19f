"""When a watch is called silent: against its own rhythm, never against a clock alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from making import NOW
from making_storage import make_key

from collector.model import Watch, WatchState
from collector.needs.silence import find_silence, quiet_after

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def watch(listened_for: timedelta | None, since: datetime) -> Watch:
    """A watch that could be read until so long after `since`."""
    listened = None if listened_for is None else since + listened_for
    state = WatchState(began_at=NOW - 400 * DAY, last_success_at=listened)
    return Watch(id=1, key=make_key(), name="our server", state=state)


def every(pause: timedelta, times: int) -> list[datetime]:
    """So many dates, evenly apart, the last of them now."""
    return [NOW - pause * number for number in reversed(range(times))]


def annual() -> list[datetime]:
    """A conference a year ago and one of now, four hundred posts each."""
    return [NOW - year * timedelta(days=350) - number * HOUR / 5 for year in (1, 0) for number in reversed(range(400))]


@pytest.mark.parametrize(
    ("dates", "quiet_for", "is_silent"),
    [
        pytest.param(every(HOUR, 500), 23 * HOUR, False, id="an hourly hashtag may miss most of a day"),
        pytest.param(every(HOUR, 500), 24 * HOUR, True, id="an hourly hashtag that misses a whole day is silent"),
        pytest.param(every(12 * HOUR, 100), 35 * HOUR, False, id="two a day may miss a day and a half"),
        pytest.param(every(12 * HOUR, 100), 36 * HOUR, True, id="two a day are silent after three times their pause"),
        pytest.param(every(15 * DAY, 24), 44 * DAY, False, id="two a month may miss one"),
        pytest.param(every(15 * DAY, 24), 46 * DAY, True, id="two a month are silent after a month and a half"),
        pytest.param(every(30 * DAY, 12), 300 * DAY, False, id="a quiet hashtag is never silent"),
        pytest.param(every(HOUR, 200), 300 * DAY, False, id="a week's worth of posts says nothing of a rhythm"),
        pytest.param(annual(), 30 * DAY, False, id="between two conferences nobody is missed"),
        pytest.param([], 300 * DAY, False, id="without posts there is no rhythm"),
    ],
)
def test_a_watch_is_silent_after_several_times_its_longest_pause(
    dates: Sequence[datetime], quiet_for: timedelta, is_silent: bool
) -> None:
    found = find_silence(watch(quiet_for, NOW), dates, DAY)
    assert (found is not None) is is_silent


def test_one_long_pause_within_the_year_is_a_pause_it_may_make_again() -> None:
    dates = [*(at - 10 * DAY for at in every(HOUR, 400)), *every(HOUR, 50)]
    assert find_silence(watch(20 * DAY, NOW), dates, DAY) is None
    found = find_silence(watch(30 * DAY, NOW), dates, DAY)
    assert found is not None
    assert (found.since_at, found.longest_pause) == (NOW, 10 * DAY - 49 * HOUR)


def test_the_operators_patience_counts_where_it_is_longer() -> None:
    dates = every(HOUR, 500)
    assert find_silence(watch(3 * DAY, NOW), dates, 4 * DAY) is None
    assert find_silence(watch(4 * DAY, NOW), dates, 4 * DAY) is not None


@pytest.mark.parametrize(
    ("listened_for", "at_least", "since"),
    [(None, DAY, None), (5 * DAY, 2 * DAY, NOW + 3 * DAY), (5 * DAY, HOUR, NOW + 4 * DAY)],
)
def test_it_is_quiet_only_as_long_as_it_was_listened_to(
    listened_for: timedelta | None, at_least: timedelta, since: datetime | None
) -> None:
    """However long ago that is now: what nobody could hear is no silence. And anybody may be quiet for a day."""
    assert quiet_after(watch(listened_for, NOW), at_least) == since
