"""Whatever somebody types into a search field is understood as something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.text.asking import MOST_TERMS, Term, read_query, score
from collector.text.folding import fold


def term(*words: str, is_prefix: bool = False, handle: str = "") -> Term:
    return Term(words=words, is_prefix=is_prefix, handle=handle)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("Complaints box", (term("complaints"), term("box"))),
        ('"complaints box" lid', (term("complaints", "box"), term("lid"))),
        ("“complaints box” „lid“", (term("complaints", "box"), term("lid"))),
        ('"complaints box', (term("complaints"), term("box"))),
        ("co-creation", (term("co", "creation"),)),
        ("chair* “big cha”*", (term("chair", is_prefix=True), term("big", "cha", is_prefix=True))),
        ('"big cha*"', (term("big", "cha", is_prefix=True),)),
        ("#NotCoproduction", (term("notcoproduction"),)),
        ("@carys", (term("carys"),)),
        ("@Carys@fedi.example", (term("carys", "fedi", "example", handle="carysfediexample"),)),
        ("@rhys.example.org", (term("rhys", "example", "org", handle="rhysexampleorg"),)),
        ("共同制作", (term("共", "同", "制", "作"),)),
        ("a AND NOT (b OR c) a", (term("a"), term("and"), term("not"), term("b"), term("or"), term("c"))),
        ("' * \" ; -- \\ ^ : ( ) { } 🌻", ()),
        ("", ()),
    ],
)
def test_what_is_typed_is_read_as_people_mean_it(typed: str, terms: tuple[Term, ...]) -> None:
    assert read_query(typed) == terms


@given(st.text())
def test_every_query_can_be_read_and_holds_only_folded_words(typed: str) -> None:
    terms = read_query(typed)
    assert len(terms) <= MOST_TERMS
    for one in terms:
        assert one.words
        assert all(fold(word) == word for word in (*one.words, *filter(None, [one.handle])))


def test_a_text_answers_better_the_more_often_and_the_shorter() -> None:
    terms = read_query("complaints box")
    often, once, long = "complaints box complaints box", "complaints box x x", "complaints box " + "word " * 80
    assert score(often, terms) > score(once, terms) > score(long, terms) > 0
    assert score("nothing of it", terms) == 0


def test_whole_words_count_and_beginnings_only_where_they_are_asked_for() -> None:
    assert score("chairs and tables", read_query("chair")) == 0
    assert score("chairs and tables", read_query("chair*")) > 0
    assert score("somebody carysfediexample", read_query("@carys@fedi.example")) > 0
