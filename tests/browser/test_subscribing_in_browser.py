"""A reader's way through the pages in a real browser, with letters from a real mail server: by keyboard and labels."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from making import NOW
from making_readers import subscribe
from reading_mail import BASE, key_of, link_in, make_readership, post, signer_of, standing_of
from requiring import needs
from smtpserver import MailServer
from visiting import reading

from collector.links.personal import settings_token, unsubscribe_token
from collector.storage.database import Database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage")
JO, PLAIN = "Jürgen.Łoś@bücher.example", "Jürgen.Łoś@xn--bcher-kva.example"

pytestmark = [
    pytest.mark.parametrize("kind", ["sqlite"]),
    needs(
        "browser",
        is_there=bool(CHROMIUM and find_spec("playwright")),
        reason="it needs Chromium (or $CHROMIUM) and the package playwright",
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def test_somebody_subscribes_confirms_chooses_and_leaves(page: Page, database: Database, tmp_path: Path) -> None:
    readership, clock = make_readership(database, tmp_path), [NOW]
    with MailServer() as server, reading(database, readership.settings, now=lambda: clock[0]) as reader:
        page.goto(f"{reader.address}/subscribe")
        page.get_by_role("button").press("Enter")
        assert heading(page) == "Subscribe"
        field = page.get_by_label("Your e-mail address")
        assert field.get_attribute("aria-invalid") == "true"
        assert page.locator("#address-fault").is_visible()
        field.fill(JO)
        page.get_by_label("#notcoproduction (weekly)").check()
        page.get_by_role("button", name="Send me the link").press("Enter")
        assert heading(page) == "Look at your mail"

        post(readership, server)
        (letter,) = server.messages
        assert letter.recipients == [PLAIN]
        page.goto(link_in(letter).replace(BASE, reader.address))
        assert standing_of(database, PLAIN) == {"weekly": "asked"}
        page.get_by_role("button", name="Yes, send it to me").press("Enter")
        assert heading(page) == "You are on the list"
        assert standing_of(database, PLAIN) == {"weekly": "confirmed"}

        page.get_by_role("link", name="What you get").press("Enter")
        page.get_by_label("#notcoproduction (second)").check()
        page.get_by_role("button", name="Save").press("Enter")
        assert page.get_by_text("Saved.").is_visible()
        assert standing_of(database, PLAIN) == {"weekly": "confirmed", "second": "confirmed"}
        page.get_by_role("link", name="Show all of it").press("Enter")
        assert page.get_by_text("signed up on the page, and confirmed by mail").is_visible()
        assert page.get_by_text(PLAIN, exact=True).first.is_visible()

        clock[0] += timedelta(hours=1)
        token = unsubscribe_token(signer_of(database), key_of(database, PLAIN), "weekly")
        page.goto(f"{reader.address}/unsubscribe/{token}")
        assert heading(page) == "Stop #notcoproduction (weekly)?"
        page.get_by_role("button", name="Stop #notcoproduction (weekly)").press("Enter")
        assert heading(page) == "It has stopped"
        assert standing_of(database, PLAIN) == {"weekly": "ended", "second": "confirmed"}
        assert page.context.cookies() == []


def test_nobody_is_erased_by_one_slip_of_a_thumb(page: Page, database: Database, tmp_path: Path) -> None:
    readership = make_readership(database, tmp_path)
    subscribe(database, ["jo@example.org"], NOW)
    with reading(database, readership.settings) as reader:
        token = settings_token(signer_of(database), key_of(database, "jo@example.org"))
        page.goto(f"{reader.address}/settings/{token}")
        assert not page.get_by_text("Erase me").is_visible()
        page.get_by_text("I am sure").click()
        page.get_by_role("button", name="Erase me").press("Enter")
        assert heading(page) == "You are forgotten"


def test_pages_fit_a_small_screen_and_a_thumb(page: Page, database: Database, tmp_path: Path) -> None:
    readership = make_readership(database, tmp_path)
    with reading(database, readership.settings) as reader:
        page.goto(f"{reader.address}/subscribe")
        for control in (*page.get_by_role("button").all(), page.get_by_label("Your e-mail address")):
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["x"] + box["width"] <= 360
