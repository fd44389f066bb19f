"""A better normaliser run over the past: every kept answer is read again, and what it tells better is taken over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.model import Batch, Found, Watch, WatchKey
from collector.sources.kept import read_kept
from collector.storage.database import Database
from collector.storage.raw import RawAnswer, stream_raw, stream_rejected
from collector.storage.saving import save_batch, save_renormalised
from collector.storage.watches import all_watches

_AT_ONCE = 500


@dataclass(slots=True)
class RenormaliseReport:
    """What came of it, in numbers of answers; `found` were unreadable before."""

    read: int = 0
    changed: int = 0
    found: int = 0
    unreadable: int = 0


def renormalise_all(
    database: Database,
    counted: Callable[[WatchKey], frozenset[str]],
    now: datetime,
    tell: Callable[[int], None],
) -> RenormaliseReport:
    """Reads all kept answers again; `tell` is called with the number of those just done."""
    report = RenormaliseReport()
    database.settle()  # a backup that was brought back has no log yet that lets one read while one writes
    with database.read() as conn:
        watches = {watch.id: watch for watch in all_watches(conn)}
        for answers in stream_raw(conn, _AT_ONCE):
            watch = watches[answers[0].watch_id]
            found = _read(watch, answers, report)
            with database.write() as writing:
                report.changed += save_renormalised(writing, _batch(watch, found, counted, now))
            report.read += len(answers)
            tell(len(answers))
        for answers in stream_rejected(conn, _AT_ONCE):
            watch = watches[answers[0].watch_id]
            found = _read(watch, answers, report)
            with database.write() as writing:
                report.found += save_batch(writing, _batch(watch, found, counted, now)).new
            tell(len(answers))
    return report


def _read(watch: Watch, answers: Sequence[RawAnswer], report: RenormaliseReport) -> list[Found]:
    found = []
    for answer in answers:
        try:
            item = read_kept(answer.body, watch.key, watch.state.account_domain)
        except ValueError:
            item = None
        if isinstance(item, Found):
            found.append(item)
        else:
            report.unreadable += 1
    return found


def _batch(watch: Watch, found: Sequence[Found], counted: Callable[[WatchKey], frozenset[str]], now: datetime) -> Batch:
    by_hand = not watch.key.hashtag and not watch.key.thread
    return Batch(
        watch=watch,
        spellings=counted(watch.key),
        found=tuple(found),
        rejections=(),
        state=watch.state,
        fetched_at=now,
        history_before=None if by_hand else (watch.state.began_at or now),
    )
