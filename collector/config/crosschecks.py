"""Faults that show only across keys and tables: the same thing twice, and names that must belong together.

Pure functions from settings to faults; places are those of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from collector.config.faults import Fault, Place, shown
from collector.config.places import SourceSettings
from collector.config.series import SeriesSettings
from collector.config.tables import CollectorSettings
from collector.config.web import WebSettings
from collector.model import WatchKey
from collector.text.folding import words_of
from collector.text.hashtags import normal_form


def hashtag_faults(collector: CollectorSettings) -> list[Fault]:
    """Hashtags and aliases that are one in normal form, and aliases of a hashtag that is not collected."""
    own: list[tuple[Place, str]] = [
        (("collector", "hashtags", number), tag) for number, tag in enumerate(collector.hashtags)
    ]
    aliases: list[tuple[Place, str]] = [
        (("collector", "aliases", tag, number), alias)
        for tag, others in collector.aliases.items()
        for number, alias in enumerate(others)
    ]
    keys: list[tuple[Place, str]] = [(("collector", "aliases", tag), tag) for tag in collector.aliases]
    return [*_strange(keys, collector), *_same_tags(keys), *_same_tags([*own, *aliases])]


def _strange(keys: list[tuple[Place, str]], collector: CollectorSettings) -> Iterator[Fault]:
    known = collector.topics()
    for where, tag in keys:
        if normal_form(tag) not in known:
            what = f"not a hashtag of [collector]: {shown(tag)}"
            yield Fault(where=where, what=what, accepted=", ".join(collector.hashtags))


def _same_tags(tags: list[tuple[Place, str]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for where, tag in tags:
        normal = normal_form(tag)
        if normal in first:
            yield Fault(where=where, what=f"{shown(tag)} is the same hashtag as {shown(first[normal])}")
        first.setdefault(normal, tag)


def block_word_faults(collector: CollectorSettings) -> list[Fault]:
    """Block words that would keep out whatever is collected, since it is what a collected hashtag says."""
    tags = [*collector.hashtags, *(alias for others in collector.aliases.values() for alias in others)]
    collected = {words_of(tag): tag for tag in tags}
    return [
        Fault(
            where=("collector", "block_words", number), what=f"{shown(word)} is the hashtag {shown(collected[words])}"
        )
        for number, word in enumerate(collector.block_words)
        if (words := words_of(word)) in collected
    ]


def curator_faults(digests: Mapping[int, SeriesSettings], web: WebSettings | None) -> list[Fault]:
    """Curators who could decide nothing, since there is no address for their links to lead to."""
    if web is None or web.base_url is not None:
        return []
    what = "a curator needs web.base_url, where their links lead to"
    return [
        Fault(where=("digest", number, "curator"), what=what)
        for number, series in digests.items()
        if series.curator is not None
    ]


def name_faults(table: str, key: str, names: Mapping[int, str]) -> list[Fault]:
    """Names that two entries of a list of tables share; `names` by their number in the file, from 0."""
    first: dict[str, int] = {}
    return [
        Fault(where=(table, number, key), what=f"{shown(name)} is the name of {table}[{first[name] + 1}] too")
        for number, name in names.items()
        if first.setdefault(name, number) != number
    ]


def watch_faults(sources: Mapping[int, SourceSettings]) -> list[Fault]:
    """Sources that would ask one place for one topic twice; by their number in the file, from 0."""
    first: dict[WatchKey, int] = {}
    return [
        Fault(
            where=("source", number),
            what=f"watches {topic} at {_place(key)}, as source[{earlier + 1}] does",
        )
        for number, source in sources.items()
        for topic in source.topics
        for key in source.keys(topic, [topic])
        if (earlier := first.setdefault(key, number)) != number
    ]


def _place(key: WatchKey) -> str:
    return key.thread.partition("#")[0] or key.address


def source_faults(sources: Mapping[int, SourceSettings]) -> list[Fault]:
    """All that is wrong between sources."""
    return [*name_faults("source", "name", _names(sources)), *watch_faults(sources)]


def series_faults(digests: Mapping[int, SeriesSettings]) -> list[Fault]:
    """All that is wrong between series."""
    return name_faults("digest", "series", _names(digests))


def _names(entries: Mapping[int, SourceSettings] | Mapping[int, SeriesSettings]) -> dict[int, str]:
    items: Iterable[tuple[int, SourceSettings | SeriesSettings]] = entries.items()
    return {number: entry.name for number, entry in items}
