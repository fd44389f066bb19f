"""Whole rounds of mailing: windows close, mails lie in the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collecting import Clock, collecting, keep, mails, publishing, set_state, states, text_of
from fediverse import FakeServer
from making import make_post

from collector.app import App
from collector.errors import UnknownNameError, WindowError
from collector.mailing import contents
from collector.mailing.by_hand import send_copy, send_digest
from collector.mailing.listing import list_windows
from collector.mailing.rounds import close_due
from collector.model import DigestState

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=UTC)  # of 2026-W45
MONDAY = datetime(2026, 11, 9, 8, tzinfo=UTC)  # when its digest goes out


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@pytest.fixture
def app(clock: Clock, tmp_path: Path) -> Iterator[App]:
    with publishing(tmp_path, clock=clock) as app:
        mail_round(app)
        yield app


def mail_round(app: App) -> None:
    app.close_due_windows()
    app.send_owed()


def subjects(app: App) -> list[str]:
    return [str(message["Subject"]) for message in mails(app)]


def windows(app: App) -> dict[str, str]:
    with app.database.read() as conn:
        lines = [line for series in app.settings.digests for line in list_windows(conn, series, app.now())]
    return {line.window.name: f"{line.state} {line.posts}, {line.sent} sent" for line in lines}


def dump(app: App) -> list[object]:
    """Every row of the tables that mailing writes."""
    with app.database.read() as conn:
        tables = ("series", "series_topics", "digests", "digest_members", "deliveries")
        return [tuple(row) for table in tables for row in conn.exec_driver_sql(f"SELECT * FROM {table}")]


def test_a_week_s_digest_goes_out_once_and_at_its_time(clock: Clock, tmp_path: Path, prepared_url: str) -> None:
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}) as app:
        mail_round(app)
        keep(app, make_post(1, published_at=WEDNESDAY))
        clock.now = MONDAY - timedelta(seconds=1)
        mail_round(app)
        assert mails(app) == []
        clock.now = MONDAY
        for _ in range(3):
            mail_round(app)
            clock.advance(hours=1)
        assert subjects(app) == ["#notcoproduction, week 45: 1 new example"]
        assert windows(app) == {"2026-W45": "built 1, 1 sent", "2026-W46": "open 0, 0 sent"}


def test_who_is_stopped_while_posts_are_looked_at_again_builds_nothing(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = MONDAY
    stopped = replace(app.mailer(), look_again=lambda _ids: app.stop.set())
    close_due(stopped)
    assert send_digest(stopped, app.settings.digests[0], None).report is None
    assert windows(app)["2026-W45"] == "open 1, 0 sent"


def test_a_week_without_posts_is_skipped(app: App, clock: Clock) -> None:
    clock.now = MONDAY
    mail_round(app)
    assert mails(app) == []
    assert windows(app)["2026-W45"] == "skipped 0, 0 sent"


def test_a_series_may_send_empty_digests(clock: Clock, tmp_path: Path) -> None:
    digest = [{"to": ["me@example.org"], "when_empty": "send"}]
    with publishing(tmp_path, clock=clock, digest=digest) as app:
        for _ in range(6):
            mail_round(app)
            clock.advance(days=7)
        assert len(subjects(app)) == 5
        assert {subject.partition(": ")[2] for subject in subjects(app)} == {"nothing new"}


def test_a_round_that_never_comes_back_on_monday_is_made_up_for(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = MONDAY + 3 * DAY
    mail_round(app)
    assert len(mails(app)) == 1


@pytest.mark.parametrize(("catch_up", "expected"), [("newest", ["47"]), ("all", ["45", "46", "47"])])
def test_after_a_pause(catch_up: str, expected: list[str], clock: Clock, tmp_path: Path) -> None:
    digest = [{"to": ["me@example.org"], "catch_up": catch_up}]
    with publishing(tmp_path, clock=clock, digest=digest) as app:
        mail_round(app)
        for week, posts in enumerate((2, 1, 3)):
            clock.now = WEDNESDAY + week * 7 * DAY
            keep(app, *(make_post(10 * week + n, published_at=clock()) for n in range(posts)))
        clock.now = MONDAY + 15 * DAY
        mail_round(app)
        mail_round(app)
        assert sorted(subject.split("week ")[1][:2] for subject in subjects(app)) == expected
        newest = next(text_of(mail) for mail in mails(app) if "week 47" in str(mail["Subject"]))
        told = "Put together but not mailed: week 45 (2 examples) and week 46 (one example)."
        assert (told in " ".join(newest.split())) is (catch_up == "newest")
        clock.now = MONDAY + 16 * DAY
        keep(app, make_post(99, published_at=clock()))
        clock.now = MONDAY + 21 * DAY
        mail_round(app)
        assert "not mailed" not in text_of(mails(app)[-1]), "it is told once"


def test_after_a_pause_whose_newest_week_was_sent_by_hand_nothing_older_follows(app: App, clock: Clock) -> None:
    for week in range(3):
        clock.now = WEDNESDAY + week * 7 * DAY
        keep(app, make_post(week, published_at=clock()))
    clock.now = MONDAY + 15 * DAY
    send_digest(app.mailer(), app.settings.digests[0], None)
    mail_round(app)
    assert subjects(app) == ["#notcoproduction, week 47: 1 new example"]
    assert windows(app)["2026-W45"] == "built 1, 0 sent"
    send_digest(app.mailer(), app.settings.digests[0], "2026-W45")
    assert windows(app)["2026-W45"] == "built 1, 1 sent"


# Signs of life


def silence(app: App, clock: Clock, weeks: int) -> list[int]:
    """Lives through some weeks day by day; gives those in which a mail came, counted from 0."""
    heard = []
    for week in range(weeks):
        before = len(mails(app))
        for days in (1, 3, 3):
            mail_round(app)
            clock.advance(days=days)
        heard += [week] * (len(mails(app)) - before)
    return heard


@pytest.mark.parametrize(
    "monday", ["2026-11-02T09:00", "2026-09-28T09:00", "2026-03-02T09:00"], ids=["plain", "October", "March"]
)
def test_every_four_silent_weeks_there_is_one_sign_of_life(monday: str, tmp_path: Path) -> None:
    clock = Clock(datetime.fromisoformat(monday).replace(tzinfo=UTC))
    with publishing(tmp_path, clock=clock) as app:
        assert silence(app, clock, 13) == [4, 8, 12]
        assert set(subjects(app)) == {"#notcoproduction: still listening"}


def test_a_digest_begins_the_count_anew(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 11, 2, 9, tzinfo=UTC))
    with publishing(tmp_path, clock=clock) as app:
        assert silence(app, clock, 3) == []
        keep(app, make_post(1, published_at=clock()))
        assert silence(app, clock, 6) == [1, 5]
        assert subjects(app) == ["#notcoproduction, week 48: 1 new example", "#notcoproduction: still listening"]


def test_a_pause_without_posts_ends_with_a_single_sign(app: App, clock: Clock) -> None:
    clock.advance(days=100)
    mail_round(app)
    mail_round(app)
    assert subjects(app) == ["#notcoproduction: still listening"]


def test_signs_can_be_done_without(clock: Clock, tmp_path: Path) -> None:
    digest = [{"to": ["me@example.org"], "sign_of_life": "never"}]
    with publishing(tmp_path, clock=clock, digest=digest) as app:
        assert silence(app, clock, 10) == []


def test_a_week_sent_by_hand_from_before_the_series_brings_no_sign_of_life(app: App, clock: Clock) -> None:
    send_digest(app.mailer(), app.settings.digests[0], "2020-W10")
    clock.now = MONDAY
    mail_round(app)
    assert mails(app) == []


# What is read first


def test_a_digest_waits_for_sources_that_are_about_to_be_asked(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, collecting(tmp_path, server, clock=clock) as app:
        app.poll_due()
        mail_round(app)
        server.publish("While we slept.", at=MONDAY - DAY)
        clock.now = MONDAY + 2 * DAY
        mail_round(app)
        assert windows(app)["2026-W45"] == "open 0, 0 sent"
        app.poll_due()
        mail_round(app)
        assert windows(app)["2026-W45"] == "built 1, 1 sent"


def test_a_digest_does_not_wait_for_a_source_that_fails(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, FakeServer() as other, collecting(tmp_path, server, other, clock=clock) as app:
        server.publish(at=WEDNESDAY)
        other.down()
        app.poll_due()
        mail_round(app)
        clock.now = MONDAY
        app.poll_due()
        mail_round(app)
        (mail,) = mails(app)
        assert "Still missing: server 2 could not be read since Wednesday." in " ".join(text_of(mail).split())


def test_a_digest_does_not_wait_for_the_sources_of_other_topics(clock: Clock, tmp_path: Path) -> None:
    collector = {"hashtags": ["notcoproduction", "coproduction"]}
    digest = [{"to": ["me@example.org"], "hashtags": ["notcoproduction"]}]
    with publishing(tmp_path, clock=clock, collector=collector, digest=digest) as app:
        mail_round(app)
        keep(app, make_post(1, published_at=WEDNESDAY))
        clock.now = MONDAY
        due = replace(next(iter(states(app).values())), next_poll_at=MONDAY)
        set_state(app, due)
        mail_round(app)
        assert mails(app) == []
        with app.database.write() as conn:
            conn.exec_driver_sql("UPDATE watches SET next_poll_at = NULL WHERE topic = 'notcoproduction'")
        mail_round(app)
        assert len(mails(app)) == 1


# By hand


def test_sending_by_hand_builds_and_delivers_what_is_owed_and_then_nothing(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = MONDAY - 7 * HOUR
    sending = send_digest(app.mailer(), app.settings.digests[0], None)
    assert (sending.window.name, sending.state, sending.posts) == ("2026-W45", DigestState.BUILT, 1)
    assert sending.report is not None
    assert sending.report.sent == 1
    again = send_digest(app.mailer(), app.settings.digests[0], "2026-W45")
    assert again.report is not None
    assert again.report.sent == 0
    clock.now = MONDAY + HOUR
    mail_round(app)
    assert len(mails(app)) == 1


def test_an_address_added_later_is_owed_what_is_sent_by_hand(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = MONDAY
    mail_round(app)
    series = app.settings.digests[0].model_copy(update={"to": ("me@example.org", "you@example.org")})
    sending = send_digest(app.mailer(), series, "2026-W45", is_dry=True)
    assert sending.addresses == ("you@example.org",)
    app.settings = replace(app.settings, digests=(series,))
    send_digest(app.mailer(), series, "2026-W45")
    assert sorted(str(mail["To"]) for mail in mails(app)) == ["me@example.org", "you@example.org"]


@pytest.mark.parametrize("week", ["2026-W45", "2026-W46", "2027-W01", "2026-W54", "last week"])
def test_a_week_that_is_not_over_or_does_not_exist_is_refused(week: str, app: App) -> None:
    before = dump(app)
    series = app.settings.digests[0]
    with pytest.raises(WindowError):
        send_digest(app.mailer(), series, week)
    with pytest.raises(WindowError):
        send_digest(app.mailer(), series, week, is_dry=True)
    with pytest.raises(WindowError):
        send_copy(app.mailer(), series, week, "you@example.org")
    assert dump(app) == before
    assert mails(app) == []


def test_a_dry_run_says_what_would_go_and_writes_nothing(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = MONDAY
    before = dump(app)
    sending = send_digest(app.mailer(), app.settings.digests[0], None, is_dry=True)
    assert (sending.state, sending.posts, sending.addresses) == (DigestState.OPEN, 1, ("me@example.org",))
    assert sending.report is None
    assert dump(app) == before
    assert mails(app) == []


def test_a_dry_run_of_an_empty_week_would_go_to_nobody(app: App, clock: Clock) -> None:
    clock.now = MONDAY
    assert send_digest(app.mailer(), app.settings.digests[0], None, is_dry=True).addresses == ()


def test_a_copy_to_one_address_leaves_no_trace(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = MONDAY
    before = dump(app)
    sending = send_copy(app.mailer(), app.settings.digests[0], None, "you@example.org")
    assert (sending.posts, sending.addresses, sending.state) == (1, ("you@example.org",), DigestState.OPEN)
    assert dump(app) == before
    mail_round(app)
    assert sorted(str(mail["To"]) for mail in mails(app)) == ["me@example.org", "you@example.org"]
    assert len({str(mail["Message-ID"]) for mail in mails(app)}) == 2


def test_a_week_before_the_series_began_can_be_sent(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY - 21 * DAY))
    sending = send_digest(app.mailer(), app.settings.digests[0], "2026-W42")
    assert (sending.state, sending.posts) == (DigestState.BUILT, 1)
    assert len(mails(app)) == 1


def test_a_big_week_hangs_on_the_mail_as_csv(app: App, clock: Clock) -> None:
    keep(app, *(make_post(number, published_at=WEDNESDAY) for number in range(100)))
    clock.now = MONDAY
    mail_round(app)
    (mail,) = mails(app)
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "weekly-2026-W45.csv"
    content = attachment.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.count(b"\r\n") == 101


def test_a_table_that_is_too_large_for_a_mail_stays_behind(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "LARGEST_TABLE", 10_000)
    keep(app, *(make_post(number, published_at=WEDNESDAY) for number in range(100)))
    clock.now = MONDAY
    mail_round(app)
    (mail,) = mails(app)
    assert list(mail.iter_attachments()) == []
    assert "And 30 more that are not shown here." in text_of(mail)


def test_a_series_that_cannot_be_closed_harms_no_other(clock: Clock, tmp_path: Path) -> None:
    digests: list[dict[str, Any]] = [{"series": name, "to": ["me@example.org"]} for name in ("first", "second")]
    with publishing(tmp_path, clock=clock, digest=digests) as app:
        mail_round(app)
        keep(app, make_post(1, published_at=WEDNESDAY))
        with app.database.write() as conn:
            conn.exec_driver_sql("UPDATE digests SET timezone = 'Nowhere/Else' WHERE series_id = 1")
        clock.now = MONDAY
        with pytest.raises(KeyError):
            app.close_due_windows()
        app.send_owed()
        (mail,) = mails(app)
        assert "second" in str(mail["List-Id"])


def test_what_is_owed_for_a_series_that_is_no_more_holds_up_nothing(clock: Clock, tmp_path: Path) -> None:
    both: list[dict[str, Any]] = [{"series": name, "to": ["me@example.org"]} for name in ("first", "second")]
    with publishing(tmp_path, clock=clock, digest=both) as app:
        mail_round(app)
        keep(app, make_post(1, published_at=WEDNESDAY))
        clock.now = MONDAY
        app.close_due_windows()
    with publishing(tmp_path, clock=clock, digest=both[1:]) as app:
        report = app.send_owed()
        assert (report.sent, report.waiting) == (1, 1)
        with pytest.raises(UnknownNameError):
            app.settings.series("first")


def test_a_clock_that_ran_ahead_costs_no_digest_once_it_is_right(clock: Clock, tmp_path: Path) -> None:
    with publishing(tmp_path, clock=clock) as app:
        mail_round(app)
        clock.now = WEDNESDAY + 400 * DAY
        mail_round(app)
        clock.now = WEDNESDAY + DAY
        mail_round(app)
        keep(app, make_post(1, published_at=WEDNESDAY))
        clock.now = MONDAY
        mail_round(app)
        keep(app, make_post(2, published_at=MONDAY + DAY))
        clock.now = MONDAY + 7 * DAY
        mail_round(app)
        assert windows(app) == {
            "2026-W45": "built 1, 1 sent",
            "2026-W46": "built 1, 1 sent",
            "2026-W47": "open 0, 0 sent",
        }


def test_a_series_that_began_under_a_clock_ahead_begins_again(clock: Clock, tmp_path: Path) -> None:
    clock.now = WEDNESDAY + 1700 * DAY
    with publishing(tmp_path, clock=clock) as app:
        mail_round(app)
        clock.now = WEDNESDAY
        mail_round(app)
        keep(app, make_post(1, published_at=WEDNESDAY))
        clock.now = MONDAY
        mail_round(app)
        assert windows(app) == {"2026-W45": "built 1, 1 sent", "2026-W46": "open 0, 0 sent"}


def test_a_week_goes_out_at_its_own_time_when_the_series_has_moved_east(clock: Clock, tmp_path: Path) -> None:
    west = {"series": "weekly", "to": ["me@example.org"], "timezone": "America/Los_Angeles"}
    with publishing(tmp_path, clock=clock, digest=[west]) as app:
        mail_round(app)
        keep(app, make_post(1, published_at=WEDNESDAY))
    with publishing(tmp_path, clock=clock, digest=[west | {"timezone": "Asia/Tokyo"}]) as app:
        clock.now = MONDAY + 8 * HOUR + HOUR
        mail_round(app)
        assert windows(app)["2026-W45"] == "built 1, 1 sent"


def test_an_empty_week_sent_by_hand_stays_open_for_what_is_still_found(app: App, clock: Clock) -> None:
    clock.now = MONDAY - 2 * HOUR
    series = app.settings.series(None)
    sending = send_digest(app.mailer(), series, None)
    assert (sending.state, sending.posts) == (DigestState.OPEN, 0)
    keep(app, make_post(1, published_at=WEDNESDAY))
    sending = send_digest(app.mailer(), series, None)
    assert (sending.state, sending.posts) == (DigestState.BUILT, 1)
