"""Reads files of posts for tests: the samples, and what a test writes itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from collector.archives.files import ArchiveFile
from collector.archives.protocol import Entry, Format, Item, PassedOver, Unreadable
from collector.errors import ArchiveError
from collector.model import Post

T = TypeVar("T")

SAMPLES = Path(__file__).parent / "data" / "archives"


def read_all(form: Format, path: Path) -> list[Item]:
    """Everything that a format makes of a file."""
    with ArchiveFile(path) as file:
        return list(form.read(file))


def until_it_breaks(things: Iterable[T]) -> tuple[list[T], str]:
    """What a file gives before it breaks, and what is said then."""
    given: list[T] = []
    try:
        for thing in things:
            given.append(thing)
    except ArchiveError as error:
        return given, str(error)
    return given, ""


def posts_in(items: list[Item]) -> list[Post]:
    return [item.post for item in items if isinstance(item, Entry)]


def told(items: list[Item]) -> list[tuple[int, str]]:
    """Each item in short: its line, and the end of the post's address or why there is none."""
    return [(item.line, _short(item)) for item in items]


def _short(item: Item) -> str:
    match item:
        case Entry():
            return item.post.uri.rpartition("/")[2]
        case PassedOver() | Unreadable():
            return f"{type(item).__name__}: {item.reason}"
