"""The lists of other newsletter tools, read as rows: a table with a header, in whatever columns and language.

The column with the addresses is known by its name, or by being the only one that holds any. Columns that say when and
how somebody agreed are taken where they are there, and so are those that say that somebody is off the list: tools give
out the ones who left together with the others. A status that nobody here knows keeps its row out: it may mean either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.errors import ArchiveError
from collector.model import Consent
from collector.subscribing.adding import Newcomer
from collector.subscribing.tables import read_table
from collector.text.excerpts import first_words
from collector.text.mailaddresses import normal_address

_ANYWHERE = ZoneInfo("UTC")
_SHOWN = 100  # characters of a header that says nothing: it may be a file of any kind
_LOOKED_AT = 20  # rows, where no name tells which column has the addresses
_ADDRESSES = ("email", "emailaddress", "address", "mail", "mailaddress", "subscriber", "adresse", "emailadresse")
_CONSENT = "consent"  # says when somebody agreed, or only whether
_DATES = (
    *("consentat", "consentdate", _CONSENT, "confirmtime", "confirmedat", "confirmdate", "optintime", "optinat"),
    *("optindate", "subscribedat", "subscriptiondate", "subscribedate", "addedtime", "addedat", "dateadded"),
    *("createdat", "creationdate", "startdate", "signupdate", "signupdatetime", "date"),
)
_SOURCES = ("consentsource", "optinsource", "signupsource", "subscriptionsource", "source")
_STATUSES = ("status", "subscriberstatus", "subscriptionstatus", "memberstatus", "emailstatus")
_STATES = (*_STATUSES, "state", "subscribertype", "type")
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
_LEFT_AT = ("unsubtime", "unsubscribedat", "unsubscribedate", "unsubscribed", "endedat", "emaildisabled", "disabled")
_STILL = ("subscribed", "issubscribed", "subscribedtoemails", "confirmed", _CONSENT, "optin", "optedin")
_NO = frozenset(("", "0", "false", "no", "n", "nein", "null", "none", "declined", "refused", "withdrawn"))
_PLAIN = re.compile(r"[^a-z0-9]+")


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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Columns:
    """Where each thing stands in a row."""

    address: int
    date: int | None
    source: int | None
    states: tuple[int, ...]
    statuses: tuple[int, ...]  # of these, those whose every word has to be known
    left: tuple[int, ...]
    still: tuple[int, ...]


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
        self._columns = _find_columns(path, header, [cells for _, cells in self._first])
        _refuse_without_consent(path, self._columns, missing)

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
            address = normal_address(_unguarded(_cell(cells, columns.address)))
            given_at = self._date(_cell(cells, columns.date))
        except ValueError as error:
            return Unreadable(reason=str(error))
        source = _unguarded(_cell(cells, columns.source)) or self._missing.source
        if given_at is None:
            return Unreadable(reason="it does not say when they agreed; --date DATE says it for rows without a date")
        if not source:
            return Unreadable(reason="it does not say how they agreed; --consent TEXT says it for rows without it")
        return Newcomer(address=address, consent=Consent(source=source, given_at=given_at))

    def _date(self, text: str) -> datetime | None:
        if not text:
            return self._missing.date
        given_at = read_moment(text, self._zone)
        if given_at > self._now:
            raise ValueError(f"{text!r} lies in the future: nobody has agreed then")
        return given_at


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """A day, or a day and a time, in ISO 8601; ValueError says what is accepted."""
    told = text.strip().removesuffix(" UTC") + ("+00:00" if text.strip().endswith(" UTC") else "")
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        raise ValueError(f"{text!r} is no date that can be read; accepted: 2026-11-23, or 2026-11-23 08:00") from None
    if len(told) <= len("2026-11-23"):
        moment = datetime.combine(moment.date(), time())
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        raise ValueError(f"{text!r} is no date that can be read; accepted: 2026-11-23, or 2026-11-23 08:00") from None


def _find_columns(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> _Columns:
    if any(map(_is_address, header)):
        raise ArchiveError(
            f'{path}: its first line is somebody, and no header; write one above it: "email" or the like'
        )
    names = [_PLAIN.sub("", name.lower()) for name in header]
    address = _first(names, _ADDRESSES)
    if address is None or not any(map(_is_address, _column(rows, address))):
        holding = [place for place in range(len(names)) if _holds_addresses(_column(rows, place))]
        address = holding[0] if len(holding) == 1 else address
    if address is None:
        shown = first_words(", ".join(header), _SHOWN) or "nothing"
        raise ArchiveError(
            f'{path}: no column holds addresses; its header says: {shown}; accepted: "email" or the like'
        )
    return _Columns(
        address=address,
        date=_date_column(names, rows),
        source=_first(names, _SOURCES),
        states=_all(names, _STATES),
        statuses=_all(names, _STATUSES),
        left=_all(names, _LEFT_AT),
        still=_all(names, _STILL),
    )


def _date_column(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    place = _first(names, _DATES)
    if place is None or names[place] != _CONSENT or any(map(_is_moment, _column(rows, place))):
        return place
    return _first(names, [name for name in _DATES if name != _CONSENT])


def _first(names: Sequence[str], known: Sequence[str]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)


def _all(names: Sequence[str], known: Sequence[str]) -> tuple[int, ...]:
    return tuple(place for place, name in enumerate(names) if name in known)


def _column(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [cell for row in rows if (cell := _cell(row, place))]


def _holds_addresses(cells: Sequence[str]) -> bool:
    return bool(cells) and all(map(_is_address, cells))


def _is_address(text: str) -> bool:
    try:
        normal_address(_unguarded(text))
    except ValueError:
        return False
    return True


def _is_moment(text: str) -> bool:
    try:
        read_moment(text, _ANYWHERE)
    except ValueError:
        return False
    return True


def _refuse_without_consent(path: Path, columns: _Columns, missing: Missing) -> None:
    lacking = [
        told
        for is_lacking, told in (
            (columns.source is None and not missing.source, "how they agreed: give it as --consent TEXT"),
            (columns.date is None and missing.date is None, "when they agreed: give it as --date DATE"),
        )
        if is_lacking
    ]
    if lacking:
        raise ArchiveError(f"{path}: no column says {', nor '.join(lacking)}")


def _is_off(columns: _Columns, cells: Sequence[str]) -> bool:
    return (
        any(_PLAIN.sub("", _cell(cells, place).lower()) in _GONE for place in columns.states)
        or any(_cell(cells, place).lower() not in _NO for place in columns.left)
        or any((told := _cell(cells, place).lower()) in _NO and bool(told) for place in columns.still)
    )


def _unknown_status(columns: _Columns, cells: Sequence[str]) -> str | None:
    """A status that says neither that somebody is on the list nor that they are not."""
    told = filter(None, (_cell(cells, place) for place in columns.statuses))
    return next((status for status in told if _PLAIN.sub("", status.lower()) not in _THERE), None)


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _unguarded(text: str) -> str:
    """Without the apostrophe that keeps spreadsheets from running a cell."""
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text
