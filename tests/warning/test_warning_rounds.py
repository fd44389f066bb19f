"""The warning mail as it goes out: once when something begins, once when it is over, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from collecting import Clock, mails, publishing, set_state, text_of
from making import NOW
from smtpserver import MailServer, free_port

from collector.app import App, opened
from collector.deliver import Deliverer
from collector.errors import Condition
from collector.model import WatchState
from collector.storage.warnings import all_warnings
from collector.warning.deciding import SETTLED_AFTER, TRY_AGAIN

DOWN = WatchState(
    condition=Condition.BAD_TOKEN,
    failing_since=NOW - timedelta(days=1),
    message="nobody.example does not take the token",
    next_poll_at=NOW + timedelta(days=300),
)
WELL = WatchState(condition=Condition.OK, last_success_at=NOW, next_poll_at=NOW + timedelta(days=300))
TO = ("ops@example.org",)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def make_app(stack: ExitStack, folder: Path, clock: Clock, url: str, **tables: Any) -> App:
    usual = {"warnings": {"to": list(TO)}, "database": {"url": url}}
    return stack.enter_context(publishing(folder, clock=clock, **(usual | tables)))


@pytest.fixture
def app(stack: ExitStack, tmp_path: Path, clock: Clock, prepared_url: str) -> App:
    return make_app(stack, tmp_path, clock, prepared_url)


def through(server: MailServer) -> dict[str, Any]:
    return {"from": "Collector <digest@example.org>", "host": server.host, "port": server.port, "security": "none"}


def said(mail: EmailMessage) -> str:
    return text_of(mail).replace("\r\n", "\n")


def wait_and_warn(app: App, clock: Clock, length: timedelta = SETTLED_AFTER) -> int:
    """So much later, how many mails went out."""
    clock.now += length
    return app.warn().mails


def break_it(app: App, clock: Clock) -> None:
    """Something needs a person, and was noticed ten minutes ago."""
    set_state(app, DOWN)
    assert app.warn().mails == 0
    clock.now += SETTLED_AFTER


def test_one_mail_when_it_begins_and_one_when_it_is_over(app: App, clock: Clock) -> None:
    break_it(app, clock)
    assert app.warn().mails == 1
    assert [wait_and_warn(app, clock, timedelta(days=days)) for days in (0, 1, 7, 60)] == [0, 0, 0, 0]
    set_state(app, WELL)
    assert [wait_and_warn(app, clock) for _ in range(3)] == [1, 0, 0]
    begun, over = mails(app)
    assert begun["Subject"] == "#notcoproduction: something needs you"
    assert "- nobody: nobody.example does not take the token\n  Give the source a token" in said(begun)
    assert over["Subject"] == "#notcoproduction: it is over"
    assert "- nobody: nobody.example does not take the token" in said(over)
    with app.database.read() as conn:
        assert all_warnings(conn) == []


def test_the_mail_is_plain_text_that_no_program_answers(app: App, clock: Clock) -> None:
    break_it(app, clock)
    app.warn()
    (mail,) = mails(app)
    assert mail.get_content_type() == "text/plain"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["From"], mail["To"]) == ("Not coproduction <digest@example.org>", TO[0])
    assert mail["Message-ID"]
    assert mail["Date"].datetime == clock.now
    assert mail["List-Id"] is None


def test_what_passes_within_minutes_is_not_spoken_of(app: App, clock: Clock) -> None:
    set_state(app, DOWN)
    app.warn()
    set_state(app, WELL)
    assert [wait_and_warn(app, clock) for _ in range(3)] == [0, 0, 0]
    assert mails(app) == []


def test_the_same_trouble_a_second_time_is_news(app: App, clock: Clock) -> None:
    for _ in range(2):
        break_it(app, clock)
        assert app.warn().mails == 1
        set_state(app, WELL)
        assert wait_and_warn(app, clock) == 1
    assert len({mail["Message-ID"] for mail in mails(app)}) == 4


def test_a_restart_repeats_nothing(app: App, clock: Clock) -> None:
    break_it(app, clock)
    app.warn()
    with opened(app.settings, now=clock) as again:
        assert wait_and_warn(again, clock) == 0


def test_several_machines_tell_it_once(stack: ExitStack, tmp_path: Path, clock: Clock, prepared_url: str) -> None:
    with MailServer() as server:
        one, other = (make_app(stack, tmp_path, clock, prepared_url, mail=through(server)) for _ in range(2))
        break_it(one, clock)
        meanwhile = []

        def deliverer() -> Deliverer:
            meanwhile.append(other.warn().mails)
            return App.deliverer(one)

        one.deliverer = deliverer  # type: ignore[method-assign]
        assert [one.warn().mails, other.warn().mails, *meanwhile] == [1, 0, 0]
        assert len(server.messages) == 1


def test_a_machine_that_was_quicker_has_told_it_already(
    stack: ExitStack, tmp_path: Path, clock: Clock, prepared_url: str
) -> None:
    with MailServer() as server:
        one, other = (make_app(stack, tmp_path, clock, prepared_url, mail=through(server)) for _ in range(2))
        break_it(one, clock)
        database, one.database = one.database, Overtaken(one.database, other)  # type: ignore[assignment]
        assert one.warn().mails == 0
        one.database = database
        assert len(server.messages) == 1


class Overtaken:
    """A database that another machine writes to before each write."""

    def __init__(self, database: Any, other: App) -> None:
        self._database, self._other = database, other

    def read(self) -> Any:
        return self._database.read()

    def write(self) -> Any:
        self._other.warn()
        return self._database.write()


def test_nobody_to_warn_is_no_warning(stack: ExitStack, tmp_path: Path, clock: Clock, prepared_url: str) -> None:
    app = make_app(stack, tmp_path, clock, prepared_url, warnings={})
    break_it(app, clock)
    assert app.warn().mails == 0
    with app.database.read() as conn:
        assert all_warnings(conn) == []


def test_a_mail_server_that_is_itself_at_fault_is_asked_once_an_hour(
    stack: ExitStack, tmp_path: Path, clock: Clock, prepared_url: str
) -> None:
    with MailServer() as server:
        app = make_app(stack, tmp_path, clock, prepared_url, mail=through(server))
        server.answers["MAIL"] = "451 4.3.0 out of order"
        break_it(app, clock)
        report = app.warn()
        assert (report.mails, len(report.problems)) == (0, 1)
        assert report.problems[0].startswith("no warning could be mailed: ")
        for _ in range(11):
            assert wait_and_warn(app, clock, timedelta(minutes=5)) == 0
        assert server.connections == 1
        server.answers.clear()
        assert wait_and_warn(app, clock, TRY_AGAIN) == 1
        assert wait_and_warn(app, clock, TRY_AGAIN) == 0
        assert len(server.messages) == 1


def test_a_mail_that_may_have_arrived_comes_again_under_the_same_id(
    stack: ExitStack, tmp_path: Path, clock: Clock, prepared_url: str
) -> None:
    """The sender dies after the hand-over, before it could write that down."""
    with MailServer() as server:
        app = make_app(stack, tmp_path, clock, prepared_url, mail=through(server))
        break_it(app, clock)
        database, app.database = app.database, Dying(app.database)  # type: ignore[assignment]
        with pytest.raises(KeyboardInterrupt):
            app.warn()
        app.database = database
        assert wait_and_warn(app, clock, TRY_AGAIN) == 1
        first, second = (message.message["Message-ID"] for message in server.messages)
        assert first == second


class Dying:
    """A database that is there for one write, and not for the next."""

    def __init__(self, database: Any) -> None:
        self._database, self._writes = database, 0

    def read(self) -> Any:
        return self._database.read()

    def write(self) -> Any:
        self._writes += 1
        if self._writes > 1:
            raise KeyboardInterrupt
        return self._database.write()


def test_an_address_that_is_refused_keeps_the_others_from_nothing(
    stack: ExitStack, tmp_path: Path, clock: Clock, prepared_url: str
) -> None:
    with MailServer() as server:
        server.answers["gone@example.org"] = "550 5.1.1 no such user"
        warnings = {"to": ["gone@example.org", *TO]}
        app = make_app(stack, tmp_path, clock, prepared_url, mail=through(server), warnings=warnings)
        break_it(app, clock)
        report = app.warn()
        assert report.mails == 1
        assert "did not reach gone@example.org" in report.problems[0]
        assert [message.recipients for message in server.messages] == [list(TO)]
        assert wait_and_warn(app, clock, TRY_AGAIN) == 0


def test_a_mail_server_that_is_not_there_is_one_problem(
    stack: ExitStack, tmp_path: Path, clock: Clock, prepared_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    mail = {"from": "digest@example.org", "host": "127.0.0.1", "port": free_port(), "security": "none"}
    app = make_app(stack, tmp_path, clock, prepared_url, mail=mail)
    break_it(app, clock)
    (problem,) = app.warn().problems
    assert "connection refused" in problem
    assert caplog.messages[-1] == problem
    with closing(app):
        assert app.warn().problems == ()


def test_after_a_sleep_only_what_stands_once_everything_was_asked_is_told(app: App, clock: Clock) -> None:
    """The first look is at what was true before: nothing was asked for three days."""
    late = WatchState(condition=Condition.OK, last_success_at=NOW, next_poll_at=NOW)
    set_state(app, late)
    clock.advance(days=3)
    assert app.warn().mails == 0
    with app.database.read() as conn:
        assert [warning.key for warning in all_warnings(conn)] == ["unasked"]
    set_state(app, WELL)
    assert wait_and_warn(app, clock) == 0
    assert mails(app) == []
