"""What came back is understood, whichever server wrote it; recordings and files in tests/data/bounces."""

from __future__ import annotations

from email.header import Header
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.bouncing.parts import LARGEST
from collector.bouncing.reading import Kind, read_report
from collector.model import Severity

FOLDER = Path(__file__).parents[1] / "data" / "bounces"
OUR_ID = "<weekly-2026-w47.0123456789abcdef0123456789abcdef@hashtags.example>"
HARD, SOFT = Severity.HARD, Severity.SOFT

BOUNCES = [
    ("amazon-ses", HARD, "me@example.org", "550 5.1.1 <me@example.org>: Recipient address rejected"),
    ("base64", HARD, "me@example.org", "550 5.1.1 unknown user"),
    ("exchange-5.5", HARD, "me@example.org", "Unknown Recipient"),
    ("exim-expired", SOFT, "slow@example.org", "451 4.7.1"),
    ("exim-full", SOFT, "full@example.org", "552 5.2.2"),
    ("exim-gone", HARD, "gone@example.org", "550 5.1.1"),
    ("exim-old", HARD, "me@example.org", "550 5.1.1 User unknown"),
    ("exim-unrouteable", SOFT, "nobody@local.example", ""),
    ("forwarded", HARD, "somebody@dead.example", "Host or domain name not found"),
    ("gmail", HARD, "me@example.org", "does not exist"),
    ("gmail-group-address", SOFT, "me@example.org", "550 5.7.1 Message rejected by policy"),
    ("gmx", HARD, "me@example.org", "550 Requested action"),
    ("icloud", SOFT, "me@example.org", "552 5.2.2"),
    ("office365", HARD, "me@example.org", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"),
    ("office365-blocked", SOFT, "me@example.org", "550 5.7.606"),
    ("opensmtpd", HARD, "me@example.org", "5.1.1"),
    ("opensmtpd-old", HARD, "", "550 5.1.1 unknown user"),
    ("postfix-expired", SOFT, "slow@example.org", "451 4.7.1"),
    ("postfix-full", SOFT, "full@example.org", "552 5.2.2"),
    ("postfix-gone", HARD, "gone@example.org", "550 5.1.1"),
    ("postfix-spam", SOFT, "spam@example.org", "554 5.7.1"),
    ("postfix-without-a-code", HARD, "plain@example.org", "550 No such user here"),
    ("qmail", HARD, "me@example.org", "550 5.1.1 <me@example.org>: Recipient address rejected: User unknown"),
    ("qmail-full", SOFT, "me@example.org", "over the allowed quota"),
    ("sendmail", HARD, "me@example.org", "User unknown"),
    ("smtputf8", HARD, "jörg@example.org", "no such user"),
    ("without-our-id", HARD, "me@example.org", "no such user"),
    ("yahoo", HARD, "me@example.org", "doesn't have a yahoo.example account"),
    ("yahoo-deferred", SOFT, "me@example.org", "421 4.7.0 [TSS04]"),
    ("hostile-charsets", HARD, "", "550 5.1.1"),  # a letter of the address cannot be read
    ("hostile-header-injection", HARD, "me@example.org", "550 5.1.1 gone"),
    ("hostile-html-alone", HARD, "", "550 5.1.1 unknown user"),
    ("hostile-html-only", HARD, "me@example.org", "550 5.1.1 unknown user"),
    ("hostile-many-addresses", HARD, "a0@example.org", "5.1.1"),
    ("hostile-no-message-id", HARD, "me@example.org", "5.1.1"),
]
OTHERS = [
    ("away", Kind.AUTO_REPLY),
    ("away-without-a-header", Kind.AUTO_REPLY),
    ("complaint", Kind.COMPLAINT),
    ("complaint-without-our-id", Kind.COMPLAINT),
    ("delivered", Kind.OTHER),
    ("gmail-delay", Kind.DELAY),
    ("hostile-empty-headers", Kind.OTHER),
    ("hotmail-complaint", Kind.COMPLAINT),
    ("ionos", Kind.DELAY),
    ("leave", Kind.LEAVING),
    ("leave-all", Kind.LEAVING),
    ("leave-for-somebody-else", Kind.LEAVING),
    ("no-complaint", Kind.OTHER),
    ("person", Kind.OTHER),
    ("postfix-delayed", Kind.DELAY),
    ("receipt", Kind.AUTO_REPLY),
]
WITHOUT_OUR_ID = {"amazon-ses", "exchange-5.5", "without-our-id", "hostile-no-message-id", "hostile-many-addresses"}


def mail(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


@pytest.mark.parametrize(("name", "severity", "address", "reason"), BOUNCES, ids=[row[0] for row in BOUNCES])
def test_a_bounce_tells_whom_and_why_it_did_not_reach(name: str, severity: Severity, address: str, reason: str) -> None:
    report = read_report(mail(name))
    assert report.kind is Kind.BOUNCE
    failure = report.failures[0]
    assert (failure.severity, failure.addresses[:1]) == (severity, (address,) if address else ())
    assert reason in failure.reason
    assert failure.reason.isprintable()
    assert bool(report.message_ids) is (name not in WITHOUT_OUR_ID)


@pytest.mark.parametrize(("name", "kind"), OTHERS)
def test_what_is_no_bounce_is_taken_for_none(name: str, kind: Kind) -> None:
    report = read_report(mail(name))
    assert (report.kind, report.failures) == (kind, ())


def test_every_recording_is_held_to_something() -> None:
    held = {row[0] for row in BOUNCES} | {row[0] for row in OTHERS} | {"forwarded-to-several", "hostile-nested"}
    assert {file.stem for file in FOLDER.iterdir()} == held


def test_a_report_about_several_has_a_word_for_each() -> None:
    report = read_report(mail("forwarded-to-several"))
    assert [(failure.addresses, failure.severity) for failure in report.failures] == [
        (("somebody@dead.example",), HARD),
        (("other@full.example",), SOFT),
    ]
    assert report.message_ids == (OUR_ID,)


def test_of_many_addresses_only_some_are_looked_at() -> None:
    assert len(read_report(mail("hostile-many-addresses")).failures) == 50


def test_what_a_digest_quotes_is_not_what_the_server_says() -> None:
    assert b'"No such user here"' in mail("qmail-full")
    assert read_report(mail("qmail-full")).failures[0].severity is SOFT


def test_a_mail_that_leaves_says_so_in_its_subject() -> None:
    said = read_report(mail("leave"))
    assert (said.series, said.sender, said.token) == ("weekly", "me@example.org", "")
    assert read_report(mail("leave-all")).series == ""
    token = read_report(mail("leave").replace(b"Re: unsubscribe weekly", b"unsubscribe WzAsImsiXQ12.Vv_-34567890"))
    assert (token.token, token.series) == ("WzAsImsiXQ12.Vv_-34567890", "")


def test_an_automatic_answer_leaves_nothing() -> None:
    answer = mail("leave").replace(b"From: Me", b"Auto-Submitted: auto-replied\nFrom: Me")
    assert read_report(answer).kind is Kind.AUTO_REPLY


def test_a_date_that_is_none_is_none() -> None:
    assert read_report(mail("qmail")).written_at is not None
    for date in (b"Date: yesterday", b"Date: Mon, 23 Nov 99999 07:01:00 +0000", b"Date: Mon, 23 Nov 2026 07:01:00"):
        assert read_report(mail("qmail").replace(b"Date: Mon, 23 Nov 2026 07:01:00 +0000", date, 1)).written_at is None


def test_ten_megabytes_are_read_as_one() -> None:
    big = mail("postfix-gone").replace(b"A quiet week.", b"A quiet week.\n" * 1_000_000, 1)
    assert len(big) > 10 * LARGEST
    assert read_report(big).failures[0].severity is HARD


@pytest.mark.parametrize("depth", [50, 3_000])
def test_what_is_nested_deep_is_read_as_far_as_it_goes(depth: int) -> None:
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(depth))
    assert read_report(f"From: MAILER-DAEMON@mx.example\nSubject: failure notice\n{nested}".encode()).kind is Kind.OTHER
    assert read_report(mail("hostile-nested")).kind is Kind.OTHER


@given(st.binary(max_size=2_000))
def test_no_bytes_are_too_much(raw: bytes) -> None:
    assert read_report(raw).kind in Kind


@given(st.data())
def test_no_report_that_is_torn_or_mended_is_too_much(data: st.DataObject) -> None:
    raw = bytearray(mail(data.draw(st.sampled_from([row[0] for row in BOUNCES + OTHERS]))))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 40))
        raw[start : start + length] = data.draw(st.binary(max_size=40))
    report = read_report(bytes(raw))
    assert report.kind in Kind
    assert all(failure.reason.isprintable() for failure in report.failures)


@pytest.mark.parametrize(
    "subject",
    [
        "Réponse automatique : week 47",
        "Respuesta automática: semana 47",
        "Automatische Antwort: Woche 47",
        "Risposta automatica: settimana 47",
        "自動返信: 第47週",
        "Автоответ: неделя 47",
    ],
)
def test_an_automatic_reply_is_one_in_other_languages_too(subject: str) -> None:
    told = Header(subject, "utf-8").encode()
    raw = (FOLDER / "away-without-a-header.eml").read_bytes()
    assert read_report(raw.replace(b"Out of Office: unknown user", told.encode())).kind is Kind.AUTO_REPLY
