"""What one server holds, in the order of its ids; and for how long each post stood in its hashtag's timeline."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from fediverse_kinds import KINDS, Kind
from fediverse_posts import make_account, make_content, make_status, stamp

from collector.demo.fediverse import id_order
from simulation.truth import TAG, Version, Writing

Place = tuple[int, str]  # where an id stands among the others


def over_http(kind: Kind) -> Kind:
    """The same software without TLS, as on loopback."""
    names = ("post_uri", "post_url", "user_url", "hashtag_url")
    return replace(kind, **{name: getattr(kind, name).replace("https://", "http://") for name in names})


SOFTWARE = {name: over_http(kind) for name, kind in KINDS.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """A server as the posts of it and on it name it."""

    name: str
    software: Kind
    domain: str


@dataclass(kw_only=True, slots=True)
class Held:
    """A post as one server has it."""

    writing: Writing
    version: Version  # the newest wording that reached this server
    native_id: str
    placed_at: datetime  # the instant that its id was made from
    is_local: bool
    tags: frozenset[str] = frozenset()  # the timelines it stands in
    body: bytes = b""  # its JSON


@dataclass(kw_only=True, slots=True)
class Stay:
    """For how long a server showed a post in the timeline of the hashtag, with the hashtag in it."""

    uri: str
    placed_at: datetime
    began: datetime
    ended: datetime | None = None  # None: it still does

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether it lasted from before `start` to after `end`."""
        return self.began <= start and (self.ended is None or self.ended > end)


@dataclass(kw_only=True, slots=True)
class Holdings:
    """The posts of one server. `local` and `remote` say which halves of its timelines it shows."""

    host: Host
    local: bool = True
    remote: bool = True
    shows_unlisted: bool = False  # as no server should
    by_uri: dict[str, Held] = field(default_factory=dict)
    by_id: dict[str, Held] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)
    touched: dict[str, datetime] = field(default_factory=dict)  # when a post last came, changed or went, by uri
    silenced: set[tuple[str, str]] = field(default_factory=set)  # (user, home)
    _order: list[Place] = field(default_factory=list)  # of the timeline, oldest first
    _open: dict[str, Stay] = field(default_factory=dict)  # by uri

    def take(self, held: Held, home: Host, at: datetime) -> None:
        """Holds one more post."""
        self.by_uri[held.writing.uri] = self.by_id[held.native_id] = held
        self.word(held, held.version, home, at)

    def word(self, held: Held, version: Version, home: Host, at: datetime) -> None:
        """Gives a post another wording; some software leaves it in the timelines of hashtags that it lost."""
        kept = held.tags if self.host.software.keeps_untagged else frozenset()
        held.version = version
        held.body = _body(held, self.host, home)
        self._stand(held, kept | frozenset(version.tags), at)

    def silence(self, user: str, home: str, at: datetime) -> None:
        """Leaves an author out of the timelines; the posts stay where a person has their address."""
        self.silenced.add((user, home))
        for held in self.by_uri.values():
            if (held.writing.user, held.writing.home) == (user, home):
                self._stand(held, held.tags, at)

    def drop(self, uri: str, at: datetime) -> None:
        """Holds a post no longer."""
        held = self.by_uri.pop(uri, None)
        if held is not None:
            del self.by_id[held.native_id]
            self._stand(held, frozenset(), at)

    def page(self, highest: str | None, lowest: str | None, limit: int, *, local: bool, remote: bool) -> list[Held]:
        """The newest below `highest` and above `lowest`, of the halves asked for."""
        end = len(self._order) if highest is None else bisect_left(self._order, id_order(highest))
        start = 0 if lowest is None else bisect_right(self._order, id_order(lowest))
        return list(islice(self._shown(range(end - 1, start - 1, -1), local=local, remote=remote), limit))

    def page_above(self, lowest: str, limit: int) -> list[Held]:
        """The page just above an id, newest first."""
        start = bisect_right(self._order, id_order(lowest))
        return list(islice(self._shown(range(start, len(self._order)), local=True, remote=True), limit))[::-1]

    def standing_since(self, horizon: datetime) -> int:
        """How many posts the timeline shows whose ids are not older than this."""
        return sum(stay.placed_at >= horizon for stay in self._open.values())

    def _shown(self, places: range, *, local: bool, remote: bool) -> Iterator[Held]:
        for place in places:
            held = self.by_id[self._order[place][1]]
            if self._is_in_half(held) and (local if held.is_local else remote):
                yield held

    def _is_in_half(self, held: Held) -> bool:
        return self.local if held.is_local else self.remote

    def _stand(self, held: Held, tags: frozenset[str], at: datetime) -> None:
        """Puts a post into the timeline or takes it out, and writes down since and until when it stood there."""
        self.touched[held.writing.uri] = at
        place = id_order(held.native_id)
        was_in = self._is_at(place)
        held.tags = tags
        writing = held.writing
        is_silenced = (writing.user, writing.home) in self.silenced
        is_public = writing.visibility == "public"
        is_in = TAG in tags and not is_silenced and (is_public or self.shows_unlisted)
        if is_in and not was_in:
            insort(self._order, place)
        elif was_in and not is_in:
            del self._order[bisect_left(self._order, place)]
        self._note(held, at, stands=is_in and is_public and TAG in held.version.tags and self._is_in_half(held))

    def _is_at(self, place: Place) -> bool:
        index = bisect_left(self._order, place)
        return index < len(self._order) and self._order[index] == place

    def _note(self, held: Held, at: datetime, *, stands: bool) -> None:
        uri = held.writing.uri
        if stands and uri not in self._open:
            self._open[uri] = Stay(uri=uri, placed_at=held.placed_at, began=at)
            self.stays.append(self._open[uri])
        elif not stands and uri in self._open:
            self._open.pop(uri).ended = at


def _body(held: Held, here: Host, home: Host) -> bytes:
    """The status in the shape of this server's software, with the words and addresses that its home gave it."""
    writing, version = held.writing, held.version
    account = make_account(here.software, here.domain, writing.user, home.domain)
    account["url"] = home.software.user_url.format(domain=home.domain, user=writing.user)
    status: dict[str, Any] = make_status(here.software, held.native_id, account, home.domain, writing.created_at)
    status |= make_content(home.software, here.domain, home.domain, text=version.text, html=None, tags=version.tags)
    status |= {"uri": writing.uri, "url": writing.url, "visibility": writing.visibility}
    status["edited_at"] = stamp(version.edited_at) if version.edited_at else None
    return json.dumps(status, ensure_ascii=False).encode()
