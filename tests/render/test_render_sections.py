"""Parts that can be switched off, people who are new, and the trend."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from making import make_author
from making_digests import IMPRINT, make_digest, make_shown, make_usual_week

from collector.config.series import SECTIONS
from collector.digest import Surroundings
from collector.model import Digest
from collector.render import Enclosure, preheader, render_html, render_json, render_text

TREND = (("2026-W44", 4), ("2026-W45", 0), ("2026-W46", 1203))
HEADINGS = {
    "trend": "Week by week",
    "top": "Passed on most",
    "comments": "From the comments",
    "threads": "Worth opening",
    "late": "Arrived late",
}


def with_voices(*names: str, known: frozenset[int] = frozenset()) -> Digest:
    shown = [make_shown(n, author=make_author(name=name, handle=f"a{n}@b.example")) for n, name in enumerate(names, 1)]
    return make_digest(shown, around=Surroundings(known=known))


@pytest.mark.parametrize("name", HEADINGS)
def test_a_part_that_is_switched_off_is_neither_in_the_text_nor_on_the_page(name: str) -> None:
    week = replace(make_usual_week(), trend=TREND)
    off = replace(week, switched_off=frozenset({name}))
    for draw, heading in ((render_text, HEADINGS[name].upper()), (render_html, f">{HEADINGS[name]}<")):
        assert heading in draw(week)
        assert heading not in draw(off)


def test_what_is_switched_off_is_counted_once_and_stays_in_the_json() -> None:
    week = make_usual_week()
    off = replace(week, switched_off=frozenset({"comments", "late", "threads"}))
    assert "\nAnd 2 more that are not shown here.\n" in render_text(off)
    assert render_html(off).count("And 2 more that are not shown here.") == 1
    assert "And 2 more, which are in the attached table." in render_text(off, enclosure=Enclosure(attachment="w.csv"))
    page = Enclosure(digest_page="https://digest.example/digests/weekly/2026-W47")
    assert "And 2 more, which you find on the web." in render_text(off, enclosure=page)
    assert json.loads(render_json(off))["sections"] == json.loads(render_json(week))["sections"]


def test_a_digest_of_which_nothing_is_shown_still_says_how_much_there_is() -> None:
    text = render_text(replace(make_usual_week(), switched_off=frozenset(SECTIONS)))
    assert "9 new examples from 9 people" in text
    assert "None of the 9 examples is shown here." in text
    assert "more" not in text.partition("None of the")[2].partition("\n")[0]


def test_the_preheader_quotes_only_what_is_shown() -> None:
    assert "They renamed" in preheader(make_usual_week())
    assert "They renamed" not in preheader(replace(make_usual_week(), switched_off=frozenset({"top"})))


def test_new_voices_are_named_and_their_names_stand_apart() -> None:
    digest = with_voices("Carys", "ليلى", "Tom & Co")
    assert "NEW VOICES\n\nHere for the first time: Carys, ليلى and Tom & Co.\n" in render_text(digest)
    names = [f'<span dir="auto">{name}</span>' for name in ("Carys", "ليلى", "Tom &amp; Co")]
    assert f"Here for the first time: {names[0]}, {names[1]} and {names[2]}." in render_html(digest)


def test_many_new_voices_are_counted_in_the_end() -> None:
    text = render_text(with_voices(*(f"Person {n}" for n in range(40))))
    named = text.partition("NEW VOICES\n\n")[2].partition("\n\n")[0].replace("\n", " ")
    assert named.count("Person") == 24
    assert named.endswith(" and 16 others.")


def test_whoever_has_no_name_is_called_by_handle() -> None:
    assert "Here for the first time: @a1@b.example.\n" in render_text(with_voices(""))


def test_nobody_is_pointed_at_who_is_known_or_when_it_is_switched_off() -> None:
    assert "NEW VOICES" not in render_text(with_voices("Carys", known=frozenset({1})))
    assert "NEW VOICES" not in render_text(make_usual_week())
    around = Surroundings(known=frozenset())
    off = replace(IMPRINT, switched_off=frozenset({"new_voices"}))
    frozen = make_digest([make_shown(1)], around=around, imprint=off)
    assert [section.name for section in frozen.references] == []


def test_the_trend_has_a_number_for_every_week() -> None:
    text = render_text(replace(make_usual_week(), trend=TREND))
    assert "WEEK BY WEEK\n\nHow many new examples each week had.\n\nweek 44: 4 | week 45: 0 | week 46: 1,203\n" in text
    html = render_html(replace(make_usual_week(), trend=TREND))
    assert [html.count(f">{number}</td>") for number in ("4", "0", "1,203")] == [1, 1, 1]
    assert html.count('scope="row"') == 3
    assert "<img" not in html


@pytest.mark.parametrize("trend", [(), TREND[:1], TREND[:2], (("2026-W45", 0), ("2026-W46", 0), ("2026-W47", 0))])
def test_there_is_no_trend_where_it_would_say_nothing(trend: tuple[tuple[str, int], ...]) -> None:
    assert "WEEK BY WEEK" not in render_text(replace(make_usual_week(), trend=trend))


def test_the_json_has_the_trend() -> None:
    assert json.loads(render_json(replace(make_usual_week(), trend=TREND)))["trend"][2] == {
        "name": "2026-W46",
        "posts": 1203,
    }


def test_a_long_trend_is_broken_between_its_weeks_only() -> None:
    text = render_text(replace(make_usual_week(), trend=tuple((f"2026-W{week}", week * 100) for week in range(36, 48))))
    lines = text.partition("each week had.\n\n")[2].partition("\n\n")[0].splitlines()
    assert len(lines) == 3
    assert all(line.startswith("week ") and len(line) <= 76 for line in lines)
