"""TAGS, the Google Sheet that archived Twitter searches, saved as CSV.

A tweet is known by its number, and a spreadsheet that took one for a number has rounded it: `status_url` tells it then.
The column `time` is in the zone of the sheet, which stands nowhere in it; it is only asked where `created_at` is
missing, and the number, which tells the moment too, puts it right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from collector.archives.cells import is_true
from collector.archives.protocol import Entry, Format, Item, PassedOver
from collector.archives.tables import Row, columns_in, read_rows
from collector.archives.tweets import REPOST, id_or_none, told_by_id, tweet_at, tweet_author, written_instant
from collector.archives.tweets_v1 import normalise_v1

if TYPE_CHECKING:
    from collector.archives.files import ArchiveFile

_NEEDED = ("id_str", "from_user", "text")
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_EXACT = 15  # digits that a spreadsheet keeps
_TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d{2})(?::(\d{2}))?")
_FARTHEST_ZONE = timedelta(hours=14)
_AS_THEY_ARE = ("lang", "retweet_count", "favorite_count", "reply_count", "quote_count")  # columns that some add


def _recognises(file: ArchiveFile) -> bool:
    return set(columns_in(file.beginning)).issuperset(_NEEDED)


def _read(file: ArchiveFile) -> Iterator[Item]:
    return read_rows(file, _read_row, needed=_NEEDED, texts=("text",))


def _read_row(row: Row) -> Entry | PassedOver:
    if row.first_of("full_text", "text").startswith("RT @"):
        return PassedOver(line=row.line, reason=REPOST)
    number = _number(row)
    place = tweet_at(row.first_of("status_url"))
    author = tweet_author(
        id_or_none(_digits(row.first_of("from_user_id_str"))) or "",
        row.first_of("from_user") or (place[0] if place else ""),
        row.first_of("name", "from_user_name"),
    )
    return Entry(post=normalise_v1(_as_answered(row, number), author), line=row.line)


def _as_answered(row: Row, number: str) -> dict[str, Any]:
    """The row as Twitter's own answer, which it was made from."""
    return {
        "id_str": number,
        "full_text": row.first_of("full_text", "text"),
        "created_at": _sent_at(row, number).isoformat(),
        "entities": _entities(row.first_of("entities_str")),
        "in_reply_to_status_id_str": _digits(row.first_of("in_reply_to_status_id_str")),
        "quoted_status_id_str": _digits(row.first_of("quoted_status_id_str")),
        "possibly_sensitive": is_true(row.first_of("possibly_sensitive")),
        **{name: row.first_of(name) for name in _AS_THEY_ARE},
    }


def _number(row: Row) -> str:
    """The tweet's number; ValueError where only a rounded one is left."""
    if place := tweet_at(row.first_of("status_url")):
        return place[1]
    written = row.first_of("id_str")
    if not written:
        raise ValueError("no id_str")
    if digits := _digits(written):
        return digits
    if _ROUNDED.fullmatch(written.lstrip("'")) or written.lstrip("'").partition(".")[0].isdecimal():
        raise ValueError("id_str: rounded by a spreadsheet, and no status_url tells the tweet")
    raise ValueError("id_str: not a whole number")


def _digits(cell: str) -> str:
    """A number that no spreadsheet has rounded; empty for any other."""
    whole, _, fraction = cell.lstrip("'").partition(".")
    is_rounded = len(whole) > _EXACT and (bool(fraction) or not whole[_EXACT:].strip("0"))
    return whole if id_or_none(whole) and not fraction.strip("0") and not is_rounded else ""


def _sent_at(row: Row, number: str) -> datetime:
    written = row.first_of("created_at")
    instant = written_instant(written) or _mail_date(written) or _sheet_time(row.first_of("time"), number)
    instant = instant or told_by_id(number)
    if instant is None:
        raise ValueError("created_at: not an instant")
    return instant


def _mail_date(written: str) -> datetime | None:
    """An instant as Twitter's first search wrote it: `Wed, 20 Nov 2013 10:01:02 +0000`."""
    try:
        instant = parsedate_to_datetime(written)
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def _sheet_time(written: str, number: str) -> datetime | None:
    """The sheet's own time, day first, for UTC; where it can be the tweet's number in some zone, what that tells."""
    match = _TIME.fullmatch(written)
    if match is None:
        return None
    first, second, year, hour, minute, seconds = (int(part or 0) for part in match.groups())
    told = told_by_id(number)
    instants = [_instant(year, month, day, hour, minute, seconds) for day, month in ((first, second), (second, first))]
    if told and any(instant and abs(instant - told) <= _FARTHEST_ZONE for instant in instants):
        return told
    return instants[0] or instants[1]


def _instant(*parts: int) -> datetime | None:
    try:
        return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        return None


def _entities(cell: str) -> dict[str, Any]:
    """What the answer said of the text; nothing where a cell's length cut it off."""
    try:
        entities = json.loads(cell)
    except (ValueError, RecursionError):
        return {}
    return entities if isinstance(entities, dict) else {}


FORMAT = Format(name="tags", title="a TAGS spreadsheet as CSV", recognises=_recognises, read=_read)
