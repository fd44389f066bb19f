"""Whose word on a post counts more."""

from __future__ import annotations

from itertools import product

import pytest

from collector.identity import is_better_witness

NETWORKS = ["feed", "twitter", "unheard-of", "fediverse", "bluesky", "wordpress"]


@pytest.mark.parametrize(
    ("stored", "told", "is_better"),
    [
        ("feed", "fediverse", True),
        ("feed", "wordpress", True),
        ("feed", "bluesky", True),
        ("feed", "twitter", True),
        ("twitter", "fediverse", True),
        ("fediverse", "feed", False),
        ("fediverse", "twitter", False),
        ("twitter", "feed", False),
        ("feed", "feed", False),
        ("fediverse", "fediverse", False),
        ("wordpress", "fediverse", False),
    ],
)
def test_a_networks_own_word_is_better_than_a_tables_and_that_than_a_feeds(
    stored: str, told: str, is_better: bool
) -> None:
    assert is_better_witness(stored, told) is is_better


def test_no_two_are_better_than_each_other() -> None:
    assert not any(is_better_witness(a, b) and is_better_witness(b, a) for a, b in product(NETWORKS, NETWORKS))
