"""The stretches that watches could not see: written, ended, and found again by time, topic and watch."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from making import NOW
from making_storage import add_watch, want

from collector.errors import Condition
from collector.model import NOT_RUNNING, Gap, Watch
from collector.storage.database import Database
from collector.storage.gaps import find_gaps, pending_gaps, save_gaps
from collector.storage.watches import sync_watches

DAY = timedelta(days=1)
TUESDAY, THURSDAY = NOW - 6 * DAY, NOW - 4 * DAY

OUTAGE = Gap(starts_at=TUESDAY, reason=str(Condition.UNREACHABLE), message="no answer")
SLEEP = Gap(starts_at=TUESDAY, ends_at=THURSDAY, caught_up_at=THURSDAY, reason=NOT_RUNNING)


def add(database: Database, *gaps: Gap, **watch: str) -> Watch:
    with database.write() as conn:
        made = add_watch(conn, **watch)
        save_gaps(conn, made.id, [], gaps)
    return made


def pending(database: Database, watch: Watch) -> list[Gap]:
    with database.read() as conn:
        return pending_gaps(conn, watch.id, NOW)


def found(database: Database, **asked: object) -> list[Gap]:
    with database.read() as conn:
        return [replace(told.gap, id=None) for told in find_gaps(conn, **asked)]  # type: ignore[arg-type]


def test_a_gap_is_read_back_with_its_watch(database: Database) -> None:
    watch = add(database, OUTAGE, name="our server")
    with database.read() as conn:
        (told,) = find_gaps(conn)
    assert (told.watch_id, told.source, told.topic, told.hashtag) == (
        watch.id,
        "our server",
        "notcoproduction",
        "notcoproduction",
    )
    assert (told.kind, told.address) == ("mastodon", "https://fedi.example")
    assert replace(told.gap, id=None) == OUTAGE


def test_what_goes_on_or_is_not_caught_up_is_pending_until_it_is(database: Database) -> None:
    watch = add(database, SLEEP, OUTAGE)
    (open_gap,) = before = pending(database, watch)
    assert replace(open_gap, id=None) == OUTAGE
    with database.write() as conn:
        save_gaps(conn, watch.id, before, [replace(open_gap, ends_at=THURSDAY)])
    (ended,) = before = pending(database, watch)
    assert ended == replace(open_gap, ends_at=THURSDAY)
    with database.write() as conn:
        save_gaps(conn, watch.id, before, [replace(ended, caught_up_at=NOW)])
    assert pending(database, watch) == []
    assert found(database) == [SLEEP, replace(OUTAGE, ends_at=THURSDAY, caught_up_at=NOW)]


def test_a_gap_that_turned_out_to_be_none_is_taken_out(database: Database) -> None:
    watch = add(database, SLEEP, OUTAGE)
    with database.write() as conn:
        save_gaps(conn, watch.id, pending_gaps(conn, watch.id, NOW), [])
    assert found(database) == [SLEEP]


@pytest.mark.parametrize(
    ("since", "until", "is_found"),
    [
        (None, None, True),
        (TUESDAY - DAY, TUESDAY, False),
        (TUESDAY - DAY, TUESDAY + DAY, True),
        (TUESDAY + DAY, THURSDAY - timedelta(hours=1), True),
        (THURSDAY, NOW, False),
        (THURSDAY - DAY, None, True),
        (None, TUESDAY, False),
    ],
)
def test_gaps_are_found_by_the_stretch_they_overlap(
    database: Database, since: datetime | None, until: datetime | None, is_found: bool
) -> None:
    add(database, SLEEP)
    assert found(database, since=since, until=until) == ([SLEEP] if is_found else [])


def test_what_goes_on_overlaps_everything_since(database: Database) -> None:
    add(database, OUTAGE)
    assert found(database, since=NOW, until=NOW + DAY) == [OUTAGE]
    assert found(database, until=TUESDAY) == []


def test_gaps_are_found_by_topic_and_by_watch(database: Database) -> None:
    one, other = add(database, SLEEP), add(database, OUTAGE, topic="coproduction", hashtag="coproduction")
    assert found(database, topics=["coproduction"]) == [OUTAGE]
    assert found(database, topics=[]) == []
    assert found(database, watch_ids=[one.id]) == [SLEEP]
    assert found(database, watch_ids=[one.id, other.id]) == [SLEEP, OUTAGE]


def test_the_gap_of_a_watch_that_is_wanted_no_more_ends_there(database: Database) -> None:
    with database.write() as conn:
        sync_watches(conn, [want()], TUESDAY)
        watch = add_watch(conn)
        save_gaps(conn, watch.id, [], [OUTAGE])
        sync_watches(conn, [], NOW)
    assert found(database) == [replace(OUTAGE, ends_at=NOW)]
