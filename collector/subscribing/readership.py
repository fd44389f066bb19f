"""What looking after readers needs of the world."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from collector.config import SeriesSettings, Settings
from collector.model import Origin, Standing, Subscriber, Subscription
from collector.storage.database import Database
from collector.storage.refusals import Refusals
from collector.storage.remembering import place_of
from collector.text.mailaddresses import folded_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Readership:
    """The database, the configuration, and the file beside the database that remembers who left."""

    database: Database
    settings: Settings
    refusals: Path

    def find_series(self, name: str) -> SeriesSettings | None:
        """The series of that name, as it is configured now."""
        return next((series for series in self.settings.digests if series.name == name), None)

    def speaker(self, names: Collection[str]) -> SeriesSettings | None:
        """The first of these series, in the order of the configuration: its words are spoken, its zone is told."""
        return next((series for series in self.settings.digests if series.name in names), None)

    def offered_to(self, subscriber: Subscriber) -> tuple[str, ...]:
        """The series that somebody may choose from: the open ones, and what they get already."""
        theirs = subscriber.series_that_are(Standing.CONFIRMED)
        configured = [series.name for series in self.settings.digests if series.sign_up or series.name in theirs]
        return tuple(dict.fromkeys([*configured, *theirs]))

    def name_series(self, names: Sequence[str]) -> list[str]:
        """What readers know these series by, in the order of the configuration: "#notcoproduction (weekly)"."""
        order = {series.name: number for number, series in enumerate(self.settings.digests)}
        return [self._name(name) for name in sorted(names, key=lambda name: (order.get(name, len(order)), name))]

    def _name(self, name: str) -> str:
        series = self.find_series(name)
        if series is None:
            return name
        if series.title:
            return series.title
        topics = series.words.name_topics([self.settings.display(topic) for topic in series.topics])
        return series.words.say("series_called", topics=topics, name=name)

    def as_it_counts(self, subscriber: Subscriber) -> Subscriber:
        """Somebody without what they got only as long as `to` named them, where it does no more."""
        fixed = self.still_fixed(subscriber)

        def counts(one: Subscription) -> bool:
            is_listed = one.origin is Origin.CONFIGURATION and one.state is Standing.CONFIRMED
            return one.series in fixed or not is_listed

        return replace(subscriber, subscriptions=tuple(filter(counts, subscriber.subscriptions)))

    def still_fixed(self, subscriber: Subscriber) -> tuple[str, ...]:
        """The series whose `to` names somebody."""
        return tuple(
            series.name
            for series in self.settings.digests
            if any(folded_address(address) == subscriber.folded for address in series.to)
        )


def readership_of(database: Database, settings: Settings) -> Readership:
    """The readership of a database and its configuration.

    For PostgreSQL the file stands beside the outbox: a daemon may write there, though not beside its configuration.
    """
    place = place_of(database, settings.mail.outbox.parent, Refusals)
    return Readership(database=database, settings=settings, refusals=place)
