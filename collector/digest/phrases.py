"""The catalogue's words put around values: dates, counts and lists as a person says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from collector.digest.windows import parse_week
from collector.digest.wording import (
    COUNTED,
    MONTHS,
    NETWORKS,
    ON_NETWORK,
    SHORT_DAYS,
    SHORT_MONTHS,
    SITES,
    WORDS,
    plural_form,
)
from collector.model import Counts, Totals, Window


def say(key: str, **values: object) -> str:
    """A sentence of the catalogue with its places filled."""
    return WORDS[key].format(**values)


def count(key: str, number: int) -> str:
    """A counted thing in words: "passed on twice", "one reply", "1,204 likes"."""
    return plural_form(number, COUNTED[key]).format(n=f"{number:,}")


def join(items: Sequence[str]) -> str:
    """The items as a list in a sentence: "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return WORDS["comma"].join(items[:-1]) + WORDS["and"] + items[-1]


def join_some(items: Sequence[str], most: int) -> str:
    """As `join`, with what goes past `most` counted."""
    if len(items) <= most:
        return join(items)
    return join([*items[:most], count("others", len(items) - most)])


def name_topics(topics: Sequence[str], most: int = 5) -> str:
    """The topics with their "#"."""
    return join_some([f"#{topic}" for topic in topics], most)


def name_span(window: Window) -> str:
    """The local days of a window: "29 September to 5 October 2025"."""
    zone = ZoneInfo(window.timezone)
    first = window.starts_at.astimezone(zone).date()
    last = (window.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    key = "span_of_years" if first.year != last.year else "span_of_months" if first.month != last.month else "span"
    return say(
        key,
        first_day=first.day,
        first_month=MONTHS[first.month - 1],
        first_year=first.year,
        last_day=last.day,
        month=MONTHS[last.month - 1],
        year=last.year,
    )


def week_number(window: Window) -> int:
    """47, of "2026-W47"."""
    return parse_week(window.name)[1]


def name_day(day: date, *, with_year: bool = False) -> str:
    """A day as people write it: "Tue 17 Nov"."""
    return say(
        "day_with_year" if with_year else "day",
        weekday=SHORT_DAYS[day.weekday()],
        day=day.day,
        month=SHORT_MONTHS[day.month - 1],
        year=day.year,
    )


def name_moment(instant: datetime, zone: ZoneInfo, *, with_year: bool = False) -> str:
    """An instant on the local clock: "Tue 17 Nov, 09:41"."""
    local = instant.astimezone(zone)
    return say("moment", day=name_day(local.date(), with_year=with_year), clock=f"{local:%H:%M}")


def name_network(network: str) -> str:
    """A network as people call it."""
    return NETWORKS.get(network, network)


def name_site(address: str) -> str:
    """The place that an address leads to: its host, or the name it is known by."""
    if address.startswith("at://"):
        return NETWORKS["bluesky"]
    try:
        host = urlsplit(address).hostname or address
    except ValueError:
        host = address
    return SITES.get(host, host)


def describe_week(totals: Totals) -> str:
    """The week in a sentence."""
    if not totals.posts:
        return say("empty_sentence")
    parts = {"examples": count("examples", totals.posts), "people": count("people", totals.authors)}
    parts["where"] = _describe_networks(list(totals.by_network))
    if totals.previous_posts is None:
        return capitalise(say("sentence", **parts))
    return capitalise(say("sentence_compared", **parts, compared=_compare(totals.posts, totals.previous_posts)))


def describe_counts(counts: Counts) -> str:
    """What happened to a post: "passed on 12 times, 31 likes, 4 replies"; empty where nothing did."""
    numbers = {"boosts": counts.boosts, "quotes": counts.quotes, "likes": counts.likes, "replies": counts.replies}
    return WORDS["comma"].join(count(key, number) for key, number in numbers.items() if number)


def capitalise(sentence: str) -> str:
    """The sentence with its first letter as at a beginning."""
    return sentence[:1].upper() + sentence[1:]


def _describe_networks(networks: list[str]) -> str:
    if len(networks) == 1:
        return ON_NETWORK.get(networks[0], f"on {networks[0]}")
    return count("networks", len(networks))


def _compare(now: int, before: int) -> str:
    if now == before:
        return say("as_many")
    return count("more_than_before" if now > before else "fewer_than_before", abs(now - before))
