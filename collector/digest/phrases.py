"""The catalogue's words put around values: a window's days and numbers, and what happened to a post."""

from __future__ import annotations

from collector.digest.calendars import calendar_of, year_of
from collector.digest.windows import days_of, is_whole
from collector.model import Counts, Totals, Window
from collector.words import Words


def words_for(words: Words, window: Window) -> Words:
    """The catalogue as it speaks of a day, a week or a month: whatever this window is."""
    return words.of(calendar_of(window.name).cadence)


def say_of(words: Words, key: str, window: Window, **values: object) -> str:
    """A sentence about a window, such as "ending", with the window's own places filled, and those given.

    One that a change of zone or cadence has cut may have a sentence of its own.
    """
    own, cut = words_for(words, window), f"{key}_cut"
    chosen = cut if cut in own.words and not is_whole(window) else key
    return own.say(chosen, **_places(words, window.name), span=name_span(words, window), **values)


def name_window(words: Words, name: str) -> str:
    """A window as it is called beside others: "week 47", "Tue 17 Nov", "Nov 2026"."""
    return words.of(calendar_of(name).cadence).say("name", **_places(words, name))


def fill_subject(words: Words, template: str, window: Window, **values: object) -> str:
    """A subject's template with its placeholders filled, those that name the window and those given."""
    return template.format(**_places(words, window.name), **values)


def name_span(words: Words, window: Window) -> str:
    """The local days of a window: "29 September to 5 October 2025"."""
    days = days_of(window)
    first, last = days[0], days[-1]
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


def describe_totals(words: Words, window: Window, totals: Totals) -> str:
    """A window's numbers in a sentence."""
    words = words_for(words, window)
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
        return words.on_network.get(networks[0]) or words.say("on_other_network", network=networks[0])
    return words.count("networks", len(networks))


def _compare(words: Words, now: int, before: int) -> str:
    if now == before:
        return words.say("as_many")
    return words.count("more_than_before" if now > before else "fewer_than_before", abs(now - before))


def _places(words: Words, name: str) -> dict[str, object]:
    """What sentences about a window are filled with, whatever its cadence; of more than a day, its first day's."""
    first = calendar_of(name).first_day(name)
    return {
        "week": first.isocalendar().week,
        "date": words.name_day(first),
        "weekday": words.days[first.weekday()],
        "short_weekday": words.short_days[first.weekday()],
        "day": first.day,
        "month": words.months[first.month - 1],
        "short_month": words.short_months[first.month - 1],
        "year": year_of(name),
    }
