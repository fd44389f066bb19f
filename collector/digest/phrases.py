"""The catalogue's words put around values: a week's days and numbers, and what happened to a post."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from collector.digest.windows import parse_week
from collector.model import Counts, Totals, Window
from collector.words import Words


def name_span(words: Words, window: Window) -> str:
    """The local days of a window: "29 September to 5 October 2025"."""
    zone = ZoneInfo(window.timezone)
    first = window.starts_at.astimezone(zone).date()
    last = (window.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    key = "span_of_years" if first.year != last.year else "span_of_months" if first.month != last.month else "span"
    return words.say(
        key,
        first_day=first.day,
        first_month=words.months[first.month - 1],
        first_year=first.year,
        last_day=last.day,
        month=words.months[last.month - 1],
        year=last.year,
    )


def week_number(window: Window) -> int:
    """47, of "2026-W47"."""
    return parse_week(window.name)[1]


def name_briefly(words: Words, name: str) -> str:
    """A window beside others of its kind: "week 47"."""
    return words.say("week", week=parse_week(name)[1])


def describe_week(words: Words, totals: Totals) -> str:
    """The week in a sentence."""
    if not totals.posts:
        return words.say("empty_sentence")
    parts = {"examples": words.count("examples", totals.posts), "people": words.count("people", totals.authors)}
    parts["where"] = _describe_networks(words, list(totals.by_network))
    if totals.previous_posts is None:
        return capitalise(words.say("sentence", **parts))
    parts["compared"] = _compare(words, totals.posts, totals.previous_posts)
    return capitalise(words.say("sentence_compared", **parts))


def describe_counts(words: Words, counts: Counts) -> str:
    """What happened to a post: "passed on 12 times, 31 likes, 4 replies"; empty where nothing did."""
    numbers = {"boosts": counts.boosts, "quotes": counts.quotes, "likes": counts.likes, "replies": counts.replies}
    return words.words["comma"].join(words.count(key, number) for key, number in numbers.items() if number)


def capitalise(sentence: str) -> str:
    """The sentence with its first letter as at a beginning."""
    return sentence[:1].upper() + sentence[1:]


def _describe_networks(words: Words, networks: list[str]) -> str:
    if len(networks) == 1:
        return words.on_network.get(networks[0], f"on {networks[0]}")
    return words.count("networks", len(networks))


def _compare(words: Words, now: int, before: int) -> str:
    if now == before:
        return words.say("as_many")
    return words.count("more_than_before" if now > before else "fewer_than_before", abs(now - before))
