"""A translation that is made of the English file: every sentence in letters that no word of ours is written in."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from typing import Any

from collector.words import Words, read_words

ENGLISH_FILE = files("collector.words").joinpath("en.toml").read_text(encoding="utf-8")
_PLACE = re.compile(r"(\{[^{}]*\})")
_STAYS = frozenset({"language", "direction", "plural"})
# Cyrillic: letters, with large and small ones, and no word of Latin letters among them.
_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "абцдефгхийклмнопярстувщжызАБЦДЕФГХИЙКЛМНОПЯРСТУВЩЖЫЗ"
)


def make_translation() -> Words:
    """The catalogue that reads the translated file."""
    return read_words(translate_file())


def translate_file() -> str:
    """The file, as a translator would write it."""
    told = {key: value if key in _STAYS else _translated(value) for key, value in tomllib.loads(ENGLISH_FILE).items()}
    tables = {key: value for key, value in told.items() if isinstance(value, dict)}
    lines = [f"{key} = {_written(value)}" for key, value in told.items() if key not in tables]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {_written(value)}" for key, value in table.items())]
    return "\n".join(lines)


def _translated(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _translated(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_translated(one) for one in value]
    return "".join(piece if _PLACE.fullmatch(piece) else piece.translate(_LETTERS) for piece in _PLACE.split(value))


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_written(one)}" for key, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
