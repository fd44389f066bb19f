"""Mastodon's export of an account, a tar.gz or zip with `outbox.json` and `actor.json`, or the outbox alone.

Pleroma's and Akkoma's backups have the same shape. Items are counted from 1, as the outbox lists them. What others
wrote (likes, bookmarks) is not looked at, and the files of media are not taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from collector.archives.json_lists import list_items
from collector.archives.notes import POST_TYPES, addresses, is_for_everybody, normalise_note
from collector.archives.protocol import Entry, Format, Item, PassedOver, Unreadable
from collector.errors import ArchiveError
from collector.text.values import text_of

if TYPE_CHECKING:
    from collector.archives.files import ArchiveFile, Content

_OUTBOX = "outbox.json"
_ACTOR = "actor.json"
_LIST = re.compile(r'"orderedItems"\s*:\s*\[')
_OVERLAP = 1000  # characters of a piece that may hold the beginning of the above
_ACTIVITY = r'\{\s*"(?:@context|id|type)"\s*:\s*"[^"]*"\s*,\s*"(?:id|type)"\s*:\s*"(?:Create|Announce|http)'


def _recognises(file: ArchiveFile) -> bool:
    if file.is_container and file.members(_OUTBOX):
        return True
    beginning = file.beginning.lstrip()
    return beginning.startswith(b"{") and b'"orderedItems"' in beginning and b'"OrderedCollection' in beginning


def _read(file: ArchiveFile) -> Iterator[Item]:
    for outbox, actor in _outboxes(file):
        for number, activity in list_items(outbox.name, _listed(outbox), _ACTIVITY):
            yield activity if isinstance(activity, Unreadable) else _item(activity, number, actor)


def _outboxes(file: ArchiveFile) -> Iterator[tuple[Content, Mapping[str, Any]]]:
    """Each outbox in the file, with the actor that lies beside it."""
    if not file.is_container:
        yield file, {}
        return
    names = file.members(_OUTBOX)
    if not names:
        raise ArchiveError(f"{file.path}: holds no {_OUTBOX}: an export of a Mastodon account has one")
    for name in names:
        beside = name.removesuffix(_OUTBOX) + _ACTOR
        is_there = beside in file.members(_ACTOR)
        yield file.open_member(name), _actor(file.open_member(beside)) if is_there else {}


def _listed(outbox: Content) -> Iterator[str]:
    """The text from the bracket on that opens the list; inside a text the name before it would be escaped."""
    pieces = outbox.pieces()
    held = ""
    for piece in pieces:
        held = held[-_OVERLAP:] + piece
        if match := _LIST.search(held):
            yield held[match.end() - 1 :]
            yield from pieces
            return
    raise ArchiveError(f"{outbox.name}: holds no list of posts: an outbox has its orderedItems")


def _actor(content: Content) -> Mapping[str, Any]:
    """Whose export it is; an actor that cannot be read is told by the addresses of the posts."""
    try:
        actor = json.loads(content.read_text())
    except (ValueError, RecursionError):
        return {}
    return actor if isinstance(actor, dict) else {}


def _item(activity: Any, number: int, actor: Mapping[str, Any]) -> Item:
    if not isinstance(activity, dict):
        return Unreadable(line=number, reason="not an activity")
    if activity.get("type") == "Announce":
        return PassedOver(line=number, reason="a repost")
    note = activity.get("object") if activity.get("type") == "Create" else activity
    if not isinstance(note, dict):
        return Unreadable(line=number, reason="no object")
    if text_of(note.get("type")) not in POST_TYPES:
        return PassedOver(line=number, reason="not a post")
    if not is_for_everybody(note if "to" in note else activity):
        return PassedOver(line=number, reason="not public")
    return _post(activity, note, number, actor)


def _post(activity: Mapping[str, Any], note: Mapping[str, Any], number: int, actor: Mapping[str, Any]) -> Item:
    by = next(iter(addresses(activity.get("actor"))), text_of(actor.get("id")))
    try:
        return Entry(post=normalise_note(note, actor=actor, by=by), line=number)
    except ValueError as error:
        return Unreadable(line=number, reason=str(error))


FORMAT = Format(name="mastodon", title="an export of a Mastodon account", recognises=_recognises, read=_read)
