"""The words of a warning mail: pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collector.needs.finding import Need

_WIDTH = 72


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What a warning mail says, to whomever."""

    subject: str
    text: str


def write_letter(told: Sequence[Need], over: Sequence[str], *, topics: str, machine: str) -> Letter:
    """What needs somebody now, and what is over; `topics` and `machine` tell this collector from others."""
    needs = list({need.message: need for need in told}.values())
    ended = list(dict.fromkeys(over))
    parts = [*_needs(needs), *_ended(ended), _close(topics, machine)]
    return Letter(subject=f"{topics}: {_subject(len(needs), len(ended))}", text="\n\n".join(parts) + "\n")


def _subject(needs: int, ended: int) -> str:
    if needs:
        return "something needs you" if needs == 1 else f"{needs} things need you"
    return "it is over" if ended == 1 else f"{ended} things are over"


def _needs(needs: Sequence[Need]) -> Iterator[str]:
    if needs:
        yield _fill("This needs you:")
    for need in needs:
        yield f"{_fill(need.message, '- ')}\n{_fill(need.advice, '  ')}"


def _ended(ended: Sequence[str]) -> Iterator[str]:
    if ended:
        yield _fill("This is over, and needs nothing more:")
    for message in ended:
        yield _fill(message, "- ")


def _close(topics: str, machine: str) -> str:
    return _fill(
        f"From the collector of {topics} on {machine}. It writes once when something begins and once when it is over;"
        " 'collector status' shows at any time what needs you."
    )


def _fill(text: str, mark: str = "") -> str:
    """One paragraph, wrapped under its mark; what servers said is part of it, and stays on its lines."""
    words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    indent = " " * len(mark)
    return textwrap.fill(
        words, _WIDTH, initial_indent=mark, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
