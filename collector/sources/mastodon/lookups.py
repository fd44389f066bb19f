"""Posts asked for once more by a server's own ids: twenty at a time where the server can, else one by one.

What a list leaves out is asked for by itself before it counts as gone, unless its author is seen in the timeline:
Mastodon's list passes over silenced authors, and some servers do not know the question and answer it all the same. Nor
does "not found" count where a server says it of everything, of what its timeline shows as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from collector.errors import SourceError
from collector.model import Found
from collector.sources.answers import Answer, json_list, json_object
from collector.sources.mastodon.pages import read_status
from collector.sources.protocol import LookedUp
from collector.text.values import id_of, objects_of

_Told: TypeAlias = dict[str, Any]  # a status by its id; None for one that is not there

AT_ONCE = 20  # the most that Mastodon's list of posts takes
_SINGLE_HOLDS = timedelta(hours=24)  # so long a server counts as one that cannot list; it may be updated meanwhile
_NO_SUCH_LIST = {400, 401, 403, 404, 405, 406, 410, 422, 500, 501}  # single posts may be shown all the same
_HOLDS_GOOD = timedelta(minutes=1)  # so long a server that showed a single post is one that does


@dataclass(frozen=True, slots=True)
class Questions:
    """The two ways to ask, and how an answer that is none is judged."""

    listed: Callable[[Sequence[str]], Answer]
    single: Callable[[str], Answer]
    judge: Callable[[Answer], None]  # raises the SourceError that an answer stands for


class Lookups:
    """What one server tells of single posts, and whether it can list them."""

    def __init__(self, questions: Questions, address: str, now: Callable[[], datetime]) -> None:
        self._questions = questions
        self._address = address
        self._now = now
        self.single_until: datetime | None = None  # until then the server counts as one that cannot list
        self._shown_at: datetime | None = None  # when it last showed a single post
        self._absent: set[str] = set()  # what was asked for by itself and not found: then a list's word is enough

    @property
    def at_once(self) -> int:
        """How many posts one request asks about."""
        return 1 if self.single_until is not None and self._now() < self.single_until else AT_ONCE

    def recall(self, single_until: datetime | None) -> None:
        """Takes over what another process found out."""
        self.single_until = self.single_until or single_until

    def look_up(
        self,
        native_ids: Sequence[str],
        account_domain: str | None,
        newest: Callable[[], str | None],
        of_shown: frozenset[str] = frozenset(),
    ) -> LookedUp:
        """Asks about all of them; an error ends it, and what was told before stays true.

        `newest` gives the id of a post that the timeline shows now, if there is any. `of_shown` are posts of authors
        whom the timeline shows: they are not silenced, and what a list leaves out of theirs is not there.
        """
        told: _Told = {}
        is_believed, error = False, None
        left = list(dict.fromkeys(native_ids))
        try:
            while left:
                asked, left = left[: self.at_once], left[self.at_once :]
                self._ask(asked, told, of_shown | self._absent)
        except SourceError as caught:
            error = caught
        try:
            is_believed = None not in told.values() or self._is_believed(told, newest)
        except SourceError as caught:
            error = error or caught
        read = {
            native_id: read_status(raw, address=self._address, account_domain=account_domain)
            for native_id, raw in told.items()
            if raw is not None
        }
        hidden = {native_id for native_id, item in read.items() if item is None}  # no longer public
        absent = {native_id for native_id, raw in told.items() if raw is None and is_believed}
        self._absent = (self._absent - read.keys()) | absent
        return LookedUp(
            found=tuple(item for item in read.values() if isinstance(item, Found)),
            gone=frozenset(absent | hidden),
            error=error,
        )

    def _is_believed(self, told: _Told, newest: Callable[[], str | None]) -> bool:
        """Whether "not found" counts: not from a server that says it of what its timeline shows."""
        if any(told.values()) or (self._shown_at is not None and self._now() - self._shown_at < _HOLDS_GOOD):
            return True
        native_id = newest()
        return native_id is None or bool(self._single(native_id).get(native_id))

    def _ask(self, native_ids: Sequence[str], told: _Told, is_enough: frozenset[str]) -> None:
        """A list, then each post that it left out by itself; for those in `is_enough` the list's word is enough."""
        listed = self._list(native_ids) if self.at_once > 1 else {}
        if listed:
            told |= dict.fromkeys(is_enough.intersection(native_ids)) | listed
        singles: _Told = {}
        for native_id in native_ids:
            if native_id not in told:
                singles |= self._single(native_id)
                told.update(singles)
        is_no_list = listed is None or (not listed and any(singles.values()))
        if singles and is_no_list and self.at_once > 1:
            self.single_until = self._now() + _SINGLE_HOLDS

    def _list(self, native_ids: Sequence[str]) -> _Told | None:
        """What a list shows; None where the server has no such list."""
        answer = self._questions.listed(native_ids)
        if answer.status in _NO_SUCH_LIST or answer.moved_to is not None:
            return None
        self._questions.judge(answer)
        try:
            statuses = json_list(answer)
        except SourceError:
            return None
        shown = {id_of(raw.get("id")): raw for raw in objects_of(statuses)}
        return {native_id: shown[native_id] for native_id in native_ids if native_id in shown}

    def _single(self, native_id: str) -> _Told:
        """One post; nothing where the answer is neither the post nor a clear no."""
        answer = self._questions.single(native_id)
        if answer.status in {404, 410}:
            is_clear = not answer.is_web_page and answer.moved_to is None
            return {native_id: None} if is_clear else {}
        self._questions.judge(answer)
        raw = json_object(answer)
        if id_of(raw.get("id")) != native_id:
            return {}
        self._shown_at = self._now()
        return {native_id: raw}
