"""Whatever stands in a post, an address, a form or a question: no script of it runs in a reader's browser.

The vectors in tests/data/xss.txt stand in every field of a post, in paths, forms and query strings. Real Chromium opens
the pages; a dialog, a way off the page, a request to elsewhere, a word of the content security policy (it had to stop
something, so something was let through) or an element that no template of ours makes fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from collecting import Clock, keep, publishing
from making import make_author, make_post
from making_digests import make_digest, make_shown
from viewing import launched, needs_browser
from visiting import Reader, reading_app

from collector.mailing.issuing import look_up
from collector.model import Curation, Hashtag, Media, Poll, Post
from collector.render import render_html
from collector.storage.choices import save_curation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Page

pytestmark = needs_browser

FILE = Path(__file__).parents[1] / "data" / "xss.txt"
VECTORS = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")]
MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)

SAID = """</title></style></textarea><script>alert(1)</script>"'><img src=x onerror=alert(2)> onfocus=alert(3) x="""

# What none of our pages holds: elements and attributes that could act, and links to anything but the web and mail.
STRANGE = """() => {
  const acts = new Set(['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'APPLET', 'BASE', 'FRAME', 'FRAMESET', 'IMG', 'IMAGE',
    'VIDEO', 'AUDIO', 'USE', 'ANIMATE', 'SET', 'MATH', 'FOREIGNOBJECT', 'TEMPLATE', 'XSS', 'MARQUEE']);
  const ours = new Set(['narrow', 'behind']);
  const schemes = new Set(['http:', 'https:', 'mailto:']);
  const found = [];
  for (const element of document.querySelectorAll('*')) {
    if (acts.has(element.tagName.toUpperCase())) found.push(element.outerHTML.slice(0, 120));
    if (element.tagName === 'DETAILS' && !ours.has(element.className)) found.push(element.outerHTML.slice(0, 120));
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || name === 'srcdoc' || name === 'formaction') found.push(`${name}=${value}`);
      if (['href', 'src', 'action', 'xlink:href'].includes(name) && !schemes.has(new URL(value, location).protocol)
          && !location.protocol.startsWith('file')) found.push(`${name}=${value}`);
      if (name === 'http-equiv') found.push(`${name}=${value}`);
    }
  }
  return found;
}"""


@dataclass
class Watcher:
    """What a browser did that it should not have."""

    origin: str
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("dialog", self._refuse)
        page.on("pageerror", lambda error: self.faults.append(f"a script failed: {error}"))
        page.on("console", lambda said: self._hear(said.text))
        page.on("request", lambda request: self._follow(request.url))
        page.on("popup", lambda popup: self.faults.append(f"popup {popup.url}"))

    def _refuse(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _hear(self, text: str) -> None:
        if "the server responded with a status of 4" not in text:  # a path that is no page
            self.faults.append(f"console: {text}")

    def _follow(self, address: str) -> None:
        if not address.startswith(self.origin):
            self.faults.append(f"asked for {address}")


def make_hostile_post(number: int, vector: str) -> Post:
    """A post with the vector in all its fields; another half of them has a content warning, or a blog's title."""
    return make_post(
        number,
        network="wordpress" if number % 3 == 2 else "fediverse",
        text=f"{vector} {number} #notcoproduction",
        title=vector if number % 3 == 2 else "",
        url=vector,
        author=make_author(handle=f"{vector}{number}", name=vector, url=vector),
        content_warning=vector if number % 3 == 1 else "",
        language=vector[:30],
        media=(Media(url=vector, type="image", alt_text=vector), Media(url=vector, type=vector, alt_text=vector)),
        poll=Poll(options=(vector, "no"), closes_at=None),
        hashtags=(
            Hashtag(normal="notcoproduction", display="notcoproduction"),
            Hashtag(normal=vector.lower(), display=vector),
        ),
        reply_to_uri=vector if number % 2 else None,
        published_at=MONDAY + timedelta(minutes=number),
    )


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A digest of hostile posts, all of them as large as posts are shown."""
    clock = Clock(MONDAY)
    series = [{"series": "weekly", "top_posts": 50}]
    with publishing(tmp_path_factory.mktemp("hostile"), clock=clock, digest=series) as app:
        app.close_due_windows()
        clock.advance(hours=12)
        keep(app, *(make_hostile_post(number, vector) for number, vector in enumerate(VECTORS)))
        with app.database.write() as conn:
            (desk,) = [look_up(conn, app.settings, series) for series in app.settings.digests]
            assert desk.stored is not None
            for number, vector in enumerate(VECTORS):
                save_curation(conn, desk.stored.id, number + 1, Curation(note=vector))
        clock.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
        app.close_due_windows()
        with reading_app(app) as reader:
            yield reader


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def visit(page: Page, address: str) -> list[Any]:
    """Opens a page, touches everything on it, and looks for what does not belong there."""
    page.goto(address)
    page.evaluate(
        """() => { for (const element of document.querySelectorAll('body *'))
          for (const kind of ['mouseover', 'focus', 'animationstart', 'toggle', 'click', 'error', 'load'])
            if (kind !== 'click' || !element.closest('a, button, form'))
              element.dispatchEvent(new Event(kind, { bubbles: false })) }"""
    )
    found: list[Any] = page.evaluate(STRANGE)
    assert urlsplit(page.url).netloc == urlsplit(address).netloc
    return found


def test_there_are_vectors_of_every_family() -> None:
    assert len(VECTORS) >= 150
    assert len(set(VECTORS)) == len(VECTORS)


def test_no_script_in_a_post_runs_on_a_page(reader: Reader, context: BrowserContext) -> None:
    watcher, page = Watcher(reader.address), context.new_page()
    watcher.watch(page)
    single = [f"/posts/{number}" for number in range(1, len(VECTORS) + 1)]
    for path in ("/", "/digests", "/digests/weekly", "/digests/weekly/2026-W47", "/posts", "/numbers", *single):
        assert visit(page, reader.address + path) == [], path
    assert watcher.faults == []
    text = page.goto(f"{reader.address}/digests/weekly/2026-W47").text()  # type: ignore[union-attr]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text  # they are there to be read


def test_no_script_in_a_post_runs_on_its_own_page_or_in_a_list(reader: Reader, context: BrowserContext) -> None:
    watcher, page = Watcher(reader.address), context.new_page()
    watcher.watch(page)
    for number in range(1, len(VECTORS) + 1):
        assert visit(page, f"{reader.address}/posts/{number}") == [], number
    seen, address = 0, f"{reader.address}/posts"
    while address:
        assert visit(page, address) == [], address
        seen += page.locator("a.opens").count()
        further = page.locator("a[rel~=next]")
        address = f"{reader.address}{further.get_attribute('href')}" if further.count() else ""
    assert seen == len(VECTORS)
    assert visit(page, f"{reader.address}/numbers") == []
    assert watcher.faults == []


def test_no_script_in_a_post_runs_in_a_feed_or_a_table_that_a_browser_opens(
    reader: Reader, context: BrowserContext
) -> None:
    watcher, page = Watcher(reader.address), context.new_page()
    watcher.watch(page)
    feeds = [f"/feeds/{name}.{form}" for name in ("digests", "posts") for form in ("atom", "json")]
    for path in (*feeds, "/digests/weekly/2026-W47.json"):
        page.goto(reader.address + path)
    assert watcher.faults == []
    assert all("<script" not in reader.get(path).text.lower() for path in feeds if path.endswith("atom"))
    table = reader.get("/digests/weekly/2026-W47.csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert table.headers["Content-Disposition"].startswith("attachment")


def test_what_a_feed_holds_runs_no_script_in_a_reader_that_trusts_it(
    reader: Reader, context: BrowserContext, tmp_path: Path
) -> None:
    page, origin = context.new_page(), tmp_path.as_uri()
    watcher = Watcher(origin)
    watcher.watch(page)
    items = [*reader.get("/feeds/digests.json").json["items"], *reader.get("/feeds/posts.json").json["items"]]
    assert len(items) > 20
    for item in items:
        file = tmp_path / "entry.html"
        file.write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{item['content_html']}", encoding="utf-8")
        assert visit(page, file.as_uri()) == []
    assert watcher.faults == []


def test_no_script_in_an_address_runs(reader: Reader, context: BrowserContext) -> None:
    watcher, page = Watcher(reader.address), context.new_page()
    watcher.watch(page)
    for vector in VECTORS:
        told = quote(vector, safe="")
        reader.site.purses._purses.clear()  # a browser that asks this often would be told to wait
        for path in (f"/posts?q={told}&network={told}&author={told}", f"/digests/{told}", f"/confirm/{told}"):
            assert visit(page, reader.address + path) == [], path
    assert watcher.faults == []


@pytest.fixture
def subscribing(tmp_path: Path) -> Iterator[Reader]:
    """Pages where people may sign up, of an operator who has hostile words everywhere."""
    series = [{"series": name, "about": SAID, "opening": SAID, "closing": SAID} for name in ("weekly", "second")]
    web = {"title": SAID, "imprint": SAID, "base_url": "https://digest.example.org"}
    with publishing(tmp_path, clock=Clock(MONDAY), digest=series, web=web) as app:
        app.close_due_windows()
        keep(app, make_post(1, published_at=MONDAY))
        with reading_app(app) as reader:
            yield reader


def test_no_script_in_what_the_operator_says_runs(subscribing: Reader, context: BrowserContext) -> None:
    watcher, page = Watcher(subscribing.address), context.new_page()
    watcher.watch(page)
    for path in ("/", "/digests", "/digests/weekly", "/digests/weekly/2026-W47", "/subscribe", "/nothing"):
        assert visit(page, subscribing.address + path) == [], path
        assert page.title().endswith(SAID)
    assert watcher.faults == []


def test_no_script_that_is_typed_into_a_form_runs(subscribing: Reader, context: BrowserContext) -> None:
    watcher, page = Watcher(subscribing.address), context.new_page()
    watcher.watch(page)
    for vector in VECTORS:
        subscribing.site.purses._purses.clear()
        page.goto(f"{subscribing.address}/subscribe")
        page.get_by_role("textbox").fill(vector)
        page.get_by_role("button").click()
        assert page.get_by_role("textbox").input_value() == vector[:254].strip()
        assert page.evaluate(STRANGE) == [], vector
    assert watcher.faults == []


def test_no_script_in_a_post_runs_in_the_mail_opened_as_a_page(context: BrowserContext, tmp_path: Path) -> None:
    """Mail programs bring no content security policy: here there is nothing but the letter's own escaping."""
    page, watcher = context.new_page(), Watcher(tmp_path.as_uri())
    watcher.watch(page)
    for start in range(0, len(VECTORS), 20):
        posts = [make_hostile_post(number, vector) for number, vector in enumerate(VECTORS[start : start + 20])]
        shown = [
            make_shown(number, **{name: getattr(post, name) for name in post.__dataclass_fields__})
            for number, post in enumerate(posts)
        ]
        file = tmp_path / f"digest-{start}.html"
        file.write_text(render_html(make_digest(shown)), encoding="utf-8")
        assert visit(page, file.as_uri()) == [], file
    assert watcher.faults == []
