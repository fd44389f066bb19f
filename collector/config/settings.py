"""The whole configuration as one checked value, and the questions that others ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collector.config.mail import BounceSettings, MailSettings
from collector.config.oversight import HealthSettings, WarningSettings
from collector.config.places import SourceSettings
from collector.config.series import SeriesSettings
from collector.config.tables import CollectorSettings, DatabaseSettings, PollingSettings
from collector.config.web import WebSettings
from collector.errors import UnknownNameError
from collector.model import WantedWatch, WatchKey
from collector.text.hashtags import normal_form


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Checked and complete: every default is filled in, every path is absolute, every topic in normal form."""

    file: str  # the configuration file, as messages name it
    folder: Path  # where its relative paths begin
    collector: CollectorSettings
    database: DatabaseSettings
    polling: PollingSettings
    sources: tuple[SourceSettings, ...]
    digests: tuple[SeriesSettings, ...]  # one series at least
    mail: MailSettings
    bounces: BounceSettings
    web: WebSettings
    health: HealthSettings
    warnings: WarningSettings

    @property
    def topics(self) -> tuple[str, ...]:
        """The configured hashtags in normal form, in the order of the file."""
        return tuple(self.collector.topics())

    @property
    def open_series(self) -> tuple[SeriesSettings, ...]:
        """Those that readers can sign up for: without an address of the pages, no letter could link to them."""
        return tuple(series for series in self.digests if series.sign_up) if self.web.base_url else ()

    def display(self, topic: str) -> str:
        """The topic as the configuration writes it; one that it no longer names is shown as it is."""
        return self.collector.topics().get(topic, topic)

    def spellings(self, topic: str) -> frozenset[str]:
        """The topic's hashtags in normal form: itself and its aliases."""
        by_spelling = self.collector.topics_by_spelling()
        return frozenset({topic, *(spelling for spelling, owner in by_spelling.items() if owner == topic)})

    def topic_of(self, hashtag: str | None) -> str:
        """The topic that a hashtag belongs to; None: the first configured. UnknownNameError says which there are."""
        if hashtag is None:
            return self.topics[0]
        wanted = normal_form(hashtag)
        for topic in self.topics:
            if wanted in self.spellings(topic):
                return topic
        shown = ", ".join(self.display(topic) for topic in self.topics)
        raise UnknownNameError(f"#{hashtag.removeprefix('#')} is not collected; the configuration has: {shown}")

    def counted(self, key: WatchKey) -> frozenset[str]:
        """The hashtags, one of which a post of this watch has to carry; empty: every post counts."""
        return self.spellings(key.topic) if key.hashtag else frozenset()

    def wanted_watches(self) -> tuple[WantedWatch, ...]:
        """What the configuration asks to watch: every source, each of its topics, each spelling of those."""
        return tuple(
            WantedWatch(key=key, name=source.name)
            for source in self.sources
            for topic in source.topics
            for key in self._keys(source, topic)
        )

    def _keys(self, source: SourceSettings, topic: str) -> list[WatchKey]:
        return source.keys(topic, [self.display(topic), *self.collector.aliases_of(topic)])

    def source_for(self, key: WatchKey) -> SourceSettings:
        """The source that a watch belongs to; UnknownNameError where the configuration has none for it."""
        for source in self.sources:
            if source.kind == key.kind and key.topic in source.topics and key in self._keys(source, key.topic):
                return source
        raise UnknownNameError(f"{self.file}: no source for {key.topic} at {key.address}")

    def series(self, name: str | None) -> SeriesSettings:
        """The series of that name, or the only one; UnknownNameError says which there are."""
        names = ", ".join(series.name for series in self.digests)
        if name is None and len(self.digests) > 1:
            raise UnknownNameError(f"several series: name one of {names}")
        for series in self.digests:
            if name in {None, series.name}:
                return series
        raise UnknownNameError(f"no series is called {name}; there are: {names}")
