"""The lists of other newsletter tools, read as rows: a table with a header, in whatever columns and language.

The column with the addresses is known by its name, or by being the only one that holds any. Columns that say when and
how somebody agreed are taken where they are there, and so are those that say that somebody is off the list: tools give
out the ones who left together with the others.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.errors import ArchiveError
from collector.model import Consent
from collector.subscribing.adding import Newcomer
from collector.text.excerpts import first_words
from collector.text.mailaddresses import normal_address

LARGEST = 100_000_000  # bytes: some two million rows
_SHOWN = 100  # characters of a header that says nothing: it may be a file of any kind
_LOOKED_AT = 20  # rows, where no name tells which column has the addresses
_ADDRESSES = ("email", "emailaddress", "address", "mail", "mailaddress", "subscriber", "adresse", "emailadresse")
_DATES = (
    *("consentat", "consentdate", "consent", "confirmtime", "confirmedat", "confirmdate", "optintime", "optinat"),
    *("optindate", "subscribedat", "subscriptiondate", "subscribedate", "addedtime", "addedat", "dateadded"),
    *("createdat", "creationdate", "startdate", "signupdate", "signupdatetime", "date"),
)
_SOURCES = ("consentsource", "optinsource", "signupsource", "subscriptionsource", "source")
_STATES = ("state", "status", "subscriberstatus", "subscriptionstatus", "subscribertype", "type")
_GONE = frozenset(
    (
        *("unsubscribed", "ended", "cleaned", "bounced", "blocklisted", "blacklisted", "blocked", "complained"),
        *("disabled", "removed", "inactive", "undeliverable", "spam", "deleted"),
        *("unconfirmed", "unactivated", "asked", "pending"),
    )
)
_LEFT_AT = ("unsubtime", "unsubscribedat", "unsubscribedate", "unsubscribed", "endedat", "emaildisabled", "disabled")
_STILL = ("subscribed", "issubscribed", "subscribedtoemails", "confirmed")
_NO = frozenset(("", "0", "false", "no", "nein", "null", "none"))
_PLAIN = re.compile(r"[^a-z0-9]+")
_SEPARATOR = re.compile(r"\Asep=.\r?(?=\n)", re.IGNORECASE)  # for spreadsheets; the empty line keeps the lines' numbers


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
    left: tuple[int, ...]
    still: tuple[int, ...]


class ReaderList:
    """A list as a file: known by its header when it is opened, and then read row by row.

    ArchiveError, with one line, where it cannot be read, has no column of addresses, or does not say when and how
    people agreed while `missing` does not either.
    """

    def __init__(self, path: Path, missing: Missing, zone: ZoneInfo, now: datetime) -> None:
        self._missing, self._zone, self._now = missing, zone, now
        text = _SEPARATOR.sub("", _read(path))
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        self._rows = self._numbered(path)
        header = next(self._rows, (0, []))[1]
        self._first = [row for _, row in zip(range(_LOOKED_AT), self._rows, strict=False)]
        self._columns = _find_columns(path, header, [cells for _, cells in self._first])
        self.size = text.count("\n") + 1
        _refuse_without_consent(path, self._columns, missing)

    def __iter__(self) -> Iterator[ListRow]:
        for line, cells in self._first:
            yield ListRow(line=line, told=self._tell(cells))
        for line, cells in self._rows:
            yield ListRow(line=line, told=self._tell(cells))

    def _numbered(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """The rows that hold anything, each with the number of its last line."""
        try:
            for cells in self._reader:
                if any(cell.strip() for cell in cells):
                    yield self._reader.line_num, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise ArchiveError(f"{path}:{self._reader.line_num}: no table that can be read: {error}") from error

    def _tell(self, cells: Sequence[str]) -> Newcomer | Unreadable | OffTheList:
        columns = self._columns
        if _is_off(columns, cells):
            return OffTheList()
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


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ArchiveError(f"{path}: larger than {LARGEST // 1_000_000} MB: split it")
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # what spreadsheets write that know no better


def _delimiter(text: str) -> str:
    """What the header is divided by most."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max((",", ";", "\t"), key=header.count)


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
        date=_first(names, _DATES),
        source=_first(names, _SOURCES),
        states=_all(names, _STATES),
        left=_all(names, _LEFT_AT),
        still=_all(names, _STILL),
    )


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


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _unguarded(text: str) -> str:
    """Without the apostrophe that keeps spreadsheets from running a cell."""
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text
