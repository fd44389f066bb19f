"""Every kept post is in an export, or counted at the reason why it is not."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from making import NOW, make_author, make_post
from making_storage import add_watch, edited, make_batch, rows, save, shown
from sqlalchemy import func, select

from collector.model import Erasure, Evidence, LeftOut, Wish
from collector.storage.absence import find_absent, save_gone
from collector.storage.curation import hide_author, hide_post
from collector.storage.database import Database
from collector.storage.erasing import erase_posts
from collector.storage.exporting import Selection
from collector.storage.leaving_out import count_left_out
from collector.storage.numbers import WishNumbers, count_wishes
from collector.storage.saving import save_batch
from collector.storage.tables import posts
from collector.storage.watches import all_watches

NOBODY = make_author(handle="nobody@fedi.example", wishes=frozenset({Wish.NOBOT, Wish.NOINDEX, Wish.INDEXABLE}))
NOARCHIVE = make_author(handle="noarchive@fedi.example", wishes=frozenset({Wish.NOARCHIVE}))
HIDDEN = make_author(handle="hidden@fedi.example", wishes=frozenset({Wish.NOSEARCH}))


def counted(database: Database, **selection: Any) -> tuple[int, LeftOut]:
    with database.read() as conn:
        posts_shown, left_out = count_left_out(conn, Selection(**selection))
        assert posts_shown == len(shown(database, **selection))
        by_reason = asdict(left_out)
        by_reason.pop("by_wish")
        assert posts_shown + sum(by_reason.values()) == conn.execute(select(func.count()).select_from(posts)).scalar()
    return posts_shown, left_out


@pytest.fixture
def filled(database: Database) -> Database:
    """Twelve posts, of which five may be shown."""
    save(database, *(make_post(number, language="cy") for number in range(7)))
    save(database, make_post(11, author=NOBODY), make_post(12, author=NOBODY), make_post(13, author=NOARCHIVE))
    save(database, make_post(14, author=HIDDEN), edited(make_post(1, language="cy"), "No more.", NOW, hashtags=()))
    with database.write() as conn:
        hide_post(conn, make_post(2).uri, NOW)
        hide_author(conn, HIDDEN.handle, NOW)
        absent = find_absent(conn, all_watches(conn)[0], ["3", "4", "11"])
        save_gone(conn, {each.post_id: Evidence.GONE for each in absent}, NOW)
        (gone,) = conn.execute(select(posts.c.id).where(posts.c.uri == make_post(4).uri)).scalars()
        erase_posts(conn, [gone], Erasure.TAKEN_BACK, NOW)
        rooms = add_watch(conn, "rooms", hashtag="rooms", topic="rooms")
        save_batch(conn, make_batch(rooms, make_post(21), make_post(1), spellings=frozenset()))
    return database


def test_each_post_is_counted_once_at_the_first_reason(filled: Database) -> None:
    assert counted(filled) == (
        5,
        LeftOut(
            gone=2,
            erased=1,
            hidden=2,
            opted_out=2,
            by_wish=dict.fromkeys((Wish.NOBOT, Wish.NOINDEX, Wish.NOARCHIVE), 1),
        ),
    )


@pytest.mark.parametrize(
    ("selection", "in_it", "reasons"),
    [
        ({"topic": "rooms"}, 2, {}),
        ({"topic": "notcoproduction"}, 3, {"gone": 2, "erased": 1, "hidden": 2, "opted_out": 2, "withdrawn": 1}),
        ({"language": "cy"}, 4, {"gone": 1, "hidden": 1}),
        ({"network": "bluesky"}, 0, {}),
        ({"since": NOW}, 0, {}),
        ({"since": make_post().published_at, "until": NOW - timedelta(days=1)}, 5, {"gone": 2, "erased": 1}),
        ({"source": "rooms"}, 2, {}),
    ],
)
def test_what_is_not_asked_for_has_no_other_reason(
    filled: Database, selection: dict[str, Any], in_it: int, reasons: dict[str, int]
) -> None:
    number, left_out = counted(filled, **selection)
    told = {name: value for name, value in asdict(left_out).items() if value}
    assert number == in_it
    assert told.items() >= reasons.items()


def test_wishes_are_counted_by_author_and_post_and_people_asking_several_things_at_each(filled: Database) -> None:
    with filled.read() as conn:
        told = count_wishes(conn, posts.c.erased_at.is_(None))
    nothing, one_of_two = WishNumbers(authors=0, posts=0), WishNumbers(authors=1, posts=2)
    assert told == {
        Wish.NOBOT: one_of_two,
        Wish.NOINDEX: one_of_two,
        Wish.NOARCHIVE: WishNumbers(authors=1, posts=1),
        Wish.NOSEARCH: WishNumbers(authors=1, posts=1),
        Wish.NO_UNAUTHENTICATED: nothing,
        Wish.INDEXABLE: one_of_two,
        Wish.DISCOVERABLE: nothing,
    }
    assert rows(filled, "authors", "key")
