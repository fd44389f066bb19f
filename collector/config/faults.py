"""A fault of the configuration, and the line that tells a person about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

Place = tuple[str | int, ...]

SHOWN_LENGTH = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is wrong: where (table, key, number in a list), what, and what is accepted instead."""

    where: Place
    what: str
    accepted: str = ""


class SeveralFaultsError(ValueError):
    """What is wrong inside a file that a key names, each line complete: it says itself what is accepted."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = tuple(lines)


def fault_line(fault: Fault, *, file: str, variables: Mapping[Place, str]) -> str:
    """`collector.toml: polling.interval: not a duration …`, or the variable's name where the value came from one."""
    variable = variables.get(fault.where[:2])
    place = variable + _dotted(fault.where[2:]) if variable else f"{file}: {_dotted(fault.where)}"
    accepted = f"; accepted: {fault.accepted}" if fault.accepted else ""
    return f"{place}: {fault.what}{accepted}"


def _dotted(where: Place) -> str:
    """Entries of a list count from 1, as a person counts: the first `[[source]]` is `source[1]`."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{_on_one_line(part)}" for part in where)
    return "".join(parts).removeprefix(".")


def shown(value: object) -> str:
    """A value as it stands in a message: quoted, shortened, on one line. Never for secrets."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return _on_one_line(text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "…")


def _on_one_line(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


_TOML_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
    ((date, time), "a date or time"),
)


def type_name(value: object) -> str:
    """What TOML's kinds of values are called in a message."""
    return next((name for kind, name in _TOML_NAMES if isinstance(value, kind)), "something else")
