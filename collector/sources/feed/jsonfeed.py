"""JSON Feed, 1.0 and 1.1, into entries as `entries` reads them: only what is read, and no avatars. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.sources.feed.authors import kept, people
from collector.sources.feed.media import is_face, without_faces
from collector.text.values import id_of, objects_of, text_of

_MOST_ITEMS = 20_000  # that are looked at, to find the newest
_TEXTS = ("url", "external_url", "title", "date_published", "date_modified", "language")


def is_json_feed(value: Mapping[str, Any]) -> bool:
    """Whether an object is a feed, and not some other JSON."""
    return "jsonfeed.org/version/" in text_of(value.get("version")) and isinstance(value.get("items"), list)


def read_json_feed(value: Mapping[str, Any]) -> dict[str, Any]:
    """`title`, `date`, `next_url`, `entries` and `is_cut`, as of any feed; ValueError where it is too long."""
    about = kept(
        {
            "title": text_of(value.get("title")),
            "url": text_of(value.get("home_page_url")),
            "language": text_of(value.get("language")),
            "authors": _authors(value),
        }
    )
    if len(value["items"]) > _MOST_ITEMS:
        raise ValueError(f"a feed of more than {_MOST_ITEMS:,} items")
    entries = [_entry(item) | {"feed": about} if isinstance(item, dict) else item for item in value["items"]]
    return {
        "title": about.get("title", ""),
        "date": "",
        "next_url": text_of(value.get("next_url")) or None,
        "entries": entries,
        "is_cut": False,
    }


def _entry(item: Mapping[str, Any]) -> dict[str, Any]:
    html, text = text_of(item.get("content_html")), text_of(item.get("content_text"))
    tags = item.get("tags")
    return kept(
        {
            "id": id_of(item.get("id")),
            **{key: text_of(item.get(key)) for key in _TEXTS},
            "content_html": without_faces(html),
            "content_text": "" if html.strip() else text or text_of(item.get("summary")),
            "authors": _authors(item),
            "tags": [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [],
            "attachments": [told for told in _attachments(item) if told["url"] and not is_face(told["url"])],
        }
    )


def _authors(place: Mapping[str, Any]) -> list[dict[str, str]]:
    """A list since version 1.1, one object before."""
    named = [
        (text_of(author.get("name")), text_of(author.get("url")))
        for author in (*objects_of(place.get("authors")), *objects_of([place.get("author")]))
    ]
    return people(named)


def _attachments(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    pictures = [
        {"url": text_of(item.get(key)), "medium": "image"}
        for key in ("image", "banner_image")
        if text_of(item.get(key))
    ]
    told = [
        {"url": text_of(each.get("url")), "mime_type": text_of(each.get("mime_type"))}
        | ({"alt": each["title"]} if isinstance(each.get("title"), str) else {})
        for each in objects_of(item.get("attachments"))
    ]
    return [*told, *pictures]
