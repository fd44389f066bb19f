"""A mail that unsubscribes says whom and what it is about in its subject."""

from __future__ import annotations

import pytest
from making import NOW

from collector.links import Purpose, Signer, read_subject, unsubscribe_token, write_subject

SIGNER = Signer(key=b"a secret of the test's own")
TOKEN = unsubscribe_token(SIGNER, "kW3-x_Ab", "weekly")


def test_the_token_names_the_subscriber_and_the_series() -> None:
    assert SIGNER.read(Purpose.UNSUBSCRIBE, TOKEN, NOW) == ("kW3-x_Ab", "weekly")


@pytest.mark.parametrize(
    "subject",
    [
        write_subject(TOKEN),
        f"Unsubscribe {TOKEN}",
        f"  Re: unsubscribe  {TOKEN} ",
        f"[external] unsubscribe\r\n {TOKEN}",
        f"Fwd: (unsubscribe {TOKEN})",
    ],
)
def test_the_token_is_found_whatever_stands_around_it(subject: str) -> None:
    assert read_subject(subject) == TOKEN


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "unsubscribe",
        "unsubscribe weekly",
        "please unsubscribe me",
        TOKEN,
        f"resubscribe {TOKEN}",
        "unsubscribe a.b",
    ],
)
def test_a_subject_without_one_holds_none(subject: str) -> None:
    assert read_subject(subject) is None


def test_a_subject_of_any_length_is_read_at_once() -> None:
    assert read_subject("unsubscribe " * 50_000 + "a" * 500_000) is None
