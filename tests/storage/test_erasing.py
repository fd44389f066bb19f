"""Of an erased post a tombstone is left, and nothing of its words, its pictures and its people."""

from __future__ import annotations

from typing import Any

import pytest
from making import NOW, make_author, make_post
from making_storage import add_watch, dump, make_batch, save, shown
from sqlalchemy import select

from collector.model import Erasure, Hashtag, Media, Mention
from collector.storage.database import Database
from collector.storage.erasing import erase_posts
from collector.storage.saving import save_batch
from collector.storage.tables import authors, posts

WORDS = ("Zaunkönig", "carys", "elsewhere.example", "a table with eleven chairs", "sorrowful", "earlierwords")


def full_post(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "author": make_author(),
        "text": "Zaunkönig #notcoproduction",
        "content_warning": "sorrowful",
        "mentions": (Mention(handle="dewi@elsewhere.example", url="https://elsewhere.example/@dewi"),),
        "links": ("https://elsewhere.example/a",),
        "media": (Media(url="https://elsewhere.example/p.jpg", type="image", alt_text="a table with eleven chairs"),),
        "hashtags": (Hashtag(normal="notcoproduction", display="NotCoproduction"),),
    }
    return make_post(1, **(values | changes))


def everything(database: Database) -> str:
    tables = dump(database)
    return repr({name: rows for name, rows in tables.items() if name != "post_addresses"})


def erase(database: Database, *ids: int, why: Erasure = Erasure.TAKEN_BACK) -> int:
    with database.write() as conn:
        return erase_posts(conn, ids, why, NOW)


def test_nothing_of_what_it_held_is_in_any_table_afterwards(database: Database) -> None:
    with database.write() as conn:
        watch = add_watch(conn)
        save_batch(conn, make_batch(watch, full_post(text="earlierwords #notcoproduction")))
        save_batch(conn, make_batch(watch, full_post(edited_at=NOW)))
    before = everything(database)
    assert all(word in before for word in WORDS)
    uri = full_post().uri
    assert erase(database, 1) == 1
    assert [word for word in WORDS if word in everything(database).replace(uri, "")] == []


def test_a_tombstone_says_that_there_was_a_post_and_when(database: Database) -> None:
    save(database, full_post())
    erase(database, 1, why=Erasure.EXPIRED)
    with database.read() as conn:
        row = conn.execute(select(posts)).mappings().one()
        key = conn.execute(select(authors.c.key)).scalars().all()
    assert (row["uri"], row["published_at"], row["erased_at"]) == (full_post().uri, full_post().published_at, NOW)
    assert row["erased_why"] == "expired"
    assert key == [""]
    assert shown(database) == []


def test_an_author_with_other_posts_stays_and_one_that_was_hidden_stays_hidden(database: Database) -> None:
    save(
        database,
        full_post(),
        make_post(2, author=make_author()),
        make_post(3, author=make_author(handle="dewi@fedi.example")),
    )
    with database.write() as conn:
        conn.execute(authors.update().where(authors.c.key.startswith("dewi")).values(hidden_at=NOW))
    erase(database, 1, 3)
    with database.read() as conn:
        rows = conn.execute(select(authors.c.key, authors.c.name, authors.c.hidden_at).order_by(authors.c.key)).all()
    kept = {row.key.partition("@")[0]: row for row in rows}
    assert set(kept) == {"", "carys", "dewi"}
    assert (kept["dewi"].name, kept["dewi"].hidden_at) == ("", NOW)
    assert kept["carys"].name != ""


@pytest.mark.parametrize("times", [1, 2])
def test_erasing_no_post_or_one_twice_harms_nothing(database: Database, times: int) -> None:
    save(database, full_post())
    for _ in range(times):
        erase(database, 1)
    assert erase(database) == 0
    assert len(dump(database)["posts"]) == 1
