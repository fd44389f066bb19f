"""What a curator said of posts, kept for a series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from making import NOW, make_author, make_post
from making_storage import rows, save

from collector.model import Choices, Curation, Erasure, Post
from collector.storage.choices import find_choices, find_curations, save_curation
from collector.storage.database import Connection, Database
from collector.storage.digests import shown_posts
from collector.storage.disclosing import stream_posts
from collector.storage.erasing import erase_posts
from collector.storage.series import ensure_series
from collector.storage.tables import posts

LATER = NOW + timedelta(minutes=1)
TOPICS = ["notcoproduction"]
OUT = Curation(left_out_at=NOW)


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    """In it three posts by as many people, and the series "weekly" (1) and "daily" (2)."""
    save(database, *(_post(number) for number in (1, 2, 3)))
    with database.write() as conn:
        for name in ("weekly", "daily"):
            ensure_series(conn, name, TOPICS, NOW)
        yield conn


def _post(number: int) -> Post:
    return make_post(number, author=make_author(handle=f"somebody{number}@fedi.example"))


def link(conn: Connection, *ids: int) -> None:
    """Makes copies of posts, as is found out when the second is seen."""
    conn.execute(posts.update().where(posts.c.id.in_(ids)).values(cluster_id=min(ids)))


def test_what_was_decided_stands_for_its_series_alone(conn: Connection) -> None:
    save_curation(conn, 1, 2, OUT)
    assert find_choices(conn, 1) == Choices(left_out=frozenset({2}))
    assert find_choices(conn, 2) == find_choices(conn, None) == Choices()


def test_the_earliest_decision_stands_first(conn: Connection) -> None:
    save_curation(conn, 1, 1, Curation(first_at=LATER))
    save_curation(conn, 1, 3, Curation(first_at=NOW))
    assert find_choices(conn, 1).first == (3, 1)


def test_a_decision_holds_for_copies_found_before_and_after_it(conn: Connection) -> None:
    link(conn, 1, 2)
    save_curation(conn, 1, 2, Curation(left_out_at=NOW, note="A copy."))
    assert find_choices(conn, 1).left_out == {1}
    assert find_curations(conn, 1, [1, 2, 3]) == {n: Curation(left_out_at=NOW, note="A copy.") for n in (1, 2)}
    save_curation(conn, 1, 3, OUT)
    link(conn, 1, 2, 3)
    assert find_choices(conn, 1).left_out == {1}
    assert find_curations(conn, 1, [3])[3].note == "A copy."


def test_deciding_again_takes_the_place_of_what_was_said_of_any_copy(conn: Connection) -> None:
    save_curation(conn, 1, 1, OUT)
    save_curation(conn, 1, 2, Curation(note="Noted."))
    link(conn, 1, 2)
    save_curation(conn, 1, 2, Curation(first_at=NOW))
    assert find_curations(conn, 1, [1]) == {1: Curation(first_at=NOW)}
    save_curation(conn, 1, 1, Curation())
    assert find_choices(conn, 1) == Choices()


def test_nothing_said_leaves_no_row(database: Database) -> None:
    save(database, _post(1))
    with database.write() as conn:
        ensure_series(conn, "weekly", TOPICS, NOW)
        save_curation(conn, 1, 1, OUT)
        save_curation(conn, 1, 1, Curation())
    assert rows(database, "curations", "post_id") == []


def test_a_note_is_shown_with_the_post_or_the_copy_that_stands_for_it(conn: Connection) -> None:
    save_curation(conn, 1, 1, Curation(note="From the meeting in May."))
    link(conn, 1, 2)
    told = {post_id: shown.note for post_id, shown in shown_posts(conn, [1, 2, 3], TOPICS, 1).items()}
    assert told == {1: "From the meeting in May.", 2: "From the meeting in May.", 3: ""}
    assert {shown.note for shown in shown_posts(conn, [1, 2], TOPICS, 2).values()} == {""}
    assert {shown.note for shown in shown_posts(conn, [1, 2], TOPICS).values()} == {""}


def test_what_is_erased_has_no_note_any_more_and_stays_left_out(conn: Connection) -> None:
    save_curation(conn, 1, 1, Curation(left_out_at=NOW, note="About Somebody 1."))
    erase_posts(conn, [1], Erasure.TAKEN_BACK, LATER)
    assert find_curations(conn, 1, [1]) == {1: OUT}


def test_who_asks_what_is_held_about_a_post_is_told_what_its_curator_said(conn: Connection) -> None:
    save_curation(conn, 1, 1, Curation(note="From May."))
    told = {post["id"]: post["curations"] for post in stream_posts(conn, [1, 2])}
    assert told == {1: [{"series": "weekly", "left_out_at": None, "first_at": None, "note": "From May."}], 2: []}
