"""Tests that need more than Python and its packages: skipped with a reason, unless they are required.

COLLECTOR_TEST_REQUIRE names what is, such as "wheel,browser,postgresql": then a missing tool is a failure.
"""

from __future__ import annotations

import os

import pytest


def is_required(need: str) -> bool:
    """True where the environment says that tests with this need must run."""
    return need in os.environ.get("COLLECTOR_TEST_REQUIRE", "").split(",")


def needs(need: str, *, is_there: bool, reason: str) -> pytest.MarkDecorator:
    """Skips a test, or a module as its `pytestmark`, where what it needs is not there; never what is required."""
    return pytest.mark.skipif(not is_there and not is_required(need), reason=reason)
