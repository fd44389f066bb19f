"""Posts from files that people already have, brought into the same tables: read → sift → save, a thousand at a time.

Each batch is one transaction, so an import can be stopped and started again; the same file twice changes nothing. What
is imported is history: it can be in the digest of its own week, and never floods another as "late".
"""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from collector.archives.files import ArchiveFile
from collector.archives.protocol import Entry, Format, Item, PassedOver, Unreadable
from collector.errors import ArchiveError
from collector.model import ARCHIVE_KIND, Batch, Found, WantedWatch, Watch, WatchKey, WatchState
from collector.storage.database import Connection, Database
from collector.storage.merging import ARCHIVE, INSIDE
from collector.storage.saving import save_batch
from collector.storage.watches import ensure_watch

BATCH = 1_000
TOLD = 10_000  # of what cannot be read, so many are kept to be told
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)  # everything is published before it: all of it is history
_OFF_TOPIC = "without the hashtag"
_FORGOTTEN = "forgotten on request"


@dataclass(slots=True)
class ImportReport:
    """What became of one file, in numbers of posts; a post that several places showed counts once."""

    read: int = 0
    new: int = 0
    changed: int = 0
    left_out: Counter[str] = field(default_factory=Counter)  # by the reason
    rejected: int = 0  # what could not be read
    unreadable: list[Unreadable] = field(default_factory=list)  # the first of them: a file may hold nothing else

    @property
    def known(self) -> int:
        """How many were there already, as they are."""
        return self.read - self.new - self.changed - self.left_out.total()


@dataclass(frozen=True, kw_only=True, slots=True)
class Importer:
    """What an import needs of the world."""

    database: Database
    topics: Mapping[str, frozenset[str]]  # those that are wanted, each with its spellings in normal form
    now: datetime
    stop: threading.Event
    tell: Callable[[int], None]  # is told how many bytes of the file were read since the last time


def import_file(importer: Importer, file: ArchiveFile, archive: Format, report: ImportReport) -> None:
    """Reads one file to its end, or to the stop sign; writes down in the report what became of it, as it goes."""
    consumed = 0
    with _seldom_collected():
        for chunk in _chunks(archive.read(file), importer.stop):
            _save(importer, archive, _sift(importer, chunk, report), report)
            importer.tell(file.consumed - consumed)
            consumed = file.consumed


def _chunks(items: Iterator[Item], stop: threading.Event) -> Iterator[list[Item]]:
    """A batch at a time; of a file that breaks, what stands before that is given, and then its ArchiveError."""
    broken: ArchiveError | None = None
    while not stop.is_set() and broken is None:
        chunk: list[Item] = []
        try:
            chunk.extend(islice(items, BATCH))
        except ArchiveError as error:
            broken = error
        if not chunk and broken is None:
            return
        yield chunk
    if broken is not None:
        raise broken


def _sift(importer: Importer, chunk: Iterable[Item], report: ImportReport) -> list[tuple[Entry, tuple[str, ...]]]:
    """The entries to keep, each with the topics it counts for."""
    kept = []
    for item in chunk:
        if isinstance(item, Unreadable):
            report.rejected += 1
            if report.rejected <= TOLD:
                report.unreadable.append(item)
            continue
        report.read += 1
        topics = () if isinstance(item, PassedOver) else topics_of(item, importer.topics)
        if isinstance(item, PassedOver):
            report.left_out[item.reason] += 1
        elif topics:
            kept.append((item, topics))
        else:
            report.left_out[_OFF_TOPIC] += 1
    return kept


def topics_of(entry: Entry, topics: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The topics that a post counts for: those that the file names, and those whose hashtag it carries."""
    return tuple(topic for topic, spellings in topics.items() if topic in entry.topics or entry.post.carries(spellings))


def _save(
    importer: Importer, archive: Format, kept: Sequence[tuple[Entry, tuple[str, ...]]], report: ImportReport
) -> None:
    if not kept:
        return
    forgotten: frozenset[str] = frozenset()
    with importer.database.write() as conn:
        for place, entries in _by_watch(kept, archive).items():
            now = importer.now + timedelta(microseconds=place.order)  # they come out in the order of their sightings
            saved = save_batch(conn, _batch(_watch(conn, archive, place), entries, now))
            report.new += saved.new
            report.changed += saved.changed
            forgotten |= saved.forgotten
    if forgotten:
        report.left_out[_FORGOTTEN] += len(forgotten)


class _Place(NamedTuple):
    """What makes imported posts belong to one watch."""

    topic: str
    label: str  # of the place that showed them; where a file names none, the format is it
    is_inside: bool
    order: int  # among those that its file names


def _by_watch(kept: Iterable[tuple[Entry, tuple[str, ...]]], archive: Format) -> Mapping[_Place, list[Entry]]:
    grouped: dict[_Place, list[Entry]] = {}
    for entry, topics in kept:
        for order, label in enumerate(entry.sources or (f"import: {archive.name}",)):
            for topic in topics:
                grouped.setdefault(_Place(topic, label, entry.is_inside, order), []).append(entry)
    return grouped


def _watch(conn: Connection, archive: Format, place: _Place) -> Watch:
    """The watch that imported posts belong to: it is never asked."""
    address = ARCHIVE + archive.name + (INSIDE if place.is_inside else "")
    key = WatchKey(kind=ARCHIVE_KIND, address=address, hashtag="", topic=place.topic, thread=place.label)
    return ensure_watch(conn, WantedWatch(key=key, name=place.label))


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Lets Python look for rubbish less often: a line of JSON makes thousands of objects, none of them in a circle.

    It takes a third off the time of an import.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _batch(watch: Watch, entries: Iterable[Entry], now: datetime) -> Batch:
    return Batch(
        watch=watch,
        spellings=frozenset(),
        found=tuple(_found(entries)),
        rejections=(),
        state=WatchState(),
        fetched_at=now,
        history_before=_END_OF_TIME,
    )


def _found(entries: Iterable[Entry]) -> Iterator[Found]:
    """Nothing raw is kept of them: the file is the answer, and can be imported again."""
    for entry in entries:
        yield Found(post=entry.post, native_id=entry.post.uri, raw=b"", first_seen_at=entry.first_seen_at)
