"""Values out of JSON that strangers wrote: each is what it should be, or the nearest thing to nothing.

Nothing here raises anything but ValueError, and only the functions that say so.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

from collector.text.addresses import canonical_uri, canonical_url, host_address

LONGEST_ADDRESS = 2_500  # bytes that every database's index takes
HIGHEST_COUNT = 2**31 - 1  # what every database's plain integer holds

_LANGUAGE = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")


def text_of(value: Any) -> str:
    """The text, or an empty one."""
    return value if isinstance(value, str) else ""


def flag_of(value: Any) -> bool | None:
    """True or false where it is that, None for anything else."""
    return value if isinstance(value, bool) else None


def object_of(value: Any) -> dict[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; nothing else of it."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def id_of(value: Any) -> str:
    """An id as opaque text; some servers write it as a number. Empty for anything else."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(value)


def uri_of(value: Any, name: str = "uri") -> str:
    """A canonical URI; ValueError, naming the field, where it is none, or too long for a database's index."""
    try:
        uri = canonical_uri(text_of(value))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if len(uri.encode()) > LONGEST_ADDRESS:
        raise ValueError(f"{name}: of over {LONGEST_ADDRESS:,} bytes")
    return uri


def uri_or_none(value: Any) -> str | None:
    """A canonical URI, if it is one."""
    try:
        return canonical_uri(text_of(value))
    except ValueError:
        return None


def web_address(value: Any) -> str | None:
    """A canonical web address; None also for one that is too long for a database's index."""
    try:
        address = canonical_url(text_of(value))
    except ValueError:
        return None
    return address if len(address.encode()) <= LONGEST_ADDRESS else None


def host_of(address: Any) -> str:
    """host[:port] of a web address, or nothing."""
    try:
        return host_address(text_of(address)).partition("://")[2]
    except ValueError:
        return ""


def instant_of(value: Any) -> datetime | None:
    """An ISO 8601 instant in UTC; one without an offset is taken for UTC."""
    try:
        instant = datetime.fromisoformat(text_of(value))
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def count_of(value: Any) -> int:
    """A number of people: what is no number (nor is True) is 0."""
    if type(value) is float and math.isfinite(value):
        value = int(value)
    return max(0, min(value, HIGHEST_COUNT)) if type(value) is int else 0


def language_of(value: Any) -> str | None:
    """A language's code in lower case; None for what is none, or says that it is not known."""
    code = text_of(value).strip().lower().replace("_", "-")
    return code if _LANGUAGE.fullmatch(code) and code != "und" else None
