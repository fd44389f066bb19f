"""What was forgotten leaves every table, does not come in again, and takes nobody else with it."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import NOW, make_author, make_post
from making_storage import add_watch, dump, edited, make_batch, rows, save
from proving import traces_of
from sqlalchemy import select

from collector.errors import StorageError, UnknownNameError
from collector.forgetting import Memory, forget, forget_again, look, memory_of
from collector.model import Curation, Erasure, Found, Hashtag, Mention, Rejection
from collector.storage.choices import save_curation
from collector.storage.database import Database
from collector.storage.erasing import erase_posts
from collector.storage.forgotten import Forgotten, add_forgotten, find_forgotten, read_keys
from collector.storage.listing import list_posts
from collector.storage.narrowing import Wanted
from collector.storage.remembering import read_file, write_file
from collector.storage.saving import save_batch, save_renormalised
from collector.storage.series import ensure_series
from collector.storage.tables import author_walks, digest_members, digests, hosts, posts, series, warnings, watches
from collector.text.asking import read_query

CARYS = make_author()
DEWI = make_author(handle="dewi@fedi.example", name="Dewi")
DEWI2 = make_author(handle="dewi2@fedi.example", name="Dewi the second")


@pytest.fixture
def memory(database: Database, tmp_path: Path) -> Memory:
    return memory_of(database, tmp_path, tmp_path / "outbox")


def drop(memory: Memory, name: str = "carys@fedi.example") -> None:
    forget(memory, look(memory, name), NOW)


def left(memory: Memory, *words: str) -> list[str]:
    return traces_of(words, memory.file.parent, memory.database.url)


def uris(database: Database) -> list[str]:
    with database.read() as conn:
        return list(
            conn.execute(select(posts.c.uri).where(posts.c.erased_at.is_(None)).order_by(posts.c.uri)).scalars()
        )


def by(author: Any, number: int, **changes: Any) -> Any:
    user = author.handle.partition("@")[0]
    uri = f"https://fedi.example/users/{user}/statuses/{number}"
    return make_post(**({"uri": uri, "url": None, "author": author} | changes))


# --- what is erased -----------------------------------------------------------------------------


def test_a_person_takes_nobody_along_who_is_called_alike(memory: Memory) -> None:
    save(memory.database, by(DEWI, 1), by(DEWI2, 2), by(CARYS, 3))
    drop(memory, "dewi@fedi.example")
    assert uris(memory.database) == [by(CARYS, 3).uri, by(DEWI2, 2).uri]
    save(memory.database, by(DEWI, 4), by(DEWI2, 5))
    assert len(uris(memory.database)) == 3


def test_a_tombstone_has_no_name_and_no_place(memory: Memory) -> None:
    save(memory.database, by(CARYS, 1))
    drop(memory)
    assert rows(memory.database, "posts", "uri", "erased_why") == [("forgotten:1", "forgotten")]
    assert rows(memory.database, "posts", "erased_at", "published_at") == [(NOW, by(CARYS, 1).published_at)]
    for table in ("post_addresses", "sightings", "raw_answers", "post_hashtags"):
        assert dump(memory.database)[table] == []
    assert rows(memory.database, "authors", "key", "handle", "name") == [("", "", "")]


def test_tombstones_of_before_lose_their_addresses(memory: Memory) -> None:
    save(memory.database, by(CARYS, 1), by(CARYS, 2))
    with memory.database.write() as conn:
        erase_posts(conn, [1, 2], Erasure.TAKEN_BACK, NOW)
    drop(memory)
    assert left(memory, "carys") == []


def test_copies_under_another_account_are_the_same_words(memory: Memory) -> None:
    mirror = make_author(key="did:plc:m", handle="carys.fedi.example.ap.brid.gy", name="Carys", url=None)
    words = "A long enough text about a table with eleven chairs and nobody on them #notcoproduction"
    original = by(CARYS, 1, text=words)
    copy = make_post(
        network="bluesky",
        uri="at://did:plc:m/app.bsky.feed.post/3k",
        url=None,
        author=mirror,
        text=words,
        copy_of=original.uri,
    )
    save(memory.database, original)
    save(memory.database, copy, server="https://bsky.example")
    request = look(memory, "carys@fedi.example")
    assert (request.amount.posts, len(request.found.posts)) == (2, 2)
    drop(memory)
    assert left(memory, "carys", "did:plc:m", "eleven chairs") == []
    save(memory.database, copy, server="https://bsky.example")
    assert uris(memory.database) == []


def test_a_near_copy_of_a_forgotten_post_goes_with_it_and_its_account_stays(memory: Memory) -> None:
    words = "A long enough text about a table with eleven chairs and nobody on them #notcoproduction"
    other = make_author(key="did:plc:c", handle="carys.fedi.example", name="Carys", url=None)
    save(memory.database, by(CARYS, 1, text=words), by(CARYS, 2))
    kwargs: dict[str, Any] = {"network": "bluesky", "url": None, "author": other}
    save(
        memory.database,
        make_post(uri="at://did:plc:c/app.bsky.feed.post/1", text=words, **kwargs),
        make_post(uri="at://did:plc:c/app.bsky.feed.post/2", text="Something of its own #notcoproduction", **kwargs),
        server="https://bsky.example",
    )
    request = look(memory, by(CARYS, 1).uri)
    assert len(request.found.copies) == 1
    drop(memory, by(CARYS, 1).uri)
    assert uris(memory.database) == ["at://did:plc:c/app.bsky.feed.post/2", by(CARYS, 2).uri]


def test_others_posts_and_profiles_lose_the_name_and_change_no_more(memory: Memory) -> None:
    named = by(DEWI, 1, text="Hi @carys, see https://fedi.example/@carys/9", reply_to_uri=by(CARYS, 9).uri)
    linking = make_author(
        handle="rhys@fedi.example", name="Rhys", links=("https://fedi.example/@carys", "https://rhys.example/")
    )
    again = edited(named, "Hello @carys", NOW)
    save(memory.database, named, by(linking, 2))
    save(memory.database, again)
    drop(memory)
    assert left(memory, "carys") == []
    assert rows(memory.database, "revisions", "text") == ["Hi @…, see …"]
    assert ("rhys@fedi.example", ["https://rhys.example/"]) in rows(memory.database, "authors", "handle", "links")
    saved = save(memory.database, again, by(linking, 2))
    assert (saved.changed, saved.same, len(saved.forgotten)) == (0, 2, 0)
    assert rows(memory.database, "posts", "text")[0] == "Hello @…"
    assert left(memory, "carys") == []


def test_hashtags_that_nobody_else_used_leave_built_digests(memory: Memory) -> None:
    own = tuple(Hashtag(normal=tag.lower(), display=tag) for tag in ("notcoproduction", "CarysOnly", "Shared"))
    save(memory.database, by(CARYS, 1, hashtags=own), by(DEWI, 2, hashtags=own[::2]))
    with memory.database.write() as conn:
        conn.execute(series.insert().values(id=1, name="weekly", started_at=NOW))
        facts = {"posts": 2, "also_tagged": [["Shared", 2], ["CarysOnly", 1]], "references": [["archive", [1]]]}
        window = {"starts_at": NOW, "ends_at": NOW + timedelta(days=7), "timezone": "UTC"}
        conn.execute(
            digests.insert().values(id=1, series_id=1, name="2026-W48", state="built", topics=[], facts=facts, **window)
        )
        conn.execute(digest_members.insert().values(series_id=1, post_id=1, digest_id=1, section="top", position=0))
    drop(memory)
    assert rows(memory.database, "digests", "facts") == [facts | {"also_tagged": [["Shared", 2]]}]
    assert len(dump(memory.database)["digest_members"]) == 1


def test_what_was_noted_beside_posts_is_cleaned(memory: Memory) -> None:
    save(memory.database, by(CARYS, 1), by(DEWI, 2))
    with memory.database.write() as conn:
        curated = ensure_series(conn, "weekly", ["notcoproduction"], NOW).id
        save_curation(conn, curated, 2, Curation(note="An answer to @carys@fedi.example, of all people."))
        conn.execute(
            watches.update().values(
                message="could not read https://fedi.example/@carys/1, and stopped",
                bookmark='{"url": "https://fedi.example/@carys.rss"}',
                walk={"cursor": "https://fedi.example/users/carys/statuses/1"},
                backfill={"cursor": "nobody"},
            )
        )
        conn.execute(hosts.insert().values(address="https://fedi.example", reason="@carys@fedi.example said no"))
        conn.execute(warnings.insert().values(key="k", message="carys@fedi.example", began_at=NOW))
        conn.execute(author_walks.insert().values(watch_id=1, author_id=1, cursor="7"))
    drop(memory)
    kept = rows(memory.database, "watches", "message", "walk", "backfill")
    assert kept == [("could not read …, and stopped", None, {"cursor": "nobody"})]
    assert rows(memory.database, "hosts", "reason") == ["@… said no"]
    assert rows(memory.database, "curations", "note") == ["An answer to @…, of all people."]
    assert rows(memory.database, "author_walks", "cursor") == []


def test_what_could_not_be_read_goes_where_it_names_them(memory: Memory) -> None:
    def rejection(native_id: str, **raw: Any) -> Rejection:
        return Rejection(native_id=native_id, reason="no date", raw=zlib.compress(json.dumps(raw).encode()))

    told = (
        rejection("1", account={"url": "https://fedi.example/@carys"}),
        rejection("2", account={"url": "https://fedi.example/@carys2"}),
        rejection("at://did:plc:x/app.bsky.feed.post/1", text="carys@fedi.example"),
        Rejection(native_id="3", reason="odd", raw=b"nobody can read this"),
    )
    save(memory.database, by(CARYS, 1), rejections=told)
    drop(memory)
    assert rows(memory.database, "rejections", "native_id") == ["2", "3"]
    assert save(memory.database, rejections=told).rejected == 2
    assert rows(memory.database, "rejections", "native_id") == ["2", "3"]


def test_somebody_hidden_is_forgotten_whole(memory: Memory) -> None:
    save(memory.database, by(CARYS, 1))
    with memory.database.write() as conn:
        conn.exec_driver_sql("UPDATE authors SET hidden_at = first_seen_at")
    drop(memory)
    assert left(memory, "carys") == []


# --- who is meant -------------------------------------------------------------------------------


def test_an_earlier_handle_means_the_same_person(memory: Memory) -> None:
    before = make_author(key="did:plc:c", handle="old.example", url="https://bsky.app/profile/old.example")
    now = make_author(key="did:plc:c", handle="new.example", url="https://bsky.app/profile/new.example")
    kwargs: dict[str, Any] = {"network": "bluesky", "uri": "at://did:plc:c/app.bsky.feed.post/1", "url": None}
    save(memory.database, make_post(author=before, **kwargs))
    save(memory.database, make_post(author=now, text="edited", **kwargs))
    save(memory.database, by(DEWI, 1, text="@old.example and @new.example and did:plc:c"))
    drop(memory, "old.example")
    assert left(memory, "old.example", "new.example", "did:plc:c") == []


BLUESKY: dict[str, Any] = {"network": "bluesky", "uri": "at://did:plc:c/app.bsky.feed.post/3ka"}


@pytest.mark.parametrize(
    "name",
    [
        *("https://bsky.app/profile/old.example", "https://bsky.app/profile/did:plc:c", "at://did:plc:c"),
        *("at://new.example", "https://bsky.app/profile/new.example/"),
    ],
)
def test_the_profile_of_an_earlier_handle_means_them_whole(memory: Memory, name: str) -> None:
    for handle in ("old.example", "new.example"):
        author = make_author(key="did:plc:c", handle=handle, url=f"https://bsky.app/profile/{handle}")
        save(memory.database, make_post(author=author, text=handle, **BLUESKY), server="https://bsky.example")
    drop(memory, name)
    assert left(memory, "old.example", "new.example", "did:plc:c") == []
    assert len(read_file(memory.file, Forgotten).those_among({"did:plc:c", "old.example", "new.example"})) == 3


@pytest.mark.parametrize("actor", ["old.example", "new.example", "did:plc:c"])
@pytest.mark.parametrize("form", ["https://bsky.app/profile/{}/post/3ka", "at://{}/app.bsky.feed.post/3ka"])
@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_post_of_bluesky_is_known_by_any_handle_of_its_author(memory: Memory, actor: str, form: str) -> None:
    for handle in ("old.example", "new.example"):
        author = make_author(key="did:plc:c", handle=handle, url=f"https://bsky.app/profile/{handle}")
        save(memory.database, make_post(author=author, **BLUESKY), server="https://bsky.example")
    assert look(memory, form.format(actor)).post is not None


@pytest.mark.parametrize(
    "address",
    [
        *("https://other.example/@carys@fedi.example/77", "https://other.example/web/statuses/77"),
        *(
            "https://fedi.example/@carys/1?a=b",
            "https://fedi.example/web/@carys/1",
            "https://fedi.example/@carys/1/embed",
        ),
    ],
)
def test_a_post_is_known_as_servers_show_it_to_their_own_people(memory: Memory, address: str) -> None:
    post = by(CARYS, 1, url="https://fedi.example/@carys/1")
    with memory.database.write() as conn:
        found = (Found(post=post, native_id="77", raw=b""),)
        save_batch(conn, make_batch(add_watch(conn, address="https://other.example"), found=found))
    save(memory.database, by(DEWI, 77))
    drop(memory, address)
    assert uris(memory.database) == [by(DEWI, 77).uri]


def test_a_comment_that_is_not_known_takes_no_page_with_it(memory: Memory) -> None:
    page = make_post(network="wordpress", uri="https://blog.example/p/", url=None)
    save(memory.database, page)
    drop(memory, "https://blog.example/p/#comment-5")
    assert uris(memory.database) == [page.uri]


def test_the_names_that_a_bridge_gives_go_with_those_it_made_them_of(memory: Memory) -> None:
    told = "@carys-w.fedi.example.ap.brid.gy and @old.example@bsky.brid.gy, not @x.old.example@bsky.brid.gy"
    mirror = make_author(key="did:plc:m", handle="carys-w.fedi.example.ap.brid.gy", url=None)
    save(memory.database, by(DEWI, 1, text=told), make_post(author=mirror, **BLUESKY))
    drop(memory, "carys_w@fedi.example")
    drop(memory, "old.example")
    assert rows(memory.database, "posts", "text")[0] == "@… and @…, not @x.old.example@bsky.brid.gy"
    assert uris(memory.database) == [by(DEWI, 1).uri]


def test_a_handle_that_several_had_means_none_of_them_until_one_is_named(memory: Memory) -> None:
    one = make_author(key="did:plc:a", handle="shared.example", url=None)
    two = make_author(key="did:plc:b", handle="shared.example", url=None)
    save(memory.database, make_post(network="bluesky", uri="at://did:plc:a/app.bsky.feed.post/1", url=None, author=one))
    save(memory.database, make_post(network="bluesky", uri="at://did:plc:b/app.bsky.feed.post/1", url=None, author=two))
    with pytest.raises(UnknownNameError, match=r"2 accounts.*did:plc:a \(Carys, posts: 1\), did:plc:b"):
        look(memory, "shared.example")
    drop(memory, "did:plc:a")
    assert uris(memory.database) == ["at://did:plc:b/app.bsky.feed.post/1"]


def test_of_a_blogs_guests_of_one_name_only_the_one_goes_who_is_meant(memory: Memory) -> None:
    guests = [
        make_author(key=f"sam-{number}@blog.example", handle="sam@blog.example", name="Sam", url=None)
        for number in "12"
    ]
    comments = [
        make_post(network="wordpress", uri=f"https://blog.example/p/#comment-{n}", url=None, author=guest)
        for n, guest in enumerate(guests)
    ]
    save(memory.database, *comments)
    with pytest.raises(UnknownNameError, match="2 accounts"):
        look(memory, "sam@blog.example")
    drop(memory, "sam-1@blog.example")
    save(memory.database, *comments)
    assert uris(memory.database) == ["https://blog.example/p/#comment-1"]


def test_a_blogs_guest_who_names_a_forgotten_profile_as_their_own_is_forgotten_too(memory: Memory) -> None:
    guest = make_author(key="c-1@blog.example", handle="c@blog.example", url="https://fedi.example/@carys")
    comment = make_post(network="wordpress", uri="https://blog.example/p/#comment-1", url=None, author=guest)
    save(memory.database, comment, by(CARYS, 1))
    drop(memory)
    assert uris(memory.database) == []


def test_a_members_page_that_is_the_blog_itself_takes_no_other_with_it(memory: Memory) -> None:
    url = "https://blog.example/home"
    member, other = (
        make_author(key=f"user-{n}@blog.example", handle=f"m{n}@blog.example", url=url, links=(url,)) for n in "12"
    )
    told = [
        make_post(network="wordpress", uri=f"{url}/p/#comment-{n}", url=None, author=author, text=f"see {url}")
        for n, author in enumerate((member, other))
    ]
    save(memory.database, *told)
    drop(memory, "user-1@blog.example")
    save(memory.database, *told)
    assert uris(memory.database) == [f"{url}/p/#comment-1"]


ODD = st.text(st.sampled_from(list("aé_%'\"\\*?A日2")), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(ODD, min_size=2, max_size=5))
@pytest.mark.parametrize("kind", ["sqlite"])
def test_odd_handles_are_matched_exactly(memory: Memory, users: set[str]) -> None:
    """The handle's case makes no difference, and nothing else does not."""
    with memory.database.write() as conn:
        for table in ("post_addresses", "sightings", "raw_answers", "post_topics", "post_hashtags", "posts", "authors"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
        for table in ("forgotten", "about WHERE key LIKE 'forg%'"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
    memory.file.unlink(missing_ok=True)
    told = [
        make_post(
            uri=f"https://fedi.example/{number}", url=None, author=make_author(handle=f"{user}@fedi.example", url=None)
        )
        for number, user in enumerate(sorted(users))
    ]
    save(memory.database, *told)
    wanted = told[0].author.handle
    kept = [post.uri for post in told if post.author.handle.lower() != wanted.lower()]
    drop(memory, wanted)
    assert uris(memory.database) == kept
    save(memory.database, *told)
    assert uris(memory.database) == kept


# --- the gate -----------------------------------------------------------------------------------


@pytest.fixture
def closed(memory: Memory) -> Memory:
    """A database that knows whom it never may keep."""
    drop(memory, "carys@fedi.example")
    drop(memory, "https://fedi.example/users/dewi/statuses/13")
    return memory


@pytest.mark.parametrize(
    "post",
    [
        by(CARYS, 1),
        make_post(author=make_author(handle="CARYS@Fedi.Example")),
        make_post(uri="https://fedi.example/@carys/7", url=None, author=make_author(handle="feed@planet.example")),
        make_post(
            uri="tag:planet.example,1",
            url="https://planet.example/1",
            author=make_author(url="https://fedi.example/@carys"),
        ),
        by(DEWI, 13),
        by(DEWI, 14, uri="http://fedi.example/users/dewi/statuses/13/"),
        make_post(uri="https://bsky.brid.gy/convert/ap/https://fedi.example/@carys/7", url=None, author=DEWI),
    ],
)
def test_no_way_leads_in_for_what_was_forgotten(closed: Memory, post: Any) -> None:
    saved = save(closed.database, post, by(DEWI, 1))
    assert (saved.new, saved.forgotten) == (1, frozenset({post.uri}))
    assert uris(closed.database) == [by(DEWI, 1).uri]


def test_a_better_normaliser_does_not_bring_a_name_back(closed: Memory) -> None:
    post = by(DEWI, 1, text="Hello")
    save(closed.database, post)
    with closed.database.write() as conn:
        batch = make_batch(add_watch(conn, "fedi.example"), by(DEWI, 1, text="Hello @carys"))
        assert save_renormalised(conn, batch) == 1
    assert rows(closed.database, "posts", "text") == ["Hello @…"]


def test_no_answer_is_kept_that_names_whom_its_post_does_not(closed: Memory) -> None:
    raw = zlib.compress(json.dumps({"card": {"url": "https://fedi.example/@carys/9"}}).encode())
    with closed.database.write() as conn:
        items = (Found(post=by(DEWI, 1), native_id="1", raw=raw), Found(post=by(DEWI, 2), native_id="2", raw=b"odd"))
        save_batch(conn, make_batch(add_watch(conn, "fedi.example"), found=items))
    assert rows(closed.database, "raw_answers", "native_id") == ["2"]


def test_mentions_of_others_pass_as_they_are(closed: Memory) -> None:
    post = by(DEWI, 1, text="@carys2 @rhys", mentions=(Mention(handle="carys2@fedi.example", url=None),))
    save(closed.database, post)
    assert rows(closed.database, "posts", "text") == [post.text]
    assert rows(closed.database, "raw_answers", "native_id") == ["1"]


# --- remembering --------------------------------------------------------------------------------


def test_no_name_can_be_read_out_of_what_is_remembered(closed: Memory) -> None:
    assert left(closed, "carys", "dewi") == []
    told = read_file(closed.file, Forgotten)
    assert told.those_among({"carys@fedi.example", "dewi@fedi.example"}) == {"carys@fedi.example"}
    assert told.marks.keys() == set(rows(closed.database, "forgotten", "mark"))


def test_the_same_again_changes_nothing(closed: Memory) -> None:
    before, kept = dump(closed.database), closed.file.read_text()
    assert forget_again(closed, NOW) is None
    drop(closed, "carys@fedi.example")
    assert dump(closed.database) == before
    assert closed.file.read_text() == kept


def test_file_and_database_are_united_whatever_their_keys(closed: Memory) -> None:
    theirs = Forgotten().with_names({"rhys@fedi.example"}, NOW)
    save(closed.database, by(make_author(handle="rhys@fedi.example"), 1), by(DEWI, 2))
    write_file(closed.file, theirs)
    assert forget_again(closed, NOW) is not None
    assert uris(closed.database) == [by(DEWI, 2).uri]
    with closed.database.read() as conn:
        keys = read_keys(conn)
        found = find_forgotten(conn, keys, {"rhys@fedi.example", "carys@fedi.example", "dewi@fedi.example"})
    assert len(keys) == 2
    assert found == {"rhys@fedi.example", "carys@fedi.example"}
    assert len(read_file(closed.file, Forgotten).keys) == 2


def test_a_file_that_cannot_be_written_stops_it_before_anything_is_changed(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(memory.database, by(CARYS, 1))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(StorageError, match=r"\.forgotten: cannot be written: no space left on device"):
        drop(memory)
    assert uris(memory.database) == [by(CARYS, 1).uri]
    assert not list(memory.file.parent.glob("*.forgotten*"))
    assert not list(memory.file.parent.glob(".*.part"))


KEY, MARK = "ab" * 32, "cd" * 16


@pytest.mark.parametrize(
    "line",
    [
        *("mark", "mark zz 2026-11-23", f"key {KEY}\nmark {MARK} today", "key", "key abcd", f"name {KEY}", "\xff"),
        *(
            f"key {KEY * 2}",
            f"key {KEY}\nmark {MARK}",
            f"key {KEY}\nmark {MARK} 2026-11-23",
            f"key {KEY}\nmark ab {NOW}",
        ),
        f"mark {MARK} {NOW}",  # nobody can tell what of
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_damaged_file_is_refused(memory: Memory, line: str) -> None:
    memory.file.write_text(f"key {KEY}\nmark {MARK} {NOW}\n")
    assert read_file(memory.file, Forgotten).marks == {MARK: NOW}
    memory.file.write_text(f"# a remark\n\n{line}\n", encoding="latin-1")
    with pytest.raises(StorageError, match="is damaged"):
        read_file(memory.file, Forgotten)


def test_a_database_without_anything_forgotten_keeps_no_file(memory: Memory) -> None:
    assert forget_again(memory, NOW) is None
    assert not memory.file.exists()
    with memory.database.write() as conn:
        assert read_keys(conn) == ()
        add_forgotten(conn, Forgotten())
        assert read_keys(conn) == ()


# --- beneath the tables -------------------------------------------------------------------------


def test_samples_that_the_database_took_of_the_values_go_too(memory: Memory) -> None:
    told = [by(CARYS, number, text=f"Zaunkönig {number}") for number in range(20)]
    save(memory.database, *told)
    save(memory.database, *(edited(post, f"{post.text} again", NOW) for post in told))
    with memory.database.alone() as conn:
        conn.exec_driver_sql("ANALYZE")
    assert left(memory, "Zaunkönig") != []
    drop(memory)
    assert left(memory, "Zaunkönig", "carys") == []


def test_nothing_is_left_on_free_pages_either(memory: Memory) -> None:
    """Of what was erased before anybody asked for it, too."""
    words = "Zaunkönig, at some length, so that it does not fit any more where it stood"
    save(memory.database, by(CARYS, 1, text=words), by(DEWI, 2))
    with memory.database.alone() as conn:
        if memory.database.is_sqlite:
            conn.exec_driver_sql("PRAGMA secure_delete = OFF")
        conn.exec_driver_sql("UPDATE posts SET text = 'short' WHERE id = 1")
    assert "Zaunkönig".encode() in on_disk(memory)
    drop(memory)
    assert "Zaunkönig".encode() not in on_disk(memory)
    assert b"carys" not in on_disk(memory)
    assert b"dewi@fedi.example" in on_disk(memory)


def on_disk(memory: Memory) -> bytes:
    """The files that the tables and indexes lie in."""
    if memory.database.path is not None:
        beside = sorted(memory.database.path.parent.glob(f"{memory.database.path.name}*"))
        return b"".join(path.read_bytes() for path in beside)
    with memory.database.alone() as conn:
        conn.exec_driver_sql("CHECKPOINT")
        folder = Path(conn.exec_driver_sql("SHOW data_directory").scalar_one())
        paths = conn.exec_driver_sql(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't')"
            " AND (relnamespace = 'public'::regnamespace OR oid IN (SELECT reltoastrelid FROM pg_class WHERE"
            " relnamespace = 'public'::regnamespace))"
        ).scalars()
        return b"".join((folder / path).read_bytes() for path in paths)


def test_forgotten_words_are_in_no_index(memory: Memory) -> None:
    save(memory.database, *(by(DEWI, number, text=f"word{number} " * 9) for number in range(60)))
    save(memory.database, by(CARYS, 1, text="Xylophones everywhere"), by(CARYS, 2))
    save(memory.database, by(DEWI, 3, text="Hi @carys, all of it"))
    drop(memory)
    assert left(memory, "xylophones", "carys") == []
    with memory.database.read() as conn:
        assert list_posts(conn, Wanted(terms=read_query("xylophones")), 9).post_ids == ()
        assert len(list_posts(conn, Wanted(terms=read_query("word7")), 9).post_ids) == 1


def test_words_of_the_only_post_are_in_no_index_or_statistics_once_it_is_forgotten(memory: Memory) -> None:
    save(memory.database, by(CARYS, 1, text="Xylophones everywhere"))
    with memory.database.alone() as conn:
        conn.exec_driver_sql("ANALYZE")
    drop(memory)
    assert left(memory, "xylophones", "carys") == []
