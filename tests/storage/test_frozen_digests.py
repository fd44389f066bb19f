"""Digests as they are stored: who may be in one, freezing it, and what it shows later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from making import NOW, make_author, make_post
from making_storage import add_watch, edited, make_batch, rows, save
from sqlalchemy import update

from collector.digest.windows import window_named
from collector.errors import StorageError
from collector.model import (
    NOT_RUNNING,
    Counts,
    DigestState,
    Hashtag,
    IssueFacts,
    IssuePlan,
    Member,
    Totals,
    Unread,
    Window,
    Wish,
)
from collector.storage.curation import hide_author, hide_post
from collector.storage.database import Connection, Database
from collector.storage.digests import (
    count_dated,
    find_candidates,
    find_known,
    first_dated_at,
    freeze,
    last_dated_at,
    read_plan,
    shown_posts,
    skip,
)
from collector.storage.facts import read_facts
from collector.storage.saving import save_batch
from collector.storage.series import (
    StoredWindow,
    add_window,
    ensure_series,
    find_names,
    find_series,
    windows_of,
)
from collector.storage.tables import posts

TOPICS = ["notcoproduction"]
LONDON = ZoneInfo("Europe/London")
WINDOW = window_named("2026-W47", LONDON)
STRETCH = (WINDOW.starts_at, WINDOW.ends_at)
DAY = timedelta(days=1)


def open_window(conn: Connection, window: Window = WINDOW, series: str = "weekly") -> tuple[int, StoredWindow]:
    stored = ensure_series(conn, series, TOPICS, NOW)
    add_window(conn, stored.id, window)
    return stored.id, next(one for one in windows_of(conn, stored.id) if one.window == window)


def plan_of(*post_ids: int, window: Window = WINDOW) -> IssuePlan:
    members = tuple(
        Member(post_id=post_id, section="more", position=place, counts=Counts(likes=post_id))
        for place, post_id in enumerate(post_ids)
    )
    totals = Totals(
        posts=len(members), authors=1, by_network={"fediverse": 1}, by_day={date(2026, 11, 17): 1}, previous_posts=None
    )
    facts = IssueFacts(
        totals=totals,
        also_tagged=(("Rooms", 2),),
        references=(("threads", (1,)),),
        unread=(
            Unread(place="our server", starts_at=NOW),
            Unread(place="", starts_at=NOW, ends_at=NOW, is_caught_up=True, reason=NOT_RUNNING),
        ),
    )
    return IssuePlan(window=window, members=members, facts=facts)


def candidates(database: Database, series_id: int | None = None, *, history: bool = False) -> list[str]:
    with database.read() as conn:
        told = [] if history else [STRETCH]
        found = find_candidates(conn, series_id, TOPICS, told, with_history=[STRETCH] if history else [])
    return [candidate.uri.rpartition("/")[2] for candidate in sorted(found, key=lambda one: one.post_id)]


# Series and windows


def test_a_series_begins_once_and_a_topic_added_later_has_its_own_start(database: Database) -> None:
    with database.write() as conn:
        assert find_series(conn, "weekly") is None
        first = ensure_series(conn, "weekly", TOPICS, NOW)
        second = ensure_series(conn, "weekly", [*TOPICS, "rooms"], NOW + DAY)
        assert (second.id, second.started_at) == (first.id, NOW)
        assert second.topic_starts == {"notcoproduction": NOW, "rooms": NOW + DAY}
        assert find_series(conn, "weekly") == second


def test_windows_come_back_in_order_and_belong_to_one_series(database: Database) -> None:
    later = window_named("2026-W48", LONDON)
    with database.write() as conn:
        series_id, _ = open_window(conn, later)
        open_window(conn, WINDOW)
        open_window(conn, WINDOW, "another")
        stored = windows_of(conn, series_id)
        assert [one.window for one in stored] == [WINDOW, later]
        assert {one.state for one in stored} == {DigestState.OPEN}
        assert find_names(conn, stored[0].id) == ("weekly", "2026-W47")


def test_a_week_is_opened_once_in_a_series(database: Database) -> None:
    with database.write() as conn:
        open_window(conn)
    with pytest.raises(StorageError), database.write() as conn:
        open_window(conn)


# Who may be in


def test_a_candidate_says_what_choosing_and_ranking_need(database: Database) -> None:
    post = make_post(counts=Counts(likes=3), hashtags=(*make_post().hashtags, Hashtag(normal="rooms", display="Rooms")))
    save(database, post)
    with database.read() as conn:
        (found,) = find_candidates(conn, None, TOPICS, [STRETCH])
    assert (found.uri, found.author, found.network, found.topic) == (
        post.uri,
        post.author.key,
        "fediverse",
        "notcoproduction",
    )
    assert (found.dated_at, found.counts) == (post.published_at, Counts(likes=3))
    assert found.hashtags == (("notcoproduction", "notcoproduction"), ("rooms", "Rooms"))
    assert found.cluster == found.post_id == 1


def test_a_stretch_holds_its_beginning_and_not_its_end(database: Database) -> None:
    instants = [STRETCH[0] - timedelta(microseconds=1), STRETCH[0], STRETCH[1] - timedelta(microseconds=1), STRETCH[1]]
    save(database, *(make_post(number, published_at=at) for number, at in enumerate(instants)))
    assert candidates(database) == ["1", "2"]


def test_history_is_a_candidate_only_where_it_is_asked_for(database: Database) -> None:
    save(database, make_post(), history_before=NOW)
    assert candidates(database) == []
    assert candidates(database, history=True) == ["1"]


@pytest.mark.parametrize("reason", ["withdrawn", "hidden", "author hidden", "opted out", "gone", "erased"])
def test_what_is_out_of_sight_is_neither_candidate_nor_shown(database: Database, reason: str) -> None:
    save(database, make_post(1), make_post(2, author=make_author(handle="rhys@fedi.example")))
    put_out_of_sight(database, reason)
    assert candidates(database, history=True) == ["2"]
    with database.read() as conn:
        assert set(shown_posts(conn, [1, 2], TOPICS)) == {2}
        assert count_dated(conn, TOPICS, WINDOW, None) == 1


def put_out_of_sight(database: Database, reason: str) -> None:
    if reason == "withdrawn":
        save(database, edited(make_post(1), "Never mind.", NOW, hashtags=()))
    elif reason == "opted out":
        save(database, make_post(1, author=make_author(wishes=frozenset({Wish.NOBOT}))))
    with database.write() as conn:
        if reason == "hidden":
            hide_post(conn, make_post(1).uri, NOW)
        elif reason == "author hidden":
            hide_author(conn, "carys@fedi.example", NOW)
        elif reason in {"gone", "erased"}:
            conn.execute(update(posts).where(posts.c.id == 1).values({f"{reason}_at": NOW}))


def test_a_post_of_another_topic_is_no_candidate(database: Database) -> None:
    save(database, make_post(), spellings=frozenset())
    with database.write() as conn:
        rooms = add_watch(conn, hashtag="rooms", topic="rooms")
        save_batch(conn, make_batch(rooms, make_post(2), spellings=frozenset()))
    assert candidates(database) == ["1"]


def test_a_member_of_one_series_is_a_candidate_of_another_only(database: Database) -> None:
    save(database, make_post(1), make_post(2))
    with database.write() as conn:
        series_id, stored = open_window(conn)
        other_id, _ = open_window(conn, series="another")
        freeze(conn, stored, series_id, plan_of(1), TOPICS, NOW)
    assert candidates(database, series_id) == ["2"]
    assert candidates(database, other_id) == candidates(database) == ["1", "2"]


def test_a_copy_of_a_member_is_no_candidate(database: Database) -> None:
    save(database, *(make_post(number) for number in (1, 2, 3)))
    with database.write() as conn:
        conn.execute(update(posts).where(posts.c.id.in_([1, 2])).values(cluster_id=1))
        series_id, stored = open_window(conn)
        freeze(conn, stored, series_id, plan_of(1), TOPICS, NOW)
    assert candidates(database, series_id) == ["3"]


def test_copies_count_once_in_a_window_that_was_never_built(database: Database) -> None:
    save(database, *(make_post(number) for number in (1, 2, 3)))
    with database.write() as conn:
        conn.execute(update(posts).where(posts.c.id.in_([1, 2])).values(cluster_id=1))
        assert count_dated(conn, TOPICS, WINDOW, None) == 2
        assert count_dated(conn, ["other"], WINDOW, None) == 0


def test_the_edges_of_an_archive_are_its_earliest_and_latest_dates(database: Database) -> None:
    with database.read() as conn:
        assert first_dated_at(conn, TOPICS) is last_dated_at(conn, TOPICS) is None
    first, last = datetime(2013, 11, 26, tzinfo=UTC), make_post().published_at
    save(database, make_post(1, published_at=first), make_post(2))
    with database.read() as conn:
        assert (first_dated_at(conn, [*TOPICS, "other"]), last_dated_at(conn, TOPICS)) == (first, last)
        assert first_dated_at(conn, []) is None


# Freezing


def test_a_built_digest_is_read_back_as_it_was_planned(database: Database) -> None:
    save(database, make_post(1), make_post(2))
    with database.write() as conn:
        series_id, stored = open_window(conn)
        freeze(conn, stored, series_id, plan_of(2, 1), TOPICS, NOW)
    with database.read() as conn:
        (stored,) = windows_of(conn, series_id)
        assert read_plan(conn, stored) == plan_of(2, 1)
    assert (stored.state, stored.closed_at, stored.topics) == (DigestState.BUILT, NOW, ("notcoproduction",))


def test_what_a_digest_showed_stays_whatever_the_posts_become(database: Database) -> None:
    save(database, make_post(counts=Counts(likes=1)))
    with database.write() as conn:
        series_id, stored = open_window(conn)
        freeze(conn, stored, series_id, plan_of(1), TOPICS, NOW)
    save(database, make_post(counts=Counts(likes=9)))
    with database.read() as conn:
        (stored,) = windows_of(conn, series_id)
        assert read_plan(conn, stored) == plan_of(1)


def test_a_window_is_closed_once(database: Database) -> None:
    save(database, make_post())
    with database.write() as conn:
        series_id, stored = open_window(conn)
        freeze(conn, stored, series_id, plan_of(1), TOPICS, NOW)
    with pytest.raises(StorageError, match="built or skipped already"), database.write() as conn:
        freeze(conn, stored, series_id, plan_of(1), TOPICS, NOW)
    with pytest.raises(StorageError, match="built or skipped already"), database.write() as conn:
        skip(conn, stored, TOPICS, NOW)
    assert rows(database, "digest_members", "post_id") == [1]


def test_a_post_is_in_one_digest_of_a_series_at_most(database: Database) -> None:
    save(database, make_post())
    with database.write() as conn:
        series_id, first = open_window(conn)
        _, second = open_window(conn, window_named("2026-W48", LONDON))
        freeze(conn, first, series_id, plan_of(1), TOPICS, NOW)
    with pytest.raises(StorageError), database.write() as conn:
        freeze(conn, second, series_id, plan_of(1), TOPICS, NOW)
    assert rows(database, "digests", "state") == ["built", "open"]


def test_a_skipped_window_has_no_facts(database: Database) -> None:
    with database.write() as conn:
        series_id, stored = open_window(conn)
        skip(conn, stored, TOPICS, NOW)
        (stored,) = windows_of(conn, series_id)
    assert (stored.state, stored.facts, stored.closed_at) == (DigestState.SKIPPED, None, NOW)


# What it shows


def test_a_member_shows_todays_text_and_where_else_it_stands(database: Database) -> None:
    save(database, *(make_post(number) for number in (1, 2, 3)))
    save(database, edited(make_post(1), "Edited. #notcoproduction", NOW))
    with database.write() as conn:
        conn.execute(update(posts).values(cluster_id=1))
        conn.execute(update(posts).where(posts.c.id == 3).values(gone_at=NOW))
    with database.read() as conn:
        shown = shown_posts(conn, [1], TOPICS)[1]
    assert shown.post.text == "Edited. #notcoproduction"
    assert shown.also_at == (make_post(2).url,)
    assert (shown.dated_at, shown.first_seen_at) == (make_post().published_at, NOW)


def test_a_post_under_another_topic_is_shown_only_where_topics_do_not_matter(database: Database) -> None:
    save(database, make_post())
    with database.read() as conn:
        assert shown_posts(conn, [1], ["other"]) == {}
        assert set(shown_posts(conn, [1, 99], None)) == {1}
        assert shown_posts(conn, [], None) == {}


def test_a_digest_of_an_earlier_version_says_still_what_could_not_be_read() -> None:
    values = {"posts": 1, "authors": 1, "by_network": {}, "by_day": {}, "previous_posts": None}
    old = {"also_tagged": [], "references": [], "unread": [["our server", "2026-11-23T08:00:00+00:00"]]}
    assert read_facts(values | old).unread == (Unread(place="our server", starts_at=NOW),)
    assert read_facts(values | old).trend == ()


def test_whoever_had_posted_before_is_known_by_any_of_their_posts(database: Database) -> None:
    ann, bob = make_author(handle="ann@a.example"), make_author(handle="bob@a.example")
    copier = make_author(handle="ann.bsky.social", key="did:plc:ann")
    long_ago = NOW - 300 * DAY
    save(
        database,
        make_post(1, author=ann, published_at=long_ago),
        make_post(2, author=ann),
        make_post(3, author=bob),
        make_post(4, author=copier),
    )
    start = make_post().published_at - DAY
    with database.read() as conn:
        assert find_known(conn, [2, 3, 4], TOPICS, start) == {2}
        assert find_known(conn, [2, 3, 4], ["other"], start) == frozenset()
        assert find_known(conn, [2, 3, 4], TOPICS, long_ago) == frozenset()
        assert find_known(conn, [], TOPICS, start) == frozenset()
    with database.write() as conn:
        conn.execute(update(posts).where(posts.c.id.in_([2, 4])).values(cluster_id=2))
    with database.read() as conn:
        assert find_known(conn, [4], TOPICS, start) == {4}
