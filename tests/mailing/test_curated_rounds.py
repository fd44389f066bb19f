"""Weeks with a curator lived through: previews, decisions, approvals, reminders, restarts; mails lie in the outbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any, Self

import pytest
from collecting import Clock, keep, mails, publishing, text_of
from curated import BASE, CURATOR, post_of

from collector.app import App
from collector.errors import LinkError
from collector.links import Signer
from collector.mailing import rounds
from collector.mailing.by_hand import send_digest
from collector.mailing.curating import Decision, decide, open_case
from collector.mailing.issuing import plan_issue
from collector.mailing.listing import list_windows
from collector.model import DigestState
from collector.needs.finding import find_needs
from collector.needs.gathering import take_stock
from collector.storage.database import Database
from collector.storage.schema import read_secret

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=UTC)  # of 2026-W45
SUNDAY = datetime(2026, 11, 8, 8, tzinfo=UTC)  # when its preview is due
MONDAY = datetime(2026, 11, 9, 8, tzinfo=UTC)  # when its digest goes out
_LINK = re.compile(rf'href="{re.escape(BASE)}/curate/([^"?]+)(?:\?do=(\w+))?"')


@contextmanager
def curating(folder: Path, clock: Clock, url: str = "sqlite:///collector.db", **series: Any) -> Iterator[App]:
    digest = {"series": "weekly", "to": ["me@example.org"], "curator": CURATOR} | series
    tables = {"web": {"base_url": BASE}, "digest": [digest], "database": {"url": url}}
    with publishing(folder, clock=clock, **tables) as app:
        mail_round(app)
        yield app


def mail_round(app: App) -> None:
    app.close_due_windows()
    app.send_owed()


def live_until(app: App, clock: Clock, end: datetime, *, every: timedelta = HOUR) -> None:
    """As a daemon does, hour by hour."""
    while clock.now < end:
        clock.now = min(clock.now + every, end)
        mail_round(app)


def told(app: App) -> list[tuple[str, str, str]]:
    """When each mail went out, to whom, and how its subject begins."""
    return [
        (f"{message['Date'].datetime:%d %H:%M}", str(message["To"]), str(message["Subject"]).partition(":")[0])
        for message in mails(app)
    ]


def states(app: App) -> dict[str, str]:
    with app.database.read() as conn:
        lines = [line for series in app.settings.digests for line in list_windows(conn, series, app.now())]
    return {line.window.name[-3:]: f"{line.state} {line.posts}, {line.sent} sent" for line in lines}


def links_of(app: App, place: int = -1) -> dict[str, list[str]]:
    """The tokens of a mail, by what they lead to: "" is the whole digest."""
    body = mails(app)[place].get_body(("html",))
    assert body is not None
    found: dict[str, list[str]] = {}
    for token, choice in _LINK.findall(body.get_content()):
        found.setdefault(choice, []).append(unescape(token))
    return found


def press(app: App, token: str, decision: Decision, note: str = "") -> bool:
    """What the button of a page does."""
    with app.database.write() as conn:
        case = open_case(conn, app.settings, Signer(key=read_secret(conn)), token, app.now())
        return decide(conn, case, decision, note, app.now())


def needs(app: App) -> list[str]:
    with app.database.read() as conn:
        facts = take_stock(conn, app.settings, app.now()).facts
    return [need.message for need in find_needs(facts, app.now()) if "weekly" in need.message]


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


def test_a_preview_comes_once_and_the_digest_goes_out_as_curated(
    clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with curating(tmp_path, clock, prepared_url) as app:
        keep(app, *(post_of(number, published_at=WEDNESDAY) for number in (1, 2, 3)))
        live_until(app, clock, SUNDAY + 2 * HOUR)
        assert told(app) == [("08 08:00", CURATOR, "Preview")]
        preview = mails(app)[0]
        assert str(preview["Subject"]) == "Preview: #notcoproduction, week 45: 3 new examples"
        assert preview["List-Id"] is preview["List-Unsubscribe"] is None
        assert "More may come until Mon 9 Nov, 00:00" in " ".join(text_of(preview).split())
        links = links_of(app)
        assert {choice: len(tokens) for choice, tokens in links.items()} == {
            "": 1,
            "leave_out": 3,
            "put_first": 3,
            "add_note": 3,
        }
        assert press(app, links["leave_out"][0], Decision.LEAVE_OUT)
        assert press(app, links["put_first"][2], Decision.PUT_FIRST)
        assert press(app, links["add_note"][2], Decision.NOTE, "From the meeting in May.")
        live_until(app, clock, MONDAY + HOUR)
        assert told(app)[1:] == [("09 08:00", "me@example.org", "#notcoproduction, week 45")]
        text = text_of(mails(app)[1])
        assert "Example number 1." not in text
        assert text.index("Example number 3.") < text.index("Example number 2.")
        assert "From the meeting in May." in text
        assert states(app)["W45"] == "built 2, 1 sent"
        assert not press(app, links["leave_out"][1], Decision.LEAVE_OUT), "it has gone out"
        live_until(app, clock, MONDAY + WEEK, every=DAY)
        assert len(mails(app)) == 2, "what was left out is not late, either"


def test_without_an_answer_the_digest_goes_out_all_the_same(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock) as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, MONDAY)
        assert [to for _, to, _ in told(app)] == [CURATOR, "me@example.org"]


def test_who_is_curator_and_reader_gets_both_mails(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock, to=[CURATOR]) as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, MONDAY)
        assert [(to, subject) for _, to, subject in told(app)] == [
            (CURATOR, "Preview"),
            (CURATOR, "#notcoproduction, week 45"),
        ]
        assert mails(app)[1]["List-Unsubscribe"]


def test_no_preview_of_an_empty_week(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock) as app:
        live_until(app, clock, MONDAY + DAY)
        assert mails(app) == []
        assert states(app)["W45"] == "skipped 0, 0 sent"


def test_a_preview_comes_as_soon_as_there_is_something_to_see(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock) as app:
        live_until(app, clock, SUNDAY + 3 * HOUR)
        keep(app, post_of(1, published_at=clock.now))
        live_until(app, clock, SUNDAY + 5 * HOUR)
        assert told(app) == [("08 12:00", CURATOR, "Preview")]


def test_a_computer_that_slept_until_the_digest_was_due_sends_no_preview(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock) as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        clock.now = MONDAY + 3 * HOUR
        mail_round(app)
        assert told(app) == [("09 11:00", "me@example.org", "#notcoproduction, week 45")]


def test_a_preview_that_no_server_took_in_time_is_not_sent_any_more(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock) as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        clock.now = SUNDAY
        app.close_due_windows()  # and no mail goes out until Monday
        clock.now = MONDAY
        mail_round(app)
        mail_round(app)
        assert [to for _, to, _ in told(app)] == ["me@example.org"]
        assert states(app)["W45"] == "built 1, 1 sent"


def test_another_curator_gets_a_preview_and_the_links_of_the_one_before_open_nothing(
    clock: Clock, tmp_path: Path
) -> None:
    with curating(tmp_path, clock) as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, SUNDAY)
        before = links_of(app)
        app.settings = replace(
            app.settings,
            digests=(app.settings.digests[0].model_copy(update={"curator": "another@example.org"}),),
        )
        live_until(app, clock, SUNDAY + HOUR)
        assert [to for _, to, _ in told(app)] == [CURATOR, "another@example.org"]
        with pytest.raises(LinkError, match="no more"):
            press(app, before[""][0], Decision.LET_GO)


def test_restarts_and_two_daemons_send_no_second_preview(clock: Clock, tmp_path: Path, prepared_url: str) -> None:
    with curating(tmp_path, clock, prepared_url) as one, curating(tmp_path, clock, prepared_url) as other:
        keep(one, post_of(1, published_at=WEDNESDAY))
        clock.now = SUNDAY
        for app in (one, other):
            app.close_due_windows()
        for app in (one, other):
            app.send_owed()
    with curating(tmp_path, clock, prepared_url) as again:
        mail_round(again)
        assert len(mails(again)) == 1


def test_a_kill_between_claim_and_hand_over_costs_no_preview(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    class Dying:
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def deliver(self, _message: object) -> None:
            raise Killed

    with curating(tmp_path, clock) as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        clock.now = SUNDAY
        app.close_due_windows()
        monkeypatch.setattr(app, "deliverer", Dying)
        with pytest.raises(Killed):
            app.send_owed()
        assert mails(app) == []
    with curating(tmp_path, clock) as app:
        clock.advance(minutes=20)  # a claim of this very machine's process would be known to be dead; a lease ends
        mail_round(app)
        clock.advance(minutes=20)
        mail_round(app)
        assert told(app)[0][1:] == (CURATOR, "Preview")
        assert len(mails(app)) == 1


# Approval


def test_a_digest_waits_for_its_curator_who_is_reminded_once_a_day(
    clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with curating(tmp_path, clock, prepared_url, approval="required") as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, MONDAY + 2 * DAY + HOUR)
        assert told(app) == [
            ("08 08:00", CURATOR, "Preview"),
            ("09 08:00", CURATOR, "It waits for you"),
            ("10 08:00", CURATOR, "It waits for you"),
            ("11 08:00", CURATOR, "It waits for you"),
        ]
        assert needs(app) == [f"weekly/2026-W45 waits for its curator, {CURATOR}, since Mon 9 Nov 2026, 08:00"]
        reminder = text_of(mails(app)[-1])
        assert f"{BASE}/curate/" in reminder
        token = reminder.split("/curate/")[1].split()[0]
        assert press(app, token, Decision.LET_GO)
        mail_round(app)
        live_until(app, clock, MONDAY + 4 * DAY)
        assert told(app)[4:] == [("11 09:00", "me@example.org", "#notcoproduction, week 45")]
        assert needs(app) == []


def test_while_a_waiting_digest_is_looked_through_others_can_write(
    clock: Clock, tmp_path: Path, prepared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with curating(tmp_path, clock, prepared_url, approval="required") as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, MONDAY + HOUR)
        looked = 0

        def look(*arguments: Any) -> Any:
            nonlocal looked
            looked += 1
            with closing(Database(prepared_url, busy_timeout=0.1)) as another, another.write():
                return plan_issue(*arguments)

        monkeypatch.setattr(rounds, "plan_issue", look)
        app.close_due_windows()
        assert looked
        assert states(app)["W45"].startswith("open")


def test_a_digest_that_was_let_go_before_its_time_goes_out_at_its_time(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock, approval="required") as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, SUNDAY)
        assert press(app, links_of(app)[""][0], Decision.LET_GO)
        keep(app, post_of(2, published_at=SUNDAY + HOUR))
        live_until(app, clock, MONDAY + DAY)
        assert [(at, to) for at, to, _ in told(app)] == [("08 08:00", CURATOR), ("09 08:00", "me@example.org")]
        assert states(app)["W45"] == "built 2, 1 sent"


def test_what_is_held_back_again_waits(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock, approval="required") as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, SUNDAY)
        token = links_of(app)[""][0]
        assert press(app, token, Decision.LET_GO)
        assert press(app, token, Decision.HOLD_BACK)
        live_until(app, clock, MONDAY + HOUR)
        assert {to for _, to, _ in told(app)} == {CURATOR}


def test_newer_digests_wait_behind_it_and_all_that_were_let_go_go_out_in_their_order(
    clock: Clock, tmp_path: Path
) -> None:
    with curating(tmp_path, clock, approval="required") as app:
        for week in range(3):
            keep(app, post_of(week, published_at=WEDNESDAY + week * WEEK))
            live_until(app, clock, WEDNESDAY + (week + 1) * WEEK, every=6 * HOUR)
        assert {to for _, to, _ in told(app)} == {CURATOR}
        assert needs(app)[0].endswith("since Mon 9 Nov 2026, 08:00, and 2 newer behind it")
        reminded = [at for at, _, subject in told(app) if subject == "It waits for you"]
        assert len(reminded) == len({at[:2] for at in reminded}) == 17, "of the first one alone, once a day"
        previews = [place for place, (_, _, subject) in enumerate(told(app)) if subject == "Preview"]
        tokens = [links_of(app, place)[""][0] for place in previews]
        assert len(tokens) == 3
        with pytest.raises(LinkError):
            press(app, tokens[0], Decision.LET_GO)  # its link is over, and so each reminder brings another
        tokens[0] = links_of(app)[""][0]
        press(app, tokens[1], Decision.LET_GO)
        press(app, tokens[2], Decision.LET_GO)
        mail_round(app)
        assert {to for _, to, _ in told(app)} == {CURATOR}, "week 45 waits still"
        press(app, tokens[0], Decision.LET_GO)
        mail_round(app)
        sent = [subject for _, to, subject in told(app) if to == "me@example.org"]
        assert sent == [f"#notcoproduction, week {week}" for week in (45, 46, 47)]


def test_an_empty_week_holds_up_nothing(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock, approval="required", when_empty="send") as app:
        live_until(app, clock, MONDAY)
        assert told(app) == [("09 08:00", "me@example.org", "#notcoproduction, week 45")]


def test_a_week_whose_posts_were_all_left_out_is_empty(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock, approval="required") as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, SUNDAY)
        press(app, links_of(app)["leave_out"][0], Decision.LEAVE_OUT)
        live_until(app, clock, MONDAY + DAY)
        assert states(app)["W45"] == "skipped 0, 0 sent"
        assert len(mails(app)) == 1


def test_a_digest_that_must_be_approved_is_previewed_even_after_a_long_sleep(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock, approval="required") as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        clock.now = MONDAY + 3 * DAY
        mail_round(app)
        assert told(app) == [("12 08:00", CURATOR, "Preview")]
        live_until(app, clock, MONDAY + 3 * DAY + HOUR)
        assert [subject for _, _, subject in told(app)][1:] == ["It waits for you"]


def test_sending_by_hand_counts_as_the_curator_s_word(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock, approval="required") as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, MONDAY + HOUR)
        series = app.settings.digests[0]
        assert send_digest(app.mailer(), series, None, is_dry=True).is_approval
        sending = send_digest(app.mailer(), series, None)
        assert (sending.state, sending.is_approval) == (DigestState.BUILT, True)
        assert told(app)[-1][1] == "me@example.org"
        assert not send_digest(app.mailer(), series, None).is_approval
        assert needs(app) == []


def test_a_series_without_a_curator_asks_nobody(clock: Clock, tmp_path: Path) -> None:
    with curating(tmp_path, clock, curator=None) as app:
        keep(app, post_of(1, published_at=WEDNESDAY))
        live_until(app, clock, MONDAY)
        assert [to for _, to, _ in told(app)] == ["me@example.org"]
