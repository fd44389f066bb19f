"""Block words in real databases: out of digests at once, never out of storage and exports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from making import NOW, make_author, make_post
from making_storage import edited, make_batch, rows, save, shown
from sqlalchemy import select, update

from collector.digest.windows import window_named
from collector.model import Erasure, Hashtag, Media, Poll
from collector.storage import blocking
from collector.storage.blocking import adopt_block_words, count_blocked, is_unblocked
from collector.storage.database import Database
from collector.storage.digests import count_dated, find_candidates, shown_posts
from collector.storage.erasing import erase_posts
from collector.storage.saving import save_renormalised
from collector.storage.tables import blocked_posts, posts
from collector.storage.watches import all_watches

TOPICS = ["notcoproduction"]
WINDOW = window_named("2026-W47", ZoneInfo("Europe/London"))
MORNING = NOW - timedelta(days=3)


def readable(database: Database) -> set[int]:
    """The posts that a digest could hold, and those that one would show: always the same."""
    with database.read() as conn:
        found = find_candidates(conn, None, TOPICS, [], with_history=[(WINDOW.starts_at, WINDOW.ends_at)])
        ids = {candidate.post_id for candidate in found}
        assert set(shown_posts(conn, [1, 2, 3, 4], TOPICS)) == ids
        assert count_dated(conn, TOPICS, WINDOW, None) == len(ids)
        assert set(conn.execute(select(posts.c.id).where(is_unblocked())).scalars()) >= ids
    return ids


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "The casino night. #notcoproduction"},
        {"title": "Casino night"},
        {"content_warning": "casino"},
        {"media": (Media(url="https://fedi.example/1.png", type="image", alt_text="Outside a Casino"),)},
        {"poll": Poll(options=("bingo", "casino"), closes_at=None)},
        {"author": make_author(handle="win@fedi.example", name="Casino Bot")},
        {
            "hashtags": (
                Hashtag(normal="notcoproduction", display="notcoproduction"),
                Hashtag(normal="casino", display="Casino"),
            )
        },
    ],
    ids=["text", "title", "warning", "alt text", "poll", "author", "hashtag"],
)
def test_a_post_with_a_block_word_anywhere_stays_out_of_digests_alone(
    database: Database, changes: dict[str, Any]
) -> None:
    adopt_block_words(database, ["casino"])
    save(database, make_post(1), make_post(2, **changes))
    assert readable(database) == {1}
    assert len(shown(database)) == 2, "it is kept, and exported"
    assert len(shown(database, is_for_readers=True)) == 1
    with database.read() as conn:
        assert count_blocked(conn) == 1


def test_other_words_count_at_once_for_what_is_kept_already(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "_CHUNK", 2)
    people = [make_author(handle=f"p{number}@fedi.example", name=name) for number, name in enumerate("abc")]
    save(database, *(make_post(n, text=text, author=people[n % 3]) for n, text in enumerate("vwxy", 1)))
    assert readable(database) == {1, 2, 3, 4}
    adopt_block_words(database, ["w", "b"])
    assert readable(database) == {3}
    adopt_block_words(database, ["V"])
    assert readable(database) == {2, 3, 4}
    adopt_block_words(database, [])
    assert readable(database) == {1, 2, 3, 4}
    assert rows(database, "blocked_posts", "post_id") == rows(database, "blocked_authors", "author_id") == []


def test_words_stay_in_force_for_whatever_comes_later(database: Database) -> None:
    adopt_block_words(database, ["casino"])
    save(database, make_post(1), make_post(2, text="A casino."))
    assert readable(database) == {1}
    edit = edited(make_post(1), "Now a casino. #notcoproduction", NOW)
    mended = edited(make_post(2, text="A casino."), "Now none. #notcoproduction", NOW)
    save(database, edit, mended)
    assert readable(database) == {2}


def test_an_author_who_is_called_otherwise_is_seen_with_everything_they_wrote(database: Database) -> None:
    adopt_block_words(database, ["casino"])
    save(database, make_post(1), make_post(2))
    save(database, make_post(3, author=make_author(name="Casino Carys")))
    assert readable(database) == set()
    save(database, make_post(4))
    assert readable(database) == {1, 2, 3, 4}


def test_a_better_normaliser_finds_block_words_too(database: Database) -> None:
    adopt_block_words(database, ["casino"])
    save(database, make_post(1))
    with database.write() as conn:
        save_renormalised(conn, make_batch(all_watches(conn)[0], make_post(1, text="A casino. #notcoproduction")))
    assert readable(database) == set()


def test_the_same_words_again_write_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    save(database, make_post(1, text="A casino."))
    adopt_block_words(database, ["casino"])
    monkeypatch.setattr(database, "write", lambda: pytest.fail("nothing is to be written"))
    adopt_block_words(database, ["CASINO", "casino"])


def test_marks_of_an_earlier_version_are_made_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "__version__", "0.0.1")
    save(database, make_post(1, text="A casino."))
    adopt_block_words(database, ["casino"])
    with database.write() as conn:
        conn.execute(blocked_posts.delete())
    monkeypatch.undo()
    adopt_block_words(database, ["casino"])
    assert readable(database) == set()


def test_what_is_erased_leaves_no_mark(database: Database) -> None:
    adopt_block_words(database, ["casino"])
    save(database, make_post(1, text="A casino."))
    with database.write() as conn:
        erase_posts(conn, [1], Erasure.TAKEN_BACK, NOW)
        assert count_blocked(conn) == 0
    assert rows(database, "blocked_posts", "post_id") == []


def test_a_copy_with_a_block_word_is_not_pointed_at(database: Database) -> None:
    adopt_block_words(database, ["casino"])
    save(database, make_post(1), make_post(2, text="A casino."))
    with database.write() as conn:
        conn.execute(update(posts).values(cluster_id=1))
        assert shown_posts(conn, [1], TOPICS)[1].also_at == ()
