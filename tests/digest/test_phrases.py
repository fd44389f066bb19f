from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from collector.digest import Calendar, make_subject, next_window, window_named
from collector.digest.calendars import DAYS, MONTHS, WEEKS
from collector.digest.phrases import describe_counts, describe_totals, name_span, name_window, say_of
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
    ("zone", "moment"),
    [
        ("Europe/London", "Tue 17 Nov, 09:41 GMT"),
        ("America/Sao_Paulo", "Tue 17 Nov, 06:41 UTC-03"),  # where the zone has no name of its own
        ("Asia/Kathmandu", "Tue 17 Nov, 15:26 UTC+0545"),
        ("UTC", "Tue 17 Nov, 09:41 UTC"),
    ],
)
def test_a_moment_says_by_which_clock_where_readers_may_live_by_another(zone: str, moment: str) -> None:
    instant = datetime(2026, 11, 17, 9, 41, tzinfo=UTC)
    assert ENGLISH.name_moment(instant, ZoneInfo(zone), with_zone=True) == moment


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


@pytest.mark.parametrize(
    ("name", "brief", "masthead", "first_line", "ending", "so_far"),
    [
        (
            *("2026-11-17", "Tue 17 Nov", "Tue 17 November 2026", "#one, Tue 17 November 2026"),
            *("That was Tuesday, 17 November.", "That is Tuesday, 17 November, so far."),
        ),
        (
            *("2026-W47", "week 47", "Week 47 · 16 to 22 November 2026", "#one, week 47 (16 to 22 November 2026)"),
            *("That was week 47.", "That is week 47 so far."),
        ),
        (
            *("2026-11", "Nov 2026", "November 2026", "#one, November 2026"),
            *("That was November 2026.", "That is November 2026 so far."),
        ),
    ],
)
def test_a_window_is_spoken_of_as_what_it_is(
    name: str, brief: str, masthead: str, first_line: str, ending: str, so_far: str
) -> None:
    window = window_named(name, LONDON)
    assert name_window(ENGLISH, name) == brief
    assert say_of(ENGLISH, "masthead", window) == masthead
    assert say_of(ENGLISH, "first_line", window, topics="#one") == first_line
    assert (say_of(ENGLISH, "ending", window), say_of(ENGLISH, "ending_open", window)) == (ending, so_far)


@pytest.mark.parametrize(
    ("last", "last_zone", "calendar", "masthead"),
    [
        ("2026-11-17", "Pacific/Kiritimati", DAYS, "17 to 18 November 2026"),
        ("2026-11-03", "Pacific/Honolulu", WEEKS, "Week 45 · 4 to 8 November 2026"),
        ("2026-W46", "Pacific/Honolulu", MONTHS, "November 2026 · 16 to 30 November 2026"),
        ("2026-W47", "Pacific/Honolulu", MONTHS, "December 2026 · 23 November to 31 December 2026"),
    ],
)
def test_a_window_that_a_change_has_cut_says_which_days_it_has(
    last: str, last_zone: str, calendar: Calendar, masthead: str
) -> None:
    cut = next_window(window_named(last, ZoneInfo(last_zone)), ZoneInfo("Pacific/Honolulu"), calendar)
    assert say_of(ENGLISH, "masthead", cut) == masthead


@pytest.mark.parametrize(
    ("name", "told", "sentence"),
    [
        (
            "2026-11-17",
            totals(2, 1, 1, bluesky=2),
            "2 new examples from one person on Bluesky, one more than the day before.",
        ),
        ("2026-11-17", totals(0, 0, 7), "Nothing new that day."),
        (
            "2026-11",
            totals(1, 1, 5, feed=1),
            "One new example from one person in one feed, 4 fewer than the month before.",
        ),
        (
            "2026-11",
            totals(1, 1, 1, feed=1),
            "One new example from one person in one feed, as many as the month before.",
        ),
        ("2026-11", totals(0, 0, None), "Nothing new this month."),
    ],
)
def test_a_day_and_a_month_are_told_in_a_sentence(name: str, told: Totals, sentence: str) -> None:
    assert describe_totals(ENGLISH, window_named(name, LONDON), told) == sentence


@pytest.mark.parametrize(
    ("name", "template", "subject"),
    [
        ("2026-11-17", "#{hashtag}, {date}: {examples}", "#one, Tue 17 Nov: 1 new example"),
        ("2026-11-17", "{week}/{year} {month} {count}", "47/2026 November 1"),
        ("2026-12-30", "{date}, {week} {year}", "Wed 30 Dec, 53 2026"),
        ("2027-01-02", "{date}, {week} {year}", "Sat 2 Jan, 53 2027"),
        ("2026-W53", "{week}/{year}", "53/2026"),
        ("2026-11", "#{hashtag}, {month} {year}: {count} new examples", "#one, November 2026: 1 new example"),
    ],
)
def test_a_subject_has_the_placeholders_of_its_cadence(name: str, template: str, subject: str) -> None:
    assert make_subject(template, topics=["one"], window=window_named(name, LONDON), posts=1) == subject
