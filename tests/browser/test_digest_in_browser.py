"""Every kind of letter as a browser draws it: widths, colours, sizes, and nothing asked of the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from checkers import find_barriers, needs_axe
from making_digests import LONDON
from making_letters import ENCLOSED, ask_about, make_letters
from viewing import SCHEMES, Scheme, launched, needs_browser

from collector.render import Enclosure, Silence, render_html, render_sign_of_life
from collector.render.proof import render_preview
from collector.words import ENGLISH

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = (320, 600, 1200)
KINDS = ("usual", "quiet", "huge", "empty", "scripts", "unruly", "everything", "sign of life", "preview")
LOWEST_CONTRAST = 4.5
TAP = 44  # pixels that a thumb needs

pytestmark = needs_browser

# Every element that holds words of its own, with the colours they are drawn in.
TEXTS = """() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const paper = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const speaks = (element) => [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const isSeen = (element) => element.getClientRects().length > 0;
  return [...document.body.querySelectorAll('*')].filter((e) => speaks(e) && isSeen(e)).map((e) => ({
    text: e.textContent.trim().slice(0, 40),
    kind: e.className || e.tagName,
    colour: numbers(getComputedStyle(e).color).slice(0, 3),
    paper: paper(e),
    size: parseFloat(getComputedStyle(e).fontSize),
    line: parseFloat(getComputedStyle(e).lineHeight),
  }));
}"""

# Links that are all there is on their line, with the height that a thumb can hit.
LONE_LINKS = """() => [...document.querySelectorAll('a')].filter((a) =>
    getComputedStyle(a).display !== 'inline' || a.parentElement.textContent.trim() === a.textContent.trim()
  ).map((a) => ({ text: a.textContent.trim().slice(0, 40), height: a.getBoundingClientRect().height }))"""

# What reaches beyond the window, whether or not it makes the page scroll.
BEYOND = """() => [...document.body.querySelectorAll('*')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1);
  }).map((e) => e.textContent.trim().slice(0, 40))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def letters() -> dict[str, str]:
    """The HTML of every kind."""
    silence = Silence(topics=("notcoproduction",), since_at=None, zone=LONDON, contact="mailto:me@example.org")
    drawn = {name: render_html(digest, enclosure=ENCLOSED) for name, digest in make_letters().items()}
    drawn["preview"] = render_preview(ask_about(make_letters()["unruly"]), ENGLISH)[2]
    return drawn | {"sign of life": render_sign_of_life(silence, enclosure=Enclosure(unsubscribe="me@example.org"))[2]}


def shown(browser: Browser, html: str, *, width: int = 360, scheme: Scheme = "light") -> Page:
    """The letter in a window of this width."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.set_content(html)
    return page


def contrast(one: list[float], other: list[float]) -> float:
    """How far two colours stand apart, from 1 to 21 (WCAG 2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: list[float]) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def without_styles(html: str) -> str:
    """As a client shows it that drops the style block."""
    return re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_scrolls_sideways(browser: Browser, letters: dict[str, str], kind: str) -> None:
    for width in WIDTHS:
        for html in (letters[kind], without_styles(letters[kind])):
            page = shown(browser, html, width=width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(BEYOND) == []
            page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_can_be_read_in_light_and_in_dark(
    browser: Browser, letters: dict[str, str], kind: str, scheme: Scheme
) -> None:
    page = shown(browser, letters[kind], scheme=scheme)
    texts: list[dict[str, Any]] = page.evaluate(TEXTS)
    assert texts
    assert [text for text in texts if contrast(text["colour"], text["paper"]) < LOWEST_CONTRAST] == []
    is_dark = _luminance(texts[0]["paper"]) < 0.5
    assert is_dark == (scheme == "dark")
    assert texts[0]["paper"] != [0, 0, 0]
    page.close()


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_style_block_a_letter_is_the_light_one(
    browser: Browser, letters: dict[str, str], kind: str
) -> None:
    drawn = []
    for html in (letters[kind], without_styles(letters[kind])):
        page = shown(browser, html, scheme="light")
        drawn.append(page.evaluate(TEXTS))
        page.close()
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_that_stands_alone_can_be_hit_with_a_thumb(browser: Browser, letters: dict[str, str], kind: str) -> None:
    page = shown(browser, letters[kind])
    links: list[dict[str, Any]] = page.evaluate(LONE_LINKS)
    assert links or kind == "sign of life"
    assert [link for link in links if link["height"] < TAP] == []
    in_foot = page.evaluate("[...document.querySelectorAll('.foot a')].map((a) => a.getBoundingClientRect().height)")
    assert [height for height in in_foot if height < TAP] == [], "nor one in a sentence of the foot"
    page.close()


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_are_those_of_a_letter(browser: Browser, letters: dict[str, str], kind: str) -> None:
    page = shown(browser, letters[kind], width=1200)
    texts: list[dict[str, Any]] = page.evaluate(TEXTS)
    assert {(text["size"], text["line"]) for text in texts if text["kind"] in {"words", "lead"}} == {(20, 30)}
    assert {(text["size"], text["line"]) for text in texts if text["kind"] in {"prose", "opens"}} <= {(17, 25.5)}
    assert min(text["size"] for text in texts) >= 14
    assert page.evaluate("document.querySelector('.column').getBoundingClientRect().width") <= 600
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_links_are_told_without_colour(browser: Browser, letters: dict[str, str], scheme: Scheme) -> None:
    page = shown(browser, letters["everything"], scheme=scheme)
    lines = page.evaluate("[...document.links].map((a) => getComputedStyle(a).textDecorationLine)")
    assert set(lines) == {"underline"}
    page.close()


def test_texts_run_in_their_own_direction(browser: Browser, letters: dict[str, str]) -> None:
    page = shown(browser, letters["scripts"])
    directions = page.evaluate(
        "[...document.querySelectorAll('.words')].map((e) => [e.lang, getComputedStyle(e).direction])"
    )
    assert dict(directions) == {
        "ar": "rtl", "fa": "rtl", "he": "rtl", "de": "ltr", "ja": "ltr", "th": "ltr",
    }  # fmt: skip
    isolated = page.evaluate("[...document.querySelectorAll('span[dir]')].map((e) => getComputedStyle(e).unicodeBidi)")
    assert set(isolated) == {"isolate"}
    page.close()


def test_a_trend_s_bars_are_as_long_as_its_numbers_say(browser: Browser, letters: dict[str, str]) -> None:
    page = shown(browser, letters["usual"], width=600)
    rows = page.evaluate(
        """() => [...document.querySelectorAll('.trend > tbody > tr')].map((row) => [
          Number(row.querySelector('.count').textContent),
          row.querySelector('.fill')?.getBoundingClientRect().width || 0])"""
    )
    assert [number for number, _ in rows] == [4, 6, 0, 2, 9, 14, 7, 7, 3, 0, 5, 9]
    full = max(width for _, width in rows)
    assert full > 200
    assert all(abs(width / full - number / 14) < 0.02 for number, width in rows)
    page.close()


def test_a_letter_asks_the_network_for_nothing_and_complains_of_nothing(
    browser: Browser, letters: dict[str, str]
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for html in letters.values():
        page.set_content(html, wait_until="networkidle")
        assert page.evaluate("document.images.length") == 0
    assert asked == []
    assert complaints == []
    page.close()


@needs_axe
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(browser: Browser, letters: dict[str, str], kind: str, scheme: Scheme) -> None:
    page = shown(browser, letters[kind], scheme=scheme)
    assert find_barriers(page) == []
    page.close()


@needs_axe
def test_axe_would_find_something(browser: Browser) -> None:
    page = shown(browser, "<p style='color: #777; background: #888'>hard to read</p>")
    assert "color-contrast" in " ".join(find_barriers(page))
    page.close()
