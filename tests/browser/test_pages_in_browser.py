"""The pages as a browser draws them: for every eye, on every width, and for those who use no eyes and no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from checkers import find_barriers, needs_axe
from collecting import Clock, keep, publishing
from making import make_author, make_post
from making_digests import make_usual_week
from making_words import translate_file
from viewing import SCHEMES, Scheme, launched, needs_browser
from visiting import Reader, reading_app

from collector.model import Curation
from collector.storage.choices import save_curation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_browser

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)
PATHS = (
    *("/", "/digests", "/digests/weekly", "/digests/weekly/2026-W47", "/digests/weekly/2026-W48"),
    *("/privacy", "/nothing", "/subscribe", "/confirm/nothing"),
    *("/posts", "/posts?q=they&order=best", "/posts/1", "/posts/9", "/numbers", "/numbers?by=month"),
)
WIDTHS = (320, 600, 1200)
TAP = 24  # pixels, WCAG 2.5.8; what stands alone on its line has 44

# Links and buttons that do not stand within a sentence, with their sizes.
SMALL = """(least) => [
  ...document.querySelectorAll('a, button, label.choice, input:not([type=hidden], label input)')
].filter((element) => {
  const box = element.getBoundingClientRect();
  const isInText = getComputedStyle(element).display === 'inline'
    && element.parentElement.textContent.trim() !== element.textContent.trim();
  return box.width > 1 && !isInText && box.height < least;
}).map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`)"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Two series with a digest of everything that one can show, one that is open, and words that break lines."""
    clock = Clock(MONDAY)
    series = [
        {"series": "weekly", "about": "Examples, every Monday.", "opening": "Collected with care.", "closing": "Bye."},
        {"series": "monthly", "cadence": "monthly"},
    ]
    web = {"base_url": "https://digest.example.org", "imprint": "Example Trust, 1 High Street, Cardiff"}
    with publishing(tmp_path_factory.mktemp("pages"), clock=clock, digest=series, web=web) as app:
        app.close_due_windows()
        clock.advance(hours=8)
        shown = [one for section in make_usual_week().sections for one in section.posts]
        keep(app, *(replace(one.post, counts=one.counts) for one in shown))
        word = "Mitbestimmungsverhinderungsbeauftragter" * 6
        keep(app, make_post(50, text=f"{word} https://fedi.example/{'a' * 300}", author=make_author(name=word)))
        clock.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
        with app.database.write() as conn:
            for post_id in range(1, len(shown) + 1):
                save_curation(conn, 1, post_id, Curation(note="Told to us again."))
        app.close_due_windows()
        keep(app, make_post(60, text="This week already.", published_at=clock()))
        with reading_app(app) as reader:
            yield reader


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def opened(browser: Browser, address: str, *, width: int = 360, scheme: Scheme = "light", checks: bool = False) -> Page:
    """A page in a window of this width; a checker's own script may run in it only if it `checks`."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=checks, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address)
    return page


@needs_axe
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_on_a_page(browser: Browser, reader: Reader, path: str, scheme: Scheme) -> None:
    page = opened(browser, reader.address + path, scheme=scheme, checks=True)
    assert find_barriers(page) == []
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PATHS)
def test_nothing_runs_off_a_page_or_is_asked_of_others(browser: Browser, reader: Reader, path: str, width: int) -> None:
    page = opened(browser, "about:blank", width=width)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(reader.address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert {address for address in asked if not address.startswith(reader.address)} == set()
    assert page.evaluate(SMALL, TAP) == []
    page.context.close()


def test_who_uses_the_keyboard_can_go_straight_to_the_content(browser: Browser, reader: Reader) -> None:
    page = opened(browser, reader.address)
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the content"
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.context.close()


def test_a_reader_follows_links_from_the_first_page_to_a_digest_and_back(browser: Browser, reader: Reader) -> None:
    page = opened(browser, reader.address)
    page.get_by_role("link", name="Digests", exact=True).click()
    page.get_by_role("link", name="Week 47 · 16 to 22 November 2026").click()
    assert page.get_by_role("heading", level=1).inner_text() == "#notcoproduction, weekly"
    page.get_by_role("link", name="After: Week 48").click()
    assert "This week already." in page.inner_text("main")
    page.get_by_role("link", name="Before: Week 47").click()
    assert page.url.endswith("/digests/weekly/2026-W47")
    page.context.close()


@pytest.mark.parametrize("path", PATHS)
def test_type_follows_the_size_that_a_reader_has_chosen(browser: Browser, reader: Reader, path: str) -> None:
    page = opened(browser, reader.address + path, width=320, checks=True)
    page.add_style_tag(content="html { font-size: 32px }")  # what a browser's own setting comes to: 16 unless changed
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "34px"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()


def test_days_below_their_bars_stay_whole_in_large_type(browser: Browser, reader: Reader) -> None:
    page = opened(browser, f"{reader.address}/digests/weekly/2026-W47", width=320, checks=True)
    days = page.locator(".bars li")
    assert len({round(day.bounding_box()["y"]) for day in days.all()}) == 1  # type: ignore[index]
    page.add_style_tag(content="html { font-size: 32px }")
    lines = "(element) => element.querySelector('span').getClientRects().length"
    assert [day.evaluate(lines) for day in days.all()] == [1] * 7
    page.context.close()


def test_the_number_of_a_digest_stands_nearer_to_it_than_to_the_next(browser: Browser, reader: Reader) -> None:
    page = opened(browser, f"{reader.address}/digests/weekly", width=320)
    tops = "(element) => { const text = document.createRange(); text.selectNodeContents(element);"
    box = f"{tops} const box = text.getBoundingClientRect(); return [box.top, box.bottom]; }}"
    (newer, older) = page.locator(".issues a").all()
    top, bottom = page.locator(".issues .small").first.evaluate(box)
    assert top - newer.evaluate(box)[1] < (older.evaluate(box)[0] - bottom) / 2
    page.context.close()


def test_the_bar_beside_a_curators_note_keeps_clear_of_the_lines_around_it(browser: Browser, reader: Reader) -> None:
    page = opened(browser, f"{reader.address}/digests/weekly/2026-W47")
    room = """(note) => {
      const box = (element) => element ? element.getBoundingClientRect() : null;
      const [above, own, below] = [box(note.previousElementSibling), box(note), box(note.nextElementSibling)];
      return Math.min(own.top - above.bottom, below ? below.top - own.bottom : Infinity);
    }"""
    rooms = [note.evaluate(room) for note in page.locator(".card .curator, .line .curator").all()]
    assert rooms
    assert min(rooms) >= 4
    page.context.close()


def test_a_box_to_tick_stands_in_the_middle_of_its_line(browser: Browser, reader: Reader) -> None:
    page = opened(browser, f"{reader.address}/subscribe")
    for choice in page.locator("label.choice").all():
        box, line = choice.locator("input").bounding_box(), choice.locator("bdi").bounding_box()
        assert box is not None
        assert line is not None
        assert abs(box["y"] + box["height"] / 2 - line["y"] - line["height"] / 2) <= 1.5
    page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_bars_and_buttons_can_be_seen_in_the_colours_of_a_reader_who_needs_contrast(
    browser: Browser, reader: Reader, scheme: Scheme
) -> None:
    context = browser.new_context(forced_colors="active", color_scheme=scheme)
    page = context.new_page()
    for path, bar in (("/digests/weekly/2026-W47", ".bars rect"), ("/numbers", ".chart rect")):
        page.goto(reader.address + path)
        ink = page.evaluate("getComputedStyle(document.body).color")
        assert page.evaluate(f"getComputedStyle(document.querySelector('{bar}')).fill") == ink
    page.goto(f"{reader.address}/subscribe")
    assert page.evaluate("getComputedStyle(document.querySelector('button')).borderTopWidth") == "1px"
    context.close()


def test_what_was_wrong_with_a_question_stands_clear_of_the_button(browser: Browser, reader: Reader) -> None:
    page = opened(browser, f"{reader.address}/posts?since=soon")
    button, fault = page.get_by_role("button").bounding_box(), page.get_by_text("A day is written").bounding_box()
    assert button is not None
    assert fault is not None
    room = page.locator(".fault").evaluate("element => parseFloat(getComputedStyle(element).paddingTop)")
    assert fault["y"] + room - button["y"] - button["height"] >= 12
    page.context.close()


def test_what_is_printed_is_dark_ink_even_for_who_reads_light_on_dark(browser: Browser, reader: Reader) -> None:
    page = opened(browser, reader.address, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(34, 32, 29)"
    page.context.close()


def test_pages_in_a_language_from_right_to_left_begin_at_the_right(browser: Browser, tmp_path: Path) -> None:
    words = translate_file().replace('direction = "ltr"', 'direction = "rtl"')
    (tmp_path / "words.toml").write_text(words, encoding="utf-8")
    series = [{"series": "weekly", "words": "words.toml"}]
    with publishing(tmp_path, clock=Clock(MONDAY), digest=series) as app:
        app.close_due_windows()
        keep(app, make_post(1, published_at=MONDAY))
        with reading_app(app) as reader:
            for path in ("/", "/digests", "/digests/weekly", "/posts", "/posts/1", "/numbers", "/privacy", "/nothing"):
                page = opened(browser, reader.address + path, width=320)
                assert page.evaluate("[document.dir, document.documentElement.scrollWidth]") == ["rtl", 320], path
                page.context.close()
            page = opened(browser, f"{reader.address}/posts/1", width=320)
            item = page.locator(".facts").bounding_box()
            assert item is not None
            inner = page.locator(".facts li").bounding_box()
            assert inner is not None
            assert item["x"] + item["width"] - inner["x"] - inner["width"] == 20  # room for its dot
            page.context.close()


def test_the_pages_are_dark_where_the_reader_likes_it_so(browser: Browser, reader: Reader) -> None:
    colours = set()
    for scheme in SCHEMES:
        page = opened(browser, reader.address, scheme=scheme)
        colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.context.close()
    assert colours == {"rgb(255, 253, 248)", "rgb(29, 27, 25)"}
