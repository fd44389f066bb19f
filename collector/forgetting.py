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
from collector.identity.bridges import with_mirrors
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

    def leave(self, line: str) -> None:
        """Notes what could not be done."""
        log.warning("%s", line)
        self.left.append(line)


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
    known = read_file(memory.file, Forgotten)
    with memory.database.read() as conn:
        post = find_post(conn, asked) if asked.posts else None
        person = find_person(conn, asked) if post is None else None
        names = with_mirrors(_names(conn, asked, person, post))
        if not names:
            raise UnknownNameError(_say_unknown(asked))
        found = search(conn, names.intersection, in_answers=False)
        if not found:
            found.answers = search_answers(conn, names.intersection, ())
        amount = measure(conn, found.posts)
        known = known.united(read_forgotten(conn))
        naming = post_names(conn, found.naming)
    return Request(
        asked=asked,
        person=person,
        post=post,
        names=names,
        amount=amount,
        found=found,
        mails=len(_mails(memory, (names | naming).intersection)),
        forgotten_at=known.forgotten_at(names),
    )


def _names(conn: Connection, asked: Asked, person: Person | None, post: OnePost | None) -> Collection[str]:
    if post is not None:
        return post_names(conn, {post.id}) | asked.posts
    if person is not None:
        return names_of_person(conn, person)
    return asked.names or frozenset(filter(None, [asked.reader]))


def _say_unknown(asked: Asked) -> str:
    return (
        f"no account {asked.text!r} is known; to have one never collected that is not known yet, give it in full:"
        " user@host, did:plc:…, or the address of the profile or post"
    )


def _mails(memory: Memory, meant: Meant) -> list[Path]:
    return [path for path, said in mails_in(memory.outbox) if meant(names_in(said))]


def forget(memory: Memory, request: Request, now: datetime) -> Erased:
    """Does it. StorageError before anything is changed where it cannot be written down."""
    with memory.database.write() as conn:  # nobody else writes the file meanwhile
        known = read_file(memory.file, Forgotten).united(read_forgotten(conn))
        write_file(memory.file, known.with_names(request.names, now))
        owe(conn)  # also where the same was forgotten before
    return forget_again(memory, now) or Erased(found=Found())


def forget_again(memory: Memory, now: datetime) -> Erased | None:
    """Erases what the file or the database says is forgotten and is not erased yet; None where there is nothing.

    That is so after a request, after a backup was brought back, and after a crash in the middle of either.
    """
    with memory.database.read() as conn:
        stored, owed = read_forgotten(conn), is_owed(conn)
    written = read_file(memory.file, Forgotten)
    if not owed and written.is_same(stored):
        return None
    if not owed and written.united(stored).is_same(stored):
        _keep_up(memory)
        return None
    with memory.database.write() as conn:
        told = read_file(memory.file, Forgotten).united(read_forgotten(conn))
        add_forgotten(conn, told)
        owe(conn)  # from here on nothing of it comes in any more
    with memory.database.read() as conn:
        found = search(conn, told.those_among)
        naming = post_names(conn, found.naming)
    erased = Erased(found=found)

    def meant(names: Collection[str]) -> Collection[str]:
        return naming.intersection(names) or told.those_among(names)

    _sweep_mails(memory, meant, erased)  # while the tables tell which posts of others, as a crash may follow
    with memory.database.write() as conn:
        forget_found(conn, found, told, now)
    _keep_up(memory)
    _sweep_mails(memory, meant, erased)  # a daemon may have written one meanwhile
    _sweep_pages(memory, erased)
    if not erased.left:
        with memory.database.write() as conn:
            settle(conn)
    return erased


def _sweep_mails(memory: Memory, meant: Meant, erased: Erased) -> None:
    """Takes out mails with the names; and those with posts of others that hold them, since a mail may show `@user`."""
    try:
        mails = _mails(memory, meant)
        remove_mails(mails)
        erased.mails += len(mails)
    except CollectorError as error:
        erased.leave(f"a mail may still hold what was erased: {error}")


def _sweep_pages(memory: Memory, erased: Erased) -> None:
    try:
        compact(memory.database)
    except StorageError as error:
        erased.leave(f"what was erased may still stand on free pages of the database: {error}")


def _keep_up(memory: Memory) -> None:
    """Brings the file up to what the database knows; where that fails, the database knows it all the same."""
    try:
        with memory.database.write() as conn:  # nobody else writes the file meanwhile
            written = read_file(memory.file, Forgotten)
            told = written.united(read_forgotten(conn))
            if not written.is_same(told):
                write_file(memory.file, told)
    except StorageError as error:
        log.warning("%s", error)
