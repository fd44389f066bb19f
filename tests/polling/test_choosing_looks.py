"""Which posts are asked about again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collector.polling.looking import choose_ids

IDS = st.lists(st.sampled_from([f"p{number}" for number in range(40)]), unique=True)


def test_nothing_is_asked_where_nothing_is_missing_or_due() -> None:
    assert choose_ids([], [], ["a", "b"], ["m"], at_once=20, most=200) == []


def test_what_a_walk_missed_comes_before_what_is_due_and_a_request_is_filled_up() -> None:
    assert choose_ids(["a"], ["b", "a"], ["c", "b"], ["m", "n"], at_once=20, most=200) == ["a", "b", "m", "c"]
    assert choose_ids(["a"], ["b"], ["c"], ["m"], at_once=2, most=200) == ["a", "b"]
    assert choose_ids(["a"], ["b"], ["c"], ["m"], at_once=1, most=200) == ["a", "b"]


@given(IDS, IDS, IDS, IDS, st.integers(1, 100), st.integers(1, 60))
def test_each_is_asked_once_and_filling_up_never_takes_another_request(
    missed: list[str], due: list[str], soonest: list[str], met: list[str], at_once: int, most: int
) -> None:
    chosen = choose_ids(missed, due, soonest, met, at_once=at_once, most=most)
    wanted = list(dict.fromkeys([*missed, *due]))[:most]
    assert len(set(chosen)) == len(chosen)
    assert chosen[: len(wanted)] == wanted
    assert -(-len(chosen) // at_once) == -(-len(wanted) // at_once)
