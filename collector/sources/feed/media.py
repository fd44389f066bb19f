"""Pictures, films and sounds of an entry; and the pictures of people, which are never kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from collector.model import Media
from collector.text.cleaning import plain_text
from collector.text.values import objects_of, text_of, web_address

MOST_MEDIA = 50  # of one entry

_KINDS = frozenset(("image", "video", "audio"))
_FLASH = "application/x-shockwave-flash"  # as YouTube still calls its player
_ENDINGS = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "avif", "svg"), "image"),
    **dict.fromkeys(("mp4", "webm", "mov", "m4v", "ogv"), "video"),
    **dict.fromkeys(("mp3", "ogg", "oga", "opus", "m4a", "flac", "wav"), "audio"),
}
# Such an address names a person by a hash of their e-mail address.
_FACE = re.compile(r"(gravatar\.com|libravatar\.org)/|/avatars?/", re.IGNORECASE)
_HASHED = re.compile(r"https?://[^\s\"'<>/]{0,100}(?:gravatar\.com|libravatar\.org)/[^\s\"'<>]*", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)


def is_face(url: str) -> bool:
    """True for the picture of a person, as blogs put it beside what they wrote."""
    return _FACE.search(url) is not None


def without_faces(html: str) -> str:
    """The HTML without pictures of people, and without addresses that hold a hash of theirs."""
    if not _FACE.search(html):
        return html
    return _HASHED.sub("", _IMAGE.sub(lambda found: "" if is_face(found[0]) else found[0], html))


def media_of(raw: Mapping[str, Any]) -> tuple[Media, ...]:
    """What hangs on an entry, each address once; a description counts wherever it was given."""
    found: dict[str, Media] = {}
    for item in objects_of(raw.get("attachments")):
        url = web_address(item.get("url"))
        if url is None or is_face(url):
            continue
        known = found.get(url)
        alt_text = item.get("alt")
        if known is None or known.alt_text is None:
            described = plain_text(alt_text) if isinstance(alt_text, str) else None
            found[url] = Media(url=url, type=_type(item, url), alt_text=described)
    return tuple(found.values())[:MOST_MEDIA]


def _type(item: Mapping[str, Any], url: str) -> str:
    medium, mime_type = text_of(item.get("medium")).lower(), text_of(item.get("mime_type")).lower()
    if medium in _KINDS:
        return medium
    kind = "video" if mime_type == _FLASH else mime_type.partition("/")[0]
    if kind in _KINDS:
        return kind
    return _ENDINGS.get(urlsplit(url).path.rpartition(".")[2].lower(), "unknown")
