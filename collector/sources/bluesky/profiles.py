"""What authors say of themselves: the view of a post leaves it out, so it is asked for, once a day for each author.

Some ask there not to be collected. A post whose author was never asked for is not given: what is stored of a refusal
would be taken back by it.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from collector.errors import SourceError
from collector.sources.answers import json_object
from collector.sources.bluesky.errors import API
from collector.sources.bluesky.session import BlueskySession
from collector.text.bluesky import is_did
from collector.text.values import object_of, objects_of, text_of

log = logging.getLogger(__name__)

AT_ONCE = 25  # the most that the server takes
KNOWN_AUTHORS = 5_000
_HOLDS = timedelta(hours=24)
_LONGEST = 4_000  # characters; the network allows 256 that people see


class Profiles:
    """The profiles met lately. Where they cannot be asked for again, what was known before goes on."""

    def __init__(self, session: BlueskySession) -> None:
        self._session = session
        self._known: OrderedDict[str, tuple[datetime, dict[str, str]]] = OrderedDict()

    def of_authors(self, posts: Sequence[Any], now: datetime) -> Mapping[str, Mapping[str, str]]:
        """What the authors of these posts say, by DID; SourceError where one can not be asked for the first time."""
        dids = dict.fromkeys(_author_of(post) for post in posts)
        wanted = [did for did in dids if is_did(did) and not self._is_fresh(did, now)]
        try:
            for start in range(0, len(wanted), AT_ONCE):
                self._learn(wanted[start : start + AT_ONCE], now)
        except SourceError as error:
            if any(did not in self._known for did in wanted):
                raise
            log.warning("profiles of authors could not be read again: %s", error)
        told = {did: self._known[did][1] for did in dids if did in self._known}
        self._forget_oldest()
        return told

    def _is_fresh(self, did: str, now: datetime) -> bool:
        return did in self._known and now < self._known[did][0] + _HOLDS

    def _learn(self, dids: Sequence[str], now: datetime) -> None:
        """An account that is left out of the answer goes on as it was known, and is not asked for with every page."""
        answer = self._session.get("app.bsky.actor.getProfiles", [("actors", did) for did in dids])
        self._session.judge(answer)
        views = {text_of(view.get("did")): view for view in objects_of(json_object(answer, API).get("profiles"))}
        for did in dids:
            _, before = self._known.pop(did, (now, {}))
            self._known[did] = (now, _told(views[did]) if did in views else before)

    def _forget_oldest(self) -> None:
        while len(self._known) > KNOWN_AUTHORS:
            self._known.popitem(last=False)


def _author_of(post: Any) -> str:
    return text_of(object_of(object_of(post).get("author")).get("did"))


def _told(view: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: text_of(view.get(name)) for name in ("description", "website")}
    return {name: text[:_LONGEST] for name, text in texts.items() if text}
