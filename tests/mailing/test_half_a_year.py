"""Twenty-six weeks lived through, across both changes of the clocks: late posts, silence, holidays and all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from collecting import Clock, collecting, mails, rows
from fediverse import FakeServer

from collector.app import App
from collector.mailing.issuing import look_up, show_window
from collector.model import DigestState
from collector.storage.series import StoredWindow

LONDON = ZoneInfo("Europe/London")
BEGINNING = datetime(2025, 10, 13, 9, tzinfo=LONDON)
DAYS = 26 * 7 + 1
SILENT = range(11, 17)  # six weeks in which nobody posts
LAST_POSTS = 24
RESTS = {1, 4, 6}  # the days of a week on which it is not switched on
HOLIDAY = range(8 * 7 + 2, 10 * 7 + 3)  # days on which the laptop sleeps


def plan_posts(dice: Random) -> list[tuple[datetime, datetime]]:
    """(published, arrived) of each post: some arrive days later."""
    posts = []
    for week in range(LAST_POSTS):
        for _ in range(0 if week in SILENT else dice.randint(1, 6)):
            published_at = BEGINNING + timedelta(weeks=week, minutes=dice.randint(1, 7 * 24 * 60 - 600))
            lag = timedelta(minutes=dice.choice([0, 0, 0, 30, 3000, 10_000, 15_000]))
            posts.append((published_at.astimezone(UTC), published_at.astimezone(UTC) + lag))
    edges = [datetime(2025, 10, 26, 23, 59, 59, tzinfo=LONDON), datetime(2025, 10, 27, 0, 0, tzinfo=LONDON)]
    edges += [datetime(2026, 3, 29, 23, 59, 59, tzinfo=LONDON), datetime(2026, 3, 30, 0, 0, tzinfo=LONDON)]
    return sorted(posts + [(edge.astimezone(UTC), edge.astimezone(UTC)) for edge in edges], key=lambda post: post[1])


def live(app: App, clock: Clock, server: FakeServer, posts: list[tuple[datetime, datetime]]) -> None:
    """What has arrived until a morning is on the server, and on most of them what is due is done."""
    waiting = list(posts)
    for day in range(DAYS):
        clock.now = (BEGINNING + timedelta(days=day)).astimezone(UTC)
        while waiting and waiting[0][1] <= clock.now:
            published_at, arrived_at = waiting.pop(0)
            status = server.write(f"Example of {published_at}.", at=published_at, author="carys@far.example")
            server.deliver_late(status, at=arrived_at)
        if day not in HOLIDAY and day % 7 not in RESTS:
            app.poll_due()
            app.close_due_windows()
            app.send_owed()
    assert not waiting


def windows_of(app: App) -> dict[str, StoredWindow]:
    with app.database.read() as conn:
        desk = look_up(conn, app.settings, app.settings.digests[0])
    return {f"weekly/{stored.window.name}": stored for stored in desk.windows}


def late_uris(app: App, stored: StoredWindow) -> set[str]:
    with app.database.read() as conn:
        desk = look_up(conn, app.settings, app.settings.digests[0])
        digest = show_window(conn, desk, stored, stored.window.name)
    return {shown.post.uri for section in digest.sections if section.name == "late" for shown in section.posts}


def test_half_a_year(tmp_path: Path) -> None:
    clock = Clock(BEGINNING.astimezone(UTC))
    posts = plan_posts(Random(2025))
    polling = {"interval": "47h"}
    with FakeServer("mastodon") as server, collecting(tmp_path, server, clock=clock, polling=polling) as app:
        live(app, clock, server, posts)
        check_windows(app)
        check_membership(app, len(posts))
        check_mails(app)


def check_windows(app: App) -> None:
    windows = [stored.window for stored in windows_of(app).values()]
    assert len(windows) == 27
    assert all(earlier.ends_at == later.starts_at for earlier, later in pairwise(windows))
    lengths = {window.name: window.ends_at - window.starts_at for window in windows}
    week, hour = timedelta(weeks=1), timedelta(hours=1)
    strange = {name: length for name, length in lengths.items() if length != week}
    assert strange == {"2025-W43": week + hour, "2026-W13": week - hour}


def check_membership(app: App, number: int) -> None:
    """Each post is in exactly one digest: its own week's, or the first that was built once it was too late for that."""
    windows = windows_of(app)
    stored_posts = rows(app)
    assert len(stored_posts) == number
    lates = 0
    for post in stored_posts:
        (name,) = post.digests
        (own,) = [name for name, stored in windows.items() if post.published_at in stored.window]
        closed_at = windows[own].closed_at
        assert closed_at is not None
        if post.first_seen_at <= closed_at:
            assert name == own
            continue
        lates += 1
        later = [
            name
            for name, stored in windows.items()
            if stored.state is DigestState.BUILT and stored.closed_at and stored.closed_at >= post.first_seen_at
        ]
        assert name == later[0]
        assert post.uri in late_uris(app, windows[name])
    assert lates >= 5


def check_mails(app: App) -> None:
    """One mail a week at most, on a Monday; a sign of life in the silence; after the holiday only the newest."""
    windows = windows_of(app)
    sent = [(parsedate_to_datetime(mail["Date"]).astimezone(LONDON), str(mail["Subject"])) for mail in mails(app)]
    assert max(Counter(at.isocalendar()[:2] for at, _ in sent).values()) == 1
    back = (BEGINNING + timedelta(days=HOLIDAY.stop)).date()
    assert {at.strftime("%A %H:%M") for at, _ in sent if at.date() != back} == {"Monday 09:00"}
    signs = [at for at, subject in sent if "still listening" in subject]
    digests = [subject for _, subject in sent if "still listening" not in subject]
    built = [name for name, stored in windows.items() if stored.state is DigestState.BUILT]
    assert len(signs) == 1
    assert len(digests) == len(built) - 1, "one of the two weeks of the holiday is named in the other's digest"
    assert len(set(digests)) == len(digests)
