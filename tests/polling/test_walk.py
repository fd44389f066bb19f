from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from making import NOW
from paging import KEY, SPELLINGS, Timeline, make_found, make_page

from collector.errors import Condition
from collector.model import Depth, Page, Rejection, Walk, WatchKey
from collector.polling.landmarks import PATIENCE
from collector.polling.plan import ENOUGH_OLDER, RoundPlan
from collector.polling.walk import Leg, Progress, Step, Until, Walked, Walker, next_step
from collector.sources import Look

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HORIZON = NOW - 48 * HOUR
RECENT, OLD = NOW - HOUR, NOW - 900 * DAY

LEG = Leg(cursor=None, until=Until.HORIZON, horizon=HORIZON, max_pages=20)
QUICK = replace(LEG, until=Until.NOTHING_NEW)
NEWEST = replace(LEG, until=Until.KNOWN)
BACKFILL = replace(LEG, horizon=None)


def page_of(*dates: datetime, first: int = 0, next_cursor: str | None = "below") -> Page:
    found = [make_found(f"{first + number}", published_at) for number, published_at in enumerate(dates)]
    return make_page(*found, next_cursor=next_cursor)


def met(*ids: str, pages: int = 1, older_in_row: int = 0, cursors: Sequence[str] = ()) -> Progress:
    return Progress(pages=pages, older_in_row=older_in_row, ids=set(ids), cursors=set(cursors))


UNREADABLE = Page(found=(), rejections=(Rejection(native_id="9", reason="no uri", raw=b""),), next_cursor="below")

CASES = [
    ("the server's end", LEG, met(), page_of(RECENT, next_cursor=None), "fresh", Step.DONE),
    ("an empty last page", LEG, met(), make_page(next_cursor=None), "", Step.DONE),
    ("an empty page that is not the last", LEG, met(), make_page(), "", Step.GO_ON),
    ("an unreadable page", LEG, met(), UNREADABLE, "fresh", Step.GO_ON),
    ("the same cursor as before", LEG, met(cursors=["below"]), page_of(RECENT), "fresh", Step.CIRCLE),
    ("the cursor that was asked with", replace(LEG, cursor="below"), met(), page_of(RECENT), "fresh", Step.CIRCLE),
    ("the same posts as before", LEG, met("0", "1", "2"), page_of(RECENT, OLD), "fresh", Step.CIRCLE),
    (
        "the same posts as before, as the last",
        LEG,
        met("0", "1"),
        page_of(RECENT, next_cursor=None),
        "fresh",
        Step.CIRCLE,
    ),
    ("some posts as before", LEG, met("0"), page_of(RECENT, RECENT), "fresh", Step.GO_ON),
    ("a quick walk that finds something new", QUICK, met(), page_of(RECENT, OLD), "fresh known", Step.GO_ON),
    ("a quick walk that finds nothing new", QUICK, met(), page_of(RECENT, OLD), "known", Step.DONE),
    ("a quick walk among old posts", QUICK, met(older_in_row=99), page_of(OLD), "fresh", Step.GO_ON),
    ("a quick walk, nothing of the topic", QUICK, met(), page_of(RECENT), "", Step.DONE),
    ("the newest pages, all new", NEWEST, met(), page_of(RECENT, RECENT), "fresh", Step.GO_ON),
    ("the newest pages, something known", NEWEST, met(), page_of(RECENT, RECENT), "fresh known", Step.DONE),
    ("known posts inside the overlap", LEG, met(), page_of(RECENT, RECENT), "known", Step.GO_ON),
    ("a full page of older posts", LEG, met(), page_of(*[OLD] * ENOUGH_OLDER), "fresh", Step.DONE),
    ("one fewer", LEG, met(), page_of(*[OLD] * (ENOUGH_OLDER - 1)), "fresh", Step.GO_ON),
    ("as many over two pages", LEG, met(older_in_row=ENOUGH_OLDER - 1), page_of(OLD), "fresh", Step.DONE),
    ("a row that ends", LEG, met(older_in_row=39), page_of(OLD, RECENT, OLD), "fresh", Step.GO_ON),
    ("a post dated 2099 on top", LEG, met(), page_of(NOW + 27_000 * DAY, *[OLD] * 40), "fresh", Step.DONE),
    ("at the horizon is not beyond it", LEG, met(), page_of(*[HORIZON] * 40), "fresh", Step.GO_ON),
    ("a backfill without end", BACKFILL, met(older_in_row=0), page_of(*[OLD] * 80), "known", Step.GO_ON),
    ("the bound", LEG, met(pages=19), page_of(RECENT), "fresh", Step.LATER),
    ("the bound of a quick walk", QUICK, met(pages=19), page_of(RECENT), "fresh", Step.LATER),
    ("the end on the last page allowed", LEG, met(pages=19), page_of(*[OLD] * 40), "fresh", Step.DONE),
]


@pytest.mark.parametrize(
    ("leg", "progress", "page", "holds", "expected"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_what_follows_a_page(leg: Leg, progress: Progress, page: Page, holds: str, expected: Step) -> None:
    step = next_step(leg, progress, page, has_fresh="fresh" in holds, has_known="known" in holds)
    assert step is expected


# Walks


def make_plan(depth: Depth = Depth.FULL, resume: Walk | None = None, max_pages: int = 20) -> RoundPlan:
    horizon = None if depth is Depth.ALL else HORIZON
    return RoundPlan(depth=depth, started_at=NOW, horizon=horizon, resume=resume, max_pages=max_pages)


def walk(
    timeline: Timeline,
    plan: RoundPlan,
    known: set[str] | None = None,
    *,
    is_over: bool = False,
    landmarks: frozenset[str] = frozenset(),
) -> Walked:
    stored = known or set()
    walker = Walker(timeline, KEY, SPELLINGS, lambda ids: stored & set(ids), lambda: is_over, landmarks)
    return walker.walk(plan)


def ids_of(walked: Walked) -> list[str]:
    return [item.native_id for item in walked.found]


def timeline_of(page_size: int, posts: int, published_at: datetime = RECENT) -> Timeline:
    """Posts "100" upwards, the highest the newest."""
    timeline = Timeline(page_size)
    timeline.add(make_found(f"{100 + number}", published_at) for number in range(posts))
    return timeline


def test_a_first_round_takes_a_page_of_any_age() -> None:
    walked = walk(timeline_of(40, 90, OLD), make_plan())
    assert (len(walked.found), walked.pages, walked.is_done) == (40, 1, True)


def test_a_first_round_takes_as_many_from_smaller_pages() -> None:
    walked = walk(timeline_of(15, 90, OLD), make_plan())
    assert (len(walked.found), walked.pages, walked.is_done) == (45, 3, True)


def test_a_quiet_round_costs_one_page() -> None:
    timeline = timeline_of(40, 90)
    walked = walk(timeline, make_plan(Depth.QUICK), set(timeline.held))
    assert (walked.pages, walked.is_done, timeline.requests) == (1, True, [None])


def test_what_does_not_carry_the_hashtag_is_nothing_new() -> None:
    timeline = timeline_of(5, 10)
    timeline.add([make_found("300", RECENT, "cats"), make_found("301", RECENT, "dogs")])
    walked = walk(timeline, make_plan(Depth.QUICK), {f"{100 + number}" for number in range(10)})
    assert (ids_of(walked)[:2], walked.pages) == (["301", "300"], 1)


def test_a_walk_stops_at_its_bound_and_goes_on_below() -> None:
    timeline = timeline_of(5, 40)
    first = walk(timeline, make_plan(max_pages=4))
    assert (first.is_done, first.pages, ids_of(first)[-1]) == (False, 4, "120")
    assert first.walk == Walk(depth=Depth.FULL, started_at=NOW, horizon=HORIZON, cursor="120", seen=20)
    second = walk(timeline, make_plan(resume=first.walk, max_pages=4), set(ids_of(first)))
    assert ids_of(second) == [f"{number}" for number in (*range(139, 134, -1), *range(119, 104, -1))]
    assert second.walk == replace(first.walk, cursor="105", seen=40)
    third = walk(timeline, make_plan(resume=second.walk), set(ids_of(first) + ids_of(second)))
    assert (ids_of(third)[5:], third.is_done, third.walk) == ([f"{n}" for n in range(104, 99, -1)], True, None)


def test_new_posts_on_top_do_not_wait_for_the_end_of_a_long_walk_nor_hold_it_up() -> None:
    timeline = timeline_of(5, 40)
    known: set[str] = set()
    pending: Walk | None = None
    for round_number in range(12):
        walked = walk(timeline, make_plan(resume=pending, max_pages=2), known)
        known |= set(ids_of(walked))
        assert len(timeline.requests) <= 2 * (round_number + 1)
        if walked.is_done:
            break
        pending = walked.walk
        newest = f"{200 + round_number}"
        timeline.add([make_found(newest, NOW)])
        if round_number:
            assert f"{200 + round_number - 1}" in known
    assert walked.is_done
    assert {f"{100 + number}" for number in range(40)} <= known


def test_with_one_page_a_round_a_walk_still_comes_to_its_end() -> None:
    timeline = timeline_of(5, 20)
    pending, known, rounds = None, set[str](), 0
    while rounds == 0 or pending is not None:
        walked = walk(timeline, make_plan(resume=pending, max_pages=1), known)
        known |= set(ids_of(walked))
        pending = walked.walk
        rounds += 1
        assert len(timeline.requests) == rounds
        timeline.add([make_found(f"{200 + rounds}", NOW)])
    assert rounds == 5
    assert {f"{100 + number}" for number in range(20)} <= known


def test_an_error_in_the_middle_keeps_what_came_and_the_page_to_go_on_with() -> None:
    timeline = timeline_of(5, 20)
    timeline.faults = [2]
    walked = walk(timeline, make_plan())
    assert (len(walked.found), walked.is_done, walked.error is not None) == (10, False, True)
    assert walked.walk is not None
    assert walked.walk.cursor == "110"
    rest = walk(timeline, make_plan(resume=walked.walk), set(ids_of(walked)))
    assert (ids_of(rest)[5:], rest.is_done) == ([f"{number}" for number in range(109, 99, -1)], True)


def test_an_error_on_the_newest_page_leaves_the_pending_walk_where_it_was() -> None:
    timeline = timeline_of(5, 20)
    pending = Walk(depth=Depth.DEEP, started_at=NOW - HOUR, horizon=HORIZON, cursor="110", seen=10)
    timeline.faults = [0]
    walked = walk(timeline, make_plan(Depth.DEEP, resume=pending))
    assert (walked.walk, walked.pages, walked.is_done) == (pending, 0, False)


def test_a_first_page_that_fails_leaves_nothing_to_go_on_with() -> None:
    timeline = timeline_of(5, 20)
    timeline.faults = [0]
    assert walk(timeline, make_plan()).walk is None


def test_a_quick_walk_that_reaches_its_bound_goes_on_as_a_full_one() -> None:
    walked = walk(timeline_of(5, 20), make_plan(Depth.QUICK, max_pages=2))
    assert walked.walk is not None
    assert (walked.walk.depth, walked.walk.horizon) == (Depth.FULL, HORIZON)


class DeafTimeline(Timeline):
    """Gives its newest page whatever the cursor, each time with another one to go on with."""

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        self.requests.append(look.cursor)
        return make_page(*self.held.values(), next_cursor=f"after {len(self.requests)}")


class UnusedTimeline(Timeline):
    """Of a server where nobody ever used the hashtag."""

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        return make_page(next_cursor=None, condition=Condition.NEVER_USED)


def test_a_server_that_ignores_the_cursor_is_asked_twice() -> None:
    timeline = DeafTimeline(5, timeline_of(5, 5).held)
    assert (walk(timeline, make_plan()).is_done, len(timeline.requests)) == (True, 2)


def test_a_walk_without_time_stops_after_one_page_of_each_stretch() -> None:
    timeline = timeline_of(5, 40)
    first = walk(timeline, make_plan(), is_over=True)
    assert (first.pages, first.is_done) == (1, False)
    second = walk(timeline, make_plan(resume=first.walk), set(ids_of(first)), is_over=True)
    assert (second.pages, second.is_done, timeline.requests) == (2, False, [None, None, "135"])


def test_a_backfill_that_goes_on_leaves_the_newest_pages_alone() -> None:
    timeline = timeline_of(5, 40, OLD)
    first = walk(timeline, make_plan(Depth.ALL, max_pages=3))
    assert first.walk is not None
    assert (first.walk.depth, first.walk.horizon, first.walk.cursor) == (Depth.ALL, None, "125")
    walk(timeline, make_plan(Depth.ALL, resume=first.walk, max_pages=1), set(ids_of(first)))
    assert timeline.requests == [None, "135", "130", "125"]


def test_a_burst_of_old_posts_on_top_does_not_hide_what_is_below() -> None:
    timeline = timeline_of(5, 10)
    timeline.add(make_found(f"{300 + number}", OLD) for number in range(ENOUGH_OLDER - 1))
    walked = walk(timeline, make_plan(), {item for item in timeline.held if item >= "300"})
    assert {f"{100 + number}" for number in range(10)} <= set(ids_of(walked))


def test_a_longer_burst_is_walked_through_until_the_landmarks_below_it_are_met() -> None:
    timeline = timeline_of(5, 10)
    timeline.add(make_found(f"{300 + number}", OLD) for number in range(2 * ENOUGH_OLDER))
    known = {item for item in timeline.held if item >= "300"}
    assert {item for item in ids_of(walk(timeline, make_plan(), known)) if item < "300"} == set()
    walked = walk(timeline, make_plan(), known, landmarks=frozenset({"100", "101", "102"}))
    assert {f"{100 + number}" for number in range(10)} <= set(ids_of(walked))


def test_landmarks_that_are_gone_do_not_make_a_walk_endless() -> None:
    timeline = timeline_of(40, 800, OLD)
    walked = walk(timeline, make_plan(), landmarks=frozenset({"gone", "gone too"}))
    assert (walked.pages, walked.is_done) == (PATIENCE, True)


def test_the_condition_of_a_round_is_that_of_its_newest_page() -> None:
    walked = walk(UnusedTimeline(5), make_plan())
    assert (walked.condition, walked.is_done, walked.found) == (Condition.NEVER_USED, True, ())


class Gappy(Timeline):
    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        page = super().fetch_page(key, look)
        return page if look.cursor is None else replace(page, condition=Condition.HALF_FEED)


def test_that_something_is_missing_counts_on_whichever_page_it_is() -> None:
    timeline = Gappy(5)
    timeline.add(make_found(f"{100 + number}", RECENT) for number in range(10))
    assert walk(timeline, make_plan()).condition is Condition.HALF_FEED


class Forgetful(Timeline):
    """It gives its first page whatever it is asked for."""

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        return super().fetch_page(key, replace(look, cursor=None))


def test_a_place_that_shows_the_same_again_ends_the_walk_and_says_what_cannot_be_seen() -> None:
    timeline = Forgetful(5)
    timeline.add(make_found(f"{100 + number}", RECENT) for number in range(10))
    walked = walk(timeline, make_plan())
    assert (len(timeline.requests), walked.is_done, walked.is_whole, walked.walk) == (2, True, False, None)
    assert walked.condition is Condition.HALF_FEED
    assert walked.message == "fedi.example shows the same again where it is asked for older posts: they cannot be seen"


class Garbled(Timeline):
    """Nothing on its pages can be read."""

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        page = super().fetch_page(key, look)
        rejections = tuple(Rejection(native_id=item.native_id, reason="no account", raw=b"") for item in page.found)
        return replace(page, found=(), rejections=rejections, bookmark="here")


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.FULL, Depth.DEEP])
def test_a_round_in_which_nothing_can_be_read_has_failed_and_leaves_all_as_it_was(depth: Depth) -> None:
    timeline = Garbled(5)
    timeline.add(make_found(f"{100 + number}", RECENT) for number in range(10))
    walked = walk(timeline, make_plan(depth, max_pages=1))
    assert walked.error is not None
    assert walked.error.condition is Condition.UNREADABLE
    assert str(walked.error) == "fedi.example shows 5 things, of which none can be read: no account"
    assert walked == Walked(error=walked.error)


def test_a_backfill_goes_on_behind_what_cannot_be_read() -> None:
    timeline = Garbled(5)
    timeline.add(make_found(f"{100 + number}", RECENT) for number in range(10))
    walked = walk(timeline, make_plan(Depth.ALL, max_pages=1))
    assert (walked.error, len(walked.rejections)) == (None, 5)
    assert walked.walk is not None
