"""Posts over time and by network: a chart that is drawn without scripts, and a table that says the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from collector.digest.calendars import MONTHS, WEEKS, Calendar
from collector.digest.windows import local_time
from collector.model import Cadence
from collector.storage.charting import count_over_time, first_dated_at
from collector.web.allowances import SEARCHES
from collector.web.answers import Answer, show
from collector.web.drawing import Head
from collector.web.posts import zone_of
from collector.web.routing import Route
from collector.web.visiting import Visit
from collector.words import Words

_MOST = {Cadence.WEEKLY: 53, Cadence.MONTHLY: 60}  # stretches that are shown
_MOST_NETWORKS = 4  # with a shade of their own in the chart; the others share the last
_WIDTH, _HEIGHT = 600, 200  # of the drawing, in units of its own
_BETWEEN = 0.2  # of two bars, in steps from one to the next
_FIRST = date(1990, 1, 1)  # nothing that is collected is older; whatever says so is wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A week, or a month, with its posts by network."""

    label: str
    counts: Counter[str]

    @property
    def total(self) -> int:
        """Of all networks."""
        return self.counts.total()


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A piece of a bar, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    shade: int  # of the network


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A network beside the others."""

    network: str
    number: int
    share: float  # of the largest
    shade: int


def show_numbers(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """The last year week by week, or the last years month by month."""
    visit.spend(SEARCHES)
    is_monthly, zone = visit.query.get("by") == "month", zone_of(visit)
    calendar = MONTHS if is_monthly else WEEKS
    with visit.database.read() as conn:
        starts = _starts(calendar, first_dated_at(conn), visit.now, zone)
        edges = [local_time(day, time(), zone) for day in starts]
        counted = count_over_time(conn, list(pairwise(edges)))
    rows = [
        Row(label=_label(visit.words, calendar, day), counts=counts)
        for day, counts in zip(starts, counted, strict=False)
    ]
    shares = rank_networks(rows)
    head = Head(
        title=visit.words.say("numbers_title"),
        address=visit.public.numbers + ("?by=month" if is_monthly else ""),
        description=visit.words.say("numbers_description"),
    )
    return show(
        visit,
        "numbers.html",
        head,
        rows=rows,
        shares=shares,
        blocks=draw_blocks(rows, shares),
        most=max((row.total for row in rows), default=0),
        ends=_ends(rows),
        is_monthly=is_monthly,
    )


def rank_networks(rows: Sequence[Row]) -> list[Share]:
    """The networks of all rows, that with most posts first."""
    totals: Counter[str] = Counter()
    for row in rows:
        totals.update(row.counts)
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return [
        Share(network=network, number=number, share=number / ranked[0][1], shade=min(place, _MOST_NETWORKS - 1))
        for place, (network, number) in enumerate(ranked)
    ]


def draw_blocks(rows: Sequence[Row], shares: Sequence[Share]) -> list[Block]:
    """A bar a row from edge to edge, a block a network one upon another; what is there at all can be seen."""
    most = max((row.total for row in rows), default=0)
    blocks: list[Block] = []
    for place, row in enumerate(rows):
        step = _WIDTH / (len(rows) - _BETWEEN)
        top = float(_HEIGHT)
        for share in shares:
            if number := row.counts[share.network]:
                height = max(1.0, number / most * _HEIGHT)
                top -= height
                blocks.append(
                    Block(
                        x=round(place * step, 2),
                        y=round(max(0.0, top), 2),
                        width=round(step * (1 - _BETWEEN), 2),
                        height=round(height, 2),
                        shade=share.shade,
                    )
                )
    return blocks


def _ends(rows: Sequence[Row]) -> list[str]:
    """What stands below the first bar, below the last, and below that in the middle, if there is one."""
    middle = rows[len(rows) // 2 : len(rows) // 2 + 1] if len(rows) % 2 and len(rows) > 1 else []
    return [row.label for row in (*rows[:1], *middle, *rows[1:][-1:])]


def _starts(calendar: Calendar, first: datetime | None, now: datetime, zone: ZoneInfo) -> list[date]:
    """The first days of all stretches from the earliest post on, no more than are shown, and of the one to come."""
    if first is None:
        return []
    starts, today = [calendar.first_of(max(first.astimezone(zone).date(), _FIRST))], now.astimezone(zone).date()
    while starts[-1] <= today:
        starts.append(calendar.following(starts[-1]))
    return starts[-_MOST[calendar.cadence] - 1 :]


def _label(words: Words, calendar: Calendar, day: date) -> str:
    if calendar is MONTHS:
        return words.say("month_name", month=words.months[day.month - 1], year=day.year)
    return words.say("numbers_day", day=day.day, month=words.short_months[day.month - 1], year=day.year)


ROUTES = (Route(path="/numbers", get=show_numbers, is_shared=True, asks=frozenset({"by"})),)
