"""feedparser, made careful: its readers, driven by us and with a few of their habits changed. Pure: bytes in.

By itself it opens whatever path or address it is given, searches the names of authors for addresses in a way that can
take hours, cuts those addresses in the wrong place, and takes the description of a picture for the entry's text.
"""

from __future__ import annotations

import io
import logging
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

log = logging.getLogger(__name__)

_MOST_TAGS = 400_000  # feeds of 1,000 entries have 30,000 to 200,000, those inside their texts included
_DEEPEST = 200
_LARGEST_BROKEN = 2 * 1024 * 1024  # bytes: XML that is not well formed, or too deep, is read by a slow parser
_OURS = "of_media"  # what `_Careful` adds to an entry


class Parsed(NamedTuple):
    """What stands in a feed, as feedparser names it. Beside that an entry has the `of_media` of `told_by_media`."""

    version: str  # empty where it is no feed
    feed: dict[str, Any]
    entries: list[dict[str, Any]]
    is_well_formed: bool
    breaks_off: bool  # the reader gave up on the way: the last entry may be half of one


def parse(utf8: bytes, url: str) -> Parsed:
    """Reads XML in UTF-8 that came from this address; ValueError, with a reason, for what would take too long."""
    from feedparser.sanitizer import replace_doctype

    if utf8.count(b"<") > _MOST_TAGS:
        raise ValueError(f"XML of more than {_MOST_TAGS:,} tags")
    version, content, entities = replace_doctype(utf8)
    strict, loose = _readers()
    reader = _prepared(strict(url, None, "utf-8"))
    is_well_formed, breaks_off = _is_read(content, reader), False
    if not is_well_formed:
        if len(content) > _LARGEST_BROKEN:
            raise ValueError(f"broken XML of more than {_LARGEST_BROKEN // 1024:,} KiB")
        reader = _prepared(loose(url, None, "utf-8", entities))
        breaks_off = not _is_read_loosely(content, reader)
    return Parsed(version or reader.version, reader.feeddata, reader.entries, is_well_formed, breaks_off)


def told_by_media(entry: dict[str, Any]) -> dict[str, Any]:
    """What Media RSS says in an entry: its `attachments`, the `text` of the whole, whether it `is_adult`."""
    told: dict[str, Any] = entry.get(_OURS) or {}
    return told


def _prepared(reader: Any) -> Any:
    reader.resolve_relative_uris = True
    reader.sanitize_html = False  # it becomes plain text, and what is not text goes
    return reader


def _is_read(content: bytes, reader: Any) -> bool:
    """Whether it was well-formed XML. Entities that unpack to a flood are none: expat sees to that."""
    from xml.sax import handler, make_parser

    parser = make_parser()  # noqa: S317 (bounded above, and nothing outside is fetched)
    parser.setFeature(handler.feature_namespaces, 1)
    parser.setFeature(handler.feature_external_ges, 0)
    parser.setContentHandler(reader)
    parser.setErrorHandler(reader)
    try:
        parser.parse(io.BytesIO(content))
    except Exception:  # a SAXException, or whatever feedparser stumbles over
        return False
    return True


def _is_read_loosely(content: bytes, reader: Any) -> bool:
    try:
        reader.feed(content.decode("utf-8", "replace"))
    except Exception:  # what was read before stands
        log.info("feedparser gave up on a feed", exc_info=True)
        return False
    return True


@cache
def _readers() -> tuple[Any, Any]:
    from feedparser.api import LooseFeedParser, StrictFeedParser

    return type("Strict", (_Shallow, _Careful, StrictFeedParser), {}), type("Loose", (_Careful, LooseFeedParser), {})


class _Careful:
    """What stands before feedparser's own methods, which are called after the elements that they read."""

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        """An author that is one text, as in RSS, keeps it whole."""
        context = self._get_context()
        people = context.get(f"{key}s")
        if people and not people[-1] and context.get(key):
            people[-1]["name"] = context[key]

    def handle_charref(self: Any, ref: str) -> None:
        with suppress(ValueError, OverflowError):  # there is no such character
            super().handle_charref(ref)  # type: ignore[misc]

    def _of_media(self: Any) -> dict[str, Any]:
        told: dict[str, Any] = self._get_context().setdefault(_OURS, {"attachments": []})
        return told

    def _start_media_group(self: Any, _: dict[str, str]) -> None:
        told = self._of_media()
        told["group"] = len(told["attachments"])

    def _end_media_group(self: Any) -> None:
        self._of_media().pop("group", None)

    def _start_media_content(self: Any, attrs: dict[str, str]) -> None:
        """Those of one group are one thing in several sizes: the default, or the first."""
        told = self._of_media()
        attachments, group = told["attachments"], told.get("group")
        one = {"url": attrs.get("url"), "mime_type": attrs.get("type"), "medium": attrs.get("medium")}
        if group is None or len(attachments) == group:
            attachments.append(one)
        elif attrs.get("isdefault") == "true":
            attachments[-1] = one
        told["content"] = one

    def _end_media_content(self: Any) -> None:
        self._of_media().pop("content", None)

    def _start_media_description(self: Any, _: dict[str, str]) -> None:
        self.push("media_description", 0)

    def _end_media_description(self: Any) -> None:
        told, text = self._of_media(), self.pop("media_description") or ""
        if "content" in told:
            told["content"]["alt"] = text
        else:
            told.setdefault("text", text)

    def _start_media_title(self: Any, _: dict[str, str]) -> None:
        self.push("media_title", 0)

    def _end_media_title(self: Any) -> None:
        told, text = self._of_media(), self.pop("media_title") or ""
        if "content" in told:
            told["content"].setdefault("alt", text)

    def _start_media_rating(self: Any, _: dict[str, str]) -> None:
        self.push("media_rating", 0)

    def _end_media_rating(self: Any) -> None:
        if (self.pop("media_rating") or "").lower() == "adult":
            self._of_media()["is_adult"] = True


class _Shallow:
    """Gives up on what is nested deeper than any feed: feedparser takes minutes for it."""

    def unknown_starttag(self: Any, tag: str, attrs: Any) -> None:
        if self.depth >= _DEEPEST:
            raise ValueError("too deep")
        super().unknown_starttag(tag, attrs)  # type: ignore[misc]
