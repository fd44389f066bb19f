"""Packed bytes as a stream of unpacked ones: gzip, and one member of a zip or a tar; nothing is written to disk.

Whatever is wrong with the packing becomes one ArchiveError at the place where it breaks: what stands before it has been
given by then.
"""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from collector.errors import ArchiveError

PIECE = 256 * 1024  # bytes that are read at once
_SUSPICIOUS_FROM = 128 * 1024 * 1024  # unpacked bytes from which on …
_HIGHEST_RATIO = 250  # … so much more than was read of the file is no collection of posts: those pack to a tenth
_DAMAGES = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, ValueError)
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class CountedFile(io.FileIO):
    """A file on disk that tells how much of it has been read."""

    def __init__(self, path: Path, count: Callable[[int], None]) -> None:
        super().__init__(path, "rb")
        self._count = count

    def readinto(self, buffer: Any, /) -> int:
        """Reads as a file does."""
        done = super().readinto(buffer) or 0
        self._count(done)
        return done

    def read(self, size: int | None = -1, /) -> bytes:
        """Reads as a file does."""
        data = super().read(-1 if size is None else size) or b""
        self._count(len(data))
        return data


class Unpacked(io.RawIOBase):
    """What `read` unpacks, as a raw stream; closing it closes `holding` too."""

    def __init__(self, name: str, read: Callable[[int], bytes], packed: Callable[[], int], holding: ExitStack) -> None:
        super().__init__()
        self._name = name
        self._read = read
        self._packed = packed  # how many packed bytes have been read so far
        self._holding = holding
        self._given = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """The next unpacked bytes; ArchiveError where the packing breaks."""
        try:
            data = self._read(len(buffer))
        except _DAMAGES as error:
            raise damaged(self._name, error) from None
        self._given += len(data)
        if self._given > _SUSPICIOUS_FROM and self._given > _HIGHEST_RATIO * max(self._packed(), 1):
            raise ArchiveError(f"{self._name}: unpacks to more than {_HIGHEST_RATIO} times its size: it is not read on")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Closes what is beneath."""
        if not self.closed:
            self._holding.close()
        super().close()


def damaged(name: str, error: Exception) -> ArchiveError:
    """The one line for packing that breaks."""
    if isinstance(error, EOFError):
        return ArchiveError(f"{name}: ends in the middle: it was cut off; what stands before that was read")
    words = " ".join(str(error).split()) or type(error).__name__
    return ArchiveError(f"{name}: cannot be unpacked any further: {words}")


def zip_names(name: str, file: IO[bytes]) -> tuple[str, ...]:
    """The files in a zip."""
    with _open_zip(name, file) as packed:
        return tuple(info.filename for info in packed.infolist() if not info.is_dir())


def open_zip_member(name: str, file: IO[bytes], member: str, holding: ExitStack) -> Callable[[int], bytes]:
    """What reads one file out of a zip."""
    packed = holding.enter_context(_open_zip(name, file))
    try:
        info = packed.getinfo(member)
        if info.flag_bits & 1:
            raise ArchiveError(f"{name}: {member} is locked with a password: unpack it first")
        if info.compress_type not in _ZIP_METHODS:
            raise ArchiveError(f"{name}: {member} is packed in an unusual way: pack it again as a plain zip")
        content: Any = holding.enter_context(packed.open(info))
        read: Callable[[int], bytes] = content.read1
    except (*_DAMAGES, KeyError, RuntimeError) as error:
        raise damaged(f"{name}: {member}", error) from None
    return read


def _open_zip(name: str, file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (*_DAMAGES, NotImplementedError) as error:
        words = " ".join(str(error).split())
        raise ArchiveError(f"{name}: is no whole zip ({words}): was it downloaded to its end?") from None


def tar_names(name: str, stream: IO[bytes]) -> tuple[str, ...]:
    """The files in a tar, read to its end; links and what else a tar may hold are none."""
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=PIECE) as packed:
            return tuple(info.name for info in packed if info.isreg())
    except _DAMAGES as error:
        raise damaged(name, error) from None


def open_tar_member(name: str, stream: IO[bytes], member: str, holding: ExitStack) -> Callable[[int], bytes]:
    """What reads one file out of a tar, from the tar's beginning up to it."""
    try:
        packed = holding.enter_context(tarfile.open(fileobj=stream, mode="r|", bufsize=PIECE))  # noqa: SIM115
        for info in packed:
            content: Any = packed.extractfile(info) if info.isreg() and info.name == member else None
            if content is not None:
                read: Callable[[int], bytes] = holding.enter_context(content).read1
                return read
    except _DAMAGES as error:
        raise damaged(name, error) from None
    raise ArchiveError(f"{name}: holds no {member}")
