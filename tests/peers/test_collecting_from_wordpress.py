"""The whole collector over a real blog, through the command line: what its readers and its owner do between rounds."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest
from running import Folder, toml_table
from wordpress import RealWordPress, started_wordpress

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def blog() -> Iterator[RealWordPress]:
    """One blog for all tests: each adds posts of its own, and leaves the switches as they were."""
    yield from started_wordpress()


@pytest.fixture
def post(blog: RealWordPress) -> int:
    return blog.add_post("Examples of not #coproduction")


@pytest.fixture
def watching(tmp_path: Path, blog: RealWordPress) -> Callable[..., Folder]:
    """A collection of this blog's comments, or of what else is said."""

    def make(page: int | str = "/", **keys: Any) -> Folder:
        folder = Folder(tmp_path)
        url = blog.permalink(page) if isinstance(page, int) else blog.address + page
        source = {"name": "the blog", "kind": "wordpress", "url": url, "allow_private_network": True, **keys}
        with (tmp_path / "collector.toml").open("a", encoding="utf-8") as file:
            file.write(toml_table("source", source))
        return folder

    return make


def ago(**duration: float) -> str:
    return f"{NOW - timedelta(**duration):%Y-%m-%d %H:%M:%S}"


def texts(folder: Folder) -> list[str]:
    """What an export holds."""
    lines = folder.call("export", "--format", "jsonl").out.splitlines()
    return [json.loads(line)["text"] for line in lines]


def poll(folder: Folder, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = folder.call("poll", "--json", *arguments)
    assert done.code == code, done
    (row,) = done.json["sources"]
    assert isinstance(row, dict)
    return row


def test_the_first_round_brings_every_approved_comment_of_a_post(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    blog.add_comments(post, 230, start="2013-12-01 00:00:00")
    blog.add_comment(post, "Pending.", comment_approved=0)
    blog.add_comment(post, "Spam.", comment_approved="spam")
    blog.add_comment(post, "[…] an excerpt […]", comment_type="pingback")
    blog.add_comment(blog.add_post("Another"), "Elsewhere.")
    folder = watching(post)
    assert (poll(folder)["new"], len(texts(folder))) == (230, 230)
    assert poll(folder)["new"] == 0


def test_what_happens_to_comments_between_rounds_is_followed(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    held = blog.add_comment(post, "Held back.", at=ago(days=60), comment_approved=0)
    regretted = blog.add_comment(post, "Regretted.", at=ago(days=50))
    misspelled = blog.add_comment(post, "Befroe.", at=ago(days=40))
    recent = blog.add_comment(post, "Recent.", at=ago(hours=5))
    folder = watching(post)
    poll(folder)
    assert texts(folder) == ["Regretted.", "Befroe.", "Recent."]
    blog.approve(held)
    blog.trash(regretted)
    blog.edit(misspelled, "Before.")
    blog.trash(recent)
    shallow = poll(folder)
    assert (shallow["new"], "Recent." in texts(folder)) == (0, False)
    deep = poll(folder, "--deep")
    assert deep["new"] == 1
    assert (shallow["changed"] + deep["changed"], shallow["gone"] + deep["gone"]) == (1, 2)
    assert texts(folder) == ["Held back.", "Before."]
    blog.approve(regretted)
    poll(folder, "--deep")
    assert texts(folder) == ["Held back.", "Regretted.", "Before."]


def test_a_closed_door_is_no_deletion(blog: RealWordPress, post: int, watching: Callable[..., Folder]) -> None:
    comments = [blog.add_comment(post, f"Number {n}.", at=ago(hours=n + 1)) for n in range(14)]
    folder = watching(post)
    poll(folder)
    for state in ("off", "no_route"):
        with blog.rest(state):
            latest = blog.add_comment(post, f"While it was {state}.", at=ago(minutes=5))
            row = poll(folder, "--deep")
            assert (row["gone"], row["condition"]) == (0, "half a feed")
        assert f"While it was {state}." in texts(folder)
        comments.append(latest)
    row = poll(folder, "--deep")
    assert (row["new"], row["gone"], len(texts(folder))) == (0, 0, len(comments))


def test_a_password_hides_nothing_that_was_said_before(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    blog.add_comment(post, "Said before.")
    folder = watching(post)
    poll(folder)
    blog.protect(post)
    row = poll(folder, code=1)
    assert "password" in row["error"]
    assert texts(folder) == ["Said before."]


def test_only_what_carries_the_hashtag_is_taken_from_a_whole_blog(
    blog: RealWordPress, watching: Callable[..., Folder]
) -> None:
    tagged = blog.add_post("On #notcoproduction", "<p>We asked.</p>", tags=["NotCoproduction"])
    blog.add_post("Something else", "<p>Nothing about the word notcoproduction as a hashtag.</p>")
    blog.add_comment(tagged, "Here is one: #NotCoProduction")
    blog.add_comment(tagged, "Here is none: notcoproduction")
    folder = watching(collect="hashtag")
    poll(folder)
    found = [text for text in texts(folder) if "We asked" in text or "Here is" in text or "Nothing" in text]
    assert sorted(found) == ["Here is one: #NotCoProduction", "We asked."]


def test_a_comment_whose_hashtag_is_edited_away_drops_out_and_comes_back_with_it(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    comment = blog.add_comment(post, "An example, edited later. #notcoproduction", at=ago(hours=3))
    folder = watching(collect="hashtag")
    poll(folder)
    assert "An example, edited later. #notcoproduction" in texts(folder)
    blog.edit(comment, "An example, edited later.")
    assert poll(folder, "--deep")["gone"] == 1
    assert not [text for text in texts(folder) if "edited later" in text]
    blog.edit(comment, "An example, edited later. #NotCoproduction")
    poll(folder)
    assert "An example, edited later. #NotCoproduction" in texts(folder)


def test_two_sources_of_one_blog_do_not_quarrel_over_what_counts(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    blog.add_comment(post, "See https://example.org/notcoproduction for more.", at=ago(hours=3))
    folder = watching(post)
    tagged = {"name": "tagged", "kind": "wordpress", "url": f"{blog.address}/", "collect": "hashtag"}
    with (folder.path / "collector.toml").open("a", encoding="utf-8") as file:
        file.write(toml_table("source", tagged | {"allow_private_network": True}))
    for _ in range(2):
        assert [row["gone"] for row in folder.call("poll", "--deep", "--json").json["sources"]] == [0, 0]
        assert "See https://example.org/notcoproduction for more." in texts(folder)


def test_a_comment_stands_in_the_digest_with_the_post_it_answers(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    first = blog.add_comment(post, "They sent the survey after the decision.", author="Jo at home", at=ago(minutes=30))
    blog.add_comment(post, "Same here.", author="", at=ago(minutes=20), comment_parent=first)
    folder = watching(post)
    poll(folder)
    week = f"{NOW.isocalendar().year}-W{NOW.isocalendar().week:02}"
    shown = folder.call("digest", "show", "--week", week).out
    assert "FROM THE COMMENTS" in shown
    assert "Under “Examples of not #coproduction”:" in shown
    assert "Jo at home" in shown
    exported = [json.loads(line) for line in folder.call("export", "--format", "jsonl").out.splitlines()]
    assert exported[0]["reply_to_uri"] == blog.permalink(post)
    assert exported[1]["reply_to_uri"] == exported[0]["uri"]
    assert exported[0]["uri"] == f"{blog.permalink(post)}#comment-{first}"


def test_nothing_of_an_e_mail_address_is_ever_stored(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    blog.add_comment(post, "Words.", author="Ada", comment_author_email="ada@mail.example")
    folder = watching(post)
    poll(folder)
    with blog.rest("off"):
        poll(folder, "--deep")
    folder.run("db", "renormalise")
    hashes = [made(b"ada@mail.example").hexdigest().encode() for made in (md5, sha256)]
    kept = everything_in(folder.database)
    assert b"Words." in kept
    assert not any(found in kept for found in (*hashes, b"ada@mail.example", b"gravatar"))


def everything_in(database: Path) -> bytes:
    """Every value of every table, what is packed unpacked."""
    with closing(sqlite3.connect(database)) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        values = [value for table in tables for row in opened.execute(f"SELECT * FROM {table}") for value in row]
    return b"".join(unpacked(value) for value in values)


def unpacked(value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode()
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def test_a_single_comment_is_kept_by_its_address(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    comment = blog.add_comment(post, "Look at this.")
    folder = watching("/", collect="hashtag")
    done = folder.call("add", f"{blog.permalink(post)}#comment-{comment}")
    assert (done.code, done.out.startswith("kept: ")) == (0, True), done
    assert texts(folder) == ["Look at this."]


def test_what_a_password_hides_on_a_watched_blog_is_out_of_sight_until_it_is_shown_again(
    blog: RealWordPress, post: int, watching: Callable[..., Folder]
) -> None:
    blog.add_comment(post, "Behind the door: #notcoproduction")
    folder = watching(collect="hashtag")
    poll(folder)
    assert "Behind the door: #notcoproduction" in texts(folder)
    blog.protect(post)
    poll(folder, "--deep")
    assert "Behind the door: #notcoproduction" not in texts(folder)
    blog.protect(post, "")
    poll(folder, "--deep")
    assert "Behind the door: #notcoproduction" in texts(folder)
