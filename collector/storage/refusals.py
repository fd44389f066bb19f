"""Who left, as keyed hashes: what remains when everything else about a reader is erased.

Nobody can read an address out of a mark; who holds the key can ask whether an address is among them. A mark stands for
somebody who left one series, or all of them; only they themselves can come back.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from collector.storage.forgotten import mark_of
from collector.storage.matching import is_one_of
from collector.storage.tables import about, refusals

_KEYS = "refusal_keys"  # in `about`


def refusal_name(folded: str, series: str) -> str:
    """What is hashed for somebody who left one series; for all of them it is the folded address alone."""
    return f"{series}:{folded}"


def find_refused(conn: Connection, folded: Collection[str], series: str) -> set[str]:
    """Which of these folded addresses left the series, or everything."""
    names = {name: address for address in folded for name in (address, refusal_name(address, series))}
    marks = {mark_of(key, name): names[name] for key in read_keys(conn) for name in names}
    if not marks:
        return set()
    return {
        marks[mark] for mark in conn.execute(select(refusals.c.mark).where(is_one_of(refusals.c.mark, marks))).scalars()
    }


def read_keys(conn: Connection) -> tuple[bytes, ...]:
    """The keys, the one that makes new marks first; none as long as nobody left."""
    value = conn.execute(select(about.c.value).where(about.c.key == _KEYS)).scalar()
    return tuple(map(bytes.fromhex, (value or "").split()))
