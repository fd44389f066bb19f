from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from collector.digest import make_subject, window_named
from collector.digest.phrases import describe_counts, describe_totals, name_span
from collector.model import Counts, Totals
from collector.words import ENGLISH

LONDON = ZoneInfo("Europe/London")
TEMPLATE = "#{hashtag}, week {week}: {count} new examples"


@pytest.mark.parametrize(
    ("week", "span"),
    [
        ("2026-W47", "16 to 22 November 2026"),
        ("2026-W53", "28 December 2026 to 3 January 2027"),
        ("2025-W40", "29 September to 5 October 2025"),
    ],
)
def test_a_window_is_named_as_people_write_it(week: str, span: str) -> None:
    assert name_span(ENGLISH, window_named(week, LONDON)) == span


@pytest.mark.parametrize(
    ("zone", "with_year", "moment"),
    [
        ("Europe/London", False, "Tue 17 Nov, 09:41"),
        ("America/New_York", False, "Tue 17 Nov, 04:41"),
        ("Asia/Tokyo", True, "Tue 17 Nov 2026, 18:41"),
    ],
)
def test_a_moment_is_named_on_the_local_clock(zone: str, with_year: bool, moment: str) -> None:
    instant = datetime(2026, 11, 17, 9, 41, tzinfo=UTC)
    assert ENGLISH.name_moment(instant, ZoneInfo(zone), with_year=with_year) == moment


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(), ""),
        (Counts(boosts=12, likes=31, replies=4), "passed on 12 times, 31 likes, 4 replies"),
        (Counts(boosts=1, likes=1, replies=1, quotes=1), "passed on once, quoted once, one like, one reply"),
        (Counts(boosts=2, quotes=2), "passed on twice, quoted twice"),
        (Counts(likes=1204), "1,204 likes"),
    ],
)
def test_what_happened_to_a_post_is_said_in_words(counts: Counts, words: str) -> None:
    assert describe_counts(ENGLISH, counts) == words


def totals(posts: int, authors: int, previous: int | None, **by_network: int) -> Totals:
    by_day = {date(2026, 11, 16): posts}
    return Totals(posts=posts, authors=authors, by_network=by_network, by_day=by_day, previous_posts=previous)


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        (
            totals(12, 9, 8, fediverse=8, bluesky=2, wordpress=2),
            "12 new examples from 9 people on 3 networks, 4 more than the week before.",
        ),
        (totals(3, 3, 4, bluesky=3), "3 new examples from 3 people on Bluesky, one fewer than the week before."),
        (totals(1, 1, 1, fediverse=1), "One new example from one person on the fediverse, as many as the week before."),
        (totals(2, 1, None, elsewhere=2), "2 new examples from one person on elsewhere."),
        (totals(0, 0, 7), "Nothing new this week."),
    ],
)
def test_the_week_is_told_in_a_sentence(week: Totals, sentence: str) -> None:
    assert describe_totals(ENGLISH, window_named("2026-W47", LONDON), week) == sentence


@pytest.mark.parametrize(
    ("template", "topics", "posts", "subject"),
    [
        (TEMPLATE, ["notcoproduction"], 12, "#notcoproduction, week 47: 12 new examples"),
        (TEMPLATE, ["notcoproduction"], 1, "#notcoproduction, week 47: 1 new example"),
        (TEMPLATE, ["notcoproduction"], 0, "#notcoproduction, week 47: nothing new"),
        (TEMPLATE, ["a", "b"], 2, "#a and #b, week 47: 2 new examples"),
        ("{hashtag} {year}/{week} ({count})", ["a", "b", "c"], 1, "a, b and c 2026/47 (1)"),
        ("{{{count}}}", ["a"], 5, "{5}"),
        ("two\nlines {hashtag}", ["a\r\nBcc: b"], 5, "two lines a Bcc: b"),
    ],
)
def test_a_subject_is_filled_from_its_template(template: str, topics: list[str], posts: int, subject: str) -> None:
    window = window_named("2026-W47", LONDON)
    assert make_subject(template, topics=topics, window=window, posts=posts) == subject


@pytest.mark.parametrize(
    ("items", "sentence"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_is_joined_as_in_a_sentence(items: list[str], sentence: str) -> None:
    assert ENGLISH.join(items) == sentence


def test_a_long_list_ends_in_a_number() -> None:
    assert ENGLISH.join_some(["a", "b", "c", "d"], 2) == "a, b and 2 others"
    assert ENGLISH.name_topics(["a", "b", "c"], 2) == "#a, #b and one other"


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://bsky.app/profile/a/post/1", "Bluesky"),
        ("at://did:plc:a/app.bsky.feed.post/1", "Bluesky"),
        ("https://fedi.example/@carys/1", "fedi.example"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_a_place_has_the_name_it_is_known_by(address: str, site: str) -> None:
    assert ENGLISH.name_site(address) == site
