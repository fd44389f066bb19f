"""Which posts a digest holds: those of its own window, and those that came too late for an earlier one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from collector.digest.windows import weeks_before
from collector.model import Candidate, Counts, Window


@dataclass(frozen=True, kw_only=True, slots=True)
class Membership:
    """Who is in, one candidate for all copies of a post, each group in order of time."""

    own: tuple[Candidate, ...]
    late: tuple[Candidate, ...]


def choose_members(
    window: Window,
    candidates: Iterable[Candidate],
    *,
    closed: Sequence[Window],
    late_weeks: int,
    topic_starts: Mapping[str, datetime],
) -> Membership:
    """The candidates that belong. The caller leaves out what an earlier digest of the series holds already.

    `closed` are the series' windows that are built or skipped. A topic without a start was there from the beginning.
    """
    oldest = weeks_before(window, late_weeks)

    def is_late(candidate: Candidate) -> bool:
        start = topic_starts.get(candidate.topic)
        return (
            not candidate.is_history
            and oldest <= candidate.dated_at < window.starts_at
            and (start is None or candidate.dated_at >= start)
            and any(candidate.dated_at in earlier for earlier in closed)
        )

    own, late = [], []
    for copies in _clusters(candidates):
        if in_window := [copy for copy in copies if copy.dated_at in window]:
            own.append(_stand_in(in_window, copies))
        elif too_late := [copy for copy in copies if is_late(copy)]:
            late.append(_stand_in(too_late, copies))
    return Membership(own=tuple(sorted(own, key=_by_time)), late=tuple(sorted(late, key=_by_time)))


def merge_copies(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate for all copies of a post, in order of time."""
    return sorted((_stand_in(copies, copies) for copies in _clusters(candidates)), key=_by_time)


def _clusters(candidates: Iterable[Candidate]) -> Iterable[list[Candidate]]:
    clusters: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        clusters[candidate.cluster].append(candidate)
    return clusters.values()


def _stand_in(choices: Iterable[Candidate], copies: Iterable[Candidate]) -> Candidate:
    """The earliest of the choices that no bridge made, with the highest counts of all copies."""
    counts = reduce(Counts.highest, (copy.counts for copy in copies))
    return replace(min(choices, key=lambda choice: (choice.is_copy, *_by_time(choice))), counts=counts)


def _by_time(candidate: Candidate) -> tuple[datetime, str, int, str]:
    return (candidate.dated_at, candidate.uri, candidate.post_id, candidate.topic)
