"""Forgetting on request, and for good: look → write down → erase → compact → clear the outbox.

What was forgotten is written into the file beside the database before the database is touched, and erasing goes by that
list alone: so a start after a crash, or after a backup was brought back, does what a request would have done.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from collector.deliver.outbox import mails_in, remove_mails
from collector.errors import CollectorError, StorageError, UnknownNameError
from collector.identity.asked import Asked, read_asked
from collector.identity.traces import names_in
from collector.storage.database import Connection, Database
from collector.storage.forgetting import forget_found, post_names
from collector.storage.forgotten import Forgotten, add_forgotten, is_owed, owe, read_forgotten, settle
from collector.storage.people import Amount, OnePost, Person, find_person, find_post, measure, names_of_person
from collector.storage.remembering import place_of, read_file, write_file
from collector.storage.searching import Found, Meant, search, search_answers
from collector.storage.upkeep import compact

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Where what was forgotten is remembered, and what else may hold it."""

    database: Database
    file: Path
    outbox: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What forgetting somebody, or something, would mean."""

    asked: Asked
    person: Person | None
    post: OnePost | None
    names: frozenset[str]
    amount: Amount
    found: Found
    mails: int  # in the outbox
    forgotten_at: datetime | None  # the same was asked for before

    @property
    def is_known(self) -> bool:
        """False where nothing of them is kept: then they are only never to be."""
        return bool(self.found)


@dataclass(slots=True)
class Erased:
    """What erasing came to."""

    found: Found
    mails: int = 0
    left: list[str] = field(default_factory=list)  # what is still to be done, and why it could not be


def memory_of(database: Database, folder: Path, outbox: Path) -> Memory:
    """The memory of a database whose configuration is in that folder."""
    return Memory(database=database, file=place_of(database, folder), outbox=outbox)


def look(memory: Memory, text: str) -> Request:
    """Finds out whom or what somebody means, and how much there is; changes nothing.

    UnknownNameError for what means nobody, or several.
    """
    try:
        asked = read_asked(text)
    except ValueError as error:
        raise UnknownNameError(f"{text!r} names nobody: {error}") from error
    known = read_file(memory.file)
    with memory.database.read() as conn:
        post = find_post(conn, asked) if asked.posts else None
        person = find_person(conn, asked) if post is None else None
        names = frozenset(_names(conn, asked, person, post))
        if not names:
            raise UnknownNameError(_say_unknown(asked))
        found = search(conn, names.intersection, in_answers=False)
        if not found:
            found.answers = search_answers(conn, names.intersection, ())
        amount = measure(conn, found.posts)
        known = known.united(read_forgotten(conn))
    return Request(
        asked=asked,
        person=person,
        post=post,
        names=names,
        amount=amount,
        found=found,
        mails=len(_mails(memory, names.intersection)),
        forgotten_at=known.forgotten_at(names),
    )


def _names(conn: Connection, asked: Asked, person: Person | None, post: OnePost | None) -> Collection[str]:
    if post is not None:
        return post_names(conn, {post.id}) | asked.posts
    if person is not None:
        return names_of_person(conn, person)
    return asked.names


def _say_unknown(asked: Asked) -> str:
    return (
        f"no account {asked.text!r} is known; to have one never collected that is not known yet, give it in full:"
        " user@host, did:plc:…, or the address of the profile or post"
    )


def _mails(memory: Memory, meant: Meant) -> list[Path]:
    return [path for path, said in mails_in(memory.outbox) if meant(names_in(said))]


def forget(memory: Memory, request: Request, now: datetime) -> Erased:
    """Does it. StorageError before anything is changed where it cannot be written down."""
    with memory.database.read() as conn:
        known = read_file(memory.file).united(read_forgotten(conn))
    write_file(memory.file, known.with_names(request.names, now))
    with memory.database.write() as conn:
        owe(conn)  # also where the same was forgotten before
    return forget_again(memory, now) or Erased(found=Found())


def forget_again(memory: Memory, now: datetime) -> Erased | None:
    """Erases what the file or the database says is forgotten and is not erased yet; None where there is nothing.

    That is so after a request, after a backup was brought back, and after a crash in the middle of either.
    """
    written = read_file(memory.file)
    with memory.database.read() as conn:
        stored, owed = read_forgotten(conn), is_owed(conn)
    told = written.united(stored)
    if not owed and told.marks.keys() == stored.marks.keys() and set(told.keys) == set(stored.keys):
        _keep_up(memory.file, written, told)
        return None
    with memory.database.write() as conn:
        add_forgotten(conn, told)
        owe(conn)  # from here on nothing of it comes in any more
    with memory.database.read() as conn:
        found = search(conn, told.those_among)
    with memory.database.write() as conn:
        told = forget_found(conn, found, told, now)
    erased = Erased(found=found)
    _sweep(memory, told, erased)
    _keep_up(memory.file, written, told)
    if not erased.left:
        with memory.database.write() as conn:
            settle(conn)
    return erased


def _sweep(memory: Memory, told: Forgotten, erased: Erased) -> None:
    """What is outside the tables: the database's free pages, and mails that were written."""
    try:
        compact(memory.database)
    except StorageError as error:
        erased.left.append(f"what was erased may still stand on free pages of the database: {error}")
    try:
        mails = _mails(memory, told.those_among)
        remove_mails(mails)
        erased.mails = len(mails)
    except CollectorError as error:
        erased.left.append(f"a mail may still hold what was erased: {error}")
    for line in erased.left:
        log.warning("%s", line)


def _keep_up(file: Path, written: Forgotten, told: Forgotten) -> None:
    """Brings the file up to what the database knows; where that fails, the database knows it all the same."""
    if written.marks.keys() == told.marks.keys() and written.keys == told.keys:
        return
    try:
        write_file(file, told)
    except StorageError as error:
        log.warning("%s", error)
