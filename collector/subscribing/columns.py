"""Which column of a list says what: known by its name, in whatever case and with whatever signs in it.

A test holds the names to the README, where somebody looks for them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.errors import ArchiveError
from collector.subscribing.moments import read_moment
from collector.text.excerpts import first_words
from collector.text.mailaddresses import normal_address

ADDRESSES = (
    *("email", "email address", "address", "mail", "mail address", "subscriber"),
    *("Adresse", "E-Mail-Adresse", "Mailadresse"),
)
AGREED = ("consent", "agreed", "Einwilligung", "Zustimmung")  # says when somebody agreed, or only whether
DATES = (
    *("consent at", "consent date", "date of consent", *AGREED, "agreed at", "agreed on", "confirm time"),
    *("confirmed at", "confirm date", "optin time", "optin at", "optin date", "subscribed at", "subscription date"),
    *("subscribe date", "signup date", "signup datetime", "signup date time", "signed up at"),
    *("date signed up", "joined", "joined at", "added time", "added at", "date added", "created at", "creation date"),
    *("start date", "date", "Einwilligung am", "Zustimmung am", "Anmeldedatum", "angemeldet am", "Datum"),
)
SOURCES = (
    *("consent source", "source of consent", "optin source", "signup source", "subscription source", "source"),
    *("Quelle der Einwilligung", "Quelle", "Herkunft"),
)
STATUSES = ("status", "subscriber status", "subscription status", "member status", "email status")
_STATES = (*STATUSES, "state", "subscriber type", "type")
_LEFT_AT = (
    *("unsub time", "unsubscribed at", "unsubscribe date", "unsubscribed", "ended at", "email disabled", "disabled"),
)
_STILL = ("subscribed", "is subscribed", "subscribed to emails", "confirmed", *AGREED, "optin", "opted in")
_ANYWHERE = ZoneInfo("UTC")
_SHOWN = 100  # characters of a header that says nothing: it may be a file of any kind
_PLAIN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Where each thing stands in a row."""

    address: int
    date: int | None
    source: int | None
    states: tuple[int, ...]
    statuses: tuple[int, ...]  # of these, those whose every word has to be known
    left: tuple[int, ...]
    still: tuple[int, ...]


def find_columns(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """Where everything stands, as the header and the first rows tell; ArchiveError where nothing has addresses."""
    if any(map(_is_address, header)):
        raise ArchiveError(
            f'{path}: its first line is somebody, and no header; write one above it: "email" or the like'
        )
    names = [plain(name) for name in header]
    return Columns(
        address=_address_column(path, header, names, rows),
        date=_date_column(names, rows),
        source=_first(names, SOURCES),
        states=_all(names, _STATES),
        statuses=_all(names, STATUSES),
        left=_all(names, _LEFT_AT),
        still=_all(names, _STILL),
    )


def refuse_without_consent(path: Path, header: Sequence[str], *, lacks_source: bool, lacks_date: bool) -> None:
    """ArchiveError where nothing at all says how or when people agreed."""
    lacking = [
        told
        for is_lacking, told in (
            (lacks_source, ("how", '"source"', "--consent TEXT")),
            (lacks_date, ("when", '"date"', "--date DATE")),
        )
        if is_lacking
    ]
    if lacking:
        what, named, option = (" and ".join(parts) for parts in zip(*lacking, strict=True))
        columns = "a column" if len(lacking) == 1 else "columns"
        raise ArchiveError(
            f"{path}: no column says {what} they agreed; its header says: {_show(header)};"
            f" accepted: {columns} named {named} or the like, as the README lists them, or else {option}"
        )


def cell_at(cells: Sequence[str], place: int | None) -> str:
    """What a row has there; empty where it is too short, or there is no such column."""
    return cells[place] if place is not None and place < len(cells) else ""


def plain(name: str) -> str:
    """A name without what people write differently: case, spaces, signs."""
    return _PLAIN.sub("", name.lower())


def unguarded(text: str) -> str:
    """Without the apostrophe that keeps spreadsheets from running a cell."""
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text


def _address_column(path: Path, header: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    place = _first(names, ADDRESSES)
    if place is None or not any(map(_is_address, _column(rows, place))):
        holding = [place for place in range(len(names)) if _holds_addresses(_column(rows, place))]
        place = holding[0] if len(holding) == 1 else place
    if place is None:
        raise ArchiveError(
            f'{path}: no column holds addresses; its header says: {_show(header)}; accepted: "email" or the like'
        )
    return place


def _date_column(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """What only says whether somebody agreed holds no moments."""
    whether = [
        name
        for name in map(plain, AGREED)
        if name in names and not any(map(_is_moment, _column(rows, names.index(name))))
    ]
    return _first(names, [name for name in DATES if plain(name) not in whether])


def _show(header: Sequence[str]) -> str:
    return first_words(", ".join(header), _SHOWN) or "nothing"


def _first(names: Sequence[str], known: Sequence[str]) -> int | None:
    return next((names.index(name) for name in map(plain, known) if name in names), None)


def _all(names: Sequence[str], known: Sequence[str]) -> tuple[int, ...]:
    of_ours = frozenset(map(plain, known))
    return tuple(place for place, name in enumerate(names) if name in of_ours)


def _column(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [cell for row in rows if (cell := cell_at(row, place))]


def _holds_addresses(cells: Sequence[str]) -> bool:
    return bool(cells) and all(map(_is_address, cells))


def _is_address(text: str) -> bool:
    try:
        normal_address(unguarded(text))
    except ValueError:
        return False
    return True


def _is_moment(text: str) -> bool:
    try:
        read_moment(text, _ANYWHERE)
    except ValueError:
        return False
    return True
