"""A complaint says once what it is about."""

from __future__ import annotations

import pytest

from collector.text.complaints import about


@pytest.mark.parametrize(
    ("name", "message", "told"),
    [
        ("our server", "a.example cannot be reached", "our server: a.example cannot be reached"),
        ("a.example", "a.example cannot be reached", "a.example cannot be reached"),
        ("a.example", "a.example:81 cannot be reached", "a.example:81 cannot be reached"),
        ("a.example", "a.example.org cannot be reached", "a.example: a.example.org cannot be reached"),
        ("a.example", "a.example", "a.example: a.example"),
    ],
)
def test_a_name_is_not_said_twice(name: str, message: str, told: str) -> None:
    assert about(name, message) == told
