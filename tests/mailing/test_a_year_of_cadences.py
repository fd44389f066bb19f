"""A year lived through by a daily, a weekly and a monthly series of different zones over one topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count, pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from collecting import Clock, keep, mails, publishing, rows
from making import make_post

from collector.app import App
from collector.mailing.issuing import look_up
from collector.model import DigestState
from collector.storage.series import StoredWindow

ZONES = {"daily": ZoneInfo("Australia/Lord_Howe"), "weekly": ZoneInfo("Europe/London"), "monthly": ZoneInfo("UTC")}
SERIES = [
    {"series": "daily", "cadence": "daily", "send_on": "7:30"},
    {"series": "weekly"},
    {"series": "monthly", "cadence": "monthly", "send_on": "2 06:00", "catch_up": "all"},
]
BEGINNING = datetime(2025, 10, 1, 21, tzinfo=UTC)  # the first of its daily rounds
DAYS = 367
HOLIDAY = range(300, 310)  # days on which nothing runs


def publish(app: App, clock: Clock, dice: Random, numbers: Iterator[int]) -> None:
    """What turned up since the last round: some of it days old, but nothing from before the beginning."""
    for _ in range(dice.choice([0, 0, 1, 2, 3])):
        age = timedelta(minutes=dice.choice([0, 10, 200, 3_000, 9_000]))
        keep(app, make_post(next(numbers), published_at=max(clock() - age, BEGINNING)))


def live(app: App, clock: Clock) -> None:
    dice, numbers = Random(2026), count(1)
    for day in range(DAYS):
        clock.now = BEGINNING + timedelta(days=day)
        if day not in HOLIDAY:
            publish(app, clock, dice, numbers)
            app.close_due_windows()
            app.send_owed()


def windows_of(app: App, series: str) -> list[StoredWindow]:
    with app.database.read() as conn:
        return list(look_up(conn, app.settings, app.settings.series(series)).windows)


def test_a_year_of_days_weeks_and_months(tmp_path: Path) -> None:
    clock = Clock(BEGINNING)
    digest = [
        {"to": [f"{keys['series']}@example.org"], "timezone": ZONES[keys["series"]].key, **keys} for keys in SERIES
    ]
    with publishing(tmp_path, clock=clock, digest=digest) as app:
        live(app, clock)
        check_windows(app)
        check_membership(app)
        check_mails(app)


def check_windows(app: App) -> None:
    """Each series has all its windows, one after the other, as long as its own clocks make them."""
    days, weeks, months = (windows_of(app, keys["series"]) for keys in SERIES)
    for windows in (days, weeks, months):
        assert all(one.window.ends_at == two.window.starts_at for one, two in pairwise(windows))
    first = date(2025, 10, 2)  # there
    assert [one.window.name for one in days] == [str(first + timedelta(days=number)) for number in range(len(days))]
    assert len(days) >= DAYS
    lengths = Counter((one.window.ends_at - one.window.starts_at) / timedelta(hours=1) for one in days)
    assert set(lengths) == {24.0, 23.5, 24.5}, "half an hour is what Lord Howe Island moves its clocks by"
    assert [one.window.name for one in months] == [
        *("2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04"),
        *("2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"),
    ]


def check_membership(app: App) -> None:
    """Each post is in one digest of each series: its own window's, or a later one, once that was built without it."""
    for series in ZONES:
        windows = {f"{series}/{stored.window.name}": stored for stored in windows_of(app, series)}
        closed = [stored.window for stored in windows.values() if stored.state is not DigestState.OPEN]
        lates = 0
        for post in rows(app):
            (own,) = [name for name, stored in windows.items() if post.published_at in stored.window]
            named = [name for name in post.digests if name.startswith(f"{series}/")]
            if post.first_seen_at >= closed[-1].starts_at:
                continue  # the last ones may wait for a digest to come
            (name,) = named
            lates += name != own
            closed_at = windows[own].closed_at
            assert closed_at is not None
            assert (name == own) == (post.first_seen_at <= closed_at)
            assert name >= own
        assert lates > {"daily": 100, "weekly": 20, "monthly": 3}[series]


def check_mails(app: App) -> None:
    """One mail for each digest with something in it, at its own time; after the holiday one for all of its days."""
    sent: dict[str, list[tuple[datetime, str]]] = {name: [] for name in ZONES}
    for mail in mails(app):
        series = str(mail["To"]).partition("@")[0]
        sent[series].append((parsedate_to_datetime(mail["Date"]).astimezone(ZONES[series]), str(mail["Subject"])))
    built = {
        name: sum(stored.state is DigestState.BUILT for stored in windows_of(app, name) if stored.closed_at)
        for name in ZONES
    }
    assert built["daily"] > 200
    back = BEGINNING + timedelta(days=HOLIDAY.stop)
    named_in_one = sum(one.closed_at == back and one.state is DigestState.BUILT for one in windows_of(app, "daily"))
    assert len(sent["daily"]) == built["daily"] - max(0, named_in_one - 1)
    assert (len(sent["weekly"]), len(sent["monthly"])) == (built["weekly"], 12)
    assert all(Counter(at.date() for at, _ in told).most_common(1)[0][1] == 1 for told in sent.values())
    usual = {name: [at for at, _ in told if at != back] for name, told in sent.items()}
    assert {at.strftime("%H:%M") for at in usual["daily"]} == {"07:30", "08:00"}, "as the clocks change"
    assert {at.strftime("%A %H:%M") for at in usual["weekly"]} == {"Monday 21:00", "Monday 22:00"}
    assert {at.strftime("%d %H:%M") for at in usual["monthly"]} == {"02 21:00"}
    assert sent["daily"][5][1].startswith("#notcoproduction, ")
    assert [subject.partition(":")[0] for _, subject in sent["monthly"]][:3] == [
        "#notcoproduction, October 2025",
        "#notcoproduction, November 2025",
        "#notcoproduction, December 2025",
    ]
