"""Signed links: nobody can make, change or reuse one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from string import ascii_letters, digits

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collector.errors import LinkError
from collector.links import Purpose, Signer

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
SIGNER = Signer(key=b"secret of one database")
PARTS = st.lists(st.text(max_size=20), max_size=4)


@given(PARTS, st.sampled_from(Purpose))
def test_what_was_signed_is_read_again(parts: list[str], purpose: Purpose) -> None:
    assert SIGNER.read(purpose, SIGNER.sign(purpose, *parts), NOW) == tuple(parts)


@given(PARTS, st.sampled_from(Purpose), st.sampled_from(Purpose))
def test_a_link_for_one_purpose_does_nothing_else(parts: list[str], made_for: Purpose, used_for: Purpose) -> None:
    assume(made_for != used_for)
    with pytest.raises(LinkError):
        SIGNER.read(used_for, SIGNER.sign(made_for, *parts), NOW)


@given(st.text(max_size=300))
def test_what_was_never_signed_is_refused(token: str) -> None:
    with pytest.raises(LinkError):
        SIGNER.read(Purpose.CONFIRM, token, NOW)


@given(st.data())
def test_a_link_with_another_letter_is_refused(data: st.DataObject) -> None:
    token = SIGNER.sign(Purpose.UNSUBSCRIBE, "k3y", "weekly")
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019-_"))
    assume(token[place] != letter)
    with pytest.raises(LinkError):
        SIGNER.read(Purpose.UNSUBSCRIBE, token[:place] + letter + token[place + 1 :], NOW)


@pytest.mark.parametrize("key", [b"one", b"two", b"three"])
def test_the_last_letter_counts_too_and_nothing_may_follow_it(key: bytes) -> None:
    signer = Signer(key=key)
    token = signer.sign(Purpose.UNSUBSCRIBE, "k3y", "weekly")
    others = {token[:-1] + letter for letter in ascii_letters + digits + "-_"} - {token}
    for changed in (*others, f"{token}=", f"{token}=="):
        with pytest.raises(LinkError):
            signer.read(Purpose.UNSUBSCRIBE, changed, NOW)


def test_a_link_of_another_database_is_refused() -> None:
    with pytest.raises(LinkError):
        Signer(key=b"another").read(Purpose.CONFIRM, SIGNER.sign(Purpose.CONFIRM, "x"), NOW)


@pytest.mark.parametrize(("after", "is_over"), [(-1, False), (0, True), (1, True)])
def test_a_link_ends_at_its_time(after: int, is_over: bool) -> None:
    token = SIGNER.sign(Purpose.CONFIRM, "x", until=NOW)
    then = NOW + timedelta(seconds=after)
    if not is_over:
        assert SIGNER.read(Purpose.CONFIRM, token, then) == ("x",)
        return
    with pytest.raises(LinkError) as caught:
        SIGNER.read(Purpose.CONFIRM, token, then)
    assert caught.value.is_expired


def test_a_token_can_stand_in_an_address_and_says_nothing_of_the_key() -> None:
    token = SIGNER.sign(Purpose.SETTINGS, "x" * 40, "wöchentlich")
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert "secret" not in repr(SIGNER)
