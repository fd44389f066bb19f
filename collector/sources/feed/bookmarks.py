"""What a server is told of the answer we have, so that it may say "not modified" in place of it again. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from collector.sources.answers import Answer

_LONGEST = 1_000
_ASKED_WITH = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """The marks of one answer as they were sent: a weak ETag stays weak. They count for the address alone."""

    url: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)

    def headers_for(self, url: str) -> dict[str, str]:
        """What to ask this address with."""
        return {_ASKED_WITH[name]: value for name, value in self.marks.items()} if url == self.url else {}

    def written(self) -> str | None:
        """As text to be given back; None where the server sent no marks."""
        return json.dumps({"url": self.url, **self.marks}) if self.marks else None


def bookmark_of(answer: Answer) -> Bookmark:
    """The marks that an answer came with."""
    return Bookmark(url=answer.asked_url, marks=_usable(answer.headers))


def read_bookmark(text: str | None) -> Bookmark:
    """A bookmark that was given back; an empty one for what is none."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        return Bookmark()
    return Bookmark(url=value["url"], marks=_usable(value))


def _usable(told: Mapping[str, object]) -> dict[str, str]:
    """Only what can be sent in a header."""
    return {
        name: value
        for name in _ASKED_WITH
        if isinstance(value := told.get(name), str) and 0 < len(value) <= _LONGEST and value.isascii()
        if value.isprintable()
    }
