"""A made-up week lived through: everything is found, edits and deletions are mirrored, and not too much is asked."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from simulation.living import describe, live_a_week
from simulation.measuring import Figures, Share
from simulation.week import make_shape, make_week

DAY = timedelta(days=1)
PACE = {"interval": "2h", "overlap_interval": "6h"}  # slower than in life: a week has to pass in seconds
SEEDS = {1: ("oak", "ash", "fir"), 2: ("elm", "fir", "yew"), 3: ("oak", "ash", "bay")}


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_week_loses_nothing_keeps_nothing_that_was_taken_back_and_asks_within_bounds(
    tmp_path: Path, seed: int
) -> None:
    shape = make_shape(150, SEEDS[seed], busy=4 * DAY, quiet=2.5 * DAY)
    outcome = live_a_week(tmp_path, seed, shape, polling=PACE)
    table = describe(outcome)
    assert not any(outcome.ours.faults.values()), f"{table}\n{outcome.ours.faults}"
    assert {server.name for server in outcome.requests if server.made > server.bound} == set(), table
    assert all(share.due > 5 for share in shares(outcome.ours)), table
    assert not any(share.is_whole for share in shares(outcome.theirs)), table


def shares(figures: Figures) -> list[Share]:
    return [figures.recall, figures.precision, figures.edits, figures.deletions]


def test_the_same_seed_makes_the_same_week() -> None:
    shape = make_shape(40)
    one, again, other = ([(event.at, event.needs) for event in make_week(seed, shape)] for seed in (1, 1, 2))
    assert one == again != other
