"""A digest to many: each reader's own links, who gets it and who does not, the pace, and when it pauses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any

import pytest
from collecting import Clock, keep, publishing
from making import make_post
from making_readers import leave, subscribe
from making_storage import dump
from smtpserver import DROP, MailServer

from collector.app import App
from collector.cli.digest import _rehearse
from collector.errors import WrongUsageError
from collector.links import Pages, Signer, read_subject
from collector.links.personal import read_settings, read_unsubscribe
from collector.mailing import sending
from collector.mailing.by_hand import send_copy, send_digest
from collector.mailing.mailer import SendReport
from collector.mailing.sending import send_owed
from collector.needs.finding import find_needs
from collector.needs.gathering import take_stock
from collector.storage.pausing import find_paused, resume
from collector.storage.schema import read_secret
from collector.subscribing.leaving import erase
from collector.words import ENGLISH

MINUTE = timedelta(minutes=1)
WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 8, tzinfo=UTC)
PAGES = Pages(base="https://digest.example.org")


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def readers(number: int) -> list[str]:
    return [f"reader{n:03}@example.org" for n in range(number)]


@contextmanager
def owing(
    folder: Path, server: MailServer, clock: Clock, number: int, *, url: str = "", **tables: Any
) -> Iterator[App]:
    """A digest that is owed to so many subscribers."""
    mail = {"from": "Not coproduction <digest@example.org>", "host": server.host, "port": server.port}
    usual: dict[str, Any] = {
        "digest": [{"series": "weekly", **tables.pop("series", {})}],
        "mail": mail | {"security": "none", **tables.pop("mail", {})},
        "web": {"base_url": PAGES.base},
    }
    if url:
        usual["database"] = {"url": url}
    clock.now = WEDNESDAY
    with publishing(folder, clock=clock, **(usual | tables)) as app:
        if number:
            subscribe(app.database, readers(number), WEDNESDAY)
        app.close_due_windows()
        keep(app, make_post(1, published_at=WEDNESDAY))
        clock.now = MONDAY
        app.close_due_windows()
        yield app


def states(app: App) -> Counter[str]:
    with app.database.read() as conn:
        return Counter(conn.exec_driver_sql("SELECT state FROM deliveries").scalars())


def recipients(server: MailServer) -> list[str]:
    return [message.recipients[0] for message in server.messages]


def signer(app: App) -> Signer:
    with app.database.read() as conn:
        return Signer(key=read_secret(conn))


def needs(app: App) -> list[tuple[str, str]]:
    with app.database.read() as conn:
        return [
            (need.message, need.advice)
            for need in find_needs(take_stock(conn, app.settings, app.now()).facts, app.now())
        ]


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


# Links


def test_each_reader_gets_links_of_their_own_in_the_order_they_came(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with owing(tmp_path, server, clock, 5, url=prepared_url) as app:
        assert app.send_owed().sent == 5
        assert recipients(server) == readers(5)
        for received in server.messages:
            (link, mailed) = str(received.message["List-Unsubscribe"]).split(", ")
            token = link.removeprefix(f"<{PAGES.unsubscribe('')}").removesuffix(">")
            assert read_unsubscribe(signer(app), token, MONDAY) == (f"key-of-{received.recipients[0]}", "weekly")
            assert mailed == f"<mailto:digest@example.org?subject=unsubscribe%20{token}>"
            assert read_subject(f"unsubscribe {token}") == token
            for kind in ("plain", "html"):
                text = body(received.message, kind)
                assert text.count(PAGES.unsubscribe(token)) == 1
                settings = text.partition(PAGES.settings(""))[2].partition('"' if kind == "html" else "\n")[0].strip()
                assert read_settings(signer(app), settings, MONDAY) == f"key-of-{received.recipients[0]}"
            assert received.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert received.message["List-Archive"] == f"<{PAGES.archive('weekly')}>"


@pytest.mark.parametrize(
    ("base_url", "has_link", "has_post"),
    [("https://digest.example.org", True, True), ("http://127.0.0.1:8080", True, False), (None, False, False)],
)
def test_one_click_is_offered_only_where_it_is_safe(
    base_url: str | None, has_link: bool, has_post: bool, server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    web = {"base_url": base_url} if base_url else {}
    with owing(tmp_path, server, clock, 1, web=web) as app:
        app.send_owed()
    message = server.messages[0].message
    assert str(message["List-Unsubscribe"]).startswith(f"<{base_url}/unsubscribe/" if has_link else "<mailto:")
    assert (message["List-Unsubscribe-Post"] is not None) is has_post
    assert (message["List-Archive"] is not None) is has_link


def test_mails_that_unsubscribe_and_those_that_come_back_go_to_the_mailbox_that_is_read(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    mailbox = {"host": "imap.example.org", "username": "b", "password": "secret"}
    mail = {"bounces_to": "bounces@example.org"}
    with owing(tmp_path, server, clock, 1, mail=mail, bounces=mailbox) as app:
        app.send_owed()
    (received,) = server.messages
    assert received.sender == "bounces@example.org"
    assert "<mailto:bounces@example.org?subject=unsubscribe%20" in str(received.message["List-Unsubscribe"])
    assert received.message["From"] == "Not coproduction <digest@example.org>"


def test_digests_of_a_series_are_shown_together(server: MailServer, clock: Clock, tmp_path: Path) -> None:
    with owing(tmp_path, server, clock, 2) as app:
        app.send_owed()
        keep(app, make_post(2, published_at=MONDAY))
        clock.advance(days=7)
        app.close_due_windows()
        app.send_owed()
    assert len(server.messages) == 4
    assert len({received.message["References"] for received in server.messages}) == 1
    assert len({received.message["Message-ID"] for received in server.messages}) == 4


def test_a_copy_has_the_links_of_a_reader_and_none_for_anybody_else(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    with owing(tmp_path, server, clock, 1) as app:
        (series,) = app.settings.digests
        send_copy(app.mailer(), series, None, "READER000@example.org")
        send_copy(app.mailer(), series, None, "you@example.org")
        reader, other = (received.message for received in server.messages)
        token = str(reader["List-Unsubscribe"]).partition(PAGES.unsubscribe(""))[2].partition(">")[0]
        assert read_unsubscribe(signer(app), token, MONDAY) == ("key-of-reader000@example.org", "weekly")
        assert "unsubscribe/" not in body(other, "html") + str(other["List-Unsubscribe"])
        assert ENGLISH.say("why") in body(reader, "html")
        assert ENGLISH.say("why_copy") in body(other, "html")
        assert states(app) == {"owed": 1}


def test_no_copy_goes_to_somebody_who_left(server: MailServer, clock: Clock, tmp_path: Path) -> None:
    with owing(tmp_path, server, clock, 1) as app:
        leave(app.database, "reader000@example.org", clock.now)
        with pytest.raises(WrongUsageError, match=r"reader000@example.org unsubscribed from weekly"):
            send_copy(app.mailer(), app.settings.digests[0], None, "reader000@example.org")
    assert server.messages == []


def test_a_title_with_a_line_break_and_any_name_make_no_header(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    mail = {"from": '"Nôt, co-production" <digest@bücher.example>'}
    series = {"subject": "Grüße, {hashtag} — week {week}"}
    with owing(tmp_path, server, clock, 1, mail=mail, series=series) as app:
        app.send_owed()
    message = server.messages[0].message
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Nôt, co-production", "digest@xn--bcher-kva.example")
    assert str(message["Subject"]).startswith("Grüße, notcoproduction — week")
    assert str(message["List-Id"]).endswith("<weekly.xn--bcher-kva.example>")


# Who gets it


def test_who_left_after_it_was_owed_gets_nothing_and_who_came_since_gets_the_next(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with owing(tmp_path, server, clock, 4, url=prepared_url) as app:
        leave(app.database, readers(4)[1], MONDAY)
        subscribe(app.database, ["late@example.org"], MONDAY)
        (series,) = app.settings.digests
        assert send_digest(app.mailer(), series, None, is_dry=True).addresses == (*readers(1), *readers(4)[2:])
        report = app.send_owed()
        assert (report.sent, report.refused, report.problems) == (3, 0, [])
        again = send_digest(app.mailer(), series, None)
        assert again.report is not None
        assert again.report.sent == 0
        assert recipients(server) == [*readers(1), *readers(4)[2:]]
        keep(app, make_post(2, published_at=MONDAY))
        clock.advance(days=7)
        app.close_due_windows()
        server.messages.clear()
        app.send_owed()
        assert recipients(server) == [*readers(1), *readers(4)[2:], "late@example.org"]


def test_who_leaves_while_it_goes_out_gets_nothing_if_their_turn_is_still_to_come(
    server: MailServer, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "FEWEST", 2)
    with owing(tmp_path, server, clock, 6) as app:
        send_owed(
            app.mailer(),
            tell=lambda report: leave(app.database, readers(6)[4], MONDAY) if report.sent == 1 else None,
        )
        assert recipients(server) == [*readers(4), readers(6)[5]]
        assert states(app) == {"sent": 5, "refused": 1}


def test_a_slow_server_sends_nothing_to_who_left_a_while_before(
    server: MailServer, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.0)
    with owing(tmp_path, server, clock, 6) as app:
        send_owed(
            app.mailer(),
            tell=lambda report: leave(app.database, readers(6)[2], MONDAY) if report.sent == 1 else None,
        )
        assert recipients(server) == [*readers(2), *readers(6)[3:]]


def test_fixed_addresses_and_subscribers_get_it_once_each(server: MailServer, clock: Clock, tmp_path: Path) -> None:
    series = {"to": ["me@example.org", "Reader001@example.org"]}
    with owing(tmp_path, server, clock, 3, series=series) as app:
        assert send_digest(app.mailer(), app.settings.digests[0], None, is_dry=True).addresses == (
            *readers(3),
            "me@example.org",
        )
        app.send_owed()
        assert recipients(server) == [*readers(3), "me@example.org"]


def test_a_dry_run_of_a_digest_to_many_says_how_many_and_names_a_few(
    server: MailServer, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with owing(tmp_path, server, clock, 30) as app:
        sending = send_digest(app.mailer(), app.settings.digests[0], None, is_dry=True)
        _rehearse(sending, app.settings.digests[0], sending.addresses)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 22
    assert lines[-1] == "would go to 30 addresses in all"


def test_addresses_stand_in_no_log_but_that_of_somebody_who_looks_closely(
    server: MailServer, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with owing(tmp_path, server, clock, 12) as app:
        caplog.clear()
        server.answers[readers(12)[3]] = "550 5.1.1 no such user"
        app.send_owed()
    ours = [record for record in caplog.records if record.name.startswith("collector")]
    assert [(record.message, vars(record)["numbers"]) for record in ours] == [
        ("sent", {"digest": "weekly/2026-W45", "mails": 11, "waiting": 0, "refused": 1})
    ]


# Refusals


def test_a_digest_that_too_many_refuse_pauses_and_says_so_and_goes_on_when_somebody_says_so(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with owing(tmp_path, server, clock, 40, url=prepared_url, mail={"most_refusals": 5}) as app:
        server.answers |= {"MESSAGE": "554 5.7.1 looks like spam", readers(40)[1]: "550 5.1.1 no such user"}
        report = app.send_owed()
        assert (report.sent, report.refused) == (0, 6)
        assert "weekly/2026-W45 pauses: 6 of 6 mails were refused" in report.problems[-1]
        assert states(app) == {"refused": 6, "owed": 34}
        clock.advance(hours=5)
        assert app.send_owed().problems == []
        assert server.commands.count("MAIL") == 6, "nothing of it is tried any more"
        ((message, advice),) = needs(app)
        assert message.startswith("weekly/2026-W45 pauses, with 34 still owed: 6 of 6 mails were refused")
        assert "'collector digest send --series weekly --week 2026-W45'" in advice
        server.answers.clear()
        rehearsed = send_digest(app.mailer(), app.settings.digests[0], "2026-W45", is_dry=True)
        sending = send_digest(app.mailer(), app.settings.digests[0], "2026-W45")
        assert sorted(rehearsed.addresses) == sorted(set(readers(40)) - {readers(40)[1]})
        assert sending.report is not None
        assert (sending.report.sent, sending.report.problems) == (39, []), "all but the one whose mailbox is gone"
        assert states(app) == {"refused": 1, "sent": 39}
        assert not any("pauses" in message for message, _ in needs(app))


@pytest.mark.parametrize(
    "refusal", ["550 5.1.1 <{}> is unknown here", "550 relay access denied for <{}>"], ids=["a pause", "a standstill"]
)
def test_what_a_server_says_of_one_reader_is_not_kept_about_others(
    clock: Clock, server: MailServer, tmp_path: Path, prepared_url: str, refusal: str
) -> None:
    with owing(tmp_path, server, clock, 12, url=prepared_url, mail={"most_refusals": 5}) as app:
        server.answers = {reader: refusal.format(reader.title()) for reader in readers(12)}
        send_owed(app.mailer())
        for reader in readers(6):
            erase(app.readership, reader, clock.now)
        kept = repr(dump(app.database)).lower()
        assert [reader for reader in readers(6) if reader in kept] == []
        assert "[address]" in kept


def test_one_that_goes_on_too_early_pauses_once_more_at_a_fresh_count(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    with owing(tmp_path, server, clock, 40, mail={"most_refusals": 5}) as app:
        server.answers["RCPT"] = "450 4.7.1 not now"
        assert app.send_owed().waiting == 6
        clock.advance(minutes=1)
        sending = send_digest(app.mailer(), app.settings.digests[0], None)
        assert sending.report is not None
        assert sending.report.waiting == 6
        assert "6 of 6 mails" in sending.report.problems[-1]


def test_one_that_goes_on_while_the_same_run_still_sends_is_counted_anew(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with owing(tmp_path, server, clock, 40, url=prepared_url, mail={"most_refusals": 5}) as app:

        def see_to_it(report: SendReport) -> None:
            if report.has_paused and "RCPT" in server.answers:
                del server.answers["RCPT"]
                with app.database.write() as conn:
                    (paused,) = find_paused(conn)
                    resume(conn, paused.digest_id, app.now())

        server.answers |= {"RCPT": "550 5.7.1 not wanted here", readers(40)[30]: "550 5.7.1 not wanted here"}
        send_owed(app.mailer(), tell=see_to_it)
        app.send_owed()
        assert states(app) == {"sent": 39, "refused": 1}


def test_a_server_that_refuses_every_tenth_is_no_reason_to_pause(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    server.answers_every["RCPT"] = (10, "550 5.7.1 not wanted here")
    with owing(tmp_path, server, clock, 120, mail={"most_refusals": 5}) as app:
        report = app.send_owed()
        assert (report.sent, report.refused) == (108, 12)
        assert needs(app)[0][0].count("not wanted here") == 1, "one line, however many answers"


def test_readers_whose_mailbox_is_gone_are_stopped_and_nobody_is_called_for_them(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    server.answers_every["RCPT"] = (10, "550 5.1.1 no such user")
    with owing(tmp_path, server, clock, 120, mail={"most_refusals": 5}) as app:
        assert app.send_owed().refused == 12
        assert needs(app) == []


def test_greylisting_is_waited_out_however_many_servers_do_it(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with owing(tmp_path, server, clock, 30, url=prepared_url, mail={"most_refusals": 5}) as app:
        server.answers["RCPT"] = "450 4.2.0 Greylisted, try again in five minutes"
        assert app.send_owed().waiting == 30
        clock.advance(minutes=5)
        server.answers_once[readers(1)[0]] = "452 4.2.2 mailbox full"
        assert app.send_owed().waiting == 30, "what the tables have is no refusal either"
        clock.advance(minutes=15)
        server.answers.clear()
        assert app.send_owed().sent == 30
        assert recipients(server) == readers(30)


def test_a_server_that_greylists_for_hours_is_a_matter_for_a_person(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    with owing(tmp_path, server, clock, 30, mail={"most_refusals": 5}) as app:
        server.answers["RCPT"] = "450 4.2.0 Greylisted, try again in five minutes"
        for _ in range(3):
            assert not app.send_owed().has_paused
            clock.advance(hours=1)
        assert app.send_owed().has_paused


def test_one_reader_on_whom_the_server_hangs_up_keeps_it_from_nobody_else(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    with owing(tmp_path, server, clock, 8) as app:
        server.answers |= {readers(8)[1]: "421 4.7.0 not this one", readers(8)[5]: DROP}
        report = app.send_owed()
        assert (report.sent, report.waiting) == (6, 2)
        clock.advance(minutes=5)
        server.answers.clear()
        assert app.send_owed().sent == 2


def test_a_server_that_hangs_up_on_everybody_is_left_alone_for_a_while(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    with owing(tmp_path, server, clock, 20) as app:
        server.answers["RCPT"] = "421 4.3.2 going down"
        report = app.send_owed()
        assert (report.sent, report.waiting, report.has_paused) == (0, 20, False)
        assert server.commands.count("RCPT") == sending.CUT_OFF + 1
        server.answers.clear()
        clock.advance(minutes=5)
        assert app.send_owed().sent == 20


def test_who_is_refused_again_and_again_counts_once(server: MailServer, clock: Clock, tmp_path: Path) -> None:
    with owing(tmp_path, server, clock, 12, mail={"most_refusals": 3}) as app:
        for reader in readers(3):
            server.answers[reader] = "452 4.2.2 mailbox full"
        for _ in range(12):
            app.send_owed()
            clock.advance(hours=3)
        assert states(app) == {"sent": 9, "owed": 3}
        assert not any("pauses" in message for message, _ in needs(app))


def test_a_server_that_ends_conversations_early_gets_everything_all_the_same(
    server: MailServer, clock: Clock, tmp_path: Path
) -> None:
    server.answers_after["MAIL"] = (7, "421 4.7.0 too much over this connection")
    with owing(tmp_path, server, clock, 30, mail={"per_connection": 10}) as app:
        assert app.send_owed().sent == 30
        assert recipients(server) == readers(30)
        assert server.connections == 5


def test_a_server_that_goes_away_while_it_is_sent_to_has_the_rest_later(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with owing(tmp_path, server, clock, 20, url=prepared_url) as app:

        def go_away(sent: int) -> None:
            if sent == 8:
                server.answers |= dict.fromkeys(["MAIL", "EHLO", "HELO"], DROP)

        report = send_owed(app.mailer(), tell=lambda report: go_away(report.sent))
        assert (report.sent, report.waiting, len(report.problems)) == (8, 12, 1)
        assert states(app) == {"sent": 8, "owed": 12}
        server.answers.clear()
        clock.advance(minutes=5)
        assert app.send_owed().sent == 12
        assert recipients(server) == readers(20)


# The pace


class Waiting(threading.Event):
    """A stop sign; who waits for it finds the time gone by."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited.append(timeout)
        self._clock.now += timedelta(seconds=timeout)
        return False


def test_the_daemon_sends_what_a_minute_allows_and_leaves_the_rest_to_the_next_run(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    with owing(tmp_path, server, clock, 25, url=prepared_url, mail={"per_minute": 10}) as app:
        sent = []
        for _ in range(13):
            sent.append(app.send_owed(is_patient=False).sent)
            clock.advance(seconds=15)
        assert sent == [10, 0, 0, 0, 10, 0, 0, 0, 5, 0, 0, 0, 0]
        assert states(app) == {"sent": 25}


def test_by_hand_it_waits_until_more_is_allowed(server: MailServer, clock: Clock, tmp_path: Path) -> None:
    with owing(tmp_path, server, clock, 25, mail={"per_minute": 10}) as app:
        app.stop = stop = Waiting(clock)
        sending = send_digest(app.mailer(), app.settings.digests[0], None)
        assert sending.report is not None
        assert sending.report.sent == 25
        assert stop.waited == [60, 60]


def test_two_collectors_keep_the_pace_together(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    mail = {"per_minute": 10}
    with owing(tmp_path, server, clock, 25, url=prepared_url, mail=mail) as one:
        other = App(one.settings, now=clock)
        assert one.send_owed(is_patient=False).sent == 10
        clock.advance(seconds=30)
        assert other.send_owed(is_patient=False).sent == 0
        clock.advance(seconds=30)
        assert other.send_owed(is_patient=False).sent == 10
        assert one.send_owed(is_patient=False).sent == 0
        other.close()


def test_what_another_collector_has_in_hand_counts(server: MailServer, clock: Clock, tmp_path: Path) -> None:
    with owing(tmp_path, server, clock, 25, mail={"per_minute": 10}) as app:
        with app.database.write() as conn:
            conn.exec_driver_sql(
                "UPDATE deliveries SET state = 'claimed', claimed_by = 'elsewhere:boot:1:abc',"
                " claimed_at = next_attempt_at WHERE id <= 7"
            )
        assert app.send_owed(is_patient=False).sent == 3


def test_refused_mails_count_for_the_pace(server: MailServer, clock: Clock, tmp_path: Path) -> None:
    server.answers["RCPT"] = "450 4.2.1 later"
    with owing(tmp_path, server, clock, 25, mail={"per_minute": 10}) as app:
        assert app.send_owed(is_patient=False).waiting == 10
        assert app.send_owed(is_patient=False).waiting == 0


# Kills

RUN = """
import sys
from datetime import datetime
from pathlib import Path
from collecting import Clock, make_settings
from collector.app import App

url, port, now = sys.argv[1:]
tables = {
    "database": {"url": url},
    "source": [{"name": "nobody", "kind": "mastodon", "url": "https://nobody.example"}],
    "digest": [{"series": "weekly"}],
    "mail": {"from": "digest@example.org", "host": "127.0.0.1", "port": int(port), "security": "none"},
}
App(make_settings(Path.cwd(), **tables), now=Clock(datetime.fromisoformat(now))).send_owed()
"""


def test_killed_again_and_again_only_the_mail_in_the_air_is_repeated(
    server: MailServer, clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    dice, root, kills = Random(7), Path(__file__).parents[2], 0
    with owing(tmp_path, server, clock, 300, url=prepared_url) as app:
        while states(app)["sent"] < 300:
            process = subprocess.Popen(
                [sys.executable, "-c", RUN, app.settings.database.url, str(server.port), MONDAY.isoformat()],
                env={**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"},
            )
            with process:
                until = len(server.messages) + dice.randint(20, 100)
                while len(server.messages) < until and process.poll() is None:
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(0.005)
                process.kill()
            kills += process.returncode == -signal.SIGKILL
        assert states(app) == {"sent": 300}
    came = Counter(recipients(server))
    assert came.keys() == set(readers(300))
    assert sum(came.values()) - 300 <= kills
    assert len({received.message["Message-ID"] for received in server.messages}) == 300
    assert kills >= 3
