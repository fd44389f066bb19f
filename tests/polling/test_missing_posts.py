"""Posts that a whole walk should have met and did not: the source is asked, and only a clear answer takes them away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from collecting import Clock, collecting, rows, states
from making import NOW
from paging import Timeline, make_found

from collector.app import App
from collector.errors import Condition, SourceError
from collector.model import Depth, Page, Saved, WatchKey
from collector.polling.rounds import poll_watches
from collector.sources import Look, LookedUp

SOURCE = [{"name": "model", "kind": "mastodon", "url": "https://fedi.example"}]


class Telling(Timeline):
    """A place that can say of each post whether it is gone."""

    is_whole: bool = True
    closed: bool = False
    asked: list[list[str]]
    away: frozenset[str] = frozenset()

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        return replace(super().fetch_page(key, look), is_whole=self.is_whole, bookmark="etag")

    @property
    def looks_up(self) -> int:
        return 20

    def look_up(self, key: WatchKey, native_ids: Sequence[str], of_shown: Collection[str] = ()) -> LookedUp:
        filling = self.held.keys() - self.hidden  # what a request takes along that is made anyway
        self.asked.append([native_id for native_id in native_ids if native_id not in filling])
        if self.closed:
            return LookedUp(error=SourceError(Condition.NEEDS_TOKEN, "closed"))
        return LookedUp(
            found=tuple(self.held[native_id] for native_id in native_ids if native_id in self.held.keys() - self.away),
            gone=frozenset(native_ids) - self.held.keys(),
            away=frozenset(native_ids) & self.away,
        )


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[App]:
    with collecting(tmp_path, clock=clock, source=SOURCE) as app:
        yield app


@pytest.fixture
def place() -> Telling:
    made = Telling(page_size=40)
    made.asked = []
    made.add(make_found(f"{number:03}", NOW - timedelta(hours=number)) for number in range(10))
    made.add([make_found("old", NOW - timedelta(days=20))])
    return made


def poll(app: App, place: Telling, depth: Depth = Depth.FULL) -> Saved:
    (report,) = poll_watches(replace(app.poller(), source_of=lambda _: place), app.watches(), depth)
    app.now.advance(hours=1)  # type: ignore[attr-defined]
    assert report.error is None
    return report.saved


def test_what_is_gone_for_sure_is_taken_out_of_sight_and_comes_back_when_it_is_shown_again(
    app: App, place: Telling
) -> None:
    assert (poll(app, place).new, place.asked) == (11, [])
    regretted = place.held.pop("003")
    assert poll(app, place).gone == 1
    assert len(rows(app)) == 10
    assert (poll(app, place).gone, place.asked) == (0, [["003"]])
    place.add([regretted])
    poll(app, place)
    assert len(rows(app)) == 11


def test_posts_of_an_account_that_is_switched_off_are_out_of_sight_until_it_is_back(app: App, place: Telling) -> None:
    poll(app, place)
    place.hidden, place.away = {"003", "004"}, frozenset({"003", "004"})
    assert (poll(app, place).gone, len(rows(app))) == (2, 9)
    app.now.advance(days=60)  # type: ignore[attr-defined]
    for _ in range(3):
        poll(app, place, Depth.DEEP)
        app.now.advance(days=31)  # type: ignore[attr-defined]
    assert len(rows(app)) == 9
    place.hidden, place.away = set(), frozenset()
    poll(app, place, Depth.DEEP)
    assert len(rows(app)) == 11
    assert {row.text for row in rows(app)} == {item.post.text for item in place.held.values()}


def test_what_only_was_not_shown_stays(app: App, place: Telling) -> None:
    poll(app, place)
    place.hidden = {"003", "004"}
    assert (poll(app, place).gone, len(rows(app))) == (0, 11)
    assert place.asked == [["003", "004"]]


def test_a_closed_door_is_no_deletion(app: App, place: Telling) -> None:
    poll(app, place)
    place.held.clear()
    place.closed = True
    assert (poll(app, place, Depth.DEEP).gone, len(rows(app))) == (0, 11)


def test_nothing_is_asked_about_what_lies_behind_the_horizon(app: App, place: Telling) -> None:
    poll(app, place)
    del place.held["old"]
    assert (poll(app, place).gone, place.asked) == (0, [])
    assert poll(app, place, Depth.DEEP).gone == 1


def test_a_place_that_shows_only_its_newest_says_nothing_about_the_rest(app: App, place: Telling) -> None:
    poll(app, place)
    place.is_whole = False
    place.held.clear()
    assert (poll(app, place).gone, place.asked) == (0, [])


def test_a_quick_round_says_nothing_about_what_is_missing(app: App, place: Telling) -> None:
    poll(app, place)
    del place.held["003"]
    assert (poll(app, place, Depth.QUICK).gone, place.asked) == (0, [])


def test_a_bookmark_is_kept_for_the_next_round(app: App, place: Telling) -> None:
    poll(app, place)
    assert states(app)["model notcoproduction"].bookmark == "etag"


def test_a_post_that_lost_its_hashtag_is_no_longer_found_and_is_withdrawn(app: App, place: Telling) -> None:
    poll(app, place)
    place.hidden = {"003"}
    edited = make_found("003", NOW - timedelta(hours=3), hashtag="other")
    place.held["003"] = replace(edited, post=replace(edited.post, text="No longer."))
    saved = poll(app, place)
    assert (saved.gone, saved.withdrawn, len(rows(app))) == (0, 1, 10)


def test_what_is_missing_is_found_in_a_place_that_holds_more_than_one_round_asks_about(
    app: App, place: Telling
) -> None:
    place.add(make_found(f"m{number:03}", NOW - timedelta(days=1, minutes=number)) for number in range(380))
    while len(rows(app)) < 391:
        poll(app, place, Depth.DEEP)
    del place.held["m379"]
    assert (poll(app, place, Depth.DEEP).gone, place.asked) == (1, [["m379"]])
