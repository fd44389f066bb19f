"""Log lines for people and for programs."""

from __future__ import annotations

import json
import logging

import pytest

from collector.logs import JsonFormatter, TextFormatter


def record(message: str, *, numbers: dict[str, object] | None = None, is_failure: bool = False) -> logging.LogRecord:
    fault = ZeroDivisionError("a fault")
    exc_info = (ZeroDivisionError, fault, None) if is_failure else None
    made = logging.LogRecord("collector.polling.rounds", logging.INFO, __file__, 1, message, (), exc_info)
    made.created = 1795420800.5  # 2026-11-23 08:00 UTC
    if numbers is not None:
        made.numbers = numbers
    return made


@pytest.mark.parametrize(
    ("numbers", "line"),
    [
        (None, "2026-11-23T08:00:00Z INFO round"),
        ({"source": "blog", "new": 3}, "2026-11-23T08:00:00Z INFO round source=blog new=3"),
        ({"source": 'our "best" server'}, '2026-11-23T08:00:00Z INFO round source="our \\"best\\" server"'),
        ({"source": "two\nlines"}, '2026-11-23T08:00:00Z INFO round source="two\\nlines"'),
        ({"source": ""}, '2026-11-23T08:00:00Z INFO round source=""'),
    ],
)
def test_a_line_for_people_holds_one_event(numbers: dict[str, object] | None, line: str) -> None:
    assert TextFormatter().format(record("round", numbers=numbers)) == line


def test_a_line_for_programs_is_one_object() -> None:
    line = JsonFormatter().format(record("round", numbers={"source": "Llŷn", "new": 3}))
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2026-11-23T08:00:00Z",
        "level": "info",
        "logger": "collector.polling.rounds",
        "event": "round",
        "source": "Llŷn",
        "new": 3,
    }


def test_a_fault_of_ours_brings_its_traceback() -> None:
    failed = record("poll failed unexpectedly", is_failure=True)
    assert TextFormatter().format(failed).endswith("ZeroDivisionError: a fault")
    assert json.loads(JsonFormatter().format(failed))["traceback"].endswith("ZeroDivisionError: a fault")
