"""RSS and Atom in all their versions into entries as `entries` reads them. Pure: bytes in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collector.sources.feed.authors import kept, people
from collector.sources.feed.media import is_face, without_faces
from collector.sources.syndication import Parsed, parse, told_by_media
from collector.text.html import html_to_text
from collector.text.values import instant_of, objects_of, text_of

_ENDS = (b"</rss>", b"</feed>", b"</rdf:RDF>", b"</RDF>", b"</atom:feed>")
_HTML = frozenset(("text/html", "application/xhtml+xml"))


def read_xml(body: bytes, *, charset: str, url: str) -> dict[str, Any] | None:
    """`title`, `date`, `next_url`, `entries` and `is_cut`; None where it is no feed.

    ValueError, with a reason, for what is not read for safety's sake, and for what breaks off before its first entry.
    """
    from feedparser.encodings import convert_to_utf8

    declared = "application/xml" + (f"; charset={charset}" if charset else "")
    utf8 = convert_to_utf8({"content-type": declared}, body, {})
    parsed = parse(utf8, url)
    if not parsed.version and not parsed.entries:
        return None
    has_no_end = not parsed.is_well_formed and not any(end in utf8[-2000:] for end in _ENDS)
    is_cut = parsed.breaks_off or has_no_end
    if is_cut and not parsed.entries:
        raise ValueError("a feed that breaks off before its first entry")
    return _feed(parsed, is_cut=is_cut)


def _feed(parsed: Parsed, *, is_cut: bool) -> dict[str, Any]:
    feed = parsed.feed
    about = kept(
        {
            "title": _plain(feed, "title"),
            "url": text_of(feed.get("link")),
            "language": feed.get("language"),
            "authors": _authors(feed),
        }
    )
    whole = parsed.entries[:-1] if is_cut else parsed.entries  # nobody knows how the last would have gone on
    return {
        "title": about.get("title", ""),
        "date": _date(feed, "updated") or _date(feed, "published"),
        "next_url": next((link["href"] for link in _links(feed) if link.get("rel") == "next"), None),
        "entries": [_entry(entry) | {"feed": about} for entry in whole],
        "is_cut": is_cut,
    }


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    reply, media = entry.get("thr_in-reply-to"), told_by_media(entry)
    return kept(
        {
            "id": text_of(entry.get("id")),
            "url": text_of(entry.get("link")),
            **_title(entry),
            **(_content(entry) or {"content_text": media.get("text")}),
            "date_published": _date(entry, "published") or _date(entry, "created"),
            "date_modified": _date(entry, "updated"),
            "authors": _authors(entry),
            "tags": [term for tag in entry.get("tags") or () if (term := text_of(tag.get("term")).strip())],
            "language": _language(entry),
            "attachments": _attachments(entry, media),
            "in_reply_to": text_of(reply.get("ref")) if isinstance(reply, dict) else "",
            "replies": _number(entry.get("slash_comments")),
            "is_sensitive": media.get("is_adult"),
        }
    )


def _title(entry: Mapping[str, Any]) -> dict[str, Any]:
    detail = entry.get("title_detail")
    is_html = isinstance(detail, dict) and detail.get("type") in _HTML
    return {"title_html" if is_html else "title": text_of(entry.get("title"))}


def _plain(place: Mapping[str, Any], name: str) -> str:
    detail, text = place.get(f"{name}_detail"), text_of(place.get(name))
    return html_to_text(text).text if isinstance(detail, dict) and detail.get("type") in _HTML else text


def _content(entry: Mapping[str, Any]) -> dict[str, str]:
    """The whole text in HTML, else in plain words, else the summary; nothing where there is none."""
    told = [item for item in objects_of(entry.get("content")) if text_of(item.get("value")).strip()]
    told.sort(key=lambda item: item.get("type") not in _HTML)
    if not told and (summary := text_of(entry.get("summary"))).strip():
        detail = entry.get("summary_detail")
        told = [{"type": detail.get("type") if isinstance(detail, dict) else "text/html", "value": summary}]
    if not told:
        return {}
    value = told[0]["value"]
    return {"content_text": value} if told[0].get("type") == "text/plain" else {"content_html": without_faces(value)}


def _authors(place: Mapping[str, Any]) -> list[dict[str, str]]:
    named = [
        (text_of(author.get("name")), text_of(author.get("href")).strip())
        for author in objects_of(place.get("authors"))
    ]
    return people(named)


def _language(entry: Mapping[str, Any]) -> str:
    details = [*objects_of(entry.get("content")), entry.get("summary_detail"), entry.get("title_detail")]
    return next((text for item in details if isinstance(item, dict) and (text := text_of(item.get("language")))), "")


def _attachments(entry: Mapping[str, Any], media: Mapping[str, Any]) -> list[dict[str, Any]]:
    told = list(media.get("attachments", ()))
    for link in _links(entry):
        if link.get("rel") == "enclosure":
            told.append({"url": link.get("href"), "mime_type": link.get("type"), "alt": link.get("title")})
    attached = [kept(item) | ({"alt": ""} if item.get("alt") == "" else {}) for item in told]
    return [item for item in attached if not is_face(text_of(item.get("url")))]


def _links(place: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [link for link in objects_of(place.get("links")) if text_of(link.get("href"))]


def _number(value: Any) -> int:
    text = text_of(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _date(place: Mapping[str, Any], name: str) -> str:
    """The instant in ISO 8601, with the fraction of a second that feedparser leaves out; empty for what is none."""
    if name not in place:
        return ""
    exact = instant_of(text_of(place.get(name)).strip())
    parsed = place.get(f"{name}_parsed")
    if exact is None and parsed is not None:
        try:
            year, month, day, hour, minute, second = parsed[:6]
            exact = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        except ValueError:
            exact = None
    return exact.isoformat() if exact else ""
