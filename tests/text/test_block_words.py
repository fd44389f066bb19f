"""Words that keep a post out of sight, in texts of every script."""

from __future__ import annotations

import pytest

from collector.text.blocking import BlockWords


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("casino", "Win at the CASINO!"),
        ("casino", "the casino’s offer"),
        ("casino", "cas\u200bino"),  # parted by what nobody sees
        ("casino", "#casino"),
        ("cafe", "un Café"),
        ("Café", "un cafe"),
        ("free money", "FREE\n  money, now"),
        ("free-money", "free money"),
        ("straße", "STRASSE"),
        ("赌场", "最好的赌场在这里"),  # scripts without spaces: found inside
        ("คาสิโน", "เล่นคาสิโนออนไลน์"),
        ("카지노", "온라인카지노에서"),
        ("كازينو", "كَازِينُو"),  # with vowel points
        ("казино", "КАЗИНО онлайн"),
        ("2026", "in 2026."),
    ],
)
def test_a_word_is_found_whatever_it_looks_like(word: str, text: str) -> None:
    assert BlockWords.read([word]).are_in(["", text])


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("casino", "casinos"),
        ("casino", "my casinoroyale"),
        ("casino", "cas ino"),
        ("free money", "money free"),
        ("free money", "free, with money"),
        ("казино", "казиношный"),
        ("赌场", "赌一场"),
        ("की", "कीमत"),
    ],
)
def test_only_whole_words_count_and_phrases_in_their_order(word: str, text: str) -> None:
    assert not BlockWords.read([word]).are_in([text])


def test_a_phrase_stands_within_one_text() -> None:
    assert not BlockWords.read(["free money"]).are_in(["free", "money"])


def test_several_words_are_each_looked_for_and_none_finds_nothing() -> None:
    assert BlockWords.read(["lottery", "casino"]).are_in(["a casino"])
    assert not BlockWords.read([]).are_in(["a casino"])
    assert BlockWords.read(["!", "🍆"]) == BlockWords()


def test_the_same_words_are_equal_however_they_are_written_and_ordered() -> None:
    assert BlockWords.read(["Lottery", "café", "CAFE"]) == BlockWords.read(["cafe", "lottery"])
