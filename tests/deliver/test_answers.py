"""What a mail server's answer means for this address, this message, and all others."""

from __future__ import annotations

import smtplib

import pytest

from collector.deliver.answers import Answer, Step, login_failure, refusal

NOW_ONLY, FOR_GOOD, EVERY_MESSAGE = (False, False), (True, False), (False, True)


@pytest.mark.parametrize(
    ("step", "code", "words", "verdict"),
    [
        (Step.RECIPIENT, 550, "5.1.1 no such user", FOR_GOOD),
        (Step.RECIPIENT, 552, "5.2.2 mailbox full", FOR_GOOD),
        (Step.RECIPIENT, 450, "4.2.0 greylisted", NOW_ONLY),
        (Step.RECIPIENT, 530, "5.7.0 authentication required", EVERY_MESSAGE),
        (Step.RECIPIENT, 550, "5.7.1 Unable to relay", EVERY_MESSAGE),
        (Step.RECIPIENT, 554, "5.7.1 <a@b.example>: Relay access denied", EVERY_MESSAGE),
        (Step.RECIPIENT, 550, "5.4.5 Daily user sending limit exceeded", EVERY_MESSAGE),
        (Step.RECIPIENT, 421, "4.7.0 too many connections", EVERY_MESSAGE),
        (Step.CONTENT, 554, "5.6.0 no thanks", FOR_GOOD),
        (Step.CONTENT, 451, "4.3.0 try later", NOW_ONLY),
        (Step.CONTENT, 550, "5.4.5 Daily user sending limit exceeded", EVERY_MESSAGE),
        (Step.CONTENT, -1, "what?", EVERY_MESSAGE),
        (Step.SENDER, 550, "5.7.1 not yours", EVERY_MESSAGE),
        (Step.SENDER, 451, "4.7.1 slow down", EVERY_MESSAGE),
        (Step.SENDER, 552, "5.3.4 message too big", FOR_GOOD),
        (Step.CHECK, 502, "5.5.1 what?", EVERY_MESSAGE),
    ],
)
def test_an_answer_is_about_this_address_or_about_every_message(
    step: Step, code: int, words: str, verdict: tuple[bool, bool]
) -> None:
    error = refusal("mail.example:587", step, Answer(code=code, words=words.encode()))

    assert (error.is_permanent, error.is_setup) == verdict
    assert str(error).startswith("mail.example:587: ")
    assert words in str(error)


def test_bytes_that_are_no_text_are_shown_as_far_as_they_can_be() -> None:
    assert str(Answer(code=550, words=b"n\xf6\r\n \x00 never")) == "550 n\ufffd never"


def test_a_password_that_an_answer_repeats_is_cut_out_in_every_spelling() -> None:
    said = b"no: secret, c2VjcmV0, AG1lAHNlY3JldA=="

    error = login_failure("mail.example:587", smtplib.SMTPAuthenticationError(535, said), "me", "secret")

    assert str(error) == "mail.example:587: refuses the log-in of me: 535 no: [password], [password], [password]"
