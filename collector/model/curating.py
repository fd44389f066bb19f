"""What a curator decided about posts, before a digest went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Curation:
    """A curator's word on one post and its copies, for one series."""

    left_out_at: datetime | None = None
    first_at: datetime | None = None  # when it was put first: of several the earliest decision stands first
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """All that was decided for a series, by cluster: a post and its copies are one."""

    left_out: frozenset[int] = frozenset()
    first: tuple[int, ...] = ()  # in the order in which it was decided
