"""From the file and the environment to `Settings`, with every fault told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from collector.config.crosschecks import (
    block_word_faults,
    curator_faults,
    hashtag_faults,
    series_faults,
    source_faults,
)
from collector.config.environment import PLAIN_TABLES, Overrides, read_overrides, with_overrides
from collector.config.faults import Fault, Place, SeveralFaultsError, fault_line, shown, type_name
from collector.config.fields import Surroundings
from collector.config.files import FILE_NAME, find_file, read_toml
from collector.config.mail import BounceSettings, MailSettings
from collector.config.oversight import HealthSettings, WarningSettings
from collector.config.places import SourceSettings
from collector.config.secrets import SecretPlaces, resolve_secret
from collector.config.series import SeriesSettings
from collector.config.settings import Settings
from collector.config.tables import CollectorSettings, DatabaseSettings, PollingSettings, Table
from collector.config.web import WebSettings
from collector.errors import ConfigError

T = TypeVar("T", bound=Table)

LISTED_TABLES = ("digest", "source")


def load_settings(path: Path | None, environ: Mapping[str, str], cwd: Path) -> Settings:
    """The settings of the file at `path`, else of `$COLLECTOR_CONFIG`, else of the first usual place that has one.

    ConfigError holds one line for each fault.
    """
    found = find_file(path, environ, cwd)
    file = cwd / found
    return build_settings(read_toml(file, name=str(found)), folder=file.parent, environ=environ, file=str(found))


def build_settings(
    tables: Mapping[str, object], *, folder: Path, environ: Mapping[str, str], file: str = FILE_NAME
) -> Settings:
    """The settings that a file's tables and the environment make; relative paths begin at `folder`.

    ConfigError holds one line for each fault, which calls the file `file`.
    """
    folder = folder.absolute()
    overrides = read_overrides(environ)
    reading = _Reading(tables=tables, overrides=overrides, places=SecretPlaces(folder=folder, environ=environ))
    settings = reading.settings(file)
    problems = [fault_line(fault, file=file, variables=overrides.variables) for fault in reading.faults]
    if settings is None or problems or overrides.problems:
        raise ConfigError(*problems, *overrides.problems)
    return settings


@dataclass(kw_only=True, slots=True)
class _Reading:
    """One pass over the tables. A table that is wrong is None, leaves its faults, and the pass goes on."""

    tables: Mapping[str, object]
    overrides: Overrides
    places: SecretPlaces
    faults: list[Fault] = field(default_factory=list)

    def settings(self, file: str) -> Settings | None:
        self._refuse_unknown_tables()
        near = Surroundings(folder=self.places.folder)
        collector = self._plain("collector", CollectorSettings, near)
        database = self._plain("database", DatabaseSettings, near)
        polling = self._plain("polling", PollingSettings, near)
        mail = self._plain("mail", MailSettings, near)
        health = self._plain("health", HealthSettings, near)
        warnings = self._plain("warnings", WarningSettings, near)
        bounces = self._plain("bounces", BounceSettings, near)
        web = self._plain("web", WebSettings, near)
        if collector is not None:
            self.faults += [*hashtag_faults(collector), *block_word_faults(collector)]
        sources = self._sources(collector, polling)
        digests = self._digests(collector, web)
        if collector is None or database is None or polling is None or mail is None:
            return None
        if health is None or warnings is None or bounces is None or web is None:
            return None
        return Settings(
            file=file,
            folder=self.places.folder,
            collector=collector,
            database=database,
            polling=polling,
            sources=sources,
            digests=digests,
            mail=mail,
            health=health,
            warnings=warnings,
            bounces=bounces,
            web=web,
        )

    def _refuse_unknown_tables(self) -> None:
        known = [*sorted(PLAIN_TABLES), *LISTED_TABLES]
        names = ", ".join(sorted(known))
        self.faults += [
            Fault(where=(table,), what="unknown table", accepted=names) for table in self.tables if table not in known
        ]

    def _sources(
        self, collector: CollectorSettings | None, polling: PollingSettings | None
    ) -> tuple[SourceSettings, ...]:
        silent: dict[str, object] = {"interval": polling.interval} if polling else {}
        if collector is not None:
            silent["hashtags"] = list(collector.hashtags)
        sources = self._listed("source", SourceSettings, self._around(collector), silent)
        self.faults += source_faults(sources)
        return tuple(sources.values())

    def _digests(self, collector: CollectorSettings | None, web: WebSettings | None) -> tuple[SeriesSettings, ...]:
        silent: dict[str, object] = {}
        if collector is not None:
            silent = {"hashtags": list(collector.hashtags), "timezone": collector.timezone}
        around = self._around(collector)
        digests = self._listed("digest", SeriesSettings, around, silent)
        self.faults += [*series_faults(digests), *curator_faults(digests, web)]
        return tuple(digests.values()) or (SeriesSettings.model_validate(silent, context=around),)

    def _around(self, collector: CollectorSettings | None) -> Surroundings:
        topics = collector.topics_by_spelling() if collector else None
        return Surroundings(folder=self.places.folder, topics=topics)

    def _plain(self, name: str, model: type[T], around: Surroundings) -> T | None:
        raw = self.tables.get(name, {})
        if not isinstance(raw, dict):
            self.faults.append(Fault(where=(name,), what=f"wrong type ({type_name(raw)})", accepted=f"[{name}]"))
            return None
        return self._checked(model, with_overrides(raw, name, self.overrides), (name,), around)

    def _listed(self, name: str, model: type[T], around: Surroundings, silent: Mapping[str, object]) -> dict[int, T]:
        """The entries that are sound, by their number in the file from 0; `silent` fills in what they leave out."""
        raw = self.tables.get(name, [])
        if not isinstance(raw, list) or not all(isinstance(entry, dict) for entry in raw):
            self.faults.append(Fault(where=(name,), what=f"wrong type ({type_name(raw)})", accepted=f"[[{name}]]"))
            return {}
        entries = ((n, self._checked(model, {**silent, **entry}, (name, n), around)) for n, entry in enumerate(raw))
        return {number: entry for number, entry in entries if entry is not None}

    def _checked(self, model: type[T], table: Mapping[str, object], where: Place, around: Surroundings) -> T | None:
        for secret in model.secrets:
            table, faults = resolve_secret(table, secret, self.places, where)
            self.faults += faults
        try:
            return model.model_validate(table, context=around)
        except ValidationError as error:
            found = [details for details in error.errors(include_url=False) if details["type"] != _FOLLOWS]
            self.faults += [fault for details in found for fault in _faults(details, model, where)]
            return None


def _faults(details: ErrorDetails, model: type[Table], where: Place) -> list[Fault]:
    fault, error = _fault(details, model, where), details.get("ctx", {}).get("error")
    if isinstance(error, SeveralFaultsError):
        return [Fault(where=fault.where, what=line) for line in error.lines]
    return [fault]


def _fault(details: ErrorDetails, model: type[Table], where: Place) -> Fault:
    """pydantic's finding, in our words; the value itself is named only where a check of ours decided it may be."""
    name, *inside = details["loc"]
    if details["type"] == "extra_forbidden":
        return Fault(where=(*where, name), what=_what(details), accepted=", ".join(model.accepted_keys()))
    key = model.key_of(str(name))  # pydantic names the field, not its key, where a default is at fault
    place = (*where, key, *(part for part in inside if part != "[key]"))
    return Fault(where=place, what=_what(details), accepted=model.accepted_at(key))


_FOLLOWS = "default_factory_not_called"  # a default that hangs on a value which is wrong, and told already
_WORDS = {"extra_forbidden": "unknown key", "missing": "missing"}
_SHOWN = {
    "enum": "unknown",
    "literal_error": "unknown",
    "greater_than_equal": "out of range",
    "less_than_equal": "out of range",
}


def _what(details: ErrorDetails) -> str:
    kind, value = details["type"], details["input"]
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind in _SHOWN:
        return f"{_SHOWN[kind]}: {shown(value)}"
    return _WORDS.get(kind, f"wrong type ({type_name(value)})")
