"""What the README says of each wish is what becomes of the posts of somebody who has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from making import make_author, make_post
from making_storage import rows, save
from running import LAST_WEEK, Folder, now
from visiting import reading

from collector.model import REFUSALS, Wish
from collector.text.wishes import wishes_in

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
YES, NO = "yes", "no"


def table() -> dict[str, dict[str, str]]:
    """The README's table of wishes: a row a wish, by its columns."""
    lines = README.partition("### What people ask for")[2].partition("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    headings, _, *told = cells
    return {row[0].strip("`"): dict(zip(headings, row, strict=True)) for row in told}


TABLE = table()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Where a collection began two weeks ago."""
    folder = Folder(tmp_path)
    folder.live_at(now() - 2 * LAST_WEEK)
    return folder


def publish_one_who_asks(folder: Folder, *wishes: Wish) -> None:
    asking = make_author(handle="asking@fedi.example", wishes=frozenset(wishes))
    with folder.app() as app:
        at = now() - LAST_WEEK
        theirs = make_post(1, author=asking, text="What I ask. #notcoproduction", published_at=at)
        another = make_post(2, text="Somebody else's. #notcoproduction", published_at=at)
        save(app.database, theirs, another, fetched_at=at)


def test_every_wish_has_a_row_and_those_that_keep_posts_in_are_the_refusals() -> None:
    assert sorted(TABLE) == sorted(Wish)
    assert {name for name, row in TABLE.items() if row["exported"] == NO} == REFUSALS


@pytest.mark.parametrize("wish", Wish)
def test_what_the_table_says_of_a_wish_is_so(folder: Folder, wish: Wish) -> None:
    publish_one_who_asks(folder, wish)
    row = TABLE[wish]
    with folder.app() as app:
        kept = rows(app.database, "posts", "text")
    exported = folder.call("export").out
    folder.call("export", "--with-revisions", "--format", "jsonl", "--output", "posts.jsonl")
    exported += (folder.path / "posts.jsonl").read_text(encoding="utf-8")
    folder.call("digest", "send")
    mailed = "".join(mail.read_text(encoding="utf-8") for mail in folder.mails)
    assert "Somebody else's." in mailed
    assert row["stored"] == (YES if any("What I ask." in text for text in kept) else NO)
    assert row["exported"] == (YES if "What I ask." in exported else NO)
    assert row["mailed"] == (YES if "What I ask." in mailed else NO)
    with folder.app() as app, reading(app.database, now=now) as reader:
        listed, searched = reader.get("/posts").text, reader.get("/posts?q=ask").text
    assert row["on pages"] == (YES if "What I ask." in listed else NO)
    assert row["in searches"] == (YES if "What I ask." in searched else NO)


@pytest.mark.parametrize("wish", Wish)
def test_a_wish_is_understood_as_the_table_says_it(wish: Wish) -> None:
    for hashtag in re.findall("`(#[a-z]+)`", TABLE[wish]["how it is said"]):
        assert wishes_in([f"Hello. {hashtag.upper()}"]) == {wish}
    others = [row["how it is said"] for name, row in TABLE.items() if name != wish]
    assert not any(f"`#{wish}`" in said for said in others)


def test_status_counts_wishes_and_names_nobody(folder: Folder) -> None:
    publish_one_who_asks(folder, Wish.NOBOT, Wish.INDEXABLE)
    shown = folder.call("status").out
    assert "  asked in profiles: nobot by 1 author (1 post), indexable by 1 author (1 post)\n" in shown
    told = folder.call("status", "--json")
    assert "asking" not in shown + told.out
    one, nobody = {"authors": 1, "posts": 1}, {"authors": 0, "posts": 0}
    assert told.json["wishes"] == {wish: one if wish in {"nobot", "indexable"} else nobody for wish in Wish}
