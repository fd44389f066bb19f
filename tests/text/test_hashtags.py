"""Hashtags: their normal form, what counts as one, and where they stand in a text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.text.hashtags import find_hashtags, hashtag_from, is_hashtag, normal_form


@pytest.mark.parametrize(
    ("tag", "normal"),
    [
        ("NotCoProduction", "notcoproduction"),
        ("#notcoproduction", "notcoproduction"),
        ("＃ＮＯＴｃｏ", "notco"),
        (" #tag ", "tag"),
        ("Smørrebrød", "smorrebrod"),
        ("Åäö", "aao"),
        ("TŷŵTÊ", "tywte"),
        ("cafe\u0301", "cafe"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("İstanbul", "istanbul"),
        ("ısı", "isi"),
        ("ΟΔΟΣ", "οδοσ"),
        ("οδος", "οδοσ"),
        ("việtnam", "việtnam"),
        ("ليس_إنتاجًا_مشتركًا", "ليس_إنتاجا_مشتركا"),
        ("共同制作", "共同制作"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
        ("हिन्दी", "हिन्दी"),
        ("ที่นี่", "ที่นี่"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("n̶o̶t̶", "not"),
        ("not-coproduction", "not-coproduction"),
        ("", ""),
        ("#", ""),
    ],
)
def test_the_normal_form_of_a_hashtag(tag: str, normal: str) -> None:
    assert normal_form(tag) == normal


@given(st.text())
@example("# ＃ #x")
@example("か\u0640\u3099")
@example("\u0345Ϊ́")
def test_the_normal_form_is_its_own_normal_form(tag: str) -> None:
    assert normal_form(normal_form(tag)) == normal_form(tag)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lt"]), min_size=1))
def test_case_makes_no_difference(tag: str) -> None:
    assert normal_form(tag.upper().lower()) == normal_form(tag.upper())


@pytest.mark.parametrize(
    ("tag", "is_one"),
    [
        ("notcoproduction", True),
        ("2026", False),
        ("2026_11", True),
        ("a1", True),
        ("_", False),
        ("___", False),
        ("cat·alà", True),
        ("·a", False),
        ("a·", False),
        ("ハッシュ・タグ", True),
        ("می\u200cخواهم", True),
        ("हिन्दी", True),
        ("not-coproduction", False),
        ("two words", False),
        ("#tag", False),
        ("", False),
        ("🎉", False),
        ("❤\ufe0f", False),
        ("a" * 1000, False),
    ],
)
def test_what_counts_as_a_hashtag(tag: str, is_one: bool) -> None:
    assert is_hashtag(tag) is is_one


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Told after. #notcoproduction", ["notcoproduction"]),
        ("No (#one). #two! \"#three\", #four; '#five'", ["one", "two", "three", "four", "five"]),
        ("#not-coproduction", ["not"]),
        ("＃全角 と #ハッシュ・タグ。", ["全角", "ハッシュ・タグ"]),
        ("これは共同制作ではありません。#notcoproduction", ["notcoproduction"]),
        ("https://a.example/x#fragment and https://a.example/#top", []),
        ("see a.example/#top, a#b, &#39; and ##", []),
        ("#1 #2026 #2026_11", ["2026_11"]),
        ("#Tag #TAG #tag", ["Tag"]),
        ("#️⃣ keycap", []),
        ("#هاشتاق.", ["هاشتاق"]),
        ("", []),
    ],
)
def test_hashtags_in_a_plain_text(text: str, tags: list[str]) -> None:
    assert [tag.display for tag in find_hashtags(text)] == tags


@given(st.text(alphabet="#＃a1_·-/ .é\n") | st.text())
def test_what_is_found_is_a_hashtag_each_once(text: str) -> None:
    found = find_hashtags(text)
    assert all(is_hashtag(tag.display) and tag.normal == normal_form(tag.display) for tag in found)
    assert len({tag.normal for tag in found}) == len(found)


def test_a_server_may_list_names_that_are_no_single_word() -> None:
    assert hashtag_from("#two words") is None
    assert hashtag_from(" \x00") is None
    named = hashtag_from("#Tŷ\x00", "tags")
    assert named is not None
    assert (named.normal, named.display, named.found_in) == ("ty", "Tŷ", "tags")
