"""A series that has a title: readers meet that, and addresses keep the name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from collecting import Clock, keep, mails, publishing
from making import make_post
from reading_mail import make_readership
from visiting import Reader, reading_app

from collector.app import App
from collector.storage.database import Database

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)  # of 2026-W47
NEXT_MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
TITLE = "Bees, every morning"
BEES = {"series": "taeglich", "title": TITLE, "to": ["me@example.org"]}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Two series, one with a title, with a digest of each in the outbox."""
    clock = Clock(MONDAY)
    web = {"base_url": "https://digest.example.org"}
    with publishing(tmp_path, clock=clock, web=web, digest=[BEES, {"series": "weekly"}]) as app:
        app.close_due_windows()
        keep(app, make_post(1, published_at=MONDAY))
        clock.now = NEXT_MONDAY
        app.close_due_windows()
        app.send_owed()
        yield app


@pytest.fixture
def reader(app: App) -> Iterator[Reader]:
    with reading_app(app) as reader:
        yield reader


@pytest.mark.parametrize(
    "path",
    ["/", "/digests", "/digests/taeglich", "/digests/taeglich/2026-W47", "/posts/1", "/subscribe"],
)
def test_pages_tell_the_title_and_their_addresses_the_name(reader: Reader, path: str) -> None:
    text = reader.get(path).text
    assert TITLE in text
    shown = re.sub(r'(href|value)="[^"]*"', "", text[text.index("<body>") :])
    assert "taeglich" not in shown


def test_feeds_are_called_by_the_title(reader: Reader) -> None:
    assert reader.get("/feeds/digests/taeglich.json").json["title"] == TITLE
    assert f'title="{TITLE}" href="/feeds/digests/taeglich.atom"' in reader.get("/digests/taeglich").text


def test_mail_programs_show_the_title_beside_an_id_that_stays(app: App) -> None:
    (mail,) = mails(app)
    assert mail["List-Id"] == f'"{TITLE}" <taeglich.example.org>'


def test_readers_are_told_the_title_wherever_they_choose_and_the_name_where_there_is_none(
    database: Database, tmp_path: Path
) -> None:
    readership = make_readership(database, tmp_path, digest=[BEES, {"series": "weekly"}])
    assert readership.name_series(["weekly", "taeglich"]) == [TITLE, "#notcoproduction (weekly)"]


def test_a_form_with_one_series_says_in_a_sentence_what_one_signs_up_for(tmp_path: Path) -> None:
    web = {"base_url": "https://digest.example.org"}
    series = [BEES | {"about": "What flies here."}]
    with publishing(tmp_path, clock=Clock(MONDAY), web=web, digest=series) as app, reading_app(app) as reader:
        text = reader.get("/subscribe").text
        assert f'<p>You sign up for {TITLE}. <span dir="auto">What flies here.</span></p>' in text
        assert text.index("You sign up for") < text.index("<label")
