"""Digests as pages: the latest, the archive, one at its address, its table and its JSON; and what is taken back."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from collecting import Clock, keep, publishing
from making import make_author, make_post
from visiting import Reader, reading_app

from collector.app import App
from collector.forgetting import forget, look
from collector.mailing.issuing import look_up
from collector.model import Media
from collector.storage.choices import save_approval
from collector.storage.curation import hide_author, hide_post
from collector.web import digests

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)  # of 2026-W47
TUESDAY = MONDAY + timedelta(days=1)
NEXT_MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)  # when the digest of that week has gone out
OF_TOM = {"uri": "https://fedi.example/users/tom/statuses/2", "url": "https://fedi.example/@tom/2"}
SERIES = [{"series": "weekly", "about": "Examples, every Monday."}, {"series": "other"}]


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY)


@pytest.fixture
def app(clock: Clock, tmp_path: Path, prepared_url: str) -> Iterator[App]:
    """Two series that have begun."""
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}, digest=SERIES) as app:
        app.close_due_windows()
        yield app


@pytest.fixture
def reader(app: App) -> Iterator[Reader]:
    with reading_app(app) as reader:
        yield reader


def publish(app: App, clock: Clock, *posts: Any) -> None:
    """The posts in a digest that was built."""
    keep(app, *posts)
    clock.now = NEXT_MONDAY
    app.close_due_windows()


def test_a_digest_that_was_built_stands_at_its_address(reader: Reader, app: App, clock: Clock) -> None:
    publish(app, clock, make_post(1, text="The PDF was final. #notcoproduction", published_at=TUESDAY))
    seen = reader.get("/digests/weekly/2026-W47")
    assert seen.status == 200
    assert "The PDF was final." in seen.text
    assert "Week 47 · 16 to 22 November 2026" in seen.text
    assert 'href="https://fedi.example/@carys/1"' in seen.text
    assert "so far" not in seen.text


def test_each_post_of_a_digest_leads_to_a_page_of_its_own_from_feeds_by_its_whole_address(
    reader: Reader, app: App, clock: Clock
) -> None:
    publish(app, clock, make_post(1, text="The PDF was final. #notcoproduction", published_at=TUESDAY))
    (address,) = re.findall(r'href="(/posts/[0-9]+)"', reader.get("/digests/weekly/2026-W47").text)
    assert "The PDF was final." in reader.get(address).text
    assert f"{reader.address}{address}" in reader.get("/feeds/digests.json").text


def test_the_first_page_shows_the_latest_digest_and_leads_to_the_others(reader: Reader, app: App, clock: Clock) -> None:
    publish(app, clock, make_post(1, text="The PDF was final.", published_at=TUESDAY))
    seen = reader.get("/")
    assert "The PDF was final." in seen.text
    assert "Examples, every Monday." in seen.text
    for address in ("/digests/weekly", "/digests/other", "/privacy", "/feeds/digests.atom"):
        assert f'href="{address}"' in seen.text


def test_before_anything_was_built_the_first_page_shows_what_there_is_so_far(reader: Reader, app: App) -> None:
    keep(app, make_post(1, text="Just said.", published_at=MONDAY))
    seen = reader.get("/")
    assert "Just said." in seen.text
    assert "how the digest stands so far" in seen.text


def test_without_any_digest_the_first_page_says_so(clock: Clock, tmp_path: Path, prepared_url: str) -> None:
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}) as app, reading_app(app) as reader:
        for path in ("/", "/digests", "/digests/weekly"):
            seen = reader.get(path)
            assert seen.status == 200
            assert "There is no digest yet." in seen.text


def test_an_archive_lists_every_digest_by_year_and_each_leads_to_those_beside_it(
    reader: Reader, app: App, clock: Clock
) -> None:
    for week in range(8):
        keep(app, make_post(week, published_at=clock()))
        clock.advance(days=7)
        app.close_due_windows()
    text = reader.get("/digests/weekly").text
    weeks = ["2026-W47", "2026-W48", "2026-W53", "2027-W01"]
    places = [text.index(f'href="/digests/weekly/{week}"') for week in reversed(weeks)]
    assert places == sorted(places)  # the newest first
    assert text.index("<h2>2027</h2>") < text.index("<h2>2026</h2>")
    middle = reader.get("/digests/weekly/2026-W48").text
    assert 'rel="prev" href="/digests/weekly/2026-W47"' in middle
    assert 'rel="next" href="/digests/weekly/2026-W49"' in middle


def test_a_list_says_so_far_only_of_what_may_grow_and_leaves_out_what_is_empty(
    reader: Reader, app: App, clock: Clock
) -> None:
    assert "There is no digest yet." in reader.get("/digests/weekly").text
    keep(app, make_post(1, published_at=MONDAY))
    assert "one example so far" in reader.get("/digests/weekly").text
    clock.now = NEXT_MONDAY  # it is over, but not built
    text = reader.get("/digests/weekly").text
    assert "one example" in text
    assert "so far" not in text


def test_where_the_series_is_called_as_the_site_is_its_digest_is_the_heading(clock: Clock, tmp_path: Path) -> None:
    with publishing(tmp_path, clock=clock) as app, reading_app(app) as reader:
        assert headings(reader, "/") == ["#notcoproduction"]  # to be heard: nothing else could head the page
        app.close_due_windows()
        publish(app, clock, make_post(1, published_at=TUESDAY))
        assert headings(reader, "/") == headings(reader, "/digests/weekly/2026-W47")
        assert headings(reader, "/") == ["Week 47 · 16 to 22 November 2026"]
        assert re.search(r'<h1><a href="/digests/weekly/2026-W47">', reader.get("/").text)


def headings(reader: Reader, path: str) -> list[str]:
    """All that stands in an h1."""
    return [re.sub("<.*?>", "", found) for found in re.findall(r"<h1.*?</h1>", reader.get(path).text)]


def test_what_was_skipped_and_what_never_was_are_not_there(reader: Reader, app: App, clock: Clock) -> None:
    publish(app, clock)  # nothing: the week is skipped
    for name in ("2026-W47", "2026-W01", "2030-W10", "2026-W99", "nonsense"):
        for form in ("", ".csv", ".json"):
            seen = reader.get(f"/digests/weekly/{name}{form}")
            assert seen.status == 404
            assert "Nothing is here" in seen.text
    assert reader.get("/digests/unknown").status == 404
    assert "2026-W47" not in reader.get("/digests/weekly").text


def test_an_open_digest_is_shown_as_it_stands_and_search_engines_are_asked_to_wait(
    reader: Reader, app: App, clock: Clock
) -> None:
    keep(app, make_post(1, text="Just said.", published_at=MONDAY))
    seen = reader.get("/digests/weekly/2026-W47")
    assert "how the digest stands so far" in seen.text
    assert '<meta name="robots" content="noindex">' in seen.text
    assert reader.get("/digests/weekly/2026-W47.csv").status == 404
    assert ".csv" not in seen.text
    assert reader.get("/digests/weekly/2026-W47.json").json["state"] == "open"


def test_what_a_curator_is_to_see_first_is_not_shown_before(clock: Clock, tmp_path: Path, prepared_url: str) -> None:
    waiting = [{"series": "weekly", "curator": "me@example.org", "approval": "required"}]
    web = {"base_url": "https://digest.example.org"}
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}, digest=waiting, web=web) as app:
        app.close_due_windows()
        keep(app, make_post(1, text="Just said.", published_at=MONDAY))
        with reading_app(app) as reader:
            assert reader.get("/digests/weekly/2026-W47").status == 404
            assert "Just said." not in reader.get("/").text
            with app.database.write() as conn:
                stored = look_up(conn, app.settings, app.settings.digests[0]).window_named("2026-W47")
                assert stored is not None
                save_approval(conn, stored.id, clock())
            assert "Just said." in reader.get("/digests/weekly/2026-W47").text


def test_the_table_and_the_json_hold_the_members(reader: Reader, app: App, clock: Clock) -> None:
    publish(app, clock, make_post(1, text="=1+1", published_at=TUESDAY), make_post(2, published_at=TUESDAY))
    table = reader.get("/digests/weekly/2026-W47.csv")
    rows = list(csv.DictReader(io.StringIO(table.body.decode(), newline="")))
    assert [row["uri"].rpartition("/")[2] for row in rows] == ["1", "2"]
    assert rows[0]["text"] == "'=1+1"
    assert table.headers["Content-Disposition"] == 'attachment; filename="weekly-2026-W47.csv"'
    assert reader.get("/digests/weekly/2026-W47.json").json["totals"]["posts"] == 2


def test_where_there_is_no_room_for_a_long_table_it_is_put_off_in_a_sentence(
    reader: Reader, app: App, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish(app, clock, make_post(1, published_at=TUESDAY))
    with patch.object(digests, "_IN_MEMORY", 1), patch.object(tempfile, "tempdir", str(tmp_path / "nowhere")):
        assert reader.get("/digests/weekly/2026-W47.csv").status == 503
    assert "Traceback" not in caplog.text
    assert f"temporary files {tmp_path / 'nowhere'}: No such file or directory" in caplog.text


def hide_it(app: App) -> None:
    with app.database.write() as conn:
        hide_post(conn, "https://fedi.example/@carys/1", app.now())


def hide_them(app: App) -> None:
    with app.database.write() as conn:
        hide_author(conn, "carys@fedi.example", app.now())


def forget_them(app: App) -> None:
    forget(app.memory, look(app.memory, "carys@fedi.example"), app.now())


@pytest.mark.parametrize("take_back", [hide_it, hide_them, forget_them])
def test_what_is_hidden_or_forgotten_is_gone_from_every_page_at_once(
    take_back: Any, reader: Reader, app: App, clock: Clock
) -> None:
    mine = make_post(1, text="Spot the service user.", published_at=TUESDAY, author=make_author(name="Carys Secret"))
    tom = make_author(handle="tom@fedi.example", name="Tom")
    publish(app, clock, mine, make_post(2, text="Still here.", author=tom, published_at=TUESDAY, **OF_TOM))
    paths = ["/", *(f"/digests/weekly/2026-W47{form}" for form in ("", ".json", ".csv"))]
    paths += [f"/feeds/digests{series}.{form}" for series in ("", "/weekly") for form in ("atom", "json")]
    marks = {}
    for path in paths:
        seen = reader.get(path)
        assert "Spot the service user." in seen.text, path
        marks[path] = seen.headers.get("ETag", '"none"')
    take_back(app)
    for path in paths:
        seen = reader.get(path, If_None_Match=marks[path])
        assert seen.status == 200
        assert "Spot the service user." not in seen.text, path
        assert "Secret" not in seen.text, path
        assert "Still here." in seen.text, path


def test_an_edited_post_is_shown_with_its_text_of_today(reader: Reader, app: App, clock: Clock) -> None:
    publish(app, clock, make_post(1, text="First words.", published_at=TUESDAY))
    keep(app, make_post(1, text="Second words.", published_at=TUESDAY, edited_at=clock()))
    text = reader.get("/digests/weekly/2026-W47").text
    assert "Second words." in text
    assert "First words." not in text


def test_nothing_is_sent_again_as_long_as_nothing_changed(reader: Reader, app: App, clock: Clock) -> None:
    publish(app, clock, make_post(1, published_at=TUESDAY))
    for path in ("/", "/digests", "/digests/weekly", "/digests/weekly/2026-W47", "/privacy", "/feeds/digests.atom"):
        first = reader.get(path)
        assert first.headers["Cache-Control"] == "no-cache"
        assert reader.get(path, If_None_Match=first.headers["ETag"]).status == 304, path


def test_a_large_digest_shows_all_of_its_members_and_soon(reader: Reader, app: App, clock: Clock) -> None:
    people = [make_author(handle=f"p{number}@fedi.example", name=f"Person {number}") for number in range(100)]
    picture = Media(url="https://fedi.example/1.png", type="image", alt_text="a table with eleven chairs")
    posts = [
        make_post(n, text=f"Example number {n}. #notcoproduction", author=people[n % 100], media=(picture,))
        for n in range(300)
    ]
    publish(app, clock, *posts)
    text = reader.get("/digests/weekly/2026-W47").text
    assert [n for n in range(300) if f"Example number {n}." not in text] == []
    took = []
    for _ in range(5):
        before = time.perf_counter()
        reader.get("/digests/weekly/2026-W47")
        took.append(time.perf_counter() - before)
    assert min(took) < 0.25  # far from it on any machine that is not overrun


def test_links_lead_to_the_base_address_whatever_host_is_asked_for(
    clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    web = {"base_url": "https://example.org/letters", "title": "Not coproduction"}
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}, web=web) as app:
        app.close_due_windows()
        publish(app, clock, make_post(1, published_at=TUESDAY))
        with reading_app(app) as reader:
            for path in ("/letters/", "/letters/digests/weekly/2026-W47", "/letters/feeds/digests.atom"):
                seen = reader.get(path, Host="evil.example", X_Forwarded_Host="evil.example", X_Forwarded_Proto="http")
                assert seen.status == 200
                assert "evil.example" not in seen.text + str(seen.headers)
            page = reader.get("/letters/digests/weekly/2026-W47").text
    assert '<link rel="canonical" href="https://example.org/letters/digests/weekly/2026-W47">' in page
    assert '<meta property="og:title" content="#notcoproduction: Week 47 · 16 to 22 November 2026">' in page
    assert '<meta property="og:description" content="“They renamed the complaints box' in page
    assert 'href="/letters/digests/weekly/2026-W47.csv"' in page


def test_links_shared_from_a_site_that_nobody_can_reach_name_no_address(reader: Reader) -> None:
    assert "og:" not in reader.get("/").text
    assert "canonical" not in reader.get("/").text


@pytest.mark.parametrize("base_url", [None, "https://digest.example.org"])
def test_only_pages_with_an_address_for_letters_lead_to_the_form(
    clock: Clock, tmp_path: Path, prepared_url: str, base_url: str | None
) -> None:
    web = {"base_url": base_url} if base_url else {}
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}, digest=SERIES, web=web) as app:
        app.close_due_windows()
        publish(app, clock, make_post(1, published_at=TUESDAY))
        with reading_app(app) as reader:
            for path in ("/", "/digests/weekly", "/digests/weekly/2026-W47"):
                assert ("/subscribe" in reader.get(path).text) == bool(base_url), path
