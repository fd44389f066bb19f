"""JSON Lines: one object a line, each for itself; a line that cannot be read never costs the next one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from collector.archives.files import Content
from collector.archives.protocol import Unreadable


def read_objects(content: Content) -> Iterator[tuple[int, dict[str, Any] | Unreadable]]:
    """Each line's object with its number, or why there is none; blank lines are nothing."""
    for number, line in content.lines():
        if line is None:
            yield number, Unreadable(line=number, reason="not UTF-8")
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            if line and not line.isspace():
                yield number, Unreadable(line=number, reason=_reason(line, error))
            continue
        if type(value) is dict:
            yield number, value
        else:
            yield number, Unreadable(line=number, reason="not an object")


def first_objects(beginning: bytes, most: int = 20) -> list[dict[str, Any]]:
    """The objects on the first lines of a file, as far as they can be read and are whole."""
    objects = []
    for line in beginning.split(b"\n", most)[:most]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            objects.append(value)
    return objects


def _reason(line: str, error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError) and error.pos >= len(line.rstrip()):
        return "not JSON: the line ends in the middle"
    return "not JSON"
