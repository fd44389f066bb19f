"""A file of sentences: what it may say, and what is told of one that is wrong."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.config import build_settings
from collector.digest import window_named
from collector.digest.phrases import say_of
from collector.errors import ConfigError
from collector.model import Cadence
from collector.words import ENGLISH, read_words

WELSH = """
language = "cy"
plural = "n==1 ? 0 : n==2 ? 1 : n==3 ? 2 : n==6 ? 3 : 4"
thousands = "."
short_days = ["Llun", "Maw", "Mer", "Iau", "Gwe", "Sad", "Sul"]
[words]
day = "{day} {month}, {weekday}"
and = " a "
[counted]
replies = { "=0" = "dim ateb", forms = ["un ateb", "dau ateb", "tri ateb", "chwe ateb", "{n} ateb"] }
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (its lines are what is tested)
        read_words(text)
    return str(caught.value).splitlines()


def test_a_translation_says_its_own_sentences_and_the_rest_in_english() -> None:
    welsh = read_words(WELSH)
    assert welsh.language == "cy"
    assert welsh.name_day(date(2026, 11, 17)) == "17 Nov, Maw"
    assert welsh.join(["un", "dau", "tri"]) == "un, dau a tri"
    assert welsh.say("poll") == ENGLISH.say("poll")


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "dim ateb"), (1, "un ateb"), (2, "dau ateb"), (3, "tri ateb"), (6, "chwe ateb"), (1204, "1.204 ateb")],
)
def test_a_counted_thing_follows_the_languages_own_rule(number: int, said: str) -> None:
    assert read_words(WELSH).count("replies", number) == said


@pytest.mark.parametrize(("number", "said"), [(1, "one like"), (2, "2 likes"), (5, "5 likes")])
def test_what_is_not_translated_has_no_more_forms_than_english(number: int, said: str) -> None:
    assert read_words(WELSH).count("likes", number) == said


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("language = 'cy", ["not TOML: "]),
        ("colour = 1", ["colour: unknown; accepted: language, direction, plural, "]),
        ("language = 1", ["language: no text"]),
        ("direction = 'up'", ["direction: accepted: ltr, rtl"]),
        ("direction = 1", ["direction: no text"]),
        ("plural = 'n = 1'", ["plural: not a rule of gettext: "]),
        ("plural = '__import__'", ["plural: not a rule of gettext: "]),
        ("months = ['a']", ["months: not 12 texts"]),
        ("[words]\nand = 1", ["words.and: no text"]),
        ("words = 'x'", ["words: not a table"]),
        ("[words]\nandd = ' a '", ["words.andd: there is no such sentence"]),
        ("[words]\nand = ' {x} '", ["words.and: unknown place {x}; accepted: none"]),
        ("[words]\nday = '{day.__class__}'", ["words.day: unknown place {day.__class__}; accepted: "]),
        ("[words]\nday = '{day!r}'", ["words.day: unknown place {day!r}; accepted: "]),
        ("[words]\nday = '{day:>900000000}'", ["words.day: unknown place {day:>900000000}; accepted: "]),
        ("[words]\nday = '{'", ["words.day: a brace without its other half"]),
        ("[counted]\nlikes = 'x'", ["counted.likes: not { forms"]),
        ("[counted]\nlikes = { forms = [] }", ["counted.likes: not { forms"]),
        ("[counted]\nlikes = { forms = ['{m}'] }", ["counted.likes: unknown place {m}; accepted: {n}"]),
        ("[counted]\nloves = { forms = ['x'] }", ["counted.loves: there is no such sentence"]),
        ("daily = 'x'", ["daily: not a table"]),
        ("[daily]\nendings = 'x'", ["daily.endings: there is no such sentence"]),
        ("[daily]\nending = 1", ["daily.ending: no text"]),
        ("[monthly]\nending = '{x}'", ["monthly.ending: unknown place {x}; accepted: {day}, {month}, {week}, "]),
        ("[weekly]\nmore_than_before = 'x'", ["weekly.more_than_before: not { forms"]),
        ("[weekly]\nmore_than_before = { forms = ['{m}'] }", ["weekly.more_than_before: unknown place {m}; "]),
        ("x = 1\n[words]\nday = '{x}'", ["x: unknown", "words.day: unknown place {x}"]),
    ],
)
def test_what_is_wrong_in_a_file_is_told_all_at_once(text: str, lines: list[str]) -> None:
    told = problems(text)
    assert len(told) == len(lines)
    assert all(line.startswith(begins) for line, begins in zip(told, lines, strict=True)), told


def test_the_configuration_names_file_key_and_sentence(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("[words]\nandd = ' a '\n", encoding="utf-8")
    tables = {"collector": {"hashtags": ["x"]}, "digest": [{"words": "w.toml"}]}
    with pytest.raises(ConfigError) as caught:
        build_settings(tables, folder=tmp_path, environ={})
    assert str(caught.value).startswith(
        "collector.toml: digest[1].words: w.toml: words.andd: there is no such sentence"
    )


@pytest.mark.parametrize(("name", "why"), [("none.toml", "cannot be read"), ("binary.toml", "is not UTF-8 text")])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    tables = {"collector": {"hashtags": ["x"]}, "digest": [{"words": name}]}
    with pytest.raises(ConfigError, match=f"{name} {why}"):
        build_settings(tables, folder=tmp_path, environ={})


def test_the_whole_english_catalogue_is_a_translation_of_itself() -> None:
    text = files("collector.words").joinpath("en.toml").read_text(encoding="utf-8")
    again = read_words(text)
    assert (again.words, again.by_cadence) == (ENGLISH.words, ENGLISH.by_cadence)


GERMAN_DAYS = """
months = ["Jan.", "Feb.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."]
[daily]
ending = "Das war der {day}. {month} {year}."
more_than_before = { forms = ["einer mehr als am Tag davor", "{n} mehr als am Tag davor"] }
"""


def test_what_is_said_of_a_day_can_be_translated_with_every_place_that_any_cadence_has() -> None:
    german = read_words(GERMAN_DAYS)
    window = window_named("2026-11-17", ZoneInfo("Europe/Berlin"))
    assert say_of(german, "ending", window) == "Das war der 17. Nov. 2026."
    assert german.of("daily").count("more_than_before", 2) == "2 mehr als am Tag davor"
    assert german.of("weekly").count("more_than_before", 2) == "2 more than the week before"


def test_a_day_a_week_and_a_month_have_the_same_sentences_but_for_bars_and_cuts() -> None:
    own = {cadence: {*said.words, *said.counted} for cadence, said in ENGLISH.by_cadence.items()}
    common = {name for name in own["monthly"] if not name.endswith("_cut") and not name.startswith("bar")}
    assert {cadence: names & common for cadence, names in own.items()} == dict.fromkeys(Cadence, common)
    assert own["daily"] | own["weekly"] == own["monthly"], "what a day has none of, and what no week is cut in"
    assert not common & {*ENGLISH.words, *ENGLISH.counted}, "what hangs on the cadence is said of none without it"
