"""Structured logs: a line an event, as text for people or as JSON for programs, with its numbers."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal

LogFormat = Literal["text", "json"]


class TextFormatter(logging.Formatter):
    """`2026-11-23T08:00:00Z INFO round source=… new=3`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, followed by a traceback where there is one."""
        numbers = " ".join(f"{name}={_quoted(value)}" for name, value in _numbers(record).items())
        line = f"{_instant(record)} {record.levelname} {record.getMessage()} {numbers}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The event with its numbers beside it."""
        event: dict[str, Any] = {
            "at": _instant(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_numbers(record),
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False, default=str)


def start_logging(log_format: LogFormat, level: int) -> None:
    """Sends the collector's own log to standard error; libraries only speak up when something is wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    logging.getLogger("collector").setLevel(level)


def _numbers(record: logging.LogRecord) -> dict[str, Any]:
    numbers: dict[str, Any] = getattr(record, "numbers", {})
    return numbers


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(c in text for c in ' "=\n') else text
