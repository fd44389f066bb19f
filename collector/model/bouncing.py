"""Mails that came back: how final that is, and what else comes into the mailbox that they come back to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """What a refusal says about an address."""

    HARD = "hard"  # there is no such mailbox, and there will be none
    SOFT = "soft"  # not now, not so large, not from us: the reader can do nothing for it


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A mail of ours that something came back about."""

    delivery_id: int | None  # None: a letter to one reader, of which there is no count
    address: str  # in normal form
    series: str  # "" for a letter
    sent_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """A digest that went to an address, and whether it came back."""

    delivery_id: int
    sent_at: datetime
    severity: Severity | None  # None: nothing was heard of it
