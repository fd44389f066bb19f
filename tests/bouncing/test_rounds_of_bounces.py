"""What comes back is counted for whom it is about, once, and nobody else can make it so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mailboxes import Dovecot, ListedMailbox, needs_dovecot
from making_storage import rows

from collector.bouncing import rounds
from collector.bouncing.deciding import Fate
from collector.bouncing.noting import forgive, note_refusal
from collector.bouncing.reading import Kind
from collector.bouncing.rounds import Postmaster, Taken, read_files, read_mailbox, take_in
from collector.config import BounceSettings
from collector.digest.windows import window_named
from collector.errors import DeliveryError, MailboxError
from collector.links import Signer
from collector.links.personal import unsubscribe_token
from collector.storage.database import Database
from collector.storage.deliveries import owe
from collector.storage.recipients import gather_recipients
from collector.storage.schema import read_secret
from collector.storage.series import add_window, ensure_series, windows_of
from collector.storage.tables import deliveries, letters, subscriptions

FOLDER = Path(__file__).parents[1] / "data" / "bounces"
OUR_ID = "<weekly-2026-w47.0123456789abcdef0123456789abcdef@hashtags.example>"
ME, YOU = "me@example.org", "you@example.org"
SENT_AT = datetime(2026, 11, 23, 7, 0, 1, tzinfo=UTC)
NOW = SENT_AT + timedelta(hours=1)
WEEK = timedelta(days=7)


def mail(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


class Office:
    """A postmaster over a database with a digest that went to two readers."""

    def __init__(self, database: Database, mailbox: ListedMailbox | None = None) -> None:
        self.database, self.mailbox, self.now = database, mailbox, NOW
        self.ended: list[tuple[str, str | None, str]] = []
        self.postmaster = Postmaster(
            database=database,
            settings=BounceSettings(soft_limit=3),
            open_mailbox=lambda: self.mailbox,
            end=self.end,
            now=lambda: self.now,
            stop=Event(),
        )
        with database.write() as conn:
            gather_recipients(conn, "weekly", [ME, YOU], NOW - 10 * WEEK)
        self.send(OUR_ID, "2026-W47", SENT_AT)

    def send(self, message_id: str, week: str, at: datetime, *, other: str = YOU) -> int:
        """A digest to both; gives the delivery of the first."""
        with self.database.write() as conn:
            series = ensure_series(conn, "weekly", ["notcoproduction"], NOW - 10 * WEEK)
            add_window(conn, series.id, window_named(week, ZoneInfo("Europe/London")))
            (stored,) = [one for one in windows_of(conn, series.id) if one.window.name == week]
            owe(conn, stored.id, {ME: message_id, other: f"<{week}@other>"}, "digest", at)
            mine = deliveries.c.digest_id == stored.id
            conn.execute(deliveries.update().where(mine).values(state="sent", finished_at=at))
            found = conn.exec_driver_sql("SELECT max(id) - 1 FROM deliveries").scalar_one()
        return int(found)

    def end(self, folded: str, series: str | None, why: str) -> None:
        self.ended.append((folded, series, why))
        with self.database.write() as conn:
            conn.execute(subscriptions.update().values(state="ended"))

    def take(self, raw: bytes) -> Taken:
        return take_in(self.postmaster, raw)

    def confirm(self, at: datetime) -> None:
        with self.database.write() as conn:
            conn.execute(subscriptions.update().values(origin="page", confirmed_at=at))

    def sign(self, address: str, series: str = "weekly") -> str:
        with self.database.read() as conn:
            key = dict(rows(self.database, "subscribers", "address", "key"))[address]
            return unsubscribe_token(Signer(key=read_secret(conn)), key, series)

    def fates(self, raw: bytes) -> list[tuple[str, Fate]]:
        return [(one.address, one.fate) for one in self.take(raw).noted]

    def readers(self) -> dict[str, tuple[bool, int, str]]:
        """Whether each is stopped, how many digests in a row came back, and why."""
        found = rows(self.database, "subscribers", "address", "bounced_at", "soft_bounces", "bounce_reason")
        return {address: (at is not None, number, reason) for address, at, number, reason in found}


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_a_hard_bounce_stops_the_address_at_once_and_no_other(office: Office) -> None:
    assert office.fates(mail("office365")) == [(ME, Fate.STOPPED)]
    stopped, number, reason = office.readers()[ME]
    assert (stopped, number) == (True, 0)
    assert reason == "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"
    assert office.readers()[YOU] == (False, 0, "")
    assert office.fates(mail("office365")) == [(ME, Fate.KNOWN)]


def test_a_mail_that_had_been_forwarded_is_known_by_its_id(office: Office) -> None:
    assert office.fates(mail("forwarded")) == [(ME, Fate.STOPPED)]


def test_one_that_was_forwarded_to_several_is_lost_only_where_all_are_gone(office: Office) -> None:
    assert office.fates(mail("forwarded-to-several")) == [(ME, Fate.COUNTED)]


def test_a_soft_bounce_counts_once_a_digest_however_often_it_is_read(office: Office) -> None:
    assert office.fates(mail("icloud")) == [(ME, Fate.COUNTED)]
    assert office.fates(mail("icloud")) == [(ME, Fate.KNOWN)]
    assert office.fates(mail("yahoo-deferred")) == [(ME, Fate.KNOWN)]
    assert office.readers()[ME] == (False, 1, "")


def send_and_return(office: Office, weeks: range) -> list[Fate]:
    fates = []
    for week in weeks:
        other = OUR_ID.replace("0123", f"{week:04}")
        at = SENT_AT + (week - 47) * WEEK
        office.now = at + timedelta(hours=1)
        office.send(other, f"2026-W{week}", at)
        fates += [fate for _, fate in office.fates(mail("icloud").replace(OUR_ID.encode(), other.encode()))]
    return fates


def test_soft_bounces_in_a_row_stop_at_the_limit(office: Office) -> None:
    office.take(mail("icloud"))
    assert send_and_return(office, range(48, 50)) == [Fate.COUNTED, Fate.STOPPED]
    assert office.readers()[ME][:2] == (True, 3)
    assert "552 5.2.2" in office.readers()[ME][2]


def test_a_digest_that_arrived_in_between_begins_the_count_anew(office: Office) -> None:
    office.take(mail("icloud"))
    office.send("<in-between@hashtags.example>", "2026-W48", SENT_AT + WEEK)
    assert send_and_return(office, range(49, 51)) == [Fate.COUNTED, Fate.COUNTED]
    assert office.readers()[ME][:2] == (False, 2)


def test_who_confirms_again_is_welcome_and_older_reports_count_for_nothing(office: Office) -> None:
    office.confirm(SENT_AT + timedelta(minutes=30))
    assert office.fates(mail("office365")) == [(ME, Fate.OVER)]
    assert office.readers()[ME] == (False, 0, "")


def test_who_is_forgiven_gets_mails_until_something_new_comes_back(office: Office) -> None:
    assert office.fates(mail("office365")) == [(ME, Fate.STOPPED)]
    forgive(office.database, ME)
    assert office.fates(mail("office365")) == [(ME, Fate.KNOWN)]
    assert office.readers()[ME][0] is False
    assert send_and_return(office, range(48, 51)) == [Fate.COUNTED, Fate.COUNTED, Fate.STOPPED]
    forgive(office.database, ME)
    assert send_and_return(office, range(51, 52)) == [Fate.COUNTED]


def test_a_letter_to_an_address_that_there_is_not_stops_it(office: Office) -> None:
    with office.database.write() as conn:
        conn.execute(deliveries.delete())
        values = {"kind": "confirm", "state": "sent", "message_id": OUR_ID, "created_at": SENT_AT}
        conn.execute(letters.insert().values(subscriber_id=1, finished_at=SENT_AT, **values))
    assert office.fates(mail("icloud")) == [(ME, Fate.NOT_COUNTED)]
    assert office.fates(mail("gmail")) == [(ME, Fate.STOPPED)]


# --- what strangers can do ------------------------------------------------------------------------


def test_a_report_that_only_names_an_address_is_soft_whatever_it_says(office: Office) -> None:
    assert office.fates(mail("without-our-id")) == [(ME, Fate.COUNTED), (YOU, Fate.COUNTED)]
    assert office.fates(mail("without-our-id")) == [(ME, Fate.KNOWN), (YOU, Fate.KNOWN)]
    assert office.readers() == {ME: (False, 1, ""), YOU: (False, 1, "")}


def test_a_report_about_an_address_that_got_nothing_lately_is_about_nobody(office: Office) -> None:
    assert office.take(mail("exim-gone")) == Taken(kind=Kind.BOUNCE)
    office.now = SENT_AT + timedelta(days=31)
    assert office.take(mail("office365")) == Taken(kind=Kind.BOUNCE)
    assert office.take(mail("without-our-id")) == Taken(kind=Kind.BOUNCE)
    assert office.readers() == {ME: (False, 0, ""), YOU: (False, 0, "")}


def test_a_report_is_about_what_was_sent_before_it(office: Office) -> None:
    early = mail("without-our-id").replace(b"Date: Mon, 23 Nov 2026 07:01:00", b"Date: Sun, 22 Nov 2026 07:01:00")
    assert office.take(early).noted == ()


def test_a_server_that_changes_ids_is_believed_by_the_link_to_unsubscribe(office: Office) -> None:
    raw = mail("amazon-ses")
    assert office.fates(raw.replace(b"TOKEN", office.sign(YOU).encode())) == [(YOU, Fate.STOPPED)]
    forged = unsubscribe_token(Signer(key=b"not ours"), "key", "weekly")
    assert office.fates(raw.replace(b"TOKEN", forged.encode())) == [(ME, Fate.COUNTED)]


def test_what_is_no_report_changes_nothing(office: Office) -> None:
    for name in ("away", "person", "receipt", "delivered", "gmail-delay", "postfix-delayed", "no-complaint"):
        assert office.take(mail(name)).noted == ()
    assert office.readers() == {ME: (False, 0, ""), YOU: (False, 0, "")}
    assert office.ended == []


def test_a_fault_of_our_own_stands_in_nobodys_way(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_raw: bytes) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr(rounds, "read_report", fail)
    assert office.take(mail("gmail")).kind is Kind.OTHER


# --- those who leave ------------------------------------------------------------------------------


def test_a_complaint_ends_the_series_that_it_is_about(office: Office) -> None:
    assert office.take(mail("complaint")).left == ((ME, "weekly"),)
    assert office.ended == [(ME, "weekly", "complaint")]
    assert office.take(mail("complaint")).left == ()


def test_a_complaint_of_microsofts_does_too(office: Office) -> None:
    assert office.take(mail("hotmail-complaint")).left == ((ME, "weekly"),)


def test_a_complaint_without_anything_of_ours_ends_nothing(office: Office) -> None:
    assert office.take(mail("complaint-without-our-id")).left == ()
    assert office.ended == []


def test_a_token_leaves_whatever_address_it_comes_from(office: Office) -> None:
    raw = mail("leave-for-somebody-else").replace(b"unsubscribe weekly", f"unsubscribe {office.sign(ME)}".encode())
    assert office.take(raw).left == ((ME, "weekly"),)
    assert office.ended == [(ME, "weekly", "mail")]


def test_a_name_leaves_for_the_address_it_comes_from(office: Office) -> None:
    assert office.take(mail("leave-for-somebody-else")).left == ()
    assert office.take(mail("leave").replace(b"weekly", b"nothing")).left == ()
    assert office.take(mail("leave")).left == ((ME, "weekly"),)
    assert office.ended == [(ME, "weekly", "mail")]


def test_no_name_leaves_everything(office: Office) -> None:
    assert office.take(mail("leave-all")).left == ((ME, "weekly"),)
    assert office.ended == [(ME, None, "mail")]


# --- refused while it is handed over --------------------------------------------------------------


def test_what_is_refused_at_once_is_the_same_as_what_comes_back(office: Office) -> None:
    delivery_id = office.send("<refused@hashtags.example>", "2026-W48", SENT_AT + WEEK)
    with office.database.write() as conn:
        soft = note_refusal(conn, delivery_id, DeliveryError("554 spam", is_permanent=True), soft_limit=3, now=NOW)
        assert (soft.fate, soft.in_a_row) == (Fate.COUNTED, 1)
        gone = DeliveryError("550 5.1.1 unknown", is_permanent=True, is_address=True)
        assert note_refusal(conn, delivery_id, gone, soft_limit=3, now=NOW).fate is Fate.STOPPED
    assert office.readers()[ME] == (True, 1, "550 5.1.1 unknown")


# --- mailboxes and files --------------------------------------------------------------------------


def test_a_mailbox_is_read_once_and_only_what_is_dealt_with_is_marked(office: Office) -> None:
    office.mailbox = box = ListedMailbox(
        [mail("person"), mail("office365"), mail("away"), mail("leave-for-somebody-else")]
    )
    report = read_mailbox(office.postmaster)
    assert (report.mails, report.stopped) == (4, [ME])
    assert box.read == [2, 3]
    assert read_mailbox(office.postmaster).mails == 0  # it is not time yet
    office.now += timedelta(hours=1)
    box.mails.append(mail("away"))
    assert read_mailbox(office.postmaster).mails == 1
    assert box.fetched == [1, 2, 3, 4, 5]


def test_of_a_full_mailbox_some_are_read_a_run_and_the_rest_in_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "MOST", 2)
    office.mailbox = ListedMailbox([mail("away")] * 5)
    assert [read_mailbox(office.postmaster).mails for _ in range(4)] == [2, 2, 1, 0]


def test_a_connection_that_breaks_loses_and_repeats_nothing(office: Office) -> None:
    office.mailbox = box = ListedMailbox([mail("away"), mail("office365"), mail("away")], fails_at=3)
    with pytest.raises(MailboxError):
        read_mailbox(office.postmaster)
    assert office.readers()[ME][0]
    (state,) = rows(office.database, "mailboxes", "last_uid", "failing_since", "needs_a_person", "error")
    assert state == (2, NOW, False, f"{box.place}: closed the connection while fetching a mail")
    assert read_mailbox(office.postmaster).mails == 0  # not at once
    box.fails_at, office.now = 0, NOW + timedelta(hours=1)
    assert read_mailbox(office.postmaster).mails == 1
    assert box.fetched == [1, 2, 3]
    assert rows(office.database, "mailboxes", "failing_since", "error", "read_at") == [(None, "", office.now)]


def test_a_log_in_that_is_refused_is_written_down_for_a_person(office: Office) -> None:
    office.mailbox = ListedMailbox(is_refused=True)
    for hours in (0, 1):
        office.now = NOW + timedelta(hours=hours)
        with pytest.raises(MailboxError):
            read_mailbox(office.postmaster)
    assert rows(office.database, "mailboxes", "failing_since", "needs_a_person") == [(NOW, True)]


def test_a_mailbox_whose_numbers_begin_anew_is_read_from_its_start(office: Office) -> None:
    office.mailbox = box = ListedMailbox([mail("icloud")])
    read_mailbox(office.postmaster)
    box.validity, office.now = "2", NOW + timedelta(hours=1)
    assert read_mailbox(office.postmaster).mails == 1
    assert office.readers()[ME] == (False, 1, "")


def test_without_a_mailbox_there_is_nothing_to_read(office: Office) -> None:
    assert read_mailbox(office.postmaster).mails == 0
    assert rows(office.database, "mailboxes", "place") == []


@needs_dovecot
def test_a_real_mailbox_is_read_and_left_as_people_want_it(office: Office, imap: Dovecot) -> None:
    imap.put(mail("person"), mail("office365"), b"Subject: large\r\n\r\n" + b"0123456789abcde\r\n" * 600_000)
    office.mailbox = imap.mailbox()  # type: ignore[assignment]
    report = read_mailbox(office.postmaster)
    assert (report.mails, report.stopped) == (3, [ME])
    assert [r"\Seen" in flags for flags in imap.flags()] == [False, True, False]


def names(taken: Any) -> list[tuple[str, str]]:
    return [(name.rpartition("/")[2], str(one.kind)) for name, one in taken]


def test_files_are_read_whatever_holds_the_mails(office: Office, tmp_path: Path) -> None:
    mbox = tmp_path / "all.mbox"
    quoted = mail("person").replace(b"What does", b">From here.\nFrom there: what does")
    mbox.write_bytes(
        b"".join(b"From MAILER-DAEMON Mon Nov 23\n" + one + b"\n" for one in (mail("gmail"), quoted, mail("away")))
    )
    (tmp_path / "maildir" / "cur").mkdir(parents=True)
    (tmp_path / "maildir" / "new").mkdir()
    (tmp_path / "maildir" / "cur" / "1.host:2,S").write_bytes(mail("icloud"))
    (tmp_path / "maildir" / "new" / "2.host").write_bytes(mail("away"))
    paths = [mbox, FOLDER / "person.eml", tmp_path / "maildir"]
    assert names(read_files(office.postmaster, paths)) == [
        ("all.mbox #1", "bounce"),
        ("all.mbox #2", "other"),
        ("all.mbox #3", "automatic reply"),
        ("person.eml", "other"),
        ("1.host:2,S", "bounce"),
        ("2.host", "automatic reply"),
    ]
    assert len(list(read_files(office.postmaster, [FOLDER]))) == len(list(FOLDER.iterdir()))


@pytest.mark.parametrize(
    ("name", "words"),
    [("nowhere.mbox", "no such file or directory"), ("empty.eml", "is empty"), ("folder", "neither a Maildir nor")],
)
def test_what_holds_no_mails_is_said(office: Office, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty.eml").write_bytes(b"\n")
    (tmp_path / "folder").mkdir()
    with pytest.raises(MailboxError, match=words):
        list(read_files(office.postmaster, [tmp_path / name]))
