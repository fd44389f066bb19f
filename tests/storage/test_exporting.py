"""Posts on their way out: which, in which order, and with what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from making import NOW, make_author, make_post
from making_storage import add_watch, edited, make_batch, make_one_found, save, shown
from sqlalchemy import event, update

from collector.digest.windows import window_named
from collector.errors import UnknownNameError
from collector.model import Counts, ExportRow, Hashtag, IssueFacts, IssuePlan, Media, Member, Mention, Totals
from collector.storage.database import Database
from collector.storage.digests import freeze
from collector.storage.exporting import Selection, count_posts, stream_posts
from collector.storage.saving import save_batch
from collector.storage.series import add_window, ensure_series, windows_of
from collector.storage.tables import posts

DAY = timedelta(days=1)
WINDOW = window_named("2026-W47", ZoneInfo("Europe/London"))


def numbers(database: Database, **selection: Any) -> list[str]:
    with database.read() as conn:
        chosen = Selection(**selection)
        found = [row.uri.rpartition("/")[2] for row in stream_posts(conn, chosen)]
        assert count_posts(conn, chosen) == len(found)
    return found


def build_digest(database: Database, *post_ids: int) -> None:
    members = tuple(
        Member(post_id=post_id, section="more", position=place, counts=Counts())
        for place, post_id in enumerate(post_ids)
    )
    facts = IssueFacts(totals=Totals(posts=0, authors=0, by_network={}, by_day={}, previous_posts=None))
    with database.write() as conn:
        series = ensure_series(conn, "weekly", ["notcoproduction"], NOW)
        add_window(conn, series.id, WINDOW)
        (stored,) = windows_of(conn, series.id)
        plan = IssuePlan(window=WINDOW, members=members, facts=facts)
        freeze(conn, stored, series.id, plan, ["notcoproduction"], NOW)


def test_a_row_holds_everything_that_is_known(database: Database) -> None:
    post = make_post(
        title="Minutes",
        content_warning="meetings",
        edited_at=NOW,
        hashtags=(
            Hashtag(normal="notcoproduction", display="NotCoproduction"),
            Hashtag(normal="rooms", display="Rooms"),
        ),
        mentions=(Mention(handle="rhys@social.example", url="https://social.example/@rhys"),),
        links=("https://blog.example/minutes",),
        media=(
            Media(url="https://fedi.example/1.png", type="image", alt_text=None),
            Media(url="https://fedi.example/2.mp4", type="video", alt_text="Chairs"),
        ),
        reply_to_uri="https://fedi.example/1",
        quote_of_uri="https://fedi.example/2",
        counts=Counts(replies=1, boosts=2, likes=3, quotes=4),
        is_sensitive=True,
    )
    copy = make_post(2, published_at=post.published_at + DAY)
    save(database, post, copy)
    save(database, server="https://social.example", name="another server", found=(make_one_found(post, "01ABC"),))
    with database.write() as conn:
        conn.execute(update(posts).values(cluster_id=1))
    build_digest(database, 1)
    (row, _) = shown(database)
    assert row == ExportRow(
        network="fediverse",
        source="fedi.example",
        topic="notcoproduction",
        uri=post.uri,
        url=post.url,
        published_at=post.published_at,
        edited_at=NOW,
        first_seen_at=NOW,
        author_id="carys@fedi.example",
        author_handle="carys@fedi.example",
        author_name="Carys",
        author_url="https://fedi.example/@carys",
        author_is_bot=False,
        title="Minutes",
        text=post.text,
        content_warning="meetings",
        language="en",
        hashtags=("notcoproduction", "rooms"),
        mentions=("rhys@social.example",),
        links=("https://blog.example/minutes",),
        media_urls=("https://fedi.example/1.png", "https://fedi.example/2.mp4"),
        media_types=("image", "video"),
        media_alt_texts=("", "Chairs"),
        reply_to_uri="https://fedi.example/1",
        quote_of_uri="https://fedi.example/2",
        replies=1,
        boosts=2,
        likes=3,
        quotes=4,
        is_sensitive=True,
        seen_on=("fedi.example", "another server"),
        also_at=(str(copy.url),),
        digests=("weekly/2026-W47",),
        mention_urls=("https://social.example/@rhys",),
    )


def test_the_order_is_by_date_and_then_by_address(database: Database) -> None:
    base = make_post().published_at
    save(database, make_post(3), make_post(2), make_post(9, published_at=base - DAY), make_post(1))
    assert numbers(database) == ["9", "1", "2", "3"]


def test_a_source_is_named_once_though_several_of_its_watches_saw_a_post(database: Database) -> None:
    with database.write() as conn:
        for hashtag in ("notcoproduction", "notcopro"):
            save_batch(conn, make_batch(add_watch(conn, "our server", hashtag=hashtag), make_post()))
    (row,) = shown(database)
    assert row.seen_on == ("our server",)


def test_several_topics_stand_in_one_cell(database: Database) -> None:
    save(database, make_post())
    with database.write() as conn:
        rooms = add_watch(conn, hashtag="rooms", topic="rooms")
        save_batch(conn, make_batch(rooms, make_post(), spellings=frozenset()))
    (row,) = shown(database)
    assert row.topic == "notcoproduction | rooms"


PUBLISHED = make_post().published_at


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        ({}, ["1", "2", "3"]),
        ({"since": PUBLISHED}, ["2", "3"]),
        ({"until": PUBLISHED}, ["1"]),
        ({"since": PUBLISHED - DAY, "until": PUBLISHED + DAY}, ["1", "2"]),
        ({"dated": (PUBLISHED, PUBLISHED + DAY)}, ["2"]),
        ({"topic": "notcoproduction"}, ["1", "2"]),
        ({"topic": "rooms"}, ["3"]),
        ({"topic": "none"}, []),
        ({"source": "rooms"}, ["3"]),
        ({"network": "bluesky"}, ["2"]),
        ({"language": "cy"}, ["1"]),
        ({"language": "CY"}, ["1"]),
        ({"language": "en"}, ["2", "3"]),
        ({"language": "c"}, []),
        ({"language": "cy", "network": "bluesky"}, []),
        ({"digest": ("weekly", "2026-W47")}, ["3"]),
    ],
)
def test_each_filter_narrows(database: Database, selection: dict[str, Any], wanted: list[str]) -> None:
    save(
        database,
        make_post(1, published_at=PUBLISHED - DAY, language="cy"),
        make_post(2, network="bluesky", language="en-gb"),
        name="ours",
    )
    with database.write() as conn:
        rooms = add_watch(conn, "rooms", hashtag="rooms", topic="rooms")
        later = make_post(3, published_at=PUBLISHED + DAY)
        save_batch(conn, make_batch(rooms, later, spellings=frozenset()))
    build_digest(database, 3)
    assert numbers(database, **selection) == wanted


def test_an_unknown_source_is_refused_and_the_known_are_named(database: Database) -> None:
    save(database, make_post(), name="ours")
    with pytest.raises(UnknownNameError, match="no source is called 'theirs'; there are: ours"):
        shown(database, source="theirs")


def test_an_unknown_digest_is_refused(database: Database) -> None:
    with pytest.raises(UnknownNameError, match="no digest weekly/2026-W01 was built"):
        shown(database, digest=("weekly", "2026-W01"))


def test_any_number_of_posts_comes_out_each_once(database: Database) -> None:
    save(database, *(make_post(number, author=make_author()) for number in range(2_345)))
    found = numbers(database)
    assert len(found) == len(set(found)) == 2_345


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    told: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        told.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield told
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_stream_asks_for_its_next_posts_only_when_they_are_wanted(database: Database) -> None:
    save(database, *(make_post(number) for number in range(2_100)))
    with statements(database) as told, database.read() as conn:
        stream = stream_posts(conn, Selection())
        next(stream)
        assert len([one for one in told if re.search("FROM post_hashtags", one)]) == 1
        assert len(list(stream)) == 2_099
        assert len([one for one in told if re.search("FROM post_hashtags", one)]) == 3


def test_an_answer_leads_to_what_it_answers_by_whichever_address_it_tells(database: Database) -> None:
    save(database, make_post(1, other_addresses=("https://fedi.example/?p=1",)))
    save(database, make_post(2, reply_to_uri="https://fedi.example/?p=1"))
    save(database, make_post(3, reply_to_uri="https://fedi.example/?p=9"))
    assert [row.reply_to_uri for row in shown(database)] == [None, make_post(1).uri, "https://fedi.example/?p=9"]


def test_an_unknown_network_is_refused_and_one_without_posts_is_not(database: Database) -> None:
    save(database, make_post())
    assert shown(database, network="bluesky") == []
    with pytest.raises(UnknownNameError, match="no network is called 'feeed'; there are: bluesky, fediverse, feed"):
        shown(database, network="feeed")


def test_earlier_texts_come_oldest_first_and_only_where_they_are_asked_for(database: Database) -> None:
    first = make_post(1, text="First. #notcoproduction", content_warning="meetings")
    save(database, first, make_post(2))
    second = edited(first, "Second. #notcoproduction", NOW, content_warning="", title="Minutes")
    save(database, second, fetched_at=NOW + DAY)
    save(database, edited(first, "Third. #notcoproduction", NOW + DAY), fetched_at=NOW + 2 * DAY)
    with database.read() as conn:
        told, other = stream_posts(conn, Selection(), with_revisions=True)
    assert told.text == "Third. #notcoproduction"
    assert told.revisions == ("First. #notcoproduction", "Second. #notcoproduction")
    assert told.revision_titles == ("", "Minutes")
    assert told.revision_content_warnings == ("meetings", "")
    assert told.revisions_replaced_at == (NOW + DAY, NOW + 2 * DAY)
    assert (other.revisions, other.revisions_replaced_at) == ((), ())
    assert [row.revisions for row in shown(database)] == [(), ()]


def test_a_quote_leads_to_what_it_quotes_by_whichever_address_it_tells(database: Database) -> None:
    save(database, make_post(1, other_addresses=("https://fedi.example/?p=1",)))
    save(database, make_post(2, quote_of_uri="https://fedi.example/?p=1"))
    assert [row.quote_of_uri for row in shown(database)] == [None, make_post(1).uri]
