"""The text of a tweet as its author meant it: no shortened addresses, no escapes, its hashtags and links.

Both APIs give the text with `&lt;`, `&gt;` and `&amp;` escaped and every address shortened to t.co, and beside it the
entities: which short address stands for which. The one that stands for the tweet's own pictures is no part of the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from collector.model import Hashtag
from collector.text.cleaning import plain_text
from collector.text.hashtags import find_hashtags, hashtag_from
from collector.text.values import web_address

_PICTURES = ("pic.twitter.com/", "pic.x.com/")


class TweetText(NamedTuple):
    """A text with what was found in it."""

    text: str
    links: tuple[str, ...] = ()


def read_text(
    text: str, urls: Any = (), *, own: str = "", hidden: Iterable[str] = (), has_media: bool = False
) -> TweetText:
    """The text with its addresses in full.

    `urls` are the entities; `hidden` the short addresses of the tweet's own media. Where media are known
    (`has_media`), what the entities show as pic.twitter.com/… is hidden too. `own` is the tweet's id: a text that was
    cut short ends in a link to itself, which nobody wrote.
    """
    links: dict[str, None] = {}
    text = unescaped(text)
    for entity in urls if isinstance(urls, list) else ():
        if isinstance(entity, dict) and isinstance(short := entity.get("url"), str) and short:
            address = _full_address(entity, short, own, has_media=has_media)
            if address:
                links[address] = None
                text = text.replace(short, address)
            else:
                text = without(text, short)
    for short in hidden:
        text = without(text, short)
    return TweetText(tidy(text), tuple(links))


def _full_address(entity: dict[str, Any], short: str, own: str, *, has_media: bool) -> str:
    """What stands for a short address; nothing for one that is no part of the text."""
    shown, full = entity.get("display_url"), entity.get("expanded_url")
    if has_media and ("media_key" in entity or (isinstance(shown, str) and shown.startswith(_PICTURES))):
        return ""
    if own and isinstance(full, str) and full.endswith(f"/i/web/status/{own}"):
        return ""
    return web_address(full) or web_address(short) or short


def without(text: str, short: str) -> str:
    """The text without an address and the space before it."""
    return text.replace(f" {short}", "").replace(short, "")


def unescaped(text: str) -> str:
    """The text without the escapes that Twitter's own interfaces put into it; no others, so that `&copy=1` stays."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def tidy(text: str) -> str:
    """`plain_text`, with a short way for the many texts of several clean lines."""
    if " \n" not in text and "\n\n\n" not in text and text.replace("\n", " ").isprintable():
        return text.strip()
    return plain_text(text)


def read_hashtags(text: str, names: Iterable[str]) -> tuple[Hashtag, ...]:
    """The hashtags that the entities name and, where more '#' stand in the text than that, those found in it."""
    found: dict[str, Hashtag] = {}
    marks = text.count("#") + text.count("＃")
    for name in names:
        marks -= 1
        is_shown = f"#{name}" in text or f"＃{name}" in text
        tag = hashtag_from(name, "text" if is_shown else "tags")
        if tag is not None and tag.normal not in found:
            found[tag.normal] = tag
    if marks > 0:
        for tag in find_hashtags(text):
            found.setdefault(tag.normal, tag)
    return tuple(found.values())
