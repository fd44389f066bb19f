"""Files as streams of text, however long: plain, gzip, and what lies inside a zip or a tar.

Memory stays bounded by the longest line. Everything that can be wrong with a file is one ArchiveError of one line, and
what stands before the place where a file breaks has been given by then. Text is UTF-8, with or without a byte order
mark.

    with ArchiveFile(path) as file:
        file.beginning                  the first 64 KB, unpacked: enough to recognise a format by
        for number, line in file.lines(): …
        for row in csv.reader(file.text_stream()): …
        if file.is_container:
            for name in file.members("data/tweets*.js"):
                for number, line in file.open_member(name).lines(): …
"""

from __future__ import annotations

import codecs
import gzip
import io
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from collector.archives.unpacking import (
    PIECE,
    CountedFile,
    Unpacked,
    open_tar_member,
    open_zip_member,
    tar_names,
    zip_names,
)
from collector.errors import ArchiveError

BEGINNING = 64 * 1024
LONGEST_LINE = 64 * 1024 * 1024  # bytes of one line, and of what is read as a whole
_BOM = codecs.BOM_UTF8
_FOREIGN = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ACCEPTED = "text in UTF-8, gzip of it, a zip or a tar is accepted"


class Content:
    """What stands in a file or in one member of it, unpacked: to be read from its beginning as often as wanted."""

    def __init__(self, name: str, open_raw: Callable[[], io.RawIOBase]) -> None:
        self.name = name  # as messages call it
        self._open_raw = open_raw

    def open(self) -> io.BufferedReader:
        """The bytes; close it, or use it in a `with`."""
        return io.BufferedReader(self._open_raw(), PIECE)

    @cached_property
    def beginning(self) -> bytes:
        """The first 64 KB, without a byte order mark; less where the file breaks before."""
        return self._beginning()

    def _beginning(self) -> bytes:
        held = b""
        try:
            with self.open() as stream:
                while len(held) < BEGINNING and (more := stream.read1(BEGINNING - len(held))):
                    held += more
        except ArchiveError:
            if not held:
                raise
        return held.removeprefix(_BOM)

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """Each line with its number, from 1, and without its line break; blank ones too; None for one that is no UTF-8.

        Only a line feed ends a line: JSON may hold the other breaks of Unicode.
        """
        with self.open() as stream:
            self._refuse_foreign(stream)
            number = 0
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise ArchiveError(f"{self.name}: line {number} is longer than {LONGEST_LINE >> 20} MB")
                try:
                    text = line.decode("utf-8")
                except UnicodeDecodeError:
                    yield number, None
                else:
                    yield number, text.rstrip("\r\n")

    def text_stream(self) -> Iterator[str]:
        """The lines with the breaks they came with, as `csv.reader` wants them."""
        with io.TextIOWrapper(self._checked(), encoding="utf-8", newline="") as stream:
            try:
                while line := stream.readline(LONGEST_LINE):
                    if len(line) == LONGEST_LINE:
                        raise ArchiveError(f"{self.name}: a line is longer than {LONGEST_LINE >> 20} MB")
                    yield line
            except UnicodeDecodeError:
                raise self._not_utf8("something in it") from None

    def pieces(self) -> Iterator[str]:
        """The text in pieces of some 100 KB, wherever they end: for a document that is one long line."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            with self._checked() as stream:
                while data := stream.read1(PIECE):
                    yield decoder.decode(data)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise self._not_utf8("something in it") from None

    def read_text(self) -> str:
        """The whole text, for what is known to be short; ArchiveError from 64 MB on."""
        held: list[str] = []
        length = 0
        for piece in self.pieces():
            held.append(piece)
            length += len(piece)
            if length > LONGEST_LINE:
                raise ArchiveError(f"{self.name}: is longer than {LONGEST_LINE >> 20} MB")
        return "".join(held)

    def _checked(self) -> io.BufferedReader:
        stream = self.open()
        try:
            self._refuse_foreign(stream)
        except BaseException:
            stream.close()
            raise
        return stream

    def _refuse_foreign(self, stream: io.BufferedReader) -> None:
        """Goes past a byte order mark, if it is that of UTF-8."""
        start = stream.peek(3)[:3]
        if start == _BOM:
            stream.read(3)
        elif start.startswith(_FOREIGN):
            raise self._not_utf8("it")

    def _not_utf8(self, what: str) -> ArchiveError:
        return ArchiveError(f"{self.name}: {what} is not UTF-8: save the file as UTF-8 text, or export it anew")


class Packing(Enum):
    """What a file's first bytes say that it is."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZIP = "zip"
    TAR = "tar"
    TAR_GZIP = "tar.gz"


class ArchiveFile(Content):
    """One file on disk. ArchiveError where it is missing, a folder, empty, or may not be read."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        super().__init__(str(path), self._open_content)
        self.size = self._look()  # bytes on disk
        self._read = 0
        with self._uncounted():
            self.packing = self._packing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing stays open between two reads; the form is kept for those who like to see where a file ends."""

    @property
    def consumed(self) -> int:
        """How many bytes of the file on disk have been read so far, never more than its size: for a progress bar."""
        return min(self._read, self.size)

    @cached_property
    def beginning(self) -> bytes:
        """As of any content; nothing of several files in one."""
        if self.is_container and len(self._names) != 1:
            return b""
        with self._uncounted():
            return self._beginning()

    @property
    def is_container(self) -> bool:
        """True for a zip or a tar. One that holds a single file can be read as if it were that file."""
        return self.packing in {Packing.ZIP, Packing.TAR, Packing.TAR_GZIP}

    def members(self, pattern: str = "*") -> tuple[str, ...]:
        """The names of the files in a container that fit, also in a folder further down; none in a plain file."""
        fitting = (pattern, f"*/{pattern}")
        return tuple(name for name in self._names if any(fnmatchcase(name, form) for form in fitting))

    def open_member(self, name: str) -> Content:
        """One of `members`."""
        return Content(f"{self.path}: {name}", lambda: self._open_member(name))

    @cached_property
    def _names(self) -> tuple[str, ...]:
        if not self.is_container:
            return ()
        with self._uncounted(), self._open_packed() as stream:
            read = zip_names if self.packing is Packing.ZIP else tar_names
            return tuple(name for name in read(self.name, stream) if not name.startswith("__MACOSX/"))

    def _open_content(self) -> io.RawIOBase:
        if not self.is_container:
            return self._open_plain()
        if len(self._names) != 1:
            raise ArchiveError(f"{self.path}: is a {self.packing.value} of {len(self._names)} files, not one")
        return self._open_member(self._names[0])

    def _open_member(self, name: str) -> io.RawIOBase:
        with ExitStack() as holding:
            stream = holding.enter_context(self._open_packed())
            open_in = open_zip_member if self.packing is Packing.ZIP else open_tar_member
            read = open_in(self.name, stream, name, holding)
            return Unpacked(f"{self.path}: {name}", read, self._counter(), holding.pop_all())

    def _open_packed(self) -> io.BufferedReader:
        """What a zip or a tar is read from."""
        return io.BufferedReader(self._open_plain(), PIECE)

    def _open_plain(self) -> io.RawIOBase:
        """The file without the gzip around it."""
        file = self._open_file()
        if self.packing not in {Packing.GZIP, Packing.TAR_GZIP}:
            return file
        with ExitStack() as holding:
            held = holding.enter_context(io.BufferedReader(file, PIECE))
            read = holding.enter_context(gzip.GzipFile(fileobj=held, mode="rb")).read1
            return Unpacked(self.name, read, self._counter(), holding.pop_all())

    def _open_file(self) -> CountedFile:
        try:
            return CountedFile(self.path, self._count)
        except OSError as error:
            raise self._unusable(error.strerror or "cannot be opened") from None

    def _count(self, done: int) -> None:
        self._read += done

    def _counter(self) -> Callable[[], int]:
        """What tells how much has been read since now."""
        before = self._read
        return lambda: self._read - before

    @contextmanager
    def _uncounted(self) -> Iterator[None]:
        """A look at the file that is no progress."""
        before = self._read
        try:
            yield
        finally:
            self._read = before

    def _look(self) -> int:
        try:
            found = self.path.stat()
        except (OSError, ValueError) as error:
            raise self._unusable(getattr(error, "strerror", None) or "no such file") from None
        if stat.S_ISDIR(found.st_mode):
            raise self._unusable("is a folder, not a file")
        if not stat.S_ISREG(found.st_mode):
            raise self._unusable("is no file on disk")
        if found.st_size == 0:
            raise self._unusable("is empty")
        return found.st_size

    def _unusable(self, reason: str) -> ArchiveError:
        return ArchiveError(f"{self.path}: {reason[:1].lower()}{reason[1:]}; {_ACCEPTED}")

    def _packing(self) -> Packing:
        with self._open_file() as file:
            start = file.read(BEGINNING)
        if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return Packing.ZIP
        if not start.startswith(b"\x1f\x8b"):
            return Packing.TAR if _is_tar(start) else Packing.PLAIN
        self.packing = Packing.GZIP
        try:
            with self._open_packed() as stream:
                return Packing.TAR_GZIP if _is_tar(stream.read1(512)) else Packing.GZIP
        except ArchiveError:
            return Packing.GZIP  # whoever reads it learns what is wrong


def _is_tar(start: bytes) -> bool:
    return start[257:262] == b"ustar"
