"""A folder of `.eml` files, for want of a mail server: any mail program opens them."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

from collector.deliver.message import Message
from collector.errors import DeliveryError
from collector.text.mailaddresses import folded_address

_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_STEM = 150


class OutboxDeliverer:
    """Writes each message to a file named after its Message-ID: the same message again replaces its file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._folder)

    def __enter__(self) -> Self:
        """Makes the folder where it is missing."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._failure(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Every message is on the disk already."""

    def verify(self) -> None:
        """Writes a small file there, or where the folder would be made, and takes it away again."""
        folder = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        probe = folder / f".probe-{os.getpid()}"
        try:
            _write_through(probe, b"A mail could be written here.\n")
            probe.unlink()
        except OSError as error:
            raise self._failure(error) from error

    def deliver(self, message: Message) -> None:
        """The file appears whole or not at all, and is on the disk when this returns."""
        path = self._folder / f"{_stem(message)}.eml"
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            _write_through(part, message.content)
            part.replace(path)
            _flush_folder(self._folder)
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> DeliveryError:
        reason = error.strerror or str(error)
        return DeliveryError(
            f"{self._folder}: cannot write mail there: {reason[:1].lower()}{reason[1:]}", is_setup=True
        )


def mails_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every mail in the folder, half-written ones too, and all that it says: headers, bodies, what hangs on it.

    DeliveryError where one cannot be read.
    """
    for path in _mails(folder):
        with _reading(path):
            content = path.read_bytes()
        yield path, _said(content)


def mails_to(folder: Path, folded: Collection[str]) -> Iterator[Path]:
    """The mails in the folder to these addresses, in small letters; of each only the head is read.

    DeliveryError where one cannot be read.
    """
    for path in _mails(folder):
        with _reading(path), path.open("rb") as file:
            head: list[bytes] = list(takewhile(bytes.strip, file))
        if folded_address(str(message_from_bytes(b"".join(head), policy=policy.default)["To"])) in folded:
            yield path


def _mails(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix in {".eml", ".part"} and path.is_file():
            yield path


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeliveryError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from error


def remove_mails(paths: Collection[Path]) -> None:
    """Takes these files away; DeliveryError where one stays."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise DeliveryError(f"{path}: cannot be removed: {(error.strerror or str(error)).lower()}") from error
    for folder in {path.parent for path in paths}:
        _flush_folder(folder)


def _said(content: bytes) -> str:
    """The text of a mail; its HTML as it stands, but with its signs read."""
    message = message_from_bytes(content, policy=policy.default)
    pieces = [str(value) for value in message.values()]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            body = part.get_payload(decode=True)
            pieces.append(body.decode("utf-8", "replace") if isinstance(body, bytes) else "")
    return html.unescape("\n".join(pieces))


def _stem(message: Message) -> str:
    """What the file is called: what stands before the @ of the Message-ID, as far as a file can be called that."""
    local = message.message_id.strip("<>").rpartition("@")[0]
    stem = _NO_FILE_NAME.sub("-", local).strip(".-")[:_LONGEST_STEM]
    if not stem:
        raise ValueError("a message without a Message-ID cannot be told from others")
    return stem


def _write_through(path: Path, content: bytes) -> None:
    """Writes to the disk itself; leaves nothing behind where that fails."""
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _flush_folder(folder: Path) -> None:
    """Makes a renaming last through a power cut; the file is there anyway where folders cannot be flushed."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
