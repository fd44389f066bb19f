"""A translation needs no code: whatever readers are told comes from the catalogue, and all of the catalogue is used."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from string import Formatter

import jinja2
import pytest
from making import make_author
from making_digests import IMPRINT, LONDON, make_candidate, make_digest, make_shown
from making_letters import ENCLOSED, WITHOUT_DIGEST, ask_about
from making_words import ENGLISH_FILE, make_translation, translate_file

import collector
from collector.digest import Surroundings, calendar_of, window_named
from collector.errors import Condition
from collector.model import (
    NOT_HELD,
    NOT_RUNNING,
    Author,
    Counts,
    Digest,
    DigestPost,
    DigestState,
    Hashtag,
    Media,
    Poll,
    Totals,
    Unread,
    Window,
)
from collector.render import Enclosure, Silence, render_html, render_sign_of_life, render_text
from collector.render.proof import render_preview, render_reminder
from collector.web.refusing import SAID as REFUSED
from collector.words import read_words

HOUR = timedelta(hours=1)
SAID = "λόγια"  # what people wrote, in letters of its own
TAGGED = (Hashtag(normal="συν", display="συν"), Hashtag(normal="παρα", display="παρα"))
WINDOWS = ("2026-11-17", "2026-W47", "2026-W53", "2026-11")
ENCLOSURES = (Enclosure(unsubscribe="1@2.3", attachment="4.5"), replace(ENCLOSED, imprint=SAID), Enclosure())
# What stays as it is in any language: codes, addresses, what profiles say, our own file's name, a clock's.
UNTRANSLATED = re.compile(
    r"\bGMT\b|https?://\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)+\b|[#@]\S+"  # addresses, hosts, handles, hashtags
)
PACKAGE = Path(collector.__file__).parent
FREE = {"sites", "networks", "on_network", "media"}  # read by what networks, hosts and media are called
LISTS = {"language", "direction", "plural", "thousands", "months", "short_months", "days", "short_days"}


def everything(window: Window, state: DigestState) -> Digest:
    """A digest of this window with all that can stand in one, its texts in Greek."""
    start = window.starts_at
    shown = [_post(number, window) for number in range(1, 90)]
    old = make_shown(500, text=SAID, author=_person(500), published_at=start - timedelta(weeks=60))
    late = make_shown(90, text=SAID, author=_person(90), published_at=start - 2 * HOUR)
    around = Surroundings(
        closed=(window_named({10: "2026-11-16", 8: "2026-W46", 7: "2026-10"}[len(window.name)], LONDON),),
        previous_posts=89,
        unread=tuple(_unread(window)),
        archive=[make_candidate(500, dated_at=old.dated_at)],
        trend=((window.name, 1),) * 3,
        known=frozenset({1}),
    )
    imprint = replace(
        IMPRINT,
        words=make_translation(),
        topics=("συν",),
        subject=make_translation().of(calendar_of(window.name).cadence).words["subject"],
        open_places=("https://gts.example",),
        missed=((window.name, 1), (window.name, 2), (window.name, 0)),
    )
    return make_digest([*shown, late], around=around, imprint=imprint, state=state, gone=frozenset({4}), window=window)


def small(window: Window, *shown: DigestPost) -> Digest:
    """A digest of few posts, or none, with a look back."""
    old = make_shown(9, text=SAID, author=_person(9), published_at=window.starts_at - timedelta(weeks=60))
    around = Surroundings(archive=[make_candidate(9, dated_at=old.dated_at)], previous_posts=len(shown) + 1)
    words = make_translation()
    imprint = replace(IMPRINT, words=words, topics=("συν", "παρα"), subject=words.of("weekly").words["subject"])
    return make_digest(shown, around=around, imprint=imprint, archive=[old], window=window)


def _person(number: int, *, name: str = SAID, handle: str = "1@2.3") -> Author:
    return make_author(name=name, handle=handle, key=str(number))


def _post(number: int, window: Window) -> DigestPost:
    kinds = ("image", "gifv", "video", "audio", "unknown", "other")
    network = ("fediverse", "bluesky", "wordpress", "feed", "twitter", "παλιο")[number % 6]
    is_comment = network == "wordpress"
    shown = make_shown(
        number,
        network=network,
        author=_person(number, name="" if number % 5 == 0 else SAID, handle="" if is_comment else f"{number}@2.3"),
        title=f"{SAID}{number}" if is_comment else "",
        text="" if number % 7 == 0 else SAID * (80 if number % 4 == 0 else 1),
        content_warning=("", "", SAID, "\n")[number % 4] if number % 3 == 0 else "",
        language="el",
        media=tuple(Media(url="https://2.3", type=kinds[n % 6], alt_text=SAID * (n % 2)) for n in range(number % 12)),
        is_sensitive=number % 11 == 0,
        poll=Poll(options=(SAID,) * 12, closes_at=None) if number % 6 == 1 else None,
        hashtags=TAGGED,
        reply_to_uri=("https://2.3/#comment-1", "https://2.3/1")[number // 6 % 2] if number % 3 else None,
        also_at=("https://bsky.app/1", "https://2.3/4", "at://did:plc:1/2/3") if number % 4 == 1 else (),
        counts=Counts(boosts=90 - number, likes=number % 4, replies=number % 3, quotes=number % 4),
        published_at=window.starts_at + HOUR,
    )  # fmt: skip
    return replace(shown, note=SAID if number % 4 == 3 else "")


def _totals() -> Iterator[Totals]:
    for networks, previous in (({"παλιο": 3}, None), ({"bluesky": 3}, 3), ({"feed": 2, "twitter": 1}, 9)):
        yield Totals(posts=3, authors=1, by_network=networks, by_day={}, previous_posts=previous)


def _unread(window: Window) -> Iterator[Unread]:
    start = window.starts_at
    for number, reason in enumerate(("down", "late", str(Condition.HALF_FEED), NOT_HELD, NOT_RUNNING)):
        for hours in (0, 1, 30):
            place = "" if reason == NOT_RUNNING else f"{SAID}{number}.{hours}"
            ends_at = start + hours * HOUR if hours else None
            yield Unread(place=place, starts_at=start, ends_at=ends_at, is_caught_up=number == 0, reason=reason)
    yield Unread(place=SAID, starts_at=start, ends_at=start + HOUR, reason="down")
    yield Unread(place=SAID, starts_at=start + 3 * HOUR, ends_at=start + 4 * HOUR, reason="down")


def words_left(drawn: str) -> list[str]:
    """The words in Latin letters that a reader sees, but for what is the same in every language."""
    seen = re.sub(r"<!--.*?-->|<style.*?</style>", " ", drawn, flags=re.DOTALL)
    labels = re.findall(r'(?:aria-label|title|alt)="([^"]*)"', seen)
    plain = re.sub(r"<[^>]*>", " ", seen)
    return re.findall(r"[A-Za-z]{2,}", UNTRANSLATED.sub(" ", unescape(" ".join([plain, *labels]))))


@pytest.mark.parametrize("state", [DigestState.BUILT, DigestState.OPEN])
@pytest.mark.parametrize("name", WINDOWS)
def test_a_translated_digest_has_no_english_word_of_ours(name: str, state: DigestState) -> None:
    window, words = window_named(name, LONDON), make_translation()
    cut = replace(window, ends_at=window.ends_at + HOUR * 30)
    one = make_shown(1, text=SAID, author=_person(1), published_at=window.starts_at)
    comments = [
        replace(_post(number, window), post=replace(_post(number, window).post, title=SAID)) for number in (2, 8)
    ]
    digests = [everything(window, state), everything(cut, state), small(window), small(window, one, *comments)]
    digests += [replace(digests[-1], totals=totals) for totals in _totals()]
    for digest in digests:
        for off in (frozenset[str](), frozenset({"top", "more"})):
            for enclosure in ENCLOSURES:
                shown = replace(digest, switched_off=off)
                assert words_left(digest.subject) == []
                assert words_left(render_text(shown, words=words, enclosure=enclosure)) == []
                assert words_left(render_html(shown, words=words, enclosure=enclosure)) == []


@pytest.mark.parametrize("is_quiet", [True, False])
def test_a_translated_sign_of_life_has_no_english_word_of_ours(is_quiet: bool) -> None:
    since_at = window_named("2026-W47", LONDON).starts_at if is_quiet else None
    silence = Silence(topics=("συν",), since_at=since_at, zone=LONDON, contact="mailto:1@2.3")
    for enclosure in (replace(WITHOUT_DIGEST, imprint=SAID), Enclosure(unsubscribe="1@2.3")):
        for part in render_sign_of_life(silence, words=make_translation(), enclosure=enclosure):
            assert words_left(part) == []


@pytest.mark.parametrize("is_awaited", [True, False])
def test_a_translated_preview_has_no_english_word_of_ours(is_awaited: bool) -> None:
    digest = everything(window_named("2026-W47", LONDON), DigestState.OPEN)
    left_out = (make_shown(99, text=SAID, author=_person(99)),)
    asked = replace(ask_about(digest), is_awaited=is_awaited, left_out=left_out)
    words = make_translation()
    for part in (*render_preview(asked, words), *render_reminder(asked, words)):
        assert words_left(part) == []


def test_an_english_word_would_be_found() -> None:
    window = window_named("2026-W47", LONDON)
    assert "new" in words_left(render_text(everything(window, DigestState.BUILT), enclosure=Enclosure()))
    assert words_left('<p title="left">x</p>') == ["left"]


def test_what_is_written_from_right_to_left_begins_there() -> None:
    words = read_words(translate_file().replace('direction = "ltr"', 'direction = "rtl"').replace('"en"', '"ar"'))
    digest = replace(small(window_named("2026-W47", LONDON)), trend=(("2026-W46", 1),) * 3)
    html = render_html(digest, words=words)
    assert '<html lang="ar" dir="rtl"' in html
    assert html.count('align="left"') == html.count('class="count"') == 3  # numbers end where they begin elsewhere


# Keys


def keys() -> dict[str, set[str]]:
    """Each table of the file with its keys."""
    return {name: set(table) for name, table in tomllib.loads(ENGLISH_FILE).items() if isinstance(table, dict)}


def literals() -> Iterator[tuple[str, str]]:
    """Every text in quotes in the package's modules and templates, with the call that it is the first argument of."""
    for file in PACKAGE.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield "", node.value
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                first, is_words = node.args[0], "words" in ast.unparse(node.func.value)
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and is_words:
                    yield node.func.attr, first.value
    for file in PACKAGE.rglob("templates/*"):
        text = file.read_text(encoding="utf-8")
        yield from re.findall(r"""(\w*)\(?["']([a-z_0-9]+)["']""", text)


def made_keys() -> Iterator[re.Pattern[str]]:
    """What keys look like that code puts together, such as f"way_{name}" or, in a template, "way_" ~ name."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                told = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                if re.fullmatch(r"[a-z_0-9]*_[a-z_0-9]*", "".join(str(text) for text in told if text is not None)):
                    yield re.compile("".join("[a-z_0-9]+" if text is None else str(text) for text in told))
    for file in PACKAGE.rglob("templates/*"):
        for before in re.findall(r"""["']([a-z_0-9]+_)["'] ~""", file.read_text(encoding="utf-8")):
            yield re.compile(before + "[a-z_0-9]+")


def test_every_sentence_of_the_file_is_said_somewhere() -> None:
    said = {text for _, text in literals()}
    named = {key for name, table in keys().items() if name not in FREE for key in table}
    ends = {f"{text}{end}" for text in said for end in ("_cut", "_title", "_lead", "_for", "_forever")}
    ends |= {f"refused_{status}{end}" for status in REFUSED for end in ("", "_title")}
    unused = named - said - ends
    assert sorted(key for key in unused if not any(made.fullmatch(key) for made in set(made_keys()))) == []


def test_every_sentence_that_is_said_is_in_the_file() -> None:
    tables = keys()
    cadences = [tables[name] for name in ("daily", "weekly", "monthly")]
    known = {"say": tables["words"].union(*cadences), "count": tables["counted"].union(*cadences)}
    for call, key in literals():
        if call in known:
            assert key in known[call], key


def test_every_place_of_a_sentence_that_a_template_says_is_filled() -> None:
    sentences, said = tomllib.loads(ENGLISH_FILE)["words"], 0
    for file in PACKAGE.rglob("templates/*.html"):
        for call in jinja2.Environment().parse(file.read_text(encoding="utf-8")).find_all(jinja2.nodes.Call):
            match call:
                case jinja2.nodes.Call(node=jinja2.nodes.Name(name="say"), args=[jinja2.nodes.Const(value=key)]):
                    places = {name for _, name, _, _ in Formatter().parse(sentences[key]) if name is not None}
                    assert {filled.key for filled in call.kwargs} >= places, f"{file.name}: {key}"
                    said += 1
    assert said > 100


def test_no_two_tables_disagree_about_what_a_cadence_says() -> None:
    tables = keys()
    optional = {key for name in ("daily", "weekly", "monthly") for key in tables[name] if key.endswith("_cut")}
    optional |= {"bar", "bar_told"}  # of a single day there is nothing to compare
    named = [tables[name] - optional for name in ("daily", "weekly", "monthly")]
    assert named[0] == named[1] == named[2]
