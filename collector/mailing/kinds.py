"""The kinds of deliveries: who writes each, and whether it goes to those who get the series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from collector.config import SeriesSettings, Settings
from collector.errors import UnknownNameError
from collector.mailing.asking import PREVIEW, REMINDER
from collector.mailing.contents import Contents, Order, make_slots, write_digest, write_sign_of_life
from collector.mailing.previewing import write_preview, write_reminder
from collector.storage.database import Connection
from collector.storage.deliveries import DIGEST, SIGN_OF_LIFE


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of delivery."""

    write: Callable[[Connection, Order], Contents]
    is_for_readers: bool  # each with links of their own, and only as long as they get the series


KINDS: Final = {
    DIGEST: Kind(write=write_digest, is_for_readers=True),
    SIGN_OF_LIFE: Kind(write=write_sign_of_life, is_for_readers=True),
    PREVIEW: Kind(write=write_preview, is_for_readers=False),
    REMINDER: Kind(write=write_reminder, is_for_readers=False),
}


def kind_named(name: str) -> Kind:
    """The kind of a delivery; what follows the first word may be a date: "reminder 2026-11-23"."""
    kind = KINDS.get(name) or KINDS.get(name.partition(" ")[0])
    if kind is None:  # written down by a later version
        raise UnknownNameError(f"nothing here writes a {name!r}")
    return kind


def is_for_readers(name: str) -> bool:
    """True for what goes to those who get the series."""
    return name in KINDS and KINDS[name].is_for_readers


def write_contents(
    conn: Connection,
    settings: Settings,
    series: SeriesSettings,
    week: str,
    kind: str,
    now: datetime,
    *,
    is_personal: bool,
) -> Contents:
    """What goes out for a week of a series; `is_personal`: with places for each reader's own links."""
    slots = make_slots() if is_personal else {}
    order = Order(settings=settings, series=series, week=week, kind=kind, now=now, slots=slots)
    return kind_named(kind).write(conn, order)
