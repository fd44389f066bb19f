"""Who wrote something, as far as a blog tells."""

from __future__ import annotations

import pytest

from collector.model import Author
from collector.sources.wordpress.authors import guest, is_member, member, name_of, slug_of


def a_guest(name: str, url: str = "", comment_id: str = "2") -> Author:
    return guest(name, url, host="blog.example", comment_id=comment_id)


@pytest.mark.parametrize(
    "name", ["", "Anonymous", "anonymous", "ANONYM", "Anónimo", "匿名", "익명", "Аноним", "***", "🙃"]
)
def test_no_name_is_nobody_twice(name: str) -> None:
    one, other = a_guest(name, comment_id="2"), a_guest(name, comment_id="3")
    assert one.key != other.key
    assert one.handle != other.handle
    assert one == a_guest(name, comment_id="2")


def test_a_guest_is_known_by_name_and_address_together() -> None:
    sam = a_guest("Sam", comment_id="2")
    assert sam.key == a_guest("SAM", comment_id="3").key
    assert sam.key != a_guest("Sam", "https://sam.example/").key
    assert a_guest("Sam", "https://sam.example/").key != a_guest("Sam", "https://other.example/").key
    assert a_guest("Anonymous", "https://a.example/", "2").key == a_guest("Anonymous", "https://a.example/", "3").key
    assert sam.key != a_guest("Sam!").key
    assert sam.handle == a_guest("Sam!").handle == "sam@blog.example"


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Bo O’Neil", "bo-o-neil@blog.example"),
        ("Élodie", "élodie@blog.example"),
        ("관리자", "관리자@blog.example"),
        ("Hal & Sons", "hal-sons@blog.example"),
        ("a@b c", "a-b-c@blog.example"),
        ("किसान", "किसान@blog.example"),
        ("x" * 300, f"{'x' * 60}@blog.example"),
    ],
)
def test_a_handle_is_readable_and_has_no_spaces(name: str, handle: str) -> None:
    author = a_guest(name)
    assert (author.handle, author.name) == (handle, name)
    assert author.key.endswith("@blog.example")


@pytest.mark.parametrize("url", ["", "http://", "javascript:alert(1)", "not an address", None, 7])
def test_what_is_no_web_address_is_nobodys(url: object) -> None:
    assert guest("Sam", url, host="blog.example", comment_id="2") == a_guest("Sam")


def test_what_a_guest_claims_is_no_link_of_a_profile() -> None:
    assert a_guest("Sam", "https://sam.example").links == ()
    assert a_guest("Sam", "https://sam.example").url == "https://sam.example/"
    assert member("2", "Sam", "https://sam.example", home="https://blog.example/").links == ("https://sam.example/",)


@pytest.mark.parametrize(
    ("home", "key"),
    [
        ("https://blog.example/", "user-2@blog.example"),
        ("https://blog.example:8443/", "user-2@blog.example:8443"),
        ("https://host.example/Blog/", "user-2@host.example/blog"),
    ],
)
def test_a_member_is_known_by_number_at_one_blog(home: str, key: str) -> None:
    author = member("2", "A. Member", "", home=home)
    assert author.key == key
    assert author.handle == f"a-member@{key.partition('@')[2].partition('/')[0]}"
    assert member("2", "", "", home=home).handle.startswith("user-2@")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Hal &amp; Sons", "Hal & Sons"),
        ("&#8220;Lou&#8221;", "“Lou”"),
        ("sam@mail.example", "sam"),
        ("Sam <sam@mail.example>", "Sam <sam>"),
        ("&amp;amp;", "&amp;"),
        ("  two\n lines ", "two lines"),
        (None, ""),
    ],
)
def test_a_name_is_decoded_once_and_keeps_no_mail_address(written: object, name: str) -> None:
    assert name_of(written) == name


def test_a_slug_may_be_empty() -> None:
    assert slug_of("…") == slug_of("") == ""


def test_a_name_of_any_length_is_read_at_once() -> None:
    assert len(name_of("n" * 10_000_000)) == 1_000
    assert is_member("9" * 5_000)
    assert not is_member("000")
