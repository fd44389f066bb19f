"""Excerpts: cut where a reader would."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.text.excerpts import excerpt, first_words

FAMILY = "👩🏽\u200d👩🏽\u200d👧🏽"
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 5, "short"),
        ("", 0, ""),
        ("word", 0, ""),
        ("They renamed the box. Nobody asked us, of course.", 30, "They renamed the box. …"),
        ("They said: “No.” Then they went home again.", 22, "They said: “No.” …"),
        ("They renamed the complaints box, again", 33, "They renamed the complaints box…"),
        ("They renamed the complaints box", 20, "They renamed the…"),
        ("会議の前に結論が出ていました。これは共同制作ではありません。", 20, "会議の前に結論が出ていました。…"),
        ("これは共同制作ではありませんでした", 8, "これは共同制作…"),
        (f"seat {FAMILY}{FAMILY}{FAMILY}", 20, f"seat {FAMILY}…"),
        (f"{FAMILY}{FAMILY}{FAMILY}", 20, f"{FAMILY}{FAMILY}…"),
        (f"{WALES}{WALES}", 10, f"{WALES}…"),
        ("🇬🇧🇫🇷🇩🇪", 4, "🇬🇧…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("They are closed. https://example.org/a/very/long/address/indeed", 40, "They are closed. …"),
        ("see https://example.org/a/very/long/address/indeed", 30, "see…"),
        ("क्षत्रिय" * 3, 4, "क्ष…"),
    ],
)
def test_a_text_is_cut_where_a_reader_would(text: str, limit: int, cut: str) -> None:
    assert excerpt(text, limit) == (cut, cut != text)


characters = st.sampled_from(["a", " ", ".", "。", "\n", "é", "e\u0301", FAMILY, WALES, "🇬🇧", "各", "क्ष"])


@given(st.lists(characters).map("".join), st.integers(0, 40))
def test_an_excerpt_fits_and_is_a_beginning(text: str, limit: int) -> None:
    cut, is_cut = excerpt(text, limit)
    assert len(cut) <= limit or not is_cut
    beginning = cut.removesuffix("…").rstrip()
    assert text.startswith(beginning)
    after = text[len(beginning) : len(beginning) + 1]
    assert not after or not is_cut or (unicodedata.category(after)[0] != "M" and after != "\u200d")


def test_first_words_stand_on_one_line() -> None:
    assert first_words("First line.\n\nSecond\tline", 40) == "First line. Second line"
    assert first_words("First line.\n\nSecond line", 15) == "First line. …"
