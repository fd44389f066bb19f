"""The text of a record and the facets that mark it up: links, hashtags, mentions. Pure.

A facet says where it lies in bytes of UTF-8. Clients of all sorts write them, some wrongly: one that is out of range,
cuts a character or overlaps another marks up nothing, but what it names still counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collector.model import Hashtag, Mention
from collector.text.bluesky import handle_of, is_did, profile_url
from collector.text.cleaning import plain_text
from collector.text.hashtags import find_hashtags, hashtag_from
from collector.text.links import link_address, shown_link
from collector.text.values import object_of, objects_of, text_of

_FACET = "app.bsky.richtext.facet#"


@dataclass(frozen=True, kw_only=True, slots=True)
class Facet:
    """One stretch of the text. `start` and `end` are bytes; both are 0 where they make no sense."""

    start: int
    end: int
    visible: str
    features: tuple[Mapping[str, Any], ...]

    @property
    def address(self) -> str | None:
        """Where it leads to; None also for a hashtag or a mention that some bridges make a link of."""
        is_name = len(words := self.visible.split()) == 1 and words[0].startswith(("#", "＃", "@", "＠"))
        return None if is_name else link_address(self.first("link", "uri"))

    def first(self, kind: str, name: str) -> str:
        """What its first feature of a kind says under a name."""
        return next((text_of(item.get(name)) for item in self.features if item.get("$type") == _FACET + kind), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordText:
    """What a record says."""

    text: str  # links read as their real addresses
    links: tuple[str, ...]
    hashtags: tuple[Hashtag, ...]
    mentions: tuple[Mention, ...]


def read_text(record: Mapping[str, Any]) -> RecordText:
    """Text, links, hashtags and mentions of a post's record."""
    text = text_of(record.get("text"))
    facets = _facets(text, record.get("facets"))
    return RecordText(
        text=plain_text(_shown(text, facets)),
        links=tuple(dict.fromkeys(facet.address for facet in facets if facet.address)),
        hashtags=_hashtags(text, facets, record.get("tags")),
        mentions=_mentions(facets),
    )


def _facets(text: str, facets: Any) -> list[Facet]:
    """In the order of the text, which is often not the order they are listed in; those without a place come last."""
    encoded = text.encode("utf-8", "surrogatepass")
    return sorted(
        (_facet(encoded, item) for item in objects_of(facets)), key=lambda facet: (facet.end == 0, facet.start)
    )


def _facet(encoded: bytes, item: Mapping[str, Any]) -> Facet:
    index = object_of(item.get("index"))
    start, end = _edge(encoded, index.get("byteStart")), _edge(encoded, index.get("byteEnd"))
    if start is None or end is None or start >= end:
        start = end = 0
    return Facet(
        start=start,
        end=end,
        visible=encoded[start:end].decode("utf-8", "surrogatepass"),
        features=tuple(objects_of(item.get("features"))),
    )


def _edge(encoded: bytes, position: Any) -> int | None:
    """The position, if a character begins or the text ends there."""
    if type(position) is not int or not 0 <= position <= len(encoded):
        return None
    is_inside = position < len(encoded) and encoded[position] & 0xC0 == 0x80
    return None if is_inside else position


def _shown(text: str, facets: Sequence[Facet]) -> str:
    """The text with its links written out: what is visible may be cut short, or say something else."""
    encoded = text.encode("utf-8", "surrogatepass")
    pieces, done = [], 0
    for facet in facets:
        if facet.address is None or facet.start < done or facet.start == facet.end:
            continue
        pieces += [encoded[done : facet.start].decode("utf-8", "surrogatepass"), _link(facet.visible, facet.address)]
        done = facet.end
    return "".join([*pieces, encoded[done:].decode("utf-8", "surrogatepass")])


def _link(visible: str, address: str) -> str:
    """As `shown_link`, with the space around it that some clients mark up too."""
    bare = visible.strip()
    if not bare:
        return visible
    head, _, tail = visible.partition(bare)
    return head + shown_link(bare, address) + tail


def _hashtags(text: str, facets: Iterable[Facet], tags: Any) -> tuple[Hashtag, ...]:
    """As they are written in the text, then what only facets name, then what only the list beside the text does."""
    found = {tag.normal: tag for tag in find_hashtags(text)}
    named = [(text_of(item.get("tag")), "text") for facet in facets for item in facet.features]
    listed = [(text_of(tag), "tags") for tag in tags] if isinstance(tags, list) else []
    for name, found_in in named + listed:
        if name and (hashtag := hashtag_from(name, found_in)):
            found.setdefault(hashtag.normal, hashtag)
    return tuple(found.values())


def _mentions(facets: Iterable[Facet]) -> tuple[Mention, ...]:
    """By DID, under the handle that the author wrote; the DID itself where the text shows none."""
    found: dict[str, Mention] = {}
    for facet in facets:
        did = facet.first("mention", "did")
        if is_did(did):
            handle = handle_of(facet.visible.strip().lstrip("@＠")) or did
            found.setdefault(did, Mention(handle=handle, url=profile_url(did)))
    return tuple(found.values())
