"""What a file of posts is read into: entries, each with the line it stood on, and what could not be read.

A format is one module with a `FORMAT`: it says by a file's beginning whether it is one of its own, and reads it as a
stream, however long it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collector.model import Post

if TYPE_CHECKING:
    from collector.archives.files import ArchiveFile


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One post as a file holds it."""

    post: Post
    line: int  # where it stands, from 1: a line of the file, or an item of its list
    topics: tuple[str, ...] = ()  # what the file itself says that it counts for; empty: its hashtags say it
    sources: tuple[str, ...] = ()  # the places that showed it, where the file names them
    first_seen_at: datetime | None = None  # when whoever wrote the file first saw it
    is_inside: bool = False  # it stood inside another post, and may lack parts: pictures, what addresses expand to


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """Something that is no post, though one should stand there."""

    line: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PassedOver:
    """Something that can be read and is not to be kept: a repost, or what not everybody could see."""

    line: int
    reason: str  # "a repost", "not public": the same few words each time, so that they can be counted


Item = Entry | Unreadable | PassedOver


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One format of files."""

    name: str  # as `--format` takes it
    title: str  # for a person
    recognises: Callable[[ArchiveFile], bool]
    read: Callable[[ArchiveFile], Iterator[Item]]
