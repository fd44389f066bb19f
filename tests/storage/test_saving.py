"""What a round found, saved: on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from making import NOW, make_author, make_post
from making_storage import (
    add_watch,
    dump,
    edited,
    make_batch,
    make_one_found,
    make_rejection,
    rows,
    save,
    shown,
)

from collector.model import Author, Counts, Hashtag, Media, Mention, Poll, Post, Saved, Wish
from collector.storage.addressing import find_posts
from collector.storage.database import Database
from collector.storage.digests import shown_posts
from collector.storage.saving import save_batch, save_renormalised

LATER = NOW + timedelta(hours=1)
OTHER = "https://social.example"
UNTAGGED: tuple[Hashtag, ...] = ()


def read_one(database: Database) -> Post:
    with database.read() as conn:
        (found,) = shown_posts(conn, [1], None).values()
    return found.post


def test_a_post_is_read_back_as_it_was_saved(database: Database) -> None:
    post = make_post(
        title="Minutes",
        text="Dŵr 水 \N{WHITE SMILING FACE}\nשלום",
        content_warning="meetings",
        hashtags=(
            Hashtag(normal="notcoproduction", display="NotCoproduction"),
            Hashtag(normal="meetings", display="Meetings", found_in="tags"),
        ),
        mentions=(Mention(handle="rhys@social.example", url=None),),
        links=("https://blog.example/minutes",),
        media=(Media(url="https://fedi.example/1.png", type="image", alt_text=None),),
        poll=Poll(options=("yes", "no"), closes_at=NOW),
        reply_to_uri="https://fedi.example/users/carys/statuses/0",
        quote_of_uri="https://social.example/1",
        edited_at=NOW - timedelta(days=1),
        counts=Counts(replies=1, boosts=2, likes=3, quotes=4),
        is_sensitive=True,
        author=make_author(wishes=frozenset({Wish.INDEXABLE}), is_bot=True, url=None),
    )
    assert save(database, post) == Saved(new=1)
    assert read_one(database) == post


def test_the_same_input_twice_changes_nothing(database: Database) -> None:
    posts = [
        make_post(number, counts=Counts(likes=number), author=make_author(handle=f"writer{number}@fedi.example"))
        for number in range(1, 30)
    ]
    batch: dict[str, Any] = {"rejections": (make_rejection(),), "history_before": NOW}
    assert save(database, *posts, **batch).new == 29
    before = dump(database, but=("last_seen_at", "looked_at"))
    assert save(database, *posts, **batch, fetched_at=LATER) == Saved(same=29, rejected=1)
    assert dump(database, but=("last_seen_at", "looked_at")) == before
    assert set(rows(database, "sightings", "last_seen_at")) == {LATER}


def test_a_post_counts_from_the_earlier_of_its_own_date_and_when_it_was_first_seen(database: Database) -> None:
    save(database, make_post(1), make_post(2, published_at=NOW + timedelta(days=30_000)))
    assert rows(database, "post_topics", "dated_at") == [make_post(1).published_at, NOW]


def test_an_edit_replaces_the_text_and_keeps_the_earlier_one_as_a_revision(database: Database) -> None:
    post = make_post(hashtags=(*make_post().hashtags, Hashtag(normal="rooms", display="Rooms")))
    save(database, post)
    after = edited(post, "They renamed it once more. #notcoproduction", NOW, hashtags=make_post().hashtags)
    assert save(database, after, fetched_at=LATER) == Saved(changed=1)
    assert read_one(database) == after
    assert rows(database, "revisions", "text", "edited_at", "replaced_at") == [(post.text, None, LATER)]


def test_what_a_server_changes_without_calling_it_an_edit_is_taken_over_all_the_same(database: Database) -> None:
    save(database, make_post())
    assert save(database, make_post(text="Quietly other. #notcoproduction")).changed == 1
    assert rows(database, "posts", "text") == ["Quietly other. #notcoproduction"]
    assert len(rows(database, "revisions", "id")) == 1


def test_a_change_of_anything_but_the_text_keeps_no_revision(database: Database) -> None:
    save(database, make_post())
    assert save(database, make_post(language="cy", links=("https://blog.example/",))).changed == 1
    assert rows(database, "posts", "language") == ["cy"]
    assert rows(database, "revisions", "id") == []


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://fedi.example/@carys/one"},
        {"title": "A title"},
        {"content_warning": "meetings"},
        {"language": None},
        {"hashtags": (*make_post().hashtags, Hashtag(normal="rooms", display="rooms"))},
        {"mentions": (Mention(handle="rhys@social.example", url=None),)},
        {"links": ("https://blog.example/",)},
        {"media": (Media(url="https://fedi.example/1.png", type="image", alt_text=""),)},
        {"poll": Poll(options=("yes",), closes_at=None)},
        {"reply_to_uri": "https://fedi.example/1"},
        {"quote_of_uri": "https://fedi.example/1"},
        {"is_sensitive": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_is_noticed_wherever_it_is(database: Database, change: dict[str, Any]) -> None:
    save(database, make_post())
    assert save(database, make_post(**change)) == Saved(changed=1)
    assert read_one(database) == make_post(**change)


def test_a_picture_without_a_description_is_not_one_with_an_empty_one(database: Database) -> None:
    without = Media(url="https://fedi.example/1.png", type="image", alt_text=None)
    save(database, make_post(media=(without,)))
    assert save(database, make_post(media=(replace(without, alt_text=""),))).changed == 1


def test_an_earlier_edit_that_another_server_still_shows_is_left_alone(database: Database) -> None:
    save(database, edited(make_post(), "Second. #notcoproduction", NOW))
    assert save(database, make_post(), server=OTHER) == Saved(same=1)
    assert save(database, edited(make_post(), "First. #notcoproduction", NOW - timedelta(days=1))) == Saved(same=1)
    assert rows(database, "posts", "text") == ["Second. #notcoproduction"]


def test_what_servers_word_differently_does_not_go_back_and_forth(database: Database) -> None:
    here, there = make_post(text="One  wording #notcoproduction"), make_post(text="One wording #notcoproduction")
    third = "https://third.example"
    save(database, here, server=OTHER)
    assert save(database, there, server=third) == Saved(same=1)
    assert save(database, here, server=OTHER) == Saved(same=1)
    assert rows(database, "posts", "text") == [here.text]
    assert rows(database, "revisions", "id") == []


def test_a_posts_own_server_knows_best_how_it_reads_and_that_is_no_edit(database: Database) -> None:
    save(database, make_post(text="As told elsewhere #notcoproduction"), server=OTHER)
    assert save(database, make_post(text="As it is #notcoproduction")) == Saved(changed=1)
    assert save(database, make_post(text="As told elsewhere #notcoproduction"), server=OTHER) == Saved(same=1)
    assert rows(database, "posts", "text", "told_by") == [("As it is #notcoproduction", "https://fedi.example")]
    assert rows(database, "revisions", "id") == []


def test_a_post_seen_on_two_servers_is_one_post_with_two_sightings(database: Database) -> None:
    assert save(database, make_post()) == Saved(new=1)
    assert save(database, server=OTHER, found=(make_one_found(make_post(), "01ABC"),)) == Saved(same=1)
    assert rows(database, "posts", "id") == [1]
    assert rows(database, "sightings", "native_id", "post_id") == [("1", 1), ("01ABC", 1)]


def test_counts_are_the_highest_that_any_server_shows_now(database: Database) -> None:
    save(database, make_post(counts=Counts(likes=5, boosts=1)))
    save(database, make_post(counts=Counts(likes=3, boosts=4)), server=OTHER)
    assert rows(database, "posts", "likes", "boosts") == [(5, 4)]
    save(database, make_post(counts=Counts(likes=2, boosts=1)))
    assert rows(database, "posts", "likes", "boosts") == [(3, 4)]
    assert rows(database, "sightings", "likes", "boosts") == [(2, 1), (3, 4)]


def test_counts_beyond_what_a_column_holds_are_cut_and_stay(database: Database) -> None:
    huge = make_post(counts=Counts(likes=2**63))
    save(database, huge)
    before = dump(database)
    assert save(database, huge) == Saved(same=1)
    assert dump(database) == before
    assert rows(database, "posts", "likes") == [2**31 - 1]


def test_a_raw_answer_is_kept_anew_only_when_it_tells_something_new(database: Database) -> None:
    save(database, make_post())
    save(database, make_post(), fetched_at=LATER)
    assert rows(database, "raw_answers", "fetched_at") == [NOW]
    told = replace(make_one_found(make_post()), raw=b"another")
    save(database, found=(told,), fetched_at=LATER)
    assert rows(database, "raw_answers", "fetched_at", "body") == [(LATER, b"another")]


def test_raw_answers_are_not_kept_where_the_configuration_says_so(database: Database) -> None:
    with database.write() as conn:
        save_batch(conn, make_batch(add_watch(conn), make_post()), keep_raw=False)
    assert rows(database, "raw_answers", "native_id") == []


def test_what_does_not_carry_the_hashtag_is_not_kept(database: Database) -> None:
    assert save(database, make_post(hashtags=UNTAGGED)) == Saved()
    assert rows(database, "posts", "id") == rows(database, "authors", "id") == []


def test_an_aliass_hashtag_counts_for_its_topic(database: Database) -> None:
    assert save(database, make_post(hashtags=(Hashtag(normal="notcopro", display="notcopro"),))).new == 1
    assert rows(database, "post_topics", "topic") == ["notcoproduction"]


def test_where_no_spelling_is_asked_for_every_post_counts(database: Database) -> None:
    assert save(database, make_post(hashtags=UNTAGGED), spellings=frozenset()).new == 1


def test_a_post_is_withdrawn_when_its_hashtag_is_edited_away_and_returns_with_it(database: Database) -> None:
    save(database, make_post())
    without = edited(make_post(), "Never mind.", NOW, hashtags=UNTAGGED)
    assert save(database, without, fetched_at=LATER) == Saved(changed=1, withdrawn=1)
    assert shown(database) == []
    assert rows(database, "post_topics", "withdrawn_at") == [LATER]
    assert save(database, without, fetched_at=LATER + timedelta(hours=1)) == Saved(same=1)
    assert rows(database, "post_topics", "withdrawn_at") == [LATER]
    again = edited(make_post(), "After all. #notcoproduction", NOW + timedelta(minutes=1))
    assert save(database, again) == Saved(changed=1)
    assert [row.text for row in shown(database)] == ["After all. #notcoproduction"]


def test_a_server_that_still_shows_an_earlier_edit_has_no_say_over_the_hashtag(database: Database) -> None:
    save(database, edited(make_post(), "Now with it. #notcoproduction", NOW))
    save(database, make_post(hashtags=UNTAGGED), server=OTHER)
    assert rows(database, "post_topics", "withdrawn_at") == [None]


def test_a_server_that_words_a_post_without_its_hashtag_does_not_make_it_come_and_go(database: Database) -> None:
    save(database, make_post())
    for _ in range(2):
        assert save(database, make_post(hashtags=UNTAGGED), server=OTHER) == Saved(same=1)
        assert save(database, make_post()) == Saved(same=1)
    assert rows(database, "post_topics", "withdrawn_at") == [None]


def test_a_post_of_two_topics_stands_under_both_and_is_withdrawn_from_one(database: Database) -> None:
    both = (*make_post().hashtags, Hashtag(normal="rooms", display="rooms"))
    with database.write() as conn:
        rooms = add_watch(conn, hashtag="rooms", topic="rooms")
        save_batch(conn, make_batch(add_watch(conn), make_post(hashtags=both)))
        save_batch(conn, make_batch(rooms, make_post(hashtags=both), spellings=frozenset({"rooms"})))
        gone = edited(make_post(), "No rooms. #notcoproduction", NOW)
        assert save_batch(conn, make_batch(rooms, gone, spellings=frozenset({"rooms"}))).withdrawn == 1
    assert [row.topic for row in shown(database)] == ["notcoproduction"]


def test_history_is_what_every_watch_that_showed_it_began_after(database: Database) -> None:
    old = make_post(published_at=NOW - timedelta(days=90))
    save(database, old, history_before=NOW)
    assert rows(database, "post_topics", "is_history") == [True]
    save(database, old, server=OTHER, history_before=NOW - timedelta(days=100))
    assert rows(database, "post_topics", "is_history") == [False]
    save(database, old, history_before=NOW)
    assert rows(database, "post_topics", "is_history") == [False]


def test_a_post_is_known_by_its_url_too_where_that_is_on_the_same_host(database: Database) -> None:
    save(database, make_post(), make_post(2, url="https://elsewhere.example/@carys/2"))
    told = [make_post(uri="https://fedi.example/@carys/1"), make_post(uri="https://elsewhere.example/@carys/2")]
    with database.read() as conn:
        known = find_posts(conn, told)
    assert {address: stored.id for address, stored in known.items()} == {"https://fedi.example/@carys/1": 1}


def test_a_feed_that_names_a_post_by_its_url_shows_the_same_post(database: Database) -> None:
    save(database, make_post())
    feed = make_post(uri="https://fedi.example/@carys/1")
    assert save(database, feed, server=OTHER) == Saved(same=1)
    assert rows(database, "posts", "uri") == ["https://fedi.example/users/carys/statuses/1"]


def test_another_posts_address_cannot_be_taken_over(database: Database) -> None:
    save(database, make_post(1, url="https://fedi.example/users/carys/statuses/2"), make_post(2))
    with database.read() as conn:
        known = find_posts(conn, [make_post(1), make_post(2)])
    assert [known[make_post(number).uri].id for number in (1, 2)] == [1, 2]


def test_a_post_that_a_page_shows_twice_is_saved_once_as_last_edited(database: Database) -> None:
    after = edited(make_post(), "Newer. #notcoproduction", NOW)
    assert save(database, after, make_post()) == Saved(new=1)
    assert rows(database, "posts", "text") == ["Newer. #notcoproduction"]
    assert save(database, make_post(), after, make_post(counts=Counts(likes=2))) == Saved(same=1)
    assert rows(database, "posts", "text", "likes") == [("Newer. #notcoproduction", 2)]


def test_a_server_that_began_anew_and_gives_an_id_to_another_post_is_believed(database: Database) -> None:
    save(database, found=(make_one_found(make_post(1), "7"),))
    save(database, found=(make_one_found(make_post(2), "7"),))
    assert rows(database, "sightings", "native_id", "post_id") == [("7", 2)]
    assert rows(database, "raw_answers", "native_id", "post_id") == [("7", 2)]


def test_a_rejection_is_kept_once_and_goes_when_the_item_can_be_read(database: Database) -> None:
    save(database, rejections=(make_rejection("1"), make_rejection("2")))
    worse = make_rejection("1", "no id")
    assert save(database, rejections=(make_rejection("1"), worse), fetched_at=LATER).rejected == 2
    told = rows(database, "rejections", "native_id", "reason", "first_seen_at", "last_seen_at")
    assert told == [("1", "no id", NOW, LATER), ("2", "no account", NOW, NOW)]
    save(database, make_post(1))
    assert rows(database, "rejections", "native_id") == ["2"]
    save(database, make_post(2, hashtags=UNTAGGED))
    assert rows(database, "rejections", "native_id") == []


@pytest.mark.parametrize(
    "giant",
    [
        make_post(2, uri="https://fedi.example/" + "水" * 1000),
        make_post(2, url="https://fedi.example/" + "水" * 1000),
        make_post(2, author=make_author(handle="水" * 1000 + "@fedi.example")),
    ],
    ids=["uri", "url", "handle"],
)
def test_a_name_that_no_index_holds_costs_one_post_and_not_its_page(database: Database, giant: Post) -> None:
    found = (make_one_found(make_post(1), "1"), make_one_found(giant, "2"))
    assert save(database, found=found) == Saved(new=1, rejected=1)
    told = rows(database, "rejections", "native_id", "reason")
    assert told == [("2", "an address or handle of over 2500 bytes")]


def test_a_long_name_is_kept(database: Database) -> None:
    assert save(database, make_post(uri="https://fedi.example/" + "x" * 2_000)).new == 1


@pytest.mark.parametrize("number", [1000, 5000])
def test_a_batch_of_any_size_is_saved_at_once(database: Database, number: int) -> None:
    author = make_author()
    posts = [make_post(n, author=author) for n in range(number)]
    assert save(database, *posts) == Saved(new=number)
    assert save(database, *posts) == Saved(same=number)


def test_an_empty_batch_changes_nothing(database: Database) -> None:
    save(database, make_post())
    before = dump(database)
    assert save(database) == Saved()
    assert dump(database) == before


# Authors


def profiles(database: Database) -> list[tuple[str, str]]:
    return rows(database, "authors", "handle", "name")


def test_an_author_who_changes_handle_and_name_stays_one_author_known_by_both(database: Database) -> None:
    save(database, make_post(author=make_author(key="did:plc:1", handle="carys@fedi.example")))
    renamed = make_author(key="did:plc:1", handle="Chairs@fedi.example", name="Carys, who counts chairs")
    save(database, make_post(author=renamed))
    assert profiles(database) == [("Chairs@fedi.example", "Carys, who counts chairs")]
    assert rows(database, "author_handles", "handle") == ["carys@fedi.example", "chairs@fedi.example"]


def test_an_authors_own_server_is_believed_before_any_other(database: Database) -> None:
    save(database, make_post(author=make_author(name="As told elsewhere")), server=OTHER)
    save(database, make_post(author=make_author(name="Another telling")), server="https://third.example")
    assert profiles(database) == [("carys@fedi.example", "As told elsewhere")]
    save(database, make_post(author=make_author(name="Carys")))
    save(database, make_post(author=make_author(name="As told elsewhere")), server=OTHER)
    assert profiles(database) == [("carys@fedi.example", "Carys")]


def refusing() -> Author:
    return make_author(wishes=frozenset({Wish.NOINDEX}))


def test_an_author_who_opts_out_is_out_of_sight_with_everything_until_they_opt_in(database: Database) -> None:
    save(database, make_post(1), make_post(2))
    save(database, make_post(2, author=refusing()))
    assert shown(database) == []
    save(database, make_post(2))
    assert len(shown(database)) == 2


def test_a_refusal_counts_whichever_server_shows_it(database: Database) -> None:
    save(database, make_post(), server=OTHER)
    save(database, make_post(author=refusing()), server="https://third.example")
    save(database, make_post(), server=OTHER)
    assert rows(database, "authors", "is_opted_out") == [True]
    save(database, make_post(), server="https://third.example")
    assert rows(database, "authors", "is_opted_out") == [False]


def test_what_an_authors_own_server_says_of_refusals_stands(database: Database) -> None:
    save(database, make_post())
    save(database, make_post(author=refusing()), server=OTHER)
    assert rows(database, "authors", "is_opted_out") == [False]


def test_wishes_that_are_no_refusals_leave_posts_in_sight(database: Database) -> None:
    save(database, make_post(author=make_author(wishes=frozenset({Wish.INDEXABLE, Wish.NOSEARCH}))))
    assert len(shown(database)) == 1


# A better normaliser


def renormalise(database: Database, *posts: Post) -> int:
    with database.write() as conn:
        return save_renormalised(conn, make_batch(add_watch(conn), *posts, fetched_at=LATER, history_before=NOW))


def test_a_better_normaliser_changes_texts_without_revisions_or_sightings(database: Database) -> None:
    save(database, make_post())
    kept = rows(database, "sightings", "last_seen_at"), rows(database, "raw_answers", "fetched_at")
    assert renormalise(database, make_post(text="Better read. #notcoproduction")) == 1
    assert rows(database, "posts", "text") == ["Better read. #notcoproduction"]
    assert rows(database, "revisions", "id") == []
    assert (rows(database, "sightings", "last_seen_at"), rows(database, "raw_answers", "fetched_at")) == kept


def test_a_better_normaliser_that_finds_no_hashtag_withdraws_the_post(database: Database) -> None:
    save(database, make_post())
    renormalise(database, make_post(hashtags=UNTAGGED))
    assert rows(database, "post_topics", "withdrawn_at") == [LATER]


def test_a_better_normaliser_adds_no_posts(database: Database) -> None:
    save(database, make_post(1))
    assert renormalise(database, make_post(1), make_post(2), make_post(3, hashtags=UNTAGGED)) == 0
    assert rows(database, "posts", "id") == [1]


def test_the_same_normaliser_once_more_changes_nothing(database: Database) -> None:
    save(database, make_post(), history_before=NOW)
    before = dump(database)
    assert renormalise(database, make_post()) == 0
    assert dump(database) == before


def test_a_post_that_counts_without_its_hashtag_is_not_withdrawn_by_a_watch_that_wants_one(database: Database) -> None:
    untagged = make_post(text="A comment.", hashtags=())
    with database.write() as conn:
        comments = add_watch(conn, "all", kind="wordpress", hashtag="", thread="https://fedi.example/post")
        tagged = add_watch(conn, "tagged", kind="wordpress", thread="https://fedi.example/")
        assert save_batch(conn, make_batch(comments, untagged, spellings=frozenset())).new == 1
        for _ in range(2):
            assert save_batch(conn, make_batch(tagged, untagged)).withdrawn == 0
    assert [row.text for row in shown(database)] == ["A comment."]


@pytest.mark.parametrize(("network", "count"), [("wordpress", 1), ("fediverse", 2)])
def test_a_blog_that_changes_to_https_shows_the_same_posts(database: Database, network: str, count: int) -> None:
    before = make_post(network=network, uri="http://fedi.example/p/#comment-7", url=None)
    save(database, before, server="http://fedi.example")
    save(database, replace(before, uri="https://fedi.example/p/#comment-7"))
    assert rows(database, "posts", "uri")[:1] == ["http://fedi.example/p/#comment-7"]
    assert len(rows(database, "posts", "uri")) == count
