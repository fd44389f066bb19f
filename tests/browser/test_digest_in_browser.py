"""The digest as a browser draws it: widths, colours, sizes, and nothing asked of the network."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from making import make_author
from making_digests import make_digest, make_shown, make_usual_week
from requiring import needs

from collector.demo.show import show
from collector.model import Counts, Media
from collector.render import render_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
WIDTHS = (320, 360, 600, 1100)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LOWEST_CONTRAST = 4.5
TAP = 44  # pixels that a thumb needs

pytestmark = needs(
    "browser",
    is_there=bool(CHROMIUM and find_spec("playwright")),
    reason="it needs Chromium (or $CHROMIUM) and the package playwright",
)

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digest of the demo."""
    folder = tmp_path_factory.mktemp("demo")
    list(show(folder))
    return folder / "digest.html"


@pytest.fixture(scope="module")
def unruly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A digest of posts that would break a page: long words, long addresses, both directions, everything at once."""
    word = "Mitbestimmungsverhinderungsbeauftragter" * 6
    address = f"https://fedi.example/{'a' * 300}"
    posts = [
        make_shown(
            number,
            text=f"{word} {address} اجتماع قصير",
            author=make_author(name=word, handle=f"{'x' * 80}{number}@fedi.example"),
            media=(Media(url=address, type="image", alt_text=word),),
            counts=Counts(boosts=10_000_000, likes=10_000_000, replies=10_000_000),
            also_at=(address,),
        )
        for number in range(1, 4)
    ]
    page = tmp_path_factory.mktemp("unruly") / "digest.html"
    page.write_text(render_html(make_digest(posts)), encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A digest with a bit of everything: a warning, a picture, a poll, an answer, a copy, a late one, a comment."""
    page = tmp_path_factory.mktemp("usual") / "digest.html"
    page.write_text(render_html(make_usual_week()), encoding="utf-8")
    return page


def opened(browser: Browser, file: Path, *, width: int = 360, scheme: Scheme = "light") -> Page:
    """The file in a window of this width."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(file.as_uri())
    return page


def contrast(one: list[float], other: list[float]) -> float:
    """How far two colours stand apart, from 1 to 21 (WCAG 2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: list[float]) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["digest", "unruly"])
def test_nobody_scrolls_sideways(browser: Browser, request: pytest.FixtureRequest, name: str, width: int) -> None:
    page = opened(browser, request.getfixturevalue(name), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_everything_can_be_read_in_light_and_in_dark(browser: Browser, digest: Path, scheme: Scheme) -> None:
    page = opened(browser, digest, scheme=scheme)
    texts: list[dict[str, Any]] = page.evaluate(TEXTS)
    assert len(texts) > 100
    assert [text for text in texts if contrast(text["colour"], text["paper"]) < LOWEST_CONTRAST] == []
    is_dark = _luminance(texts[0]["paper"]) < 0.5
    assert is_dark == (scheme == "dark")
    assert texts[0]["paper"] != [0, 0, 0]
    page.close()


@pytest.mark.parametrize("name", ["digest", "usual", "unruly"])
def test_a_link_that_stands_alone_can_be_hit_with_a_thumb(
    browser: Browser, request: pytest.FixtureRequest, name: str
) -> None:
    page = opened(browser, request.getfixturevalue(name))
    links: list[dict[str, Any]] = page.evaluate(LONE_LINKS)
    assert links
    assert [link for link in links if link["height"] < TAP] == []
    page.close()


def test_sizes_are_those_of_a_letter(browser: Browser, digest: Path) -> None:
    page = opened(browser, digest, width=1100)
    texts: list[dict[str, Any]] = page.evaluate(TEXTS)
    example = next(text for text in texts if text["text"].startswith("They renamed"))
    assert (example["size"], example["line"]) == (20, 30)
    assert page.evaluate("getComputedStyle(document.querySelector('h2')).fontSize") == "17px"
    assert min(text["size"] for text in texts) >= 14
    assert page.evaluate("document.querySelector('.column').getBoundingClientRect().width") <= 600
    page.close()


def test_links_are_told_without_colour(browser: Browser, digest: Path) -> None:
    page = opened(browser, digest)
    lines = page.evaluate("[...document.links].map((a) => getComputedStyle(a).textDecorationLine)")
    assert set(lines) == {"underline"}
    page.close()


def test_texts_run_in_their_own_direction(browser: Browser, digest: Path) -> None:
    page = opened(browser, digest)
    texts = "[...document.querySelectorAll('bdi, [dir=auto]')]"
    directions = page.evaluate(f"{texts}.map((text) => getComputedStyle(text).direction)")
    assert set(directions) == {"ltr", "rtl"}
    page.close()


def test_it_asks_the_network_for_nothing_and_complains_of_nothing(browser: Browser, digest: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(digest.as_uri(), wait_until="networkidle")
    assert asked == [digest.as_uri()]
    assert complaints == []
    page.close()


def test_it_stands_without_its_style_block(browser: Browser, usual: Path, tmp_path: Path) -> None:
    html = usual.read_text(encoding="utf-8")
    stripped = tmp_path / "digest.html"
    stripped.write_text(re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL), encoding="utf-8")
    page = opened(browser, stripped, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("getComputedStyle(document.querySelector('.words')).fontSize") == "20px"
    page.close()
