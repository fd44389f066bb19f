"""Mails out of files: mbox, single ones, folders of them (Maildir, too), and standard input; one after the other.

An mbox is read as a stream, so that of a mail of any size only the beginning is held.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from collector.bouncing.parts import LARGEST
from collector.errors import MailboxError

_MBOX = b"From "


def mails_in(path: Path) -> Iterator[tuple[str, bytes]]:
    """The name and the beginning of each mail; MailboxError where it cannot be read. "-" is standard input."""
    try:
        if str(path) == "-":
            yield from _split("standard input", sys.stdin.buffer)
        elif path.is_dir():
            yield from _in_folder(path)
        else:
            with path.open("rb") as file:
                yield from _split(str(path), file)
    except OSError as error:
        raise MailboxError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """A Maildir's mails, or else its files of the name *.eml."""
    places = [folder / name for name in ("cur", "new") if (folder / name).is_dir()]
    found: Iterable[Path] = (file for place in places for file in place.iterdir()) if places else folder.glob("*.eml")
    files = sorted(file for file in found if file.is_file() and not file.name.startswith("."))
    if not places and not files:
        raise MailboxError(f"{folder}: neither a Maildir nor a folder with files of the name *.eml")
    for path in files:
        with path.open("rb") as file:
            yield str(path), file.read(LARGEST)


def _split(name: str, file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The mails of an mbox, each begun by a line "From …" behind an empty one; anything else is one mail."""
    first = file.readline(LARGEST)
    if not first.startswith(_MBOX):
        content = first + file.read(max(0, LARGEST - len(first)))
        if not content.strip():
            raise MailboxError(f"{name}: is empty")
        yield name, content
        return
    number, mail, is_after_gap = 1, io.BytesIO(), False
    while line := file.readline(LARGEST):
        if is_after_gap and line.startswith(_MBOX):
            yield f"{name} #{number}", mail.getvalue()
            number, mail = number + 1, io.BytesIO()
        elif mail.tell() < LARGEST:
            mail.write(line[: LARGEST - mail.tell()])
        is_after_gap = line in {b"\n", b"\r\n"}
    yield f"{name} #{number}", mail.getvalue()
