"""Raw answers as a stream, the collection in numbers, and the upkeep that goes with a file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from making import NOW, make_author, make_post
from making_storage import add_watch, edited, make_batch, make_found, make_rejection, save

from collector.model import Erasure, Evidence, Wish
from collector.storage.absence import find_absent, save_gone
from collector.storage.curation import hide_post
from collector.storage.database import Database
from collector.storage.erasing import erase_posts
from collector.storage.numbers import Numbers, WishNumbers, count_all
from collector.storage.raw import count_raw, stream_raw, stream_rejected
from collector.storage.saving import save_batch, save_renormalised
from collector.storage.upkeep import tidy
from collector.storage.watches import all_watches


def test_answers_come_by_watch_in_lists_of_a_size_each_once(database: Database) -> None:
    save(database, *(make_post(number) for number in range(5)), rejections=(make_rejection("bad"),))
    save(database, make_post(1), server="https://social.example")
    with database.read() as conn:
        told = [[(answer.watch_id, answer.native_id) for answer in some] for some in stream_raw(conn, 2)]
        assert told == [[(1, "0"), (1, "1")], [(1, "2"), (1, "3")], [(1, "4")], [(2, "1")]]
        assert [[answer.native_id for answer in some] for some in stream_rejected(conn, 2)] == [["bad"]]
        assert count_raw(conn) == 7


def test_an_answer_comes_back_as_it_was_kept(database: Database) -> None:
    save(database, make_post())
    with database.read() as conn:
        ((answer,),) = stream_raw(conn, 10)
    assert answer.body == make_found(make_post())[0].raw


def test_the_latest_answer_of_a_place_about_a_post_stands_for_the_earlier_ones(database: Database) -> None:
    after = make_post(text="After. #notcoproduction")
    save(database, make_post())
    with database.write() as conn:
        other = add_watch(conn, hashtag="notcopro")
        save_batch(conn, make_batch(other, make_post()))
        save_batch(conn, make_batch(other, after, fetched_at=NOW + timedelta(hours=1)))
    save(database, make_post(text="Elsewhere. #notcoproduction"), server="https://social.example")
    with database.read() as conn:
        told = [answer.body for some in stream_raw(conn, 10) for answer in some]
    latest, elsewhere = make_found(after)[0].raw, make_found(make_post(text="Elsewhere. #notcoproduction"))[0].raw
    assert told == [latest, latest, elsewhere]


def test_other_writes_go_on_between_two_lists(database: Database) -> None:
    save(database, *(make_post(number) for number in range(4)))
    with database.read() as conn:
        for some in stream_raw(conn, 1):
            save(database, make_post(int(some[0].native_id), text="Read better. #notcoproduction"))
    with database.read() as conn:
        assert len(list(stream_raw(conn, 1))) == 4


def test_what_was_taken_back_or_is_shown_under_another_topic_does_not_count_as_withdrawn(database: Database) -> None:
    save(database, make_post(1), make_post(2), make_post(3))
    save(database, *(edited(make_post(number), "No more.", NOW, hashtags=()) for number in (1, 2, 3)))
    with database.write() as conn:
        rooms = add_watch(conn, "rooms", hashtag="rooms", topic="rooms")
        save_batch(conn, make_batch(rooms, make_post(1), spellings=frozenset()))
        (absent,) = find_absent(conn, all_watches(conn)[0], ["2"])
        save_gone(conn, {absent.post_id: Evidence.GONE}, NOW)
        numbers = count_all(conn)
    assert (numbers.posts, numbers.gone, numbers.withdrawn) == (1, 1, 1)


def test_everything_is_counted_under_what_became_of_it(database: Database) -> None:
    rhys = make_author(handle="rhys@fedi.example", wishes=frozenset({Wish.NOBOT}))
    save(database, *(make_post(number) for number in range(5)), rejections=(make_rejection(),))
    save(database, make_post(9, author=rhys), edited(make_post(1), "No more.", NOW, hashtags=()))
    with database.write() as conn:
        hide_post(conn, make_post(2).uri, NOW)
        (absent,) = find_absent(conn, all_watches(conn)[0], ["4"])
        save_gone(conn, {absent.post_id: Evidence.GONE}, NOW)
        numbers = count_all(conn)
    assert numbers == Numbers(
        posts=2,
        authors=1,
        by_network={"fediverse": 2},
        blocked=0,
        gone=1,
        hidden=1,
        withdrawn=1,
        opted_out=1,
        rejections=1,
        wishes={wish: WishNumbers(authors=int(wish is Wish.NOBOT), posts=int(wish is Wish.NOBOT)) for wish in Wish},
    )


def test_tidying_changes_nothing_and_leaves_a_short_log(database: Database) -> None:
    save(database, *(make_post(number) for number in range(50)))
    tidy(database)
    if database.path is not None:
        assert Path(f"{database.path}-wal").stat().st_size == 0
    assert save(database, make_post(1)).same == 1


def test_each_server_s_latest_answer_is_kept_also_where_another_told_the_edit_first(database: Database) -> None:
    first, second = "https://fedi.example", "https://social.example"
    post, later = make_post(1), edited(make_post(1), "Better. #notcoproduction", NOW)
    for server, told in ((first, post), (second, post), (first, later), (second, later)):
        save(database, told, server=server)
    with database.read() as conn:
        kept = [answer.body for some in stream_raw(conn, 10) for answer in some]
    assert kept == [make_found(later)[0].raw] * 2


def test_an_opt_out_that_a_better_normaliser_reads_counts(database: Database) -> None:
    save(database, make_post(1))
    refusing = make_post(1, author=make_author(wishes=frozenset({Wish.NOBOT})))
    with database.write() as conn:
        watch = all_watches(conn)[0]
        assert save_renormalised(conn, make_batch(watch, refusing)) == 0
    with database.read() as conn:
        assert count_all(conn).opted_out == 1


def test_an_address_that_a_post_gets_later_is_known_too(database: Database) -> None:
    save(database, make_post(1, url=None))
    later = "https://fedi.example/@carys/later"
    save(database, edited(make_post(1), "Edited. #notcoproduction", NOW, url=later))
    with database.write() as conn:
        assert hide_post(conn, later, NOW) == make_post(1).uri


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_tidying_drops_the_words_of_what_was_erased_from_the_index(database: Database) -> None:
    save(database, make_post(1, text="Xylophones everywhere"), make_post(2))
    with database.write() as conn:
        erase_posts(conn, [1], Erasure.TAKEN_BACK, NOW)
    assert b"xylophones" in _index(database)  # noted as taken out, that is all
    tidy(database)
    assert b"xylophones" not in _index(database)
    assert b"renamed" in _index(database)


def _index(database: Database) -> bytes:
    with database.read() as conn:
        return b"".join(conn.exec_driver_sql("SELECT block FROM search_words_data").scalars())
