"""The lists of other newsletter tools, read as rows: a table with a header, in whatever columns and language.

The column with the addresses is known by its name, or by being the only one that holds any. Columns that say when and
how somebody agreed are taken where they are there, and so are those that say that somebody is off the list: tools give
out the ones who left together with the others. A status that nobody here knows keeps its row out: it may mean either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.model import Consent
from collector.subscribing.adding import Newcomer
from collector.subscribing.columns import (
    Columns,
    cell_at,
    find_columns,
    plain,
    refuse_without_consent,
    unguarded,
)
from collector.subscribing.moments import read_moment
from collector.subscribing.tables import read_table
from collector.text.mailaddresses import normal_address

_LOOKED_AT = 20  # rows, where no name tells which column has what
_GONE = frozenset(
    (
        *("unsubscribed", "ended", "cleaned", "bounced", "blocklisted", "blacklisted", "blocked", "complained"),
        *("disabled", "removed", "inactive", "undeliverable", "spam", "deleted", "archived", "suppressed", "invalid"),
        *("optedout", "optout", "unsubscribe", "nonsubscribed", "notsubscribed", "hardbounce", "hardbounced"),
        *("unconfirmed", "notconfirmed", "unactivated", "unverified", "asked", "pending"),
    )
)
_THERE = frozenset(
    (
        *("subscribed", "subscriber", "active", "confirmed", "enabled", "verified", "valid", "deliverable", "ok"),
        *("optedin", "optin", "doubleoptin", "singleoptin", "member", "regular", "premium", "free", "paid", "comped"),
        *("gift", "gifted", "trial", "imported", "yes", "true", "1"),
    )
)
_NO = frozenset(("", "0", "false", "no", "n", "nein", "null", "none", "declined", "refused", "withdrawn"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """What stands in for what a list does not say."""

    source: str = ""
    date: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """A row that nobody can be added from."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OffTheList:
    """A row about somebody who is not on that list any more, or never confirmed that they want to be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRow:
    """One line of a list, and what it says."""

    line: int
    told: Newcomer | Unreadable | OffTheList


class ReaderList:
    """A list as a file: known by its header when it is opened, and then read row by row.

    ArchiveError, with one line, where it cannot be read to its end, has no column of addresses, or does not say when
    and how people agreed while `missing` does not either: before anybody is added.
    """

    def __init__(self, path: Path, missing: Missing, zone: ZoneInfo, now: datetime) -> None:
        self._missing, self._zone, self._now = missing, zone, now
        table = read_table(path)
        self.size = table.lines
        self._rows = table.rows()
        header = next(self._rows, (0, []))[1]
        self._first = [row for _, row in zip(range(_LOOKED_AT), self._rows, strict=False)]
        self._columns = find_columns(path, header, [cells for _, cells in self._first])
        refuse_without_consent(
            path,
            header,
            lacks_source=self._columns.source is None and not missing.source,
            lacks_date=self._columns.date is None and missing.date is None,
        )

    def __iter__(self) -> Iterator[ListRow]:
        for line, cells in self._first:
            yield ListRow(line=line, told=self._tell(cells))
        for line, cells in self._rows:
            yield ListRow(line=line, told=self._tell(cells))

    def _tell(self, cells: Sequence[str]) -> Newcomer | Unreadable | OffTheList:
        columns = self._columns
        if _is_off(columns, cells):
            return OffTheList()
        if (status := _unknown_status(columns, cells)) is not None:
            return Unreadable(reason=f"its status {status!r} is not known; accepted: subscribed, unsubscribed")
        try:
            address = normal_address(unguarded(cell_at(cells, columns.address)))
            given_at = self._date(cell_at(cells, columns.date))
        except ValueError as error:
            return Unreadable(reason=str(error))
        source = unguarded(cell_at(cells, columns.source)) or self._missing.source
        if given_at is None or not source:
            return Unreadable(reason=_say_missing(lacks_source=not source, lacks_date=given_at is None))
        return Newcomer(address=address, consent=Consent(source=source, given_at=given_at))

    def _date(self, text: str) -> datetime | None:
        if not text:
            return self._missing.date
        given_at = read_moment(text, self._zone)
        if given_at > self._now:
            raise ValueError(f"{text!r} lies in the future: nobody has agreed then")
        return given_at


def _say_missing(*, lacks_source: bool, lacks_date: bool) -> str:
    if lacks_source and lacks_date:
        return "it says neither how nor when they agreed; --consent TEXT and --date DATE say it for such rows"
    if lacks_source:
        return "it does not say how they agreed; --consent TEXT says it for rows without it"
    return "it does not say when they agreed; --date DATE says it for rows without a date"


def _is_off(columns: Columns, cells: Sequence[str]) -> bool:
    return (
        any(plain(cell_at(cells, place)) in _GONE for place in columns.states)
        or any(cell_at(cells, place).lower() not in _NO for place in columns.left)
        or any((told := cell_at(cells, place).lower()) in _NO and bool(told) for place in columns.still)
    )


def _unknown_status(columns: Columns, cells: Sequence[str]) -> str | None:
    """A status that says neither that somebody is on the list nor that they are not."""
    told = filter(None, (cell_at(cells, place) for place in columns.statuses))
    return next((status for status in told if plain(status) not in _THERE), None)
