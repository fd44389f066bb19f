"""Texts are searched in one form, whoever wrote them and on whatever keyboard."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.text.folding import LONGEST_WORD, MOST_CHARACTERS, MOST_WORDS, fold, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("They RENAMED the complaints box", "they renamed the complaints box"),
        ("The box's lid, l'eau, O’Brien, don't", "the box s lid l eau o brien don t"),
        ("#NotCoproduction #not_co-production ＃ＦＵＬＬ", "notcoproduction not co production full"),
        ("@carys@fedi.example", "carys fedi example"),
        ("https://blog.example/2013/11?a=1", "https blog example 2013 11 a 1"),
        ("Łódź Straße Ærø Œuvre Þór đ ħ ŋ ŧ ĸ ıI İ", "lodz strasse aero oeuvre thor d h n t k ii i"),
        ("naïve na\u0308ive CAFÉ Żółć Việt Nam", "naive naive cafe zolc viet nam"),
        ("ΟΔΥΣΣΕΎΣ οδυσσεύς", "οδυσσευσ οδυσσευσ"),
        ("ё Ё й", "е е и"),
        ("مُحَمَّد محـــمد", "محمد محمد"),
        ("שָׁלוֹם", "שלום"),
        ("१२ ١٢ ⑫ x²", "12 12 12 x2"),
        ("हिन्दी में", "हिन्दी में"),
        ("共同制作", "共 同 制 作"),
        ("第1回コプロ", "第 1 回 コ フ\u309a ロ".replace("フ\u309a", "プ")),
        ("ｺﾌﾟﾛ", "コ プ ロ"),
        ("한국어", "한 국 어"),
        (unicodedata.normalize("NFD", "한국어"), "한 국 어"),
        ("กินข้าว", "กิ น ข้ า ว"),
        ("co\u00adpro\u200bduc\u200dtion", "coproduction"),
        ("🌻 … — !!", ""),
        ("0 \u094d 1 \U0001da3b 2 \u309b 3 \u09f4 4", "0 1 2 3 4"),
        ("a🌻b❤\ufe0fc", "a b c"),
        ("", ""),
    ],
)
def test_a_text_is_folded_to_the_words_people_would_type(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec="utf-8")))
def test_what_is_folded_is_words_with_one_space_between(text: str) -> None:
    words = fold(text).split(" ") if fold(text) else []
    assert words == list(words_of(text))
    for word in words:
        assert word
        assert len(word) <= LONGEST_WORD
        assert all(unicodedata.category(character)[0] in "LMN" for character in word)


@given(st.text(st.characters(max_codepoint=0x24F)))
def test_latin_letters_in_either_case_with_or_without_composed_accents_are_one(text: str) -> None:
    folded = fold(text)
    assert fold(text.casefold()) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded
    assert fold(unicodedata.normalize("NFC", text)) == folded


@given(st.text("ab é#'_", max_size=30), st.text("ab é#'_", max_size=30))
def test_texts_side_by_side_keep_their_words(one: str, other: str) -> None:
    assert fold(one, other) == " ".join([*words_of(one), *words_of(other)])


def test_a_book_is_folded_up_to_what_both_databases_hold() -> None:
    assert fold("word " * (MOST_WORDS + 5)) == " ".join(["word"] * MOST_WORDS)
    long = fold(" ".join(f"{number:05}{'𐐨' * 60}" for number in range(MOST_WORDS)))
    assert MOST_CHARACTERS - 70 < len(long) <= MOST_CHARACTERS
    assert long.endswith("𐐨" * (LONGEST_WORD - 5))
    assert fold("x" * 5_000, "after") == "x" * LONGEST_WORD + " after"
