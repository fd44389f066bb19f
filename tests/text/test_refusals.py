"""Whether a refusal means that an address is gone, or only that this mail did not get there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model import Severity
from collector.text.refusals import judge, telling_status

GONE = [
    ("5.1.1", "smtp; 550 5.1.1 <me@example.org>: Recipient address rejected: User unknown in virtual mailbox table"),
    ("5.1.1", "smtp; 550-5.1.1 The email account that you tried to reach does not exist. 550-5.1.1 Please try"),
    ("5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    ("5.4.1", "smtp;550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [mx.mail.example 2026-11-23]"),
    ("5.4.310", "smtp;550 5.4.310 DNS domain old.example does not exist [Message=InfoDomainNonexistent]"),
    ("5.4.4", "X-Postfix; Host or domain name not found. Name service error for name=old.example type=AAAA"),
    ("5.0.0", "smtp; 550 No such user here"),
    ("5.0.0", "550 Unrouteable address"),
    ("5.0.0", "smtp; 554 delivery error: dd This user doesn't have a mail.example account (me@mail.example) [0]"),
    ("5.2.1", "smtp; 550 5.2.1 The email account that you tried to reach is disabled."),
    ("5.5.0", "smtp;550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."),
    ("5.3.0", "smtp; 550 Requested action not taken: mailbox unavailable"),
    ("", "550 5.1.1 unknown user"),
    ("5.7.1", "smtp; 550 5.7.1 <me@example.org>: Recipient address rejected: User unknown"),
    ("", "Sorry, no mailbox here by that name. (#5.1.1)"),
    ("5.0.0", "smtp; 550 spam@example.org: no such user (policy.example said so)"),
    ("5.1.6", "smtp; 551 5.1.6 Recipient no longer on server"),
    ("", "550 Benutzer unbekannt"),
    ("", "550 Destinataire inconnu (me@example.org)"),
    ("5.0.0", "smtp; 550 El usuario no existe"),
    ("5.0.0", "smtp; 550 Utente sconosciuto"),
    ("", "550 Пользователь me@example.org не найден"),
    ("", "550 该用户不存在"),
]
NOT_NOW = [
    ("5.2.2", "smtp; 552-5.2.2 The recipient's inbox is out of storage space and inactive."),
    ("5.2.2", "smtp; 552 5.2.2 <me@example.org>: user is over quota"),
    ("5.0.0", "smtp; 552 Requested mail action aborted: exceeded storage allocation"),
    ("4.4.1", "X-Postfix; connect to mx.example.org[192.0.2.1]:25: Connection timed out"),
    ("4.7.1", "smtp; 451 4.7.1 Greylisted, please try again later"),
    ("5.0.0", "smtp; 450 4.2.1 The user you are trying to contact is receiving mail too quickly"),
    ("5.0.0", "smtp; 450 unknown user"),
    ("5.7.1", "smtp; 554 5.7.1 Message rejected: the content looks like spam"),
    ("5.7.1", "smtp;550 5.7.1 Requested action not taken: mailbox unavailable"),
    ("5.7.26", "smtp; 550-5.7.26 Unauthenticated email from hashtags.example is not accepted due to domain's DMARC"),
    ("5.7.606", "smtp;550 5.7.606 Access denied, banned sending IP [192.0.2.7]"),
    ("5.2.3", "smtp; 552 5.2.3 Message exceeds fixed maximum message size"),
    ("5.4.6", "X-Postfix; mail for example.org loops back to myself"),
    ("5.1.8", "smtp; 550 5.1.8 Sender address rejected: Domain not found"),
    ("5.4.7", "smtp; delivery time expired"),
    ("5.2.0", "smtp; 550 5.2.0 mailbox is full"),
    ("5.0.0", "something that nobody foresaw"),
    ("", ""),
]


@pytest.mark.parametrize(("status", "words"), GONE)
def test_a_mailbox_that_there_is_not_is_a_hard_one(status: str, words: str) -> None:
    assert judge(status, words) is Severity.HARD


@pytest.mark.parametrize(("status", "words"), NOT_NOW)
def test_what_is_not_the_address_is_soft_however_permanent_it_is_called(status: str, words: str) -> None:
    assert judge(status, words) is Severity.SOFT


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        ("5.0.0", "smtp; 550 5.1.1 unknown", "5.1.1"),
        ("5.1.1", "smtp; 550 5.0.0 no", "5.1.1"),
        ("5.1.1 (bad destination mailbox address)", "", "5.1.1"),
        ("5.01.001", "", "5.1.1"),
        ("", "550 no", "5"),
        ("", "host 192.0.2.1 refused", ""),
        ("5.0.0", "", "5.0.0"),
    ],
)
def test_the_code_that_says_most_is_the_one_that_counts(status: str, words: str, code: str) -> None:
    assert telling_status(status, words) == code


@given(st.text(max_size=40), st.text(max_size=4_000))
def test_any_words_are_judged(status: str, words: str) -> None:
    assert judge(status, words) in Severity
