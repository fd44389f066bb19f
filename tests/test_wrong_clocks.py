"""Clocks that run ahead, stand still or are put back, nights of 23 and 25 hours, and weeks that were slept through.

Whatever the clock did, in the end every post is in one digest, the right one where that can be known, and every digest
went out once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from collecting import Clock, collecting, mails, rows, states, text_of, uris
from fediverse import FakeServer
from smtpserver import MailServer

from collector.app import App
from collector.mailing.listing import list_windows
from collector.storage.tables import deliveries

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=UTC)  # of 2026-W45
MONDAY = datetime(2026, 11, 9, 8, tzinfo=UTC)  # when its digest goes out
WATCH = "server 1 notcoproduction"


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer("mastodon") as server:
        yield server


@pytest.fixture
def app(clock: Clock, tmp_path: Path, server: FakeServer) -> Iterator[App]:
    """One that has run since Wednesday, and collected three posts."""
    with collecting(tmp_path, server, clock=clock) as app:
        begin(app, server)
        yield app


def begin(app: App, server: FakeServer) -> None:
    for number in range(3):
        server.publish(f"Number {number}.", at=WEDNESDAY - (number + 1) * MINUTE)
    live(app)


def live(app: App) -> None:
    """What a daemon does when everything is due."""
    app.poll_due()
    app.close_due_windows()
    app.send_owed()


def live_until(app: App, clock: Clock, end: datetime, *, every: timedelta = 6 * HOUR) -> None:
    while clock() < end:
        clock.now = min(end, clock() + every)
        live(app)


def windows(app: App) -> dict[str, str]:
    with app.database.read() as conn:
        lines = list_windows(conn, app.settings.digests[0], app.now())
    return {line.window.name: f"{line.state} {line.posts}, {line.sent} sent" for line in lines}


def weeks_of(app: App) -> dict[str, str]:
    """Which digest holds which post, by the beginning of its text."""
    return {row.text.partition(".")[0]: ", ".join(row.digests) for row in rows(app)}


def subjects(app: App) -> list[str]:
    return [str(message["Subject"]) for message in mails(app)]


# A clock that ran ahead


@pytest.mark.parametrize("ahead", [HOUR, DAY, 3 * WEEK, 1000 * DAY])
@pytest.mark.parametrize("rounds", [1, 30], ids=["for a moment", "for a week"])
def test_a_clock_that_ran_ahead_loses_and_doubles_nothing(
    ahead: timedelta, rounds: int, app: App, clock: Clock, server: FakeServer
) -> None:
    for number in range(rounds):
        right = WEDNESDAY + number * 6 * HOUR
        server.publish(f"Meanwhile {number}.", at=right)
        clock.now = right + ahead
        live(app)
    clock.now = WEDNESDAY + rounds * 6 * HOUR
    server.publish("Put right.", at=clock())
    live(app)
    server.publish("Next week.", at=MONDAY + 8 * DAY)
    clock.now = max(clock(), MONDAY + 8 * DAY)
    live(app)
    live_until(app, clock, MONDAY + 5 * WEEK, every=DAY)
    weeks, told = weeks_of(app), windows(app)
    assert len(weeks) == 3 + rounds + 2
    assert "" not in weeks.values()
    assert weeks["Next week"] == "weekly/2026-W47"
    assert max(Counter(subjects(app)).values()) == 1
    assert {told[week.partition("/")[2]].partition(", ")[2] for week in weeks.values()} == {"1 sent"}


def test_what_is_deleted_after_the_clock_was_put_right_is_noticed(app: App, clock: Clock, server: FakeServer) -> None:
    clock.now = WEDNESDAY + 365 * DAY
    app.poll_due()
    clock.now = WEDNESDAY + HOUR
    (first, *_) = server._shown.values()
    server.delete(first.status)
    live_until(app, clock, WEDNESDAY + 2 * DAY)
    assert len(uris(app)) == 2


def test_a_mail_that_waits_since_a_time_to_come_is_sent_when_the_clock_is_right(
    clock: Clock, tmp_path: Path, server: FakeServer
) -> None:
    with MailServer() as mail:
        through = {"from": "d@example.org", "host": mail.host, "port": mail.port, "security": "none"}
        with collecting(tmp_path, server, clock=clock, mail=through) as app:
            begin(app, server)
            mail.answers["RCPT"] = "451 4.7.1 not now"
            clock.now = MONDAY + 365 * DAY
            live(app)
            del mail.answers["RCPT"]
            clock.now = MONDAY + MINUTE
            live(app)
            assert [received.recipients for received in mail.messages] == [["me@example.org"]]


def test_a_claim_that_was_made_in_a_time_to_come_holds_no_mail_back(app: App, clock: Clock) -> None:
    clock.now = MONDAY
    app.poll_due()
    app.close_due_windows()
    with app.database.write() as conn:
        claim = {"state": "claimed", "claimed_by": "there:boot:1:x", "claimed_at": MONDAY + 365 * DAY}
        conn.execute(deliveries.update().values(claim))
    assert app.send_owed().sent == 1


# A clock that is behind


@pytest.mark.parametrize("back", [HOUR, DAY, 200 * DAY, 2000 * DAY])
def test_a_clock_that_is_put_back_for_a_while_loses_and_doubles_nothing(
    back: timedelta, app: App, clock: Clock, server: FakeServer
) -> None:
    live_until(app, clock, MONDAY + DAY)
    before = sorted(windows(app))
    clock.now -= back
    for number in range(3):
        server.publish(f"Behind {number}.", at=MONDAY + DAY + number * HOUR)
        clock.advance(hours=1)
        live(app)
    clock.now = MONDAY + 2 * DAY
    live(app)
    assert sorted(windows(app)) == before
    live_until(app, clock, MONDAY + WEEK)
    assert weeks_of(app) == {f"Number {n}": "weekly/2026-W45" for n in range(3)} | {
        f"Behind {n}": "weekly/2026-W46" for n in range(3)
    }
    assert sorted(windows(app)) == ["2026-W45", "2026-W46", "2026-W47"]
    assert len(subjects(app)) == len(set(subjects(app))) == 2


def test_a_clock_that_is_put_back_before_the_first_digest_opens_no_weeks_long_past(app: App, clock: Clock) -> None:
    clock.now -= 2000 * DAY
    live(app)
    clock.now = MONDAY
    live(app)
    assert windows(app) == {"2026-W45": "built 3, 1 sent", "2026-W46": "open 0, 0 sent"}


def test_a_clock_that_stood_still_while_the_machine_was_off_puts_nothing_into_the_wrong_week(
    app: App, clock: Clock, server: FakeServer
) -> None:
    """As on a small computer without a battery, until it has found a time server."""
    for week in range(3):
        server.publish(f"Week {week}.", at=WEDNESDAY + DAY + week * WEEK)
    clock.advance(minutes=15)
    live(app)
    clock.now = MONDAY + 2 * WEEK
    live(app)
    live(app)
    expected = {f"Number {number}": "weekly/2026-W45" for number in range(3)}
    assert weeks_of(app) == expected | {f"Week {week}": f"weekly/2026-W{45 + week}" for week in range(3)}


def test_what_comes_from_the_future_stays_where_it_was_seen_until_its_date_has_come(
    app: App, clock: Clock, server: FakeServer
) -> None:
    server.publish("Dated next year.", at=WEDNESDAY + 200 * DAY)
    live_until(app, clock, MONDAY + WEEK)
    assert weeks_of(app)["Dated next year"] == "weekly/2026-W45"


# Sleep


@pytest.mark.parametrize("catch_up", ["newest", "all"])
def test_three_weeks_of_sleep_are_made_up_for_once(
    catch_up: str, clock: Clock, tmp_path: Path, server: FakeServer
) -> None:
    digest = [{"series": "weekly", "to": ["me@example.org"], "catch_up": catch_up}]
    with collecting(tmp_path, server, clock=clock, digest=digest) as app:
        begin(app, server)
        for day in range(21):
            server.publish(f"Day {day}.", at=WEDNESDAY + day * DAY + HOUR)
        clock.now = WEDNESDAY + 21 * DAY
        asked = len(server.asked())
        for _ in range(3):
            live(app)
            clock.advance(minutes=1)
        assert len(server.asked()) - asked <= 4
        assert (len(uris(app)), states(app)[WATCH].last_complete_at) == (24, WEDNESDAY + 21 * DAY)
        weeks = Counter(weeks_of(app).values())
        assert weeks == {"weekly/2026-W45": 8, "weekly/2026-W46": 7, "weekly/2026-W47": 7, "": 2}
        newest = next(text_of(mail) for mail in mails(app) if "week 47" in str(mail["Subject"]))
        told = "Put together but not mailed: week 45 (8 examples) and week 46 (7 examples)."
        assert (told in " ".join(newest.split())) is (catch_up == "newest")
        assert len(mails(app)) == (1 if catch_up == "newest" else 3)


def test_a_mail_that_was_refused_before_the_sleep_is_not_given_up_after_it(
    clock: Clock, tmp_path: Path, server: FakeServer
) -> None:
    with MailServer() as mail:
        through = {"from": "d@example.org", "host": mail.host, "port": mail.port, "security": "none"}
        with collecting(tmp_path, server, clock=clock, mail=through) as app:
            begin(app, server)
            mail.answers["RCPT"] = "451 4.7.1 greylisted, come back later"
            for at in (MONDAY, MONDAY + 10 * DAY):
                clock.now = at
                live(app)
            del mail.answers["RCPT"]
            clock.advance(hours=1)
            live(app)
            assert [received.recipients for received in mail.messages] == [["me@example.org"]]
            assert windows(app)["2026-W45"] == "built 3, 1 sent"


# Weeks that are not as long as others, and have strange names


@pytest.mark.parametrize(
    ("zone", "week", "length"),
    [
        ("Europe/London", "2026-W13", WEEK - HOUR),
        ("Europe/London", "2026-W43", WEEK + HOUR),
        ("Pacific/Auckland", "2026-W14", WEEK + HOUR),
        ("Pacific/Auckland", "2026-W39", WEEK - HOUR),
        ("Australia/Lord_Howe", "2026-W40", WEEK - 30 * MINUTE),
        ("America/Sao_Paulo", "2018-W44", WEEK - HOUR),  # it changed at midnight: this Sunday began at 01:00
        ("Africa/Cairo", "2024-W44", WEEK + HOUR),
        ("UTC", "2026-W53", WEEK),
        ("UTC", "2028-W09", WEEK),  # with a 29 February
    ],
)
def test_a_week_across_a_change_goes_out_once_at_its_local_hour(
    zone: str, week: str, length: timedelta, tmp_path: Path, server: FakeServer
) -> None:
    place = ZoneInfo(zone)
    monday = datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=place)
    following = (monday + WEEK).astimezone(UTC)
    clock = Clock(monday.astimezone(UTC) + 30 * MINUTE)
    digest: list[dict[str, Any]] = [{"to": ["me@example.org"], "timezone": zone, "sign_of_life": "never"}]
    with collecting(tmp_path, server, clock=clock, digest=digest) as app:
        live(app)
        assert following - monday.astimezone(UTC) == length
        for number, at in enumerate([monday.astimezone(UTC), following - MINUTE, following]):
            server.publish(f"Edge {number}.", at=at)
        sent = []
        live_until(app, clock, following - 2 * DAY, every=DAY)
        while clock() < following + DAY:
            clock.advance(minutes=30)
            before = len(mails(app))
            live(app)
            sent += [clock().astimezone(place).strftime("%A %H:%M")] * (len(mails(app)) - before)
        assert sent == ["Monday 08:00"]
        assert weeks_of(app) == {"Edge 0": f"weekly/{week}", "Edge 1": f"weekly/{week}", "Edge 2": ""}
        with app.database.read() as conn:
            lines = list_windows(conn, app.settings.digests[0], clock())
        assert all(one.window.ends_at == other.window.starts_at for one, other in pairwise(lines))
