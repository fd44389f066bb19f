"""A catalogue of sentences as a value: it fills their places, counts, and names days and places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """A counted thing: a sentence for each plural form, and for numbers that people have a word for."""

    forms: tuple[str, ...]
    exactly: Mapping[int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sayings:
    """What is said in its own way for one cadence."""

    words: Mapping[str, str]
    counted: Mapping[str, Counted]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Words:
    """The sentences of one language. Keys that no file names raise KeyError: a test holds the program to the file."""

    language: str  # as HTML's lang has it
    direction: str  # as its dir: "ltr" or "rtl"
    plural: Callable[[int], int]  # a number → which of the forms
    thousands: str
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    titles: Mapping[str, str]
    networks: Mapping[str, str]
    on_network: Mapping[str, str]
    sites: Mapping[str, str]
    media: Mapping[str, str]
    words: Mapping[str, str]
    counted: Mapping[str, Counted]
    by_cadence: Mapping[str, Sayings]

    def of(self, cadence: str) -> Words:
        """The catalogue with the sentences about a "daily", "weekly" or "monthly" digest among the others."""
        own = self.by_cadence[cadence]
        return replace(self, words={**self.words, **own.words}, counted={**self.counted, **own.counted})

    def say(self, key: str, **values: object) -> str:
        """A sentence with its places filled."""
        return self.words[key].format(**values)

    def count(self, key: str, number: int) -> str:
        """A counted thing in words: "passed on twice", "one reply", "1,204 likes"."""
        counted = self.counted[key]
        form = counted.exactly.get(number) or counted.forms[min(self.plural(number), len(counted.forms) - 1)]
        return form.format(n=self.number(number))

    def number(self, number: int) -> str:
        """A number with its thousands apart."""
        return f"{number:,}".replace(",", self.thousands)

    def join(self, items: Sequence[str]) -> str:
        """The items as a list in a sentence: "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        return self.words["comma"].join(items[:-1]) + self.words["and"] + items[-1]

    def join_some(self, items: Sequence[str], most: int) -> str:
        """As `join`, with what goes past `most` counted."""
        if len(items) <= most:
            return self.join(items)
        return self.join([*items[:most], self.count("others", len(items) - most)])

    def name_topics(self, topics: Sequence[str], most: int = 5) -> str:
        """The topics with their "#"."""
        return self.join_some([f"#{topic}" for topic in topics], most)

    def name_day(self, day: date, *, with_year: bool = False) -> str:
        """A day as people write it: "Tue 17 Nov"."""
        return self.say(
            "day_with_year" if with_year else "day",
            weekday=self.short_days[day.weekday()],
            day=day.day,
            month=self.short_months[day.month - 1],
            year=day.year,
        )

    def name_moment(
        self, instant: datetime, zone: ZoneInfo, *, with_year: bool = False, with_zone: bool = False
    ) -> str:
        """An instant on the local clock: "Tue 17 Nov, 09:41"; for who may live by another, "… 09:41 GMT"."""
        local = instant.astimezone(zone)
        day, clock = self.name_day(local.date(), with_year=with_year), f"{local:%H:%M}"
        if not with_zone:
            return self.say("moment", day=day, clock=clock)
        name = f"{local:%Z}"  # "GMT" where people have a name for it, "+03" where not
        return self.say("moment_in_zone", day=day, clock=clock, zone=f"UTC{name}" if name[0] in "+-" else name)

    def name_network(self, network: str) -> str:
        """A network as people call it."""
        return self.networks.get(network, network)

    def name_site(self, address: str) -> str:
        """The place that an address leads to: its host, or the name it is known by."""
        if address.startswith("at://"):
            return self.networks["bluesky"]
        try:
            host = urlsplit(address).hostname or address
        except ValueError:
            host = address
        return self.sites.get(host, host)
