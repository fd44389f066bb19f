"""What is owed is handed over, exactly once, whatever refuses, dies or runs beside it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from collecting import Clock, keep, publishing
from making import make_post
from smtpserver import DROP, HANG, MailServer

from collector.app import App
from collector.config import Security
from collector.deliver import Message, SmtpDeliverer, SmtpServer
from collector.errors import DatabaseUnusableError, DeliveryError
from collector.mailing import sending
from collector.mailing.by_hand import send_digest
from collector.mailing.owners import is_dead, make_owner
from collector.mailing.sending import send_owed
from collector.storage.claims import LEASE

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 8, tzinfo=UTC)

READERS = [f"reader{number:02}@example.org" for number in range(12)]


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def app(server: MailServer, clock: Clock, tmp_path: Path) -> Iterator[App]:
    """One digest that is owed to all readers."""
    with publishing(tmp_path, clock=clock, **tables(server)) as app:
        owe(app, clock)
        yield app


@pytest.fixture
def shared(server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str) -> Iterator[App]:
    """The same over each kind of database."""
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}, **tables(server)) as app:
        owe(app, clock)
        yield app


def tables(server: MailServer, **mail: Any) -> dict[str, Any]:
    return {
        "digest": [{"series": "weekly", "to": READERS}],
        "mail": {
            "from": "Not coproduction <digest@example.org>",
            "host": server.host,
            "port": server.port,
            "security": "none",
            **mail,
        },
    }


def owe(app: App, clock: Clock) -> None:
    app.close_due_windows()
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = MONDAY
    app.close_due_windows()


def read_rows(app: App) -> dict[str, dict[str, Any]]:
    """Each delivery by its address."""
    with app.database.read() as conn:
        found = conn.exec_driver_sql("SELECT * FROM deliveries").mappings()
        return {row["address"]: dict(row) for row in found}


def count(app: App) -> Counter[str]:
    return Counter(row["state"] for row in read_rows(app).values())


def received(server: MailServer) -> Counter[str]:
    """How many messages came for each address."""
    return Counter(message.recipients[0] for message in server.messages)


ONCE_EACH = Counter(READERS)


def test_everybody_gets_a_mail_of_their_own_over_one_connection(app: App, server: MailServer) -> None:
    report = app.send_owed()
    assert (report.sent, report.waiting, report.refused, report.problems) == (12, 0, 0, [])
    assert received(server) == ONCE_EACH
    assert server.connections == 1
    assert count(app) == {"sent": 12}
    for message in server.messages:
        assert message.recipients == [message.message["To"]]
        assert message.message["Message-ID"] == read_rows(app)[message.recipients[0]]["message_id"]
        assert message.message["List-Id"].endswith("<weekly.example.org>")
        assert message.message["List-Unsubscribe"].startswith("<mailto:digest@example.org?subject=unsubscribe%20")
        assert message.message["Auto-Submitted"] == "auto-generated"


def test_what_was_sent_is_not_sent_again(app: App, server: MailServer, clock: Clock) -> None:
    app.send_owed()
    clock.advance(days=3)
    app.send_owed()
    assert received(server) == ONCE_EACH
    assert server.connections == 1, "nothing owed: nobody is called"


# Refusals


def test_an_address_refused_for_now_is_tried_later_under_the_same_id(
    app: App, server: MailServer, clock: Clock
) -> None:
    server.answers_once[READERS[3]] = "450 4.2.1 try later"
    before = read_rows(app)[READERS[3]]["message_id"]
    report = app.send_owed()
    assert (report.sent, report.waiting) == (11, 1)
    clock.advance(minutes=4)
    assert app.send_owed().sent == 0
    clock.advance(minutes=1)
    assert app.send_owed().sent == 1
    assert received(server) == ONCE_EACH
    assert server.messages[-1].message["Message-ID"] == before


def test_an_address_refused_for_good_is_marked_and_the_others_have_theirs(
    app: App, server: MailServer, clock: Clock
) -> None:
    server.answers[READERS[3]] = "550 5.1.1 no such user"
    report = app.send_owed()
    assert (report.sent, report.refused, len(report.problems)) == (11, 1, 1)
    row = read_rows(app)[READERS[3]]
    assert row["state"] == "refused"
    assert "no such user" in row["error"]
    clock.advance(days=1)
    assert app.send_owed().refused == 0
    sending = send_digest(app.mailer(), app.settings.digests[0], None)
    assert sending.report is not None
    assert (sending.report.sent, sending.report.refused) == (0, 0)


def test_an_address_that_the_server_says_there_is_not_gets_nothing_more(
    app: App, server: MailServer, clock: Clock
) -> None:
    server.answers |= {READERS[3]: "550 5.1.1 no such user", READERS[4]: "550 5.7.1 looks like spam"}
    app.send_owed()
    with app.database.read() as conn:
        found = conn.exec_driver_sql("SELECT address, bounced_at, soft_bounces, bounce_reason FROM subscribers")
        rows = {row.address: row for row in found}
    assert rows[READERS[3]].bounced_at is not None
    assert "550 5.1.1 no such user" in rows[READERS[3]].bounce_reason
    assert (rows[READERS[4]].bounced_at, rows[READERS[4]].soft_bounces) == (None, 1)
    assert (rows[READERS[5]].bounced_at, rows[READERS[5]].soft_bounces) == (None, 0)


def test_tries_end_after_days(app: App, server: MailServer, clock: Clock) -> None:
    server.answers[READERS[3]] = "450 4.2.1 mailbox full"
    while clock() < MONDAY + 5 * DAY:
        app.send_owed()
        clock.advance(hours=1)
    row = read_rows(app)[READERS[3]]
    assert (row["state"], "mailbox full" in row["error"]) == ("refused", True)
    assert 20 < row["attempts"] < 50
    assert received(server) == ONCE_EACH - Counter([READERS[3]])


@pytest.mark.parametrize(
    ("command", "answer"),
    [("MAIL", "550 5.7.1 not this sender"), ("MAIL", "451 4.3.0 out of order"), ("RCPT", "554 5.7.1 relay denied")],
)
def test_a_refusal_that_concerns_everybody_stops_the_run_and_all_stays_owed(
    command: str, answer: str, app: App, server: MailServer, clock: Clock
) -> None:
    server.answers[command] = answer
    report = app.send_owed()
    assert (report.sent, report.refused, report.waiting, len(report.problems)) == (0, 0, 12, 1)
    app.send_owed()
    assert server.commands.count("MAIL") == 1, "the others are not tried, nor is it tried again at once"
    assert count(app) == {"owed": 12}
    server.answers.clear()
    clock.advance(minutes=5)
    assert app.send_owed().sent == 12


def test_a_refused_log_in_is_no_reason_to_give_anybody_up(clock: Clock, tmp_path: Path) -> None:
    with MailServer(accounts={"digest": "right"}) as server:
        mail = {"username": "digest", "password": "wrong"}
        with publishing(tmp_path, clock=clock, **tables(server, **mail)) as app:
            owe(app, clock)
            while clock() < MONDAY + 6 * DAY:
                app.send_owed()
                clock.advance(hours=1)
            assert count(app) == {"owed": 12}
            assert "log-in" in read_rows(app)[READERS[0]]["error"]
        mail["password"] = "right"
        with publishing(tmp_path, clock=clock, **tables(server, **mail)) as app:
            clock.advance(hours=3)
            assert app.send_owed().sent == 12
        assert received(server) == ONCE_EACH


def test_who_was_taken_off_the_list_gets_nothing_that_was_still_owed(app: App, server: MailServer) -> None:
    stays, leaves = READERS[:3], READERS[3:]
    series = app.settings.digests[0].model_copy(update={"to": tuple(stays)})
    app.settings = replace(app.settings, digests=(series,))
    report = send_owed(app.mailer())
    assert received(server) == Counter(stays)
    assert (report.sent, report.refused, report.problems) == (3, 0, [])
    assert {row["state"] for address, row in read_rows(app).items() if address in leaves} == {"refused"}
    assert send_owed(app.mailer()).sent == 0


def test_a_server_that_is_away_is_asked_again_later(app: App, server: MailServer, clock: Clock) -> None:
    away = replace(app.mailer(), open_deliverer=Refusing)
    report = send_owed(away)
    assert (report.sent, report.waiting) == (0, 12)
    clock.advance(minutes=5)
    assert app.send_owed().sent == 12
    assert received(server) == ONCE_EACH


def test_sending_by_hand_does_not_wait_for_a_later_try(app: App, server: MailServer) -> None:
    server.answers_once["MAIL"] = "451 4.3.0 out of order"
    app.send_owed()
    sending = send_digest(app.mailer(), app.settings.digests[0], None)
    assert sending.report is not None
    assert sending.report.sent == 12
    assert received(server) == ONCE_EACH


def test_sending_by_hand_tries_each_address_once(app: App, server: MailServer) -> None:
    server.answers[READERS[3]] = "450 4.2.1 try later"
    sending = send_digest(app.mailer(), app.settings.digests[0], None)
    assert sending.report is not None
    assert (sending.report.sent, sending.report.waiting) == (11, 1)
    assert server.commands.count("RCPT") == 12


def test_sending_by_hand_stops_at_a_refusal_that_concerns_everybody(app: App, server: MailServer) -> None:
    server.answers["MAIL"] = "550 5.7.1 not this sender"
    sending = send_digest(app.mailer(), app.settings.digests[0], None)
    assert sending.report is not None
    assert (sending.report.sent, len(sending.report.problems)) == (0, 1)
    assert server.commands.count("MAIL") == 1


def test_a_connection_that_broke_with_a_message_on_its_way_is_no_fault_of_the_others(
    app: App, server: MailServer, clock: Clock
) -> None:
    server.answers_once["MESSAGE"] = DROP
    report = app.send_owed()
    assert (report.sent, report.waiting) == (11, 1)
    clock.advance(minutes=5)
    app.send_owed()
    assert received(server) == ONCE_EACH


def test_the_stop_sign_ends_a_run_between_two_mails(app: App, server: MailServer) -> None:
    mailer = app.mailer()
    send_owed(mailer, tell=lambda report: app.stop.set() if report.sent == 4 else None)
    assert count(app) == {"sent": 4, "owed": 8}
    app.stop.clear()
    app.send_owed()
    assert received(server) == ONCE_EACH


def test_a_mail_server_that_dawdles_leaves_a_turn_to_polling(
    app: App, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TURN", 0.3)
    server.answers["MESSAGE"] = HANG
    place = SmtpServer(host=server.host, port=server.port, security=Security.NONE, handover_timeout=0.2)

    report = send_owed(replace(app.mailer(), open_deliverer=lambda: SmtpDeliverer(place)))

    assert report.sent == 0
    assert 0 < report.waiting < len(READERS)
    assert count(app) == {"owed": 12}
    server.answers.clear()
    send_owed(app.mailer(), is_forced=True)
    assert received(server) == ONCE_EACH, "by hand all is sent, however long it takes"


# Claims


class Watching:
    """A way out that looks at the database while it has a message in its hands."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.states: list[str] = []
        self.place = "a test"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def verify(self) -> None: ...

    def deliver(self, message: Message) -> None:
        self.states.append(read_rows(self._app)[message.to]["state"])


class Refusing(Watching):
    """A way out that leads nowhere."""

    def __init__(self) -> None:
        self.place = "nowhere"

    def __enter__(self) -> Self:
        raise DeliveryError("nowhere: connection refused", is_setup=True)


class Forgetful(Watching):
    """Takes a message, and the database is away when that is to be written down."""

    def deliver(self, message: Message) -> None:
        self.states.append(message.to)
        with self._app.database.write() as conn:
            conn.exec_driver_sql(
                "CREATE TRIGGER IF NOT EXISTS away BEFORE UPDATE ON deliveries WHEN NEW.state = 'sent'"
                " BEGIN SELECT RAISE(ABORT, 'away'); END"
            )


class Mending(threading.Event):
    """A stop sign; whoever waits for it finds the database back."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app

    def wait(self, timeout: float | None = None) -> bool:
        with self._app.database.write() as conn:
            conn.exec_driver_sql("DROP TRIGGER IF EXISTS away")
        return False


class Broken(Watching):
    """A fault of ours."""

    def deliver(self, message: Message) -> None:
        if message.to == READERS[2]:
            raise ZeroDivisionError
        self.states.append(message.to)


def test_a_delivery_is_claimed_before_it_is_handed_over(app: App) -> None:
    watching = Watching(app)
    send_owed(replace(app.mailer(), open_deliverer=lambda: watching))
    assert watching.states == ["claimed"] * 12


def test_what_went_out_is_written_down_even_if_the_database_is_away_for_a_moment(app: App) -> None:
    forgetful = Forgetful(app)
    report = send_owed(replace(app.mailer(), open_deliverer=lambda: forgetful, stop=Mending(app)))
    assert report.sent == 12
    assert Counter(forgetful.states) == ONCE_EACH
    assert count(app) == {"sent": 12}


class Impatient(threading.Event):
    """A stop sign; whoever waits for it finds the database as it was."""

    def wait(self, timeout: float | None = None) -> bool:
        return False


def test_what_went_out_while_the_database_was_away_for_long_is_not_sent_again(app: App, clock: Clock) -> None:
    forgetful = Forgetful(app)
    mailer = replace(app.mailer(), open_deliverer=lambda: forgetful, stop=Impatient())
    with pytest.raises(DatabaseUnusableError):
        send_owed(mailer)
    with pytest.raises(DatabaseUnusableError):
        send_owed(mailer)
    clock.now = MONDAY + LEASE
    Mending(app).wait()
    assert send_owed(replace(mailer, open_deliverer=lambda: Watching(app))).sent == 11
    assert forgetful.states == READERS[:1]
    assert count(app) == {"sent": 12}


def test_a_fault_of_ours_with_one_mail_is_told_and_holds_up_no_other(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Broken(app)
    report = send_owed(replace(app.mailer(), open_deliverer=lambda: broken))
    assert (report.sent, report.waiting) == (11, 1)
    assert "ZeroDivisionError" in caplog.text
    assert read_rows(app)[READERS[2]]["state"] == "owed"


def claim_for(app: App, owner: str, address: str) -> None:
    with app.database.write() as conn:
        conn.exec_driver_sql(
            f"UPDATE deliveries SET state = 'claimed', claimed_by = '{owner}', claimed_at = next_attempt_at"
            f" WHERE address = '{address}'"
        )


def test_what_somebody_else_has_claimed_is_theirs_until_the_lease_is_over(
    app: App, server: MailServer, clock: Clock
) -> None:
    claim_for(app, "another machine:boot:1:abc", READERS[0])
    assert app.send_owed().sent == 11
    clock.now = MONDAY + LEASE - timedelta(seconds=1)
    assert app.send_owed().sent == 0
    clock.now = MONDAY + LEASE
    assert app.send_owed().sent == 1
    assert received(server) == ONCE_EACH


def test_what_a_dead_process_of_this_machine_has_claimed_is_taken_over_at_once(app: App, server: MailServer) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    place, _, token = make_owner().rpartition(":")
    claim_for(app, f"{place.rpartition(':')[0]}:{process.pid}:{token}", READERS[0])
    assert app.send_owed().sent == 12
    assert received(server) == ONCE_EACH


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        pytest.param("here:boot:100:mine", False, id="ourselves"),
        pytest.param("here:boot:100:other", True, id="an earlier process with our number"),
        pytest.param(f"here:boot:{os.getppid()}:other", False, id="another process that lives"),
        pytest.param("here:boot:4194304999:other", True, id="a process that is no more"),
        pytest.param("here:before:4194304999:other", False, id="before the machine was started again"),
        pytest.param("there:boot:4194304999:other", False, id="another machine"),
        pytest.param("nonsense", False, id="nothing that we wrote"),
    ],
)
def test_who_is_known_to_be_dead(owner: str, expected: bool) -> None:
    assert is_dead(owner, "here:boot:100:mine") is expected


def test_this_process_is_the_same_owner_throughout() -> None:
    assert make_owner() == make_owner()
    assert make_owner().startswith(f"{socket.gethostname()}:")


# Side by side


def test_two_senders_in_one_process_send_each_mail_once(
    shared: App, server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    with publishing(tmp_path, clock=clock, database={"url": shared.settings.database.url}, **tables(server)) as other:
        meet = threading.Barrier(2)

        def run(sender: App) -> None:
            meet.wait()
            sender.send_owed()

        threads = [threading.Thread(target=run, args=(sender,)) for sender in (shared, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert received(server) == ONCE_EACH
    assert count(shared) == {"sent": 12}


SENDER = """
import sys, time
from datetime import datetime
from pathlib import Path
from collecting import Clock, make_settings
from collector.app import App
from collector.deliver import SmtpDeliverer

class Sticking(SmtpDeliverer):
    def deliver(self, message):
        super().deliver(message)
        if message.to == sys.argv[4]:
            print("in the air", flush=True)
            time.sleep(60)

url, port, now, stick = sys.argv[1:]
tables = {
    "database": {"url": url},
    "source": [{"name": "nobody", "kind": "mastodon", "url": "https://nobody.example"}],
    "digest": [{"series": "weekly", "to": [f"reader{n:02}@example.org" for n in range(12)]}],
    "mail": {"from": "Not coproduction <digest@example.org>", "host": "127.0.0.1",
             "port": int(port), "security": "none"},
}
app = App(make_settings(Path.cwd(), **tables), now=Clock(datetime.fromisoformat(now)))
opened = app.deliverer
if stick:
    app.deliverer = lambda: Sticking(opened()._server)
print("ready", flush=True)
sys.stdin.readline()
app.send_owed()
app.close()
"""


def start_sender(app: App, server: MailServer, stick: str = "") -> subprocess.Popen[str]:
    """A process of its own, which sends when it is given a line."""
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", SENDER, app.settings.database.url, str(server.port), MONDAY.isoformat(), stick],
        env={**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_processes_send_each_mail_once(shared: App, server: MailServer) -> None:
    with start_sender(shared, server) as one, start_sender(shared, server) as other:
        go(one)
        go(other)
        assert (one.wait(30), other.wait(30)) == (0, 0)
    assert received(server) == ONCE_EACH
    assert count(shared) == {"sent": 12}


def test_only_the_mail_in_the_air_at_a_crash_can_arrive_twice_and_has_the_same_id(
    shared: App, server: MailServer
) -> None:
    with start_sender(shared, server, stick=READERS[5]) as process:
        go(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "in the air\n"
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert count(shared) == {"sent": 5, "claimed": 7}
    assert shared.send_owed().sent == 7
    assert received(server) == ONCE_EACH + Counter([READERS[5]])
    twice = [message.message["Message-ID"] for message in server.messages if message.recipients == [READERS[5]]]
    assert twice[0] == twice[1]
    assert len({message.message["Message-ID"] for message in server.messages}) == 12
