"""A file of sentences → a catalogue. What it leaves out is English; what it gets wrong is told, all at once."""

from __future__ import annotations

import gettext
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from collector.words.catalogue import Counted, Sayings, Words

_LISTS = {"months": 12, "short_months": 12, "days": 7, "short_days": 7}
_TABLES = ("titles", "networks", "on_network", "sites", "media", "words")
_CADENCES = ("daily", "weekly", "monthly")  # tables of sentences and counted things
_TEXTS = ("language", "direction", "plural", "thousands")
_DIRECTIONS = ("ltr", "rtl")
_FREE = frozenset({"sites", "networks", "on_network"})  # tables that may name what English does not
_EXACTLY = {f"={number}": number for number in range(10)}


def read_words(text: str) -> Words:
    """The catalogue that a file's text makes; ValueError with one line for each fault."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"not TOML: {error}") from error
    if faults := list(_faults(told)):
        raise ValueError("\n".join(faults))
    return _build(_merged(_english(), told))


@cache
def _english() -> Mapping[str, Any]:
    return tomllib.loads(files("collector.words").joinpath("en.toml").read_text(encoding="utf-8"))


def _merged(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**known, **told}
    for table in (*_TABLES, *_CADENCES, "counted"):
        merged[table] = {**known[table], **told.get(table, {})}
    return merged


def _build(told: Mapping[str, Any]) -> Words:
    return Words(
        language=told["language"],
        direction=told["direction"],
        plural=_rule(told["plural"]),
        thousands=told["thousands"],
        months=tuple(told["months"]),
        short_months=tuple(told["short_months"]),
        days=tuple(told["days"]),
        short_days=tuple(told["short_days"]),
        titles=told["titles"],
        networks=told["networks"],
        on_network=told["on_network"],
        sites=told["sites"],
        media=told["media"],
        words=told["words"],
        counted={key: _counted(value) for key, value in told["counted"].items()},
        by_cadence={cadence: _sayings(told[cadence]) for cadence in _CADENCES},
    )


def _sayings(told: Mapping[str, Any]) -> Sayings:
    return Sayings(
        words={key: value for key, value in told.items() if isinstance(value, str)},
        counted={key: _counted(value) for key, value in told.items() if not isinstance(value, str)},
    )


def _rule(text: str) -> Callable[[int], int]:
    """gettext's own reader of plural rules: it compiles nothing but numbers, n and operators."""
    rule: Callable[[int], int] = gettext.c2py(text)
    return rule


def _counted(told: Mapping[str, Any]) -> Counted:
    exactly = {_EXACTLY[key]: form for key, form in told.items() if key in _EXACTLY}
    return Counted(forms=tuple(told["forms"]), exactly=exactly)


def _faults(told: Mapping[str, Any]) -> Iterator[str]:
    known = _english()
    yield from (f"{key}: unknown; accepted: {', '.join(known)}" for key in told if key not in known)
    yield from (f"{key}: no text" for key in _TEXTS if not isinstance(told.get(key, ""), str))
    if isinstance(told.get("direction", ""), str) and told.get("direction", "ltr") not in _DIRECTIONS:
        yield f"direction: accepted: {', '.join(_DIRECTIONS)}"
    if isinstance(told.get("plural", ""), str):
        yield from _rule_faults(told.get("plural", "0"))
    for key, length in _LISTS.items():
        if key in told and not _are_texts(told[key], length):
            yield f"{key}: not {length} texts"
    for table in _TABLES:
        yield from _table_faults(table, told.get(table, {}), {key: [text] for key, text in known[table].items()})
    yield from _counted_faults("counted", told.get("counted", {}), known["counted"])
    for cadence in _CADENCES:
        yield from _cadence_faults(cadence, told.get(cadence, {}), known)


def _rule_faults(rule: str) -> Iterator[str]:
    try:
        _rule(rule)(2)
    except (ValueError, RecursionError, ArithmeticError) as error:
        yield f"plural: not a rule of gettext: {error}"


def _are_texts(value: object, length: int) -> bool:
    return isinstance(value, list) and len(value) == length and all(isinstance(item, str) for item in value)


def _cadence_faults(cadence: str, told: object, known: Mapping[str, Any]) -> Iterator[str]:
    """As of the other tables; sentences may use the places that they have for any cadence."""
    if not isinstance(told, dict):
        yield f"{cadence}: not a table"
        return
    is_counted = {key: not isinstance(known[cadence].get(key, ""), str) for key in told}
    sentences = {
        key: [known[one].get(key, "") for one in _CADENCES]
        for key, text in known[cadence].items()
        if isinstance(text, str)
    }
    yield from _table_faults(cadence, {key: told[key] for key in told if not is_counted[key]}, sentences)
    yield from _counted_faults(cadence, {key: told[key] for key in told if is_counted[key]}, known[cadence])


def _table_faults(table: str, told: object, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if not isinstance(told, dict):
        yield f"{table}: not a table"
        return
    for key, sentence in told.items():
        if key not in known and table not in _FREE:
            yield f"{table}.{key}: there is no such sentence"
        elif not isinstance(sentence, str):
            yield f"{table}.{key}: no text"
        else:
            yield from _place_faults(f"{table}.{key}", sentence, known.get(key, []))


def _counted_faults(table: str, told: object, known: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(told, dict):
        yield f"{table}: not a table"
        return
    for key, value in told.items():
        if key not in known:
            yield f"{table}.{key}: there is no such sentence"
        elif not _is_counted(value):
            yield f'{table}.{key}: not {{ forms = ["…", "…"] }}, with "=0" and the like where a number has its own word'
        else:
            forms = [*value["forms"], *(form for name, form in value.items() if name != "forms")]
            for form in forms:
                yield from _place_faults(f"{table}.{key}", form, ["{n}"])


def _is_counted(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("forms"), list) or not value["forms"]:
        return False
    others = {key: form for key, form in value.items() if key != "forms"}
    return set(others) <= set(_EXACTLY) and all(isinstance(form, str) for form in [*value["forms"], *others.values()])


def _place_faults(where: str, sentence: str, known: Sequence[str]) -> Iterator[str]:
    """Places that nothing fills, and braces that are none."""
    allowed = {name for text in known for name in _places(text)}
    try:
        named = _places(sentence)
    except ValueError:
        yield f"{where}: a brace without its other half; write {{{{ or }}}} for one that is meant"
        return
    for name in sorted(named - allowed):
        accepted = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "none"
        yield f"{where}: unknown place {{{name}}}; accepted: {accepted}"


def _places(sentence: str) -> set[str]:
    return {
        name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        for _, name, form, conversion in Formatter().parse(sentence)
        if name is not None
    }


ENGLISH = _build(_english())
