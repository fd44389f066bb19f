"""Files as people have them, written to disk and read as an import reads them."""

from __future__ import annotations

import csv
import io
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from collector.archives.files import ArchiveFile
from collector.archives.protocol import Entry, Format, Item, PassedOver, Unreadable
from collector.archives.recognising import format_named
from collector.model import Post

DATA = Path(__file__).parent / "data" / "archives"


def items_of(format_name: str, content: bytes, name: str = "file") -> list[Item]:
    """Everything that a format reads out of a file with this content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return read_path(format_named(format_name), path)


def read_path(reader: Format, path: Path) -> list[Item]:
    """Everything that a format reads out of a file."""
    with ArchiveFile(path) as file:
        return list(reader.read(file))


def recognised(format_name: str, content: bytes) -> bool:
    """Whether a format takes a file with this content for its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        with ArchiveFile(path) as file:
            return format_named(format_name).recognises(file)


def posts_in(items: Sequence[Item]) -> list[Post]:
    """The posts, in their order."""
    return [item.post for item in items if isinstance(item, Entry)]


def reasons_in(items: Sequence[Item]) -> list[tuple[int, str]]:
    """Line and reason of whatever was no post."""
    return [(item.line, item.reason) for item in items if isinstance(item, (Unreadable, PassedOver))]


def table(rows: Sequence[Mapping[str, object]], delimiter: str = ",") -> bytes:
    """Rows as CSV, under the names of the first one."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    """A tar.gz of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return out.getvalue()
