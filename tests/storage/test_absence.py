"""Posts that are no longer shown where they were: out of sight, and back when they are shown again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from making import NOW, make_post
from making_storage import add_watch, make_batch, make_found, make_one_found, rows, save, shown

from collector.model import Evidence, Watch, WatchState
from collector.storage.absence import find_absent, find_unmet, save_gone, save_missing
from collector.storage.database import Connection, Database
from collector.storage.saving import save_batch
from collector.storage.watches import save_watch_state

HOME, OTHER = "https://fedi.example", "https://gts.example"
HOUR = timedelta(hours=1)
LATER = NOW + HOUR


def watch_of(database: Database, server: str) -> Watch:
    with database.write() as conn:
        return add_watch(conn, server.partition("://")[2], address=server)


def unmet(database: Database, server: str = HOME, **changes: object) -> list[str]:
    asked = {"met_since": None, "not_since": LATER, "now": LATER, "published_from": None, "limit": 100} | changes
    watch = watch_of(database, server)
    with database.read() as conn:
        return find_unmet(conn, watch.id, **asked)  # type: ignore[arg-type]


def take_back(database: Database, *native_ids: str, server: str = HOME) -> int:
    watch = watch_of(database, server)
    with database.write() as conn:
        return miss(conn, watch, *native_ids)


def miss(conn: Connection, watch: Watch, *native_ids: str) -> int:
    """A watch's place no longer shows these: its own posts, and those that nobody shows, are gone."""
    absent = find_absent(conn, watch, native_ids)
    gone = {item.post_id: Evidence.GONE for item in absent if item.is_home or not item.is_shown_elsewhere}
    save_missing(conn, watch, native_ids, NOW)
    save_gone(conn, gone, NOW)
    return len({item.post_id for item in absent if item.gone_at is None and item.post_id in gone})


def test_what_a_walk_did_not_meet_is_what_it_saw_before_and_not_since(database: Database) -> None:
    save(database, make_post(1), make_post(2))
    save(database, make_post(2), fetched_at=LATER)
    assert unmet(database) == ["1"]
    assert unmet(database, not_since=NOW) == []
    assert unmet(database, server=OTHER) == []


def test_a_walk_is_not_asked_about_posts_behind_its_horizon(database: Database) -> None:
    old, new = make_post(1, published_at=NOW - timedelta(days=9)), make_post(2, published_at=NOW)
    save(database, old, new)
    assert unmet(database, published_from=NOW - timedelta(days=2)) == ["2"]
    assert sorted(unmet(database)) == ["1", "2"]
    assert len(unmet(database, limit=1)) == 1


def test_a_post_that_its_own_server_took_back_is_out_of_sight_at_once(database: Database) -> None:
    save(database, make_post(1), make_post(2))
    save(database, make_post(1), server=OTHER)
    assert take_back(database, "1") == 1
    assert [row.uri for row in shown(database)] == [make_post(2).uri]
    assert take_back(database, "1") == 0
    assert unmet(database) == ["2"]


def test_a_post_that_another_server_dropped_stays_as_long_as_one_shows_it(database: Database) -> None:
    save(database, make_post(1), server=OTHER)
    save(database, make_post(1), server="https://third.example")
    assert take_back(database, "1", server=OTHER) == 0
    assert len(shown(database)) == 1
    assert take_back(database, "1", server="https://third.example") == 1
    assert shown(database) == []


def test_a_post_that_is_shown_again_where_it_was_missed_comes_back(database: Database) -> None:
    save(database, make_post(1))
    take_back(database, "1")
    save(database, make_post(1), fetched_at=LATER)
    assert len(shown(database)) == 1
    assert rows(database, "sightings", "missing_since") == [None]


def test_a_copy_that_another_server_still_holds_brings_nothing_back(database: Database) -> None:
    save(database, make_post(1))
    save(database, make_post(1), server=OTHER)
    take_back(database, "1")
    save(database, make_post(1), server=OTHER, fetched_at=LATER)
    save(database, make_post(1), server="https://third.example", fetched_at=LATER)
    assert shown(database) == []


def test_another_id_of_the_same_post_brings_nothing_back_that_its_author_took_back(database: Database) -> None:
    """A server that dropped a post and looked it up again shows it under a second id, and never heard of its end."""
    save(database, make_post(1))
    save(database, make_post(1), server=OTHER)
    save(database, server=OTHER, found=(make_one_found(make_post(1), "second"),))
    take_back(database, "1")
    take_back(database, "1", server=OTHER)
    save(database, server=OTHER, found=(make_one_found(make_post(1), "second"),), fetched_at=LATER)
    assert shown(database) == []


def test_a_post_whose_first_id_is_gone_is_still_shown_by_its_second(database: Database) -> None:
    save(database, make_post(1), server=OTHER)
    save(database, server=OTHER, found=(make_one_found(make_post(1), "second"),))
    assert take_back(database, "1", server=OTHER) == 0
    assert take_back(database, "1", "second", server=OTHER) == 1


def test_a_post_that_its_own_server_shows_under_a_new_id_is_shown_anew(database: Database) -> None:
    """The server was set up anew; what it shows later has the last word on what it does not find."""
    save(database, make_post(1))
    save(database, found=(make_one_found(make_post(1), "second"),), fetched_at=LATER)
    watch = watch_of(database, HOME)
    with database.read() as conn:
        absent = {item.native_id: item for name in ("1", "second") for item in find_absent(conn, watch, [name])}
    assert {name: item.is_shown_anew for name, item in absent.items()} == {"1": True, "second": False}


def test_a_post_comes_back_when_its_own_server_shows_it_under_whatever_id(database: Database) -> None:
    save(database, make_post(1))
    take_back(database, "1")
    save(database, found=(make_one_found(make_post(1), "second"),), fetched_at=LATER)
    assert len(shown(database)) == 1


def test_what_was_asked_for_and_is_in_no_timeline_is_not_missed_again_and_again(database: Database) -> None:
    """Its author is silenced, or its hashtag was edited away: its turn comes daily."""
    silenced = make_found(make_post(1))
    save(database, make_post(1), make_post(2), fetched_at=NOW)
    assert unmet(database, not_since=LATER, met_since=NOW) == ["1", "2"]
    save(database, found=silenced, asked_for=frozenset({"1"}), fetched_at=LATER)
    assert unmet(database, not_since=LATER, met_since=NOW) == ["1", "2"], "both were met by the last walk"
    assert unmet(database, not_since=LATER + HOUR, met_since=LATER) == ["2"]
    save(database, found=silenced, fetched_at=LATER + HOUR)
    assert unmet(database, not_since=LATER + 2 * HOUR, met_since=LATER + HOUR) == ["2", "1"], "it was back meanwhile"


def test_a_place_that_lost_a_post_knows_whether_its_home_is_asked_anyway(database: Database) -> None:
    at_home = replace(make_one_found(make_post(1)), is_home=True)
    save(database, found=(at_home,))
    save(database, make_post(1), server=OTHER)
    for next_poll_at, is_asked in ((NOW, True), (None, False)):
        with database.write() as conn:
            home, other = (add_watch(conn, server.partition("://")[2], address=server) for server in (HOME, OTHER))
            save_watch_state(conn, home.id, WatchState(next_poll_at=next_poll_at))
            (absent,) = find_absent(conn, other, ["1"])
        assert absent.is_shown_at_home is is_asked


@pytest.mark.parametrize("uri", ["at://did:plc:abc/app.bsky.feed.post/1"])
def test_the_network_has_the_last_word_on_its_records(database: Database, uri: str) -> None:
    with database.write() as conn:
        watch = add_watch(conn, "bluesky", kind="bluesky", address="https://bsky.social")
        save_batch(conn, make_batch(watch, make_post(network="bluesky", uri=uri, url=None)))
        assert miss(conn, watch, "1") == 1
    assert shown(database) == []


def test_a_server_that_changed_to_https_has_the_last_word_on_what_it_showed_before(database: Database) -> None:
    uri = HOME.replace("https:", "http:") + "/posts/1"
    save(database, make_post(uri=uri, url=None), server=OTHER)
    save(database, make_post(uri=uri, url=None))
    assert take_back(database, "1") == 1


def test_another_watch_of_the_same_place_brings_a_post_back(database: Database) -> None:
    save(database, make_post(1))
    with database.write() as conn:
        other = add_watch(conn, "other", address=HOME, hashtag="notcopro")
        save_batch(conn, make_batch(other, make_post(1)))
    assert take_back(database, "1") == 1
    with database.write() as conn:
        save_batch(conn, make_batch(other, make_post(1), fetched_at=LATER))
    assert len(shown(database)) == 1


def test_a_file_that_holds_a_copy_does_not_keep_in_sight_what_was_taken_back(database: Database) -> None:
    save(database, make_post(1), server=OTHER)
    with database.write() as conn:
        archive = add_watch(conn, "import", kind="archive", address="archive:jsonl", hashtag="")
        save_batch(conn, make_batch(archive, make_post(1), spellings=frozenset()))
    assert take_back(database, "1", server=OTHER) == 1
    assert shown(database) == []
