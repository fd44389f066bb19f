"""The environment's say: `COLLECTOR_<TABLE>__<KEY>` takes the place of a plain table's key.

A variable that is empty counts as not set, as compose files leave them. Names without `__` are not ours to read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args, get_origin

from collector.config.faults import Place
from collector.config.mail import BounceSettings, MailSettings
from collector.config.oversight import HealthSettings, WarningSettings
from collector.config.secrets import spellings
from collector.config.tables import CollectorSettings, DatabaseSettings, PollingSettings, Table
from collector.config.web import WebSettings

PREFIX = "COLLECTOR_"
PLAIN_TABLES: Mapping[str, type[Table]] = {
    "bounces": BounceSettings,
    "collector": CollectorSettings,
    "database": DatabaseSettings,
    "health": HealthSettings,
    "mail": MailSettings,
    "polling": PollingSettings,
    "warnings": WarningSettings,
    "web": WebSettings,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Overrides:
    """What the environment sets: values by table and key, the variable each came from, and what is wrong."""

    values: dict[str, dict[str, object]] = field(default_factory=dict)
    variables: dict[Place, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_overrides(environ: Mapping[str, str]) -> Overrides:
    """Everything the environment says about the configuration."""
    values: dict[str, dict[str, object]] = {}
    variables: dict[Place, str] = {}
    problems: list[str] = []
    for variable in sorted(name for name in environ if name.startswith(PREFIX) and "__" in name):
        table, _, key = variable[len(PREFIX) :].lower().partition("__")
        problem = _unknown(table, key)
        if problem:
            problems.append(f"{variable}: {problem}")
        elif environ[variable].strip():
            values.setdefault(table, {})[key] = _parsed(environ[variable], PLAIN_TABLES[table], key)
            variables[(table, key)] = variable
    return Overrides(values=values, variables=variables, problems=tuple(problems))


def _unknown(table: str, key: str) -> str:
    model = PLAIN_TABLES.get(table)
    if model is None:
        return f"unknown table; accepted: {', '.join(sorted(PLAIN_TABLES))}"
    if key not in model.accepted_keys():
        return f"unknown key; accepted: {', '.join(model.accepted_keys())}"
    return ""


def _parsed(text: str, table: type[Table], key: str) -> object:
    """The text as the key's type wants it; text that does not fit stays text, and fails the key's own check."""
    annotation = next((f.annotation for name, f in table.model_fields.items() if key in {name, f.alias}), str)
    if get_origin(annotation) is tuple and not text.lstrip().startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    if {int, bool} & {annotation, *get_args(annotation)} or get_origin(annotation) in {tuple, dict}:
        return _toml_value(text)
    return text


def _toml_value(text: str) -> object:
    plain = text.strip()
    try:
        return tomllib.loads(f"value = {plain.lower() if plain.lower() in {'true', 'false'} else plain}")["value"]
    except ValueError:
        return text


def with_overrides(table: Mapping[str, object], name: str, overrides: Overrides) -> dict[str, object]:
    """The file's table with the environment's values; a secret given there replaces every way the file gives it."""
    values = overrides.values.get(name, {})
    replaced = {key for secret in PLAIN_TABLES[name].secrets for key in spellings(secret)}
    drops = replaced if replaced & values.keys() else set()
    return {key: value for key, value in table.items() if key not in drops} | values
