"""The kinds of deliveries: who writes each, and whether it goes to those who get the series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from collector.config import SeriesSettings, Settings
from collector.errors import UnknownNameError
from collector.mailing.asking import PREVIEW, REMINDER
from collector.mailing.contents import Contents, Order, make_slots, write_digest, write_sign_of_life
from collector.mailing.previewing import write_preview, write_reminder
from collector.storage.database import Connection
from collector.storage.deliveries import DIGEST, FOR_READERS, SIGN_OF_LIFE

_WRITERS: Final[Mapping[str, Callable[[Connection, Order], Contents]]] = {
    DIGEST: write_digest,
    SIGN_OF_LIFE: write_sign_of_life,
    PREVIEW: write_preview,
    REMINDER: write_reminder,
}


def is_for_readers(kind: str) -> bool:
    """True for what goes to those who get the series: each with links of their own, and only as long as they do."""
    return kind in FOR_READERS


def write_contents(
    conn: Connection,
    settings: Settings,
    series: SeriesSettings,
    name: str,
    kind: str,
    now: datetime,
    *,
    is_personal: bool,
) -> Contents:
    """What goes out for a window of a series; `is_personal`: with places for each reader's own links.

    What follows the first word of a kind may be a date: "reminder 2026-11-23". UnknownNameError for one that a later
    version wrote down.
    """
    write = _WRITERS.get(kind) or _WRITERS.get(kind.partition(" ")[0])
    if write is None:
        raise UnknownNameError(f"nothing here writes a {kind!r}")
    slots = make_slots() if is_personal else {}
    order = Order(settings=settings, series=series, name=name, now=now, slots=slots)
    return write(conn, order)
