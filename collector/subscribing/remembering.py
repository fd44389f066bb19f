"""Who left is remembered twice, in a table and in a file beside the database: the file outlasts what is brought back.

It is written first, under the write lock, so that nobody else writes it meanwhile. Somebody who wants to leave is not
kept because a disk is full: where the file cannot be written, the table knows it all the same, and the log says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from collector.errors import StorageError
from collector.model import Standing, Subscriber, Subscription
from collector.storage.database import Connection
from collector.storage.erasing_readers import erase_readers
from collector.storage.refusals import Refusals, erased_name, read_refusals, refusal_names, write_refusals
from collector.storage.remembering import read_file, write_file
from collector.storage.subscribers import all_subscribers, put_subscriptions
from collector.subscribing.readership import Readership

log = logging.getLogger(__name__)


def note_left(conn: Connection, file: Path, names: Collection[str], now: datetime) -> None:
    """Remembers that these are to be left in peace."""
    if names:
        _change(conn, file, lambda told: told.with_names(names, now))


def note_back(conn: Connection, file: Path, names: Collection[str]) -> None:
    """Forgets it again: they came back by themselves."""
    if read_refusals(conn).refused_at(names) is not None:
        _change(conn, file, lambda told: told.without_names(names))


def leave_again(readership: Readership, now: datetime) -> int:
    """Ends what somebody left after the state of the database that is there now; gives how many subscriptions.

    Who was erased after it is erased once more. Who confirmed again later than they left, has come back.
    """
    file = readership.refusals
    with readership.database.read() as conn:
        stored = read_refusals(conn)
    written = read_file(file, Refusals)
    if _is_same(written, stored):
        return 0
    with readership.database.write() as conn:
        stored = read_refusals(conn)
        told = read_file(file, Refusals).united(stored)
        erased, ended, back = _apart(all_subscribers(conn), told)
        erase_readers(conn, erased)
        put_subscriptions(conn, ended)
        told = told.without_names(back)
        _write(file, told)
        write_refusals(conn, told, stored.marks)
    number = len(ended) + sum(len(person.subscriptions) for person in erased)
    if ended or erased:
        log.info("left since", extra={"numbers": {"subscriptions": number, "erased": len(erased), "at": now}})
    return number


def _apart(
    known: Iterator[Subscriber], told: Refusals
) -> tuple[list[Subscriber], list[tuple[int, Subscription]], list[str]]:
    """Who was erased after they came; others' subscriptions that were left since they were confirmed, as ended; and the
    names of those who came back.
    """
    erased: list[Subscriber] = []
    ended: list[tuple[int, Subscription]] = []
    back: list[str] = []
    for person in known:
        erased_at = told.refused_at([erased_name(person.folded)])
        if erased_at is not None and erased_at >= person.created_at:
            erased.append(person)
            continue
        for one in person.subscriptions:
            names = refusal_names(person.folded, one.series)
            left_at, since = told.refused_at(names), one.confirmed_at or one.asked_at
            if left_at is None or one.state is Standing.ENDED:
                continue
            if left_at >= since:
                over = replace(one, state=Standing.ENDED, ended_at=left_at, ended_why="restored")
                ended.append((person.id, over))
            elif one.state is Standing.CONFIRMED:
                back += names
    return erased, ended, back


def _is_same(written: Refusals, stored: Refusals) -> bool:
    return written.marks == stored.marks and set(written.keys) == set(stored.keys)


def _change(conn: Connection, file: Path, change: Callable[[Refusals], Refusals]) -> None:
    stored = read_refusals(conn)
    try:
        told = change(read_file(file, Refusals).united(stored))
    except StorageError as error:  # what stands there is kept as it is, for a person to look at
        log.warning("%s", error)
        told = change(stored)
    else:
        _write(file, told)
    write_refusals(conn, told, stored.marks)


def _write(file: Path, told: Refusals) -> None:
    try:
        write_file(file, told)
    except StorageError as error:
        log.warning("%s", error)
