"""What hangs on a post: pictures, films, cards of links, quoted posts. Pure, and all of it out of the server's view.

Of a quoted post only the address is read: its words are somebody else's, who may take them back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.model import Media
from collector.text.bluesky import known_post
from collector.text.cleaning import one_line, plain_text
from collector.text.links import link_address
from collector.text.values import object_of, objects_of, text_of, web_address

_EMBED = "app.bsky.embed."
_REFUSED = (_EMBED + "record#viewDetached", _EMBED + "record#viewBlocked")


@dataclass(frozen=True, kw_only=True, slots=True)
class Embed:
    """What a post carries beside its words."""

    media: tuple[Media, ...] = ()
    link: str | None = None  # of a card
    title: str = ""  # of a card
    quote_of_uri: str | None = None


def read_embed(view: Any) -> Embed:
    """Reads the embed of a post's view; what is of no known kind is passed over."""
    media: list[Media] = []
    card: Mapping[str, Any] = {}
    quote = None
    for part in _parts(object_of(view)):
        media += _media(part)
        card = object_of(part.get("external")) if _kind(part) == "external" else card
        quote = _quote(object_of(part.get("record"))) if _kind(part) == "record" else quote
    return Embed(
        media=tuple(media),
        link=link_address(text_of(card.get("uri"))),
        title=one_line(text_of(card.get("title"))),
        quote_of_uri=quote,
    )


def without_quoted(view: Any) -> dict[str, Any]:
    """The embed as it may be kept: nothing of a quoted post but where it is and what became of it."""
    kept = {name: value for name, value in object_of(view).items() if name not in {"record", "external", "media"}}
    embed = object_of(view)
    if "external" in embed:
        kept["external"] = _card(object_of(embed["external"]))
    if "media" in embed:
        kept["media"] = without_quoted(embed["media"])
    if "record" in embed:
        record = object_of(embed["record"])
        inner = object_of(record.get("record"))
        kept["record"] = {**_place(record), "record": _place(inner)} if inner else _place(record)
    return kept


def _parts(view: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The view itself, or the quote and the media that it joins."""
    if _kind(view) == "recordWithMedia":
        yield object_of(view.get("record")) | {"$type": _EMBED + "record#view"}
        yield object_of(view.get("media"))
    else:
        yield view


def _kind(view: Mapping[str, Any]) -> str:
    """`images` of `app.bsky.embed.images#view`."""
    return text_of(view.get("$type")).removeprefix(_EMBED).partition("#")[0]


def _media(view: Mapping[str, Any]) -> list[Media]:
    if _kind(view) == "video":
        is_silent = view.get("presentation") == "gif"
        made = [_medium(view.get("playlist"), view.get("alt"), "gifv" if is_silent else "video")]
    else:
        items = objects_of(view.get("images")) + objects_of(view.get("items"))
        made = [_medium(item.get("fullsize"), item.get("alt"), "image") for item in items]
    return [medium for medium in made if medium is not None]


def _medium(url: Any, alt: Any, kind: str) -> Media | None:
    """A description has to be there on Bluesky: an empty one is none."""
    address = web_address(url)
    return Media(url=address, type=kind, alt_text=plain_text(text_of(alt)) or None) if address else None


def _quote(record: Mapping[str, Any]) -> str | None:
    """The quoted post's address, unless its author detached it or one of the two blocks the other."""
    if record.get("$type") in _REFUSED or record.get("detached") is True or record.get("blocked") is True:
        return None
    quoted = known_post(record.get("uri"))
    return quoted.uri if quoted else None


def _place(record: Mapping[str, Any]) -> dict[str, Any]:
    names = ("$type", "uri", "notFound", "blocked", "detached")
    return {name: record[name] for name in names if isinstance(record.get(name), (str, bool))}


def _card(card: Mapping[str, Any]) -> dict[str, Any]:
    names = ("$type", "uri", "title", "description", "createdAt")
    return {name: card[name] for name in names if isinstance(card.get(name), str)}
