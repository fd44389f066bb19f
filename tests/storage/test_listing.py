"""Lists of posts: what words find, what narrows, what comes first, pages that lose nothing, and who is in none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from making import NOW, make_author, make_post
from making_storage import edited, save
from sqlalchemy import select, update

from collector.model import Erasure, Hashtag, Media, Post, Wish
from collector.storage import listing, narrowing
from collector.storage.blocking import adopt_block_words
from collector.storage.curation import hide_author, hide_post
from collector.storage.database import Database
from collector.storage.erasing import erase_posts
from collector.storage.listing import Listed, Place, list_posts, read_place
from collector.storage.narrowing import Order, Wanted
from collector.storage.tables import authors, posts, search_texts
from collector.text.asking import read_query
from collector.text.folding import fold, fold_handle

TUESDAY = make_post().published_at
(TOPIC,) = make_post().hashtags


def look(database: Database, q: str = "", *, size: int = 50, after: Place | None = None, **asked: Any) -> Listed:
    with database.read() as conn:
        return list_posts(conn, Wanted(terms=read_query(q), **asked), size, after)


def find(database: Database, q: str = "", **asked: Any) -> list[int]:
    """The numbers that posts were made with, in the list's order."""
    with database.read() as conn:
        uris = {row.id: row.uri for row in conn.execute(select(posts.c.id, posts.c.uri))}
    return [int(uris[post_id].rpartition("/")[2]) for post_id in look(database, q, **asked).post_ids]


# --- what words find ----------------------------------------------------------------------------


@pytest.fixture
def filled(database: Database) -> Database:
    rhys = make_author(handle="rhys@blog.example", name="Rhŷs O’Brien")
    save(
        database,
        make_post(1, text="They renamed the complaints box 'co-creation portal'. #notcoproduction"),
        make_post(2, text="The BOX for complaints is a “naïve” Straße in Łódź", author=rhys),
        make_post(3, text="不共同制作：十一把椅子。", title="Minutes", content_warning="box"),
        make_post(4, text="ประชุมแล้ว", media=(Media(url="https://e.example/a", type="image", alt_text="11 chairs"),)),
        make_post(
            5, text="학교에서 회의", hashtags=(TOPIC, Hashtag(normal="unseen", display="Unseen", found_in="tags"))
        ),
    )
    return database


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("box", [3, 2, 1]),
        ("complaints box", [2, 1]),
        ('"complaints box"', [1]),
        ("co-creation", [1]),
        ("creat", []),
        ("creat*", [1]),
        ("naive strasse lodz", [2]),
        ("O'BRIEN rhys", [2]),
        ("@rhys@blog.example", [2]),
        ("blog", []),
        ("minutes", [3]),
        ("共同制作", [3]),
        ("椅子", [3]),
        ("同共", []),
        ("ประชุม", [4]),
        ("chairs", [4]),
        ("학교", [5]),
        ("#unseen", [5]),
        ("#notcoproduction", [1]),
        ("nothing", []),
    ],
)
def test_words_are_found_wherever_a_post_says_them(filled: Database, q: str, found: list[int]) -> None:
    assert sorted(find(filled, q), reverse=True) == found


def test_many_that_hold_a_word_are_found_as_a_few_are(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for q in ("box", "complaints box", '"complaints box"', "creat*", "@rhys@blog.example", "共同制作"):
        few = find(filled, q)
        with monkeypatch.context() as patched:
            patched.setattr(narrowing, "A_FEW", 0)
            assert find(filled, q) == few


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(max_size=40) | st.text("\"'*()^:;-+%_\\{}[]ANDORNEAR# @.aé共\0\ud800", max_size=30))
def test_no_query_fails(filled: Database, q: str) -> None:
    for order in Order:
        assert look(filled, q, order=order).total <= 5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30))
@example("0 \U0001da3b 0")
@example("0 \u09f4 0")
def test_every_text_is_found_by_its_own_words(database: Database, text: str) -> None:
    with database.write() as conn:
        conn.execute(posts.delete())
    save(database, make_post(1, text=text))
    if read_query(f'"{text}"'):
        assert look(database, text).total == 1


# --- what narrows, and the order ----------------------------------------------------------------


@pytest.mark.parametrize("a_few", [0, 1, 1_000])
def test_lists_can_be_narrowed_whatever_leaves_a_few(
    database: Database, monkeypatch: pytest.MonkeyPatch, a_few: int
) -> None:
    monkeypatch.setattr(narrowing, "A_FEW", a_few)
    rhys = make_author(key="did:plc:r", handle="rhys.example", name="Rhys")
    save(
        database, make_post(1, language="en-gb"), make_post(2, language="cy", published_at=TUESDAY - timedelta(days=9))
    )
    save(
        database,
        make_post(3, network="bluesky", uri="at://did:plc:r/app.bsky.feed.post/3", author=rhys),
        server="https://bsky.example",
    )
    assert find(database, network="bluesky") == [3]
    assert find(database, language="en") == [3, 1]
    assert find(database, language="cy") == [2]
    assert find(database, author="@Carys@fedi.example") == [1, 2]
    assert find(database, author="nobody@nowhere") == []
    assert find(database, since=TUESDAY) == [3, 1]
    assert find(database, until=TUESDAY) == [2]
    assert find(database, hashtag="notcoproduction") == [3, 1, 2]
    assert find(database, hashtag="other") == []
    save(database, make_post(1, hashtags=(TOPIC, Hashtag(normal="other", display="Other"))))
    assert find(database, hashtag="other") == [1]
    assert find(database, "complaints", network="fediverse", until=TUESDAY) == [2]
    assert find(database, "complaints", language="cy", hashtag="notcoproduction") == [2]
    assert find(database, "complaints", language="en", hashtag="other", network="fediverse") == [1]
    assert find(database, "complaints", language="c") == []
    assert find(database, "nothing", language="cy") == []


def test_a_date_far_ahead_keeps_nothing_at_the_top(database: Database) -> None:
    save(database, make_post(1, published_at=NOW.replace(year=2099)), fetched_at=NOW)
    save(database, make_post(2, published_at=NOW + timedelta(days=1)), fetched_at=NOW + timedelta(days=2))
    assert find(database) == [2, 1]


def test_what_fits_best_comes_first_where_that_is_asked(database: Database) -> None:
    save(
        database,
        make_post(1, text="box box box"),
        make_post(2, text="A box, and a great many other words that say nothing of it at all, on and on"),
        make_post(3, text="box", published_at=TUESDAY + timedelta(days=1)),
    )
    assert find(database, "box") == [3, 2, 1]
    assert find(database, "box", order=Order.BEST) == [1, 3, 2]


# --- all that narrows, together -----------------------------------------------------------------

_WORDS = ("box", "chair", "minutes")
_OTHER = Hashtag(normal="other", display="Other")
_ALIAS = Hashtag(normal="notcopro", display="NotCoPro")
_NO = make_author(handle="no@fedi.example", is_indexable=False)
_PEOPLE = (make_author(), make_author(handle="rhys@blog.example", name="Rhys"), _NO)
_MADE = st.builds(
    make_post,
    published_at=st.integers(0, 3).map(lambda days: TUESDAY + timedelta(days=days)),
    network=st.sampled_from(["fediverse", "bluesky"]),
    language=st.sampled_from([None, "en", "en-gb", "cy"]),
    author=st.sampled_from(_PEOPLE),
    text=st.lists(st.sampled_from(_WORDS), max_size=3).map(" ".join),
    hashtags=st.sampled_from([(TOPIC,), (TOPIC, _OTHER), (_ALIAS,)]),
)
_ASKED = st.fixed_dictionaries(
    {"q": st.lists(st.sampled_from([*_WORDS, "nothing"]), max_size=1).map(" ".join)},
    optional={
        "network": st.sampled_from(["fediverse", "bluesky", "feed"]),
        "language": st.sampled_from(["en", "en-gb", "cy", "c"]),
        "author": st.sampled_from([*(person.handle for person in _PEOPLE), "nobody@nowhere.example"]),
        "hashtag": st.sampled_from([TOPIC.normal, _ALIAS.normal, _OTHER.normal, "unseen"]),
        "since": st.integers(0, 4).map(lambda days: TUESDAY + timedelta(days=days)),
        "until": st.integers(0, 4).map(lambda days: TUESDAY + timedelta(days=days)),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(made=st.lists(_MADE, min_size=4, max_size=8), asked=st.lists(_ASKED, min_size=12, max_size=12))
def test_whatever_is_asked_together_finds_what_looking_at_each_post_would(
    database: Database, monkeypatch: pytest.MonkeyPatch, made: list[Post], asked: list[dict[str, Any]]
) -> None:
    with database.write() as conn:
        conn.execute(posts.delete())
    told = {number: replace(post, uri=make_post(number).uri) for number, post in enumerate(made)}
    save(database, *told.values())
    for one in asked:
        fitting = [number for number, post in told.items() if is_fitting(post, **one)]
        fitting.sort(key=lambda number: (told[number].published_at, number), reverse=True)
        for a_few in (0, 2, 1_000):
            monkeypatch.setattr(narrowing, "A_FEW", a_few)
            assert find(database, **one) == fitting


def is_fitting(post: Post, q: str, **asked: Any) -> bool:
    """Whether a reader who looks for it by these would want to see it."""
    if post.author.is_indexable is False and (q or "author" in asked):
        return False
    spelled = {TOPIC.normal, *(one.normal for one in post.hashtags)}
    fits = {
        "network": asked.get("network") == post.network,
        "language": f"{post.language}-".startswith(f"{asked.get('language')}-"),
        "author": asked.get("author") == post.author.handle,
        "hashtag": asked.get("hashtag") in spelled,
        "since": asked.get("since", TUESDAY) <= post.published_at,
        "until": post.published_at < asked.get("until", NOW),
    }
    return set(q.split()) <= set(post.text.split()) and all(fits[key] for key in asked)


# --- pages --------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(
    minutes=st.lists(st.integers(0, 3), min_size=1, max_size=12),
    size=st.integers(1, 4),
    late=st.integers(-2, 5),
    order=st.sampled_from(Order),
)
def test_each_post_is_on_one_page_while_others_come_in(
    database: Database, minutes: list[int], size: int, late: int, order: Order
) -> None:
    with database.write() as conn:
        conn.execute(posts.delete())
    at = [TUESDAY + timedelta(minutes=one) for one in minutes]
    save(database, *(make_post(number, published_at=one) for number, one in enumerate(at)))
    seen: list[int] = []
    after: Place | None = None
    number = len(at)
    while True:
        page = look(database, "complaints", size=size, after=after, order=order)
        seen.extend(page.post_ids)
        if page.following is None:
            break
        after = read_place(str(page.following))
        save(database, make_post(number, published_at=TUESDAY + timedelta(minutes=late)))
        number += 1
        assert number < 100
    assert len(seen) == len(set(seen))
    with database.read() as conn:
        known = conn.execute(select(posts.c.id).order_by(posts.c.id).limit(len(at))).scalars().all()
    assert set(known) <= set(seen)


def test_a_list_says_how_many_there_are_up_to_a_bound(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    save(database, *(make_post(number, published_at=TUESDAY + timedelta(minutes=number)) for number in range(5)))
    first = look(database, size=2)
    assert (first.total, first.is_more) == (5, False)
    assert look(database, size=2, after=first.following).total == 5
    monkeypatch.setattr(listing, "MOST_COUNTED", 3)
    for order in Order:
        bounded = look(database, "complaints", size=2, order=order)
        assert (bounded.total, bounded.is_more) == (3, True)


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.٣", "0.9" + "9" * 30 + ".1", "0.-9" + "9" * 16 + ".1"),
        *("0.1.2147483648", "0.1.-1"),  # no post has such a number, and PostgreSQL does not even look
    ],
)
def test_what_is_no_place_in_a_list_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_place(text)


@given(st.floats(0, 16), st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**31 - 1))
def test_a_place_comes_back_from_its_address(score: float, dated_at: datetime, post_id: int) -> None:
    place = Place(round(score, 6), dated_at, post_id)
    assert read_place(str(place)) == place


# --- who is in no list --------------------------------------------------------------------------


def test_what_is_hidden_blocked_or_erased_is_in_no_list_at_once(database: Database) -> None:
    dewi = make_author(handle="dewi@fedi.example", name="Dewi")
    save(database, make_post(1), make_post(2), make_post(3, author=dewi), make_post(4, text="complaints about spam"))
    assert len(find(database, "complaints")) == 4
    with database.write() as conn:
        hide_post(conn, make_post(1).uri, NOW)
        hide_author(conn, "dewi@fedi.example", NOW)
    adopt_block_words(database, ["spam"])
    assert find(database, "complaints") == find(database) == [2]
    with database.write() as conn:
        erase_posts(conn, [2], Erasure.TAKEN_BACK, NOW)
    assert find(database, "complaints") == find(database) == []


def test_who_refuses_to_be_found_is_in_lists_and_not_in_searches(database: Database) -> None:
    no = make_author(handle="no@fedi.example", is_indexable=False)
    yes = make_author(handle="yes@fedi.example", is_indexable=True)
    quiet = make_author(handle="quiet@fedi.example", is_indexable=True, wishes=frozenset({Wish.NOSEARCH}))
    unknown = make_author(handle="unknown@fedi.example")
    save(database, *(make_post(number, author=one) for number, one in enumerate((no, yes, quiet, unknown))))
    assert find(database) == [3, 2, 1, 0]
    assert find(database, "complaints") == [3, 1]
    assert [find(database, author=one.handle) for one in (no, yes, unknown)] == [[], [1], [3]]  # a person's name is one
    save(
        database,
        make_post(0, author=replace(no, is_indexable=True)),
        make_post(1, author=replace(yes, is_indexable=False)),
    )
    assert find(database, "complaints") == [3, 0]


def test_a_post_as_long_as_a_book_is_kept_and_found(database: Database) -> None:
    text = " ".join(f"{number}{'𐐨' * 70}" for number in range(20_000))
    save(database, make_post(1, text=f"{text} #notcoproduction"))
    assert find(database, "17*") == [1]


def test_an_earlier_text_is_not_searched(database: Database) -> None:
    save(database, make_post(1, text="unmistakable"))
    save(database, edited(make_post(1, text=""), "something else", NOW))
    assert find(database, "unmistakable") == []
    assert find(database, "something") == [1]


def test_a_name_that_changes_is_searched_as_it_is_now(database: Database) -> None:
    save(database, make_post(1))
    save(database, make_post(1, author=make_author(name="Unmistakable")))
    assert find(database, "unmistakable") == [1]
    assert find(database, "carys") == [1]  # as the handle says


# --- the index is the posts ---------------------------------------------------------------------


def test_what_is_searched_is_what_the_tables_say(database: Database) -> None:
    partly = replace(make_author(), name="Somebody else", url="https://fedi.example/@carys")
    save(database, make_post(1), make_post(2, author=replace(partly, name="Carys")))
    save(database, make_post(3, author=partly), server="https://other.example")  # a foreign server's word for the name
    with database.read() as conn:
        rows = conn.execute(
            select(posts.c.text, authors.c.name, authors.c.handle, search_texts.c.text)
            .join_from(posts, authors)
            .join(search_texts, search_texts.c.post_id == posts.c.id)
        ).all()
    assert len(rows) == 3
    for text, name, handle, folded in rows:
        assert folded == f"{fold(text, name)} {fold_handle(handle)}"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_sqlites_index_is_in_step_with_its_texts(filled: Database) -> None:
    save(filled, edited(make_post(1), "another text", NOW))
    with filled.write() as conn:
        erase_posts(conn, [2], Erasure.TAKEN_BACK, NOW)
        conn.execute(update(posts).where(posts.c.id == 3).values(hidden_at=NOW))
        conn.exec_driver_sql("INSERT INTO search_words (search_words, rank) VALUES ('integrity-check', 1)")
