"""Files beside the database that remember what was forgotten, and who left, whatever becomes of the database.

    key 9b1d…                                 hexadecimal
    mark 5e02… 2026-11-23T08:00:00+00:00      when it was forgotten, or when they left

Each appears whole or not at all, is on the disk before the database is touched, and only its owner may read it, unless
somebody lets others.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from collector.errors import StorageError
from collector.storage.database import Database
from collector.storage.forgotten import Forgotten
from collector.storage.marks import KEY_BYTES, MARK_BYTES, Marks
from collector.storage.refusals import Refusals

M = TypeVar("M", bound=Marks)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """One of the files: how its name ends, what it says in a word, and what stands above its lines."""

    ending: str
    meaning: str
    heading: str


_KINDS: dict[type[Marks], _Kind] = {
    Forgotten: _Kind(
        ending="forgotten",
        meaning="what is never to be kept",
        heading="""\
# Keyed hashes of what was forgotten on request: no name can be read out of them. Keep this file beside the database:
# when a backup is brought back, or something is imported, what it lists is erased again.
""",
    ),
    Refusals: _Kind(
        ending="refusals",
        meaning="who wants no more mails",
        heading="""\
# Keyed hashes of the addresses that left: none can be read out of them. Keep this file beside the database: when a
# backup is brought back, or a list is imported, whom it lists is left in peace.
""",
    ),
}


def place_of(database: Database, folder: Path, kind: type[Marks] = Forgotten) -> Path:
    """Where the file is: beside an SQLite file; for PostgreSQL in the `folder`."""
    ending = _KINDS[kind].ending
    if database.path is not None:
        return database.path.with_name(f"{database.path.name}.{ending}")
    return folder / f"{database.name}.{ending}"


def read_file(path: Path, kind: type[M]) -> M:
    """What the file says; nothing where there is none. StorageError where it cannot be read, or is damaged."""
    meaning = _KINDS[kind].meaning
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return kind()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {_reason(error)}; it says {meaning}") from error
    except UnicodeDecodeError as error:
        raise StorageError(f"{path}: is damaged; it says {meaning}: restore a copy") from error
    keys: dict[str, None] = {}
    marks: dict[str, datetime] = {}
    for number, line in enumerate(text.splitlines(), 1):
        try:
            _read_line(line, keys, marks)
        except ValueError as error:
            raise StorageError(f"{path}:{number}: is damaged; accepted: 'key' or 'mark' and its hash") from error
    return kind(keys=tuple(keys), marks=marks)


def _read_line(line: str, keys: dict[str, None], marks: dict[str, datetime]) -> None:
    kind, _, rest = line.partition(" ")
    value, _, at = rest.partition(" ")
    if not line or kind == "#":
        return
    size = len(bytes.fromhex(value))
    if kind == "key" and size == KEY_BYTES and not at:
        keys[value] = None
    elif kind == "mark" and size == MARK_BYTES and keys and (told := datetime.fromisoformat(at)).tzinfo:
        marks[value] = told
    else:
        raise ValueError(kind)


def write_file(path: Path, told: Marks) -> None:
    """Puts it in the place of the file that is there. StorageError where that fails; then nothing has changed."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write_through(part, _KINDS[type(told)].heading + "".join(_lines(told)))
        _share_alike(part, path)
        part.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise StorageError(f"{path}: cannot be written: {_reason(error)}") from error


def _lines(told: Marks) -> Iterator[str]:
    yield from (f"key {key}\n" for key in told.keys)
    yield from (f"mark {mark} {at.isoformat()}\n" for mark, at in sorted(told.marks.items()))


def _write_through(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _share_alike(part: Path, path: Path) -> None:
    """Who may read the file that is there may read this one; the superuser writes for the owner of it or its folder."""
    if path.exists():
        shutil.copymode(path, part)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        owner = (path if path.exists() else path.parent).stat()
        os.chown(part, owner.st_uid, owner.st_gid)


def _flush_folder(folder: Path) -> None:
    """Makes the renaming last through a power cut; where folders cannot be flushed the file is there anyway."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
