"""What stands in the cells of a table: numbers, instants, lists, and lists that run beside one another.

Nothing here raises: a cell that does not say what it should says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from collector.archives.tables import Row
from collector.model import Counts, Hashtag
from collector.text.cleaning import plain_text
from collector.text.hashtags import find_hashtags, hashtag_from
from collector.text.values import count_of, web_address

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"([0-9]{1,18})(?:\.0*)?")
_SECONDS = re.compile(r"(-?[0-9]{1,12})(?:\.[0-9]*)?")
_TRUE = frozenset(("true", "yes", "1", "1.0"))


def number_in(cell: str) -> int:
    """A number of people, also as a spreadsheet shows it (`12.0`); 0 for anything else."""
    match = _NUMBER.fullmatch(cell.strip())
    return count_of(int(match[1])) if match else 0


def counts_in(row: Row, boosts: str) -> Counts:
    """The counts under the names that such tables share; `boosts` is the column that each network names its own way."""
    return Counts(
        replies=number_in(row.first_of("reply_count")),
        boosts=number_in(row.first_of(boosts)),
        likes=number_in(row.first_of("like_count")),
        quotes=number_in(row.first_of("quote_count")),
    )


def is_true(cell: str) -> bool:
    """Whether it says yes, in one of the ways of programs and spreadsheets."""
    return cell.strip().lower() in _TRUE


def epoch_instant(cell: str) -> datetime | None:
    """An instant in seconds since 1970; what stands behind the point is left out."""
    match = _SECONDS.fullmatch(cell.strip())
    try:
        return _EPOCH + timedelta(seconds=int(match[1])) if match else None
    except OverflowError:
        return None


def items_in(cell: str, separator: str) -> tuple[str, ...]:
    """The items of a list that are not blank, each once."""
    return tuple(dict.fromkeys(item for text in cell.split(separator) if (item := plain_text(text))))


def addresses_in(cell: str, separator: str) -> tuple[str, ...]:
    """The web addresses of a list, each once; one may hold the separator, where no other begins behind it."""
    texts = re.split(rf"{re.escape(separator)}(?=\s*https?://)", cell, flags=re.IGNORECASE)
    return tuple(dict.fromkeys(address for text in texts if (address := web_address(text.strip()))))


def beside(cell: str, separator: str, length: int) -> list[str]:
    """A list that runs beside one of that length; empty items where it does not, as a text may hold the separator."""
    items = [cell] if length == 1 else cell.split(separator)
    return items if len(items) == length else [""] * length


def hashtags_in(text: str, names: Iterable[str], found_in: str = "tags") -> tuple[Hashtag, ...]:
    """The hashtags as they are written in the text, then those that only the list names."""
    found = {tag.normal: tag for tag in find_hashtags(text)}
    for name in names:
        if hashtag := hashtag_from(name, found_in):
            found.setdefault(hashtag.normal, hashtag)
    return tuple(found.values())
