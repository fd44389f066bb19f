"""E-mail addresses: their one form, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.text.mailaddresses import mailbox_of, normal_address, parse_sender, shown_address


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("me@example.org", "me@example.org"),
        ("  me@example.org ", "me@example.org"),
        ("<me@example.org>", "me@example.org"),
        ("Me <me@example.org>", "me@example.org"),
        ("Me.Too+digest@EXAMPLE.Org", "Me.Too+digest@example.org"),
        ("me@localhost", "me@localhost"),
        ("me@straße.example", "me@xn--strae-oqa.example"),
        ("me@日本。example", "me@xn--wgv71a.example"),
        ("jürgen@example.org", "jürgen@example.org"),
        ("ju\u0308rgen@example.org", "jürgen@example.org"),
        ("\u212aay@example.org", "Kay@example.org"),
    ],
)
def test_an_address_has_one_form(text: str, normal: str) -> None:
    assert normal_address(text) == normal


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("me@example.org", "me@example.org"),
        ("Jürgen@xn--bcher-kva.example", "Jürgen@bücher.example"),
        ("me@xn--zz.example", "me@xn--zz.example"),
    ],
)
def test_an_address_is_shown_as_its_owner_writes_it(address: str, shown: str) -> None:
    assert shown_address(address) == shown


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no @"),
        ("example.org", "has no @"),
        ("@example.org", "before the @"),
        ("a b@example.org", "before the @"),
        ("a..b@example.org", "before the @"),
        ("a@b@example.org", "before the @"),
        ('"a b"@example.org', "before the @"),
        ("one@example.org, two@example.org", "before the @"),
        ("me@", "not a domain"),
        ("me@-example.org", "not a domain"),
        ("me@example..org", "not a domain"),
        ("me@exa mple.org", "not a domain"),
        ("me@[192.0.2.1]", "not a domain"),
        ("me@192.0.2.1", "not a domain"),
        ("me@\u2488example.org", "not a domain"),
        (f"{'a' * 65}@example.org", "too long"),
        (f"me@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}", "too long"),
        ("me@example.org\nBcc: you@example.org", "invisible"),
        ("me\x00@example.org", "invisible"),
        ("m\u202ee@example.org", "invisible"),
        ("m\ud800e@example.org", "invisible"),
        ("m\ufffde@example.org", "before the @"),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refusal:
        normal_address(text)

    assert "accepted is name@example.org" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("digest@example.org", ""),
        ("Not coproduction <digest@example.org>", "Not coproduction"),
        ("Not, coproduction <digest@example.org>", "Not, coproduction"),
        ('"Not, \\"co\\"production" <digest@example.org>', 'Not, "co"production'),
        ("Cyd-gynhyrchu? Nâ  <digest@example.org>", "Cyd-gynhyrchu? Nâ"),
        ("A <b> <digest@example.org>", "A <b>"),
    ],
)
def test_a_sender_keeps_its_name_without_the_quotes(text: str, name: str) -> None:
    sender = parse_sender(text)

    assert (sender.name, sender.address, sender.domain) == (name, "digest@example.org", "example.org")


@pytest.mark.parametrize(
    ("folded", "mailbox"),
    [
        ("jo@example.org", "jo@example.org"),
        ("jo+a@example.org", "jo@example.org"),
        ("jo+a+b@example.org", "jo@example.org"),
        ("+jo@example.org", "+jo@example.org"),
    ],
)
def test_what_stands_behind_a_plus_makes_no_other_mailbox(folded: str, mailbox: str) -> None:
    assert mailbox_of(folded) == mailbox


@given(st.text() | st.emails() | st.from_regex(r"\w{1,9} <[^\s<>@]{1,9}@\w{1,9}\.\w{2,9}>", fullmatch=True))
def test_a_normal_address_stays_as_it_is_and_is_safe_in_a_command(text: str) -> None:
    address = normal_or_reason(text)

    assert address.isprintable()
    assert address.startswith("refused: ") or normal_address(address) == address
    assert address.startswith("refused: ") or not set(address) & set(' <>,;"\\')


def normal_or_reason(text: str) -> str:
    try:
        return normal_address(text)
    except ValueError as refusal:
        return f"refused: {refusal}"
