"""The words in the configuration that people choose: hashtags, names, subjects."""

from __future__ import annotations

import re
from string import Formatter

from collector.config.faults import shown
from collector.model import Cadence
from collector.text.folding import words_of
from collector.text.hashtags import is_hashtag

_ALL = frozenset(Cadence)
PLACEHOLDERS = {
    "hashtag": _ALL,
    "count": _ALL,
    "examples": _ALL,
    "year": _ALL,
    "month": frozenset({Cadence.DAILY, Cadence.MONTHLY}),
    "week": frozenset({Cadence.DAILY, Cadence.WEEKLY}),
    "date": frozenset({Cadence.DAILY}),
}

_SERIES_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
LONGEST_LINE = 200


def hashtag(text: str) -> str:
    """The text itself where it is a hashtag without its '#'; ValueError where it is none."""
    if not is_hashtag(text):
        raise ValueError(f"not a hashtag: {shown(text)}")
    return text


def series_name(text: str) -> str:
    """The text itself where it can name a series, in a file's name and in an address too; else ValueError."""
    if not _SERIES_NAME.fullmatch(text):
        raise ValueError(f"not a name for a series: {shown(text)}")
    return text


def one_line(text: str) -> str:
    """The text without white space around it; ValueError where it is empty, long, or more than a line."""
    line = text.strip()
    if not line or not line.isprintable() or len(line) > LONGEST_LINE:
        raise ValueError(f"not a short line of text: {shown(text)}")
    return line


def block_word(text: str) -> str:
    """The text itself where texts can be looked through for it; ValueError where it holds no letter and no number."""
    if not words_of(text):
        raise ValueError(f"no word: {shown(text)}")
    return text


def subject_template(text: str, cadence: Cadence) -> str:
    """The text itself where a subject can be made of it; ValueError for a placeholder that this cadence has not."""
    try:
        fields = list(Formatter().parse(one_line(text)))
    except ValueError as error:
        raise ValueError(f"not a subject: {shown(text)}") from error
    for _, name, form, conversion in fields:
        if name is not None and (cadence not in PLACEHOLDERS.get(name, ()) or form or conversion):
            raise ValueError(f"unknown placeholder for a {cadence} digest in {shown(text)}: {shown(name)}")
    return text
