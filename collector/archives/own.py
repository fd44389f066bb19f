"""The collector's own exports, CSV and JSON Lines, read back into the posts that they were written from.

What an export leaves out cannot come back: how a hashtag was spelt, where a mention leads, polls, wishes. Earlier texts
are not taken in again. A pseudonymised file is refused: it does not say which posts these are. In a file written with
`--for-excel` a line broken there and a ⏎ that its author typed look alike; in one written with `--raw-cells` an
apostrophe that its author typed before what would run as a formula is taken for the guard.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from collector.archives.cells import is_true, number_in
from collector.archives.json_lines import first_objects, read_objects
from collector.archives.own_cells import own_list, own_text
from collector.archives.protocol import Entry, Format, Item, Unreadable
from collector.archives.tables import Row, columns_in, read_rows
from collector.errors import ArchiveError
from collector.model import Author, Counts, ExportRow, Hashtag, Media, Mention, Post
from collector.text.addresses import author_key
from collector.text.cleaning import one_line, plain_text
from collector.text.hashtags import find_hashtags, hashtag_from
from collector.text.links import link_address
from collector.text.values import (
    LONGEST_ADDRESS,
    count_of,
    instant_of,
    language_of,
    text_of,
    uri_of,
    uri_or_none,
    web_address,
)

if TYPE_CHECKING:
    from collector.archives.files import ArchiveFile

_COLUMNS = frozenset(ExportRow._fields)
_NEEDED = ("uri", "network", "published_at", "text")
_PEOPLE = ("author_handle", "author_id")  # one of them has to be there
_LISTS = ("hashtags", "mentions", "links", "media_urls", "seen_on")
_BESIDE_MEDIA = ("media_types", "media_alt_texts")
_COUNTS = ("replies", "boosts", "likes", "quotes")
_FLAGS = ("author_is_bot", "is_sensitive")
_PLAIN = ("published_at", "edited_at", "first_seen_at", *_COUNTS, *_FLAGS)  # never guarded
_MEDIA_TYPES = frozenset(("image", "gifv", "video", "audio"))
_PSEUDONYM = re.compile(r"post-[0-9a-f]{20}")
_KEY = re.compile(r'"([a-z_]{1,40})"\s*:')


def _recognises_csv(file: ArchiveFile) -> bool:
    return _are_ours(columns_in(file.beginning))


def _recognises_json_lines(file: ArchiveFile) -> bool:
    return _are_ours(_keys(file.beginning))


def _read_csv(file: ArchiveFile) -> Iterator[Item]:
    _refuse_incomplete(file.name, columns_in(file.beginning))
    with file.open() as stream:
        is_for_excel = stream.peek(3).startswith(codecs.BOM_UTF8)

    def read(row: Row) -> Entry:
        _refuse_pseudonyms(file.name, row.cells)
        return _entry(row.line, _values(row.cells, is_for_excel=is_for_excel))

    yield from read_rows(file, read, needed=_NEEDED, texts=("text",))


def _read_json_lines(file: ArchiveFile) -> Iterator[Item]:
    is_checked = False
    for number, values in read_objects(file):
        if isinstance(values, Unreadable):
            yield values
            continue
        if not is_checked:
            _refuse_incomplete(file.name, tuple(values))
            is_checked = True
        _refuse_pseudonyms(file.name, values)
        try:
            yield _entry(number, values)
        except ValueError as error:
            yield Unreadable(line=number, reason=str(error))


def _are_ours(names: tuple[str, ...]) -> bool:
    """True for the columns of an export or a choice of them, with others that somebody added beside what is needed."""
    found = set(names)
    if found.issuperset(_NEEDED) and not found.isdisjoint(_PEOPLE):
        return True
    return _COLUMNS.issuperset(found) and not found.isdisjoint(("uri", "network"))


def _refuse_incomplete(name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in _NEEDED if column not in columns]
    if not set(_PEOPLE) & set(columns):
        missing.append(" or ".join(_PEOPLE))
    if missing:
        raise ArchiveError(f"{name}: cannot be imported without {', '.join(missing)}: export it with these columns")


def _refuse_pseudonyms(name: str, values: Mapping[str, Any]) -> None:
    if _PSEUDONYM.fullmatch(text_of(values.get("uri"))):
        raise ArchiveError(f"{name}: is pseudonymised, and cannot be imported: it does not say which posts these are")


def _keys(beginning: bytes) -> tuple[str, ...]:
    """The names in the first object; from a line that is longer than the beginning, what looks like them."""
    if objects := first_objects(beginning, 1):
        return tuple(objects[0])
    line = beginning.lstrip().partition(b"\n")[0].decode("utf-8", "replace")
    return tuple(_KEY.findall(line)) if line.startswith("{") else ()


def _values(cells: Mapping[str, str], *, is_for_excel: bool) -> dict[str, Any]:
    """The cells of a row as JSON Lines would have them."""
    values: dict[str, Any] = {
        name: cell if name in _PLAIN else own_text(cell, is_for_excel=is_for_excel) for name, cell in cells.items()
    }
    for name in _LISTS:
        values[name] = own_list(values.get(name, "")) if name in cells else None
    for name in _BESIDE_MEDIA:
        values[name] = own_list(values.get(name, ""), len(values["media_urls"] or ()))
    for name in _COUNTS:
        values[name] = number_in(cells.get(name, ""))
    for name in _FLAGS:
        values[name] = is_true(cells.get(name, ""))
    return values


def _entry(line: int, values: Mapping[str, Any]) -> Entry:
    sources = _names(values.get("seen_on")) or _names([values.get("source")])
    return Entry(
        post=_post(values),
        line=line,
        topics=_names(text_of(values.get("topic")).split(" | ")),
        sources=sources,
        first_seen_at=instant_of(values.get("first_seen_at")),
    )


def _post(values: Mapping[str, Any]) -> Post:
    published_at = instant_of(values.get("published_at"))
    if published_at is None:
        raise ValueError("published_at: not an instant")
    text = plain_text(text_of(values.get("text")))
    return Post(
        network=_network(values.get("network")),
        uri=uri_of(values.get("uri")),
        url=web_address(values.get("url")),
        author=_author(values),
        published_at=published_at,
        edited_at=instant_of(values.get("edited_at")),
        text=text,
        title=plain_text(text_of(values.get("title"))),
        content_warning=plain_text(text_of(values.get("content_warning"))),
        language=language_of(values.get("language")),
        hashtags=_hashtags(values.get("hashtags"), text),
        mentions=tuple(Mention(handle=handle, url=None) for handle in _names(values.get("mentions"))),
        links=tuple(link for text in _texts(values.get("links")) if (link := link_address(text))),
        media=_media(values),
        reply_to_uri=uri_or_none(values.get("reply_to_uri")),
        quote_of_uri=uri_or_none(values.get("quote_of_uri")),
        counts=Counts(**{name: count_of(values.get(name)) for name in _COUNTS}),
        is_sensitive=values.get("is_sensitive") is True,
    )


def _network(value: Any) -> str:
    name = one_line(text_of(value))
    if not name:
        raise ValueError("network: empty")
    return name


def _author(values: Mapping[str, Any]) -> Author:
    key, handle = (one_line(text_of(values.get(name))) for name in ("author_id", "author_handle"))
    if not key and not handle:
        raise ValueError("author: neither an id nor a handle")
    if len(f"{key}{handle}".encode()) > LONGEST_ADDRESS:
        raise ValueError("author: an id or a handle of that length is none")
    return Author(
        key=key or author_key(handle),
        handle=handle or key,
        name=one_line(text_of(values.get("author_name"))),
        url=web_address(values.get("author_url")),
        is_bot=values.get("author_is_bot") is True,
    )


def _hashtags(value: Any, text: str) -> tuple[Hashtag, ...]:
    """The tags as the file shows them, in normal form unless somebody changed it; without that column, the text's."""
    if value is None:
        return find_hashtags(text)
    found: dict[str, Hashtag] = {}
    for name in _texts(value):
        if tag := hashtag_from(name):
            found.setdefault(tag.normal, tag)
    return tuple(found.values())


def _media(values: Mapping[str, Any]) -> tuple[Media, ...]:
    urls = _texts(values.get("media_urls"))
    types, alt_texts = (_texts(values.get(name)) for name in _BESIDE_MEDIA)
    media = []
    for place, address in enumerate(urls):
        if url := web_address(address):
            kind, alt_text = (plain_text(beside[place]) if place < len(beside) else "" for beside in (types, alt_texts))
            media.append(Media(url=url, type=kind if kind in _MEDIA_TYPES else "unknown", alt_text=alt_text or None))
    return tuple(media)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(name for text in _texts(value) if (name := one_line(text)))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(text_of, value)) if isinstance(value, (list, tuple)) else ()


CSV = Format(name="csv", title="the collector's own CSV", recognises=_recognises_csv, read=_read_csv)
JSON_LINES = Format(
    name="jsonl", title="the collector's own JSON Lines", recognises=_recognises_json_lines, read=_read_json_lines
)
