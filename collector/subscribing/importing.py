"""One list: read → add, some hundred rows at a time, each time committed."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from collector.model import Origin
from collector.subscribing.adding import Newcomer, add_readers
from collector.subscribing.deciding import Outcome
from collector.subscribing.lists import ListRow, OffTheList, ReaderList, Unreadable
from collector.subscribing.readership import Readership

AT_ONCE = 500  # rows a transaction: others want to write, too


@dataclass(slots=True)
class ListReport:
    """What importing a list came to."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    off: int = 0  # rows about people who are not on that list any more, or never confirmed
    unreadable: list[tuple[int, str]] = field(default_factory=list)  # the line, and what is wrong in it


def import_list(
    readership: Readership, rows: ReaderList, series: str, now: datetime, tell: Callable[[int], None]
) -> ListReport:
    """Adds whom nothing speaks against; `tell` hears how many lines were read. The same list twice changes nothing."""
    report, lines = ListReport(), iter(rows)
    while chunk := list(itertools.islice(lines, AT_ONCE)):
        people = [row.told for row in chunk if isinstance(row.told, Newcomer)]
        report.outcomes.update(add_readers(readership, people, series, Origin.IMPORT, now))
        for row in chunk:
            _note(report, row)
        tell(len(chunk))
    return report


def _note(report: ListReport, row: ListRow) -> None:
    match row.told:
        case Unreadable(reason=reason):
            report.unreadable.append((row.line, reason))
        case OffTheList():
            report.off += 1
        case _:
            pass
