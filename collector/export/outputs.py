"""Where an export goes: a file that is whole or as it was before, or standard output."""

from __future__ import annotations

import errno
import io
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from collector.errors import OutputError

STANDARD_OUTPUT = "-"
_MANIFEST = ".manifest.json"


@contextmanager
def open_output(destination: str) -> Iterator[BinaryIO]:
    """What is written within the block is at `destination` after it: a path, or "-" for standard output.

    A file is written beside its place and moved there at the end, so whatever ends the block early leaves the old
    file. Raises `OutputError` for what cannot be written; a reader of standard output that has gone away raises
    BrokenPipeError as it is, and nothing more has to be done about it than to stop.
    """
    try:
        with _opened(destination) as out:
            yield out
    except BrokenPipeError:
        raise
    except OSError as error:
        named = "standard output" if destination == STANDARD_OUTPUT else destination
        raise OutputError(f"{named}: cannot be written: {error.strerror or error}") from error


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Another path beside `path`, for what writes files by itself: at the end of the block its file is moved there.

    As with `open_output`, whatever ends the block early leaves the old file. Raises `OutputError` for what cannot be
    written, and for a place that holds no ordinary file.
    """
    try:
        if path.exists() and not path.is_file():
            raise OutputError(f"{path}: cannot be written: it is no file")
        with _beside(path.resolve()) as part:
            yield part
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def manifest_place(destination: str) -> Path | None:
    """Where an export's manifest stands: beside its file. None where it goes to no file, but to a device or a pipe, or
    into a folder that is not there.
    """
    path = Path(destination)
    if destination == STANDARD_OUTPUT or not path.parent.is_dir() or (path.exists() and not path.is_file()):
        return None
    return path.with_name(f"{path.name}{_MANIFEST}")


@contextmanager
def _opened(destination: str) -> Iterator[BinaryIO]:
    path = Path(destination)
    if destination == STANDARD_OUTPUT:
        with _standard_output() as out:
            yield out
    elif path.exists() and not path.is_file():  # a device or a named pipe; a folder refuses by itself
        with path.open("wb") as out:
            yield out
    else:
        with _replacing(path.resolve()) as out:  # what a link points to is replaced, not the link
            yield out


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    """A buffer of our own: under PYTHONUNBUFFERED the one of `sys.stdout` writes a part and does not say so."""
    sys.stdout.flush()
    out = io.BufferedWriter(cast("io.RawIOBase", sys.stdout.buffer))
    try:
        yield out
        out.flush()
        sys.stdout.flush()
    except OSError:
        _abandon_standard_output()
        raise
    finally:
        out.detach()  # or standard output would be closed with it


def _abandon_standard_output() -> None:
    """What could not be written is still in the buffer: without this the interpreter fails on it again at its end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    with _beside(path) as part, part.open("xb") as out:
        yield out


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    _refuse_unwritable(path)
    part = path.with_name(f".collector-{secrets.token_hex(8)}.part")
    try:
        yield part
        with part.open("r+b") as written:
            os.fsync(written.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _refuse_unwritable(path: Path) -> None:
    """What moving a new file over the old one would not notice, or would say less clearly."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {path.parent}")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
