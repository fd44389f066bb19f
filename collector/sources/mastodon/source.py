"""Posts from any server that speaks the Mastodon API.

Each page goes: ask → judge the answer → learn what the server says of itself → read each status. Asking stands in
`api`; the rest is pure and stands in `answers`, `instance` and `pages`.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit

from collector.config.kinds import SourceForm
from collector.errors import Condition, SourceError
from collector.model import Found, Page, Rejection, WatchKey
from collector.sources.answers import Answer, failure, is_unused_tag, json_list, json_object
from collector.sources.mastodon.instance import (
    Half,
    Instance,
    feed_condition,
    half_to_ask,
    needs_token,
    recall_instance,
)
from collector.sources.mastodon.lookups import Lookups, Questions
from collector.sources.mastodon.pages import read_page, read_status
from collector.sources.mastodon.permalinks import status_id
from collector.sources.protocol import Look, LookedUp, Probe, Setup, Source
from collector.text.values import id_of, instant_of, object_of

_FULL_PAGE = 40  # the most that Mastodon gives
_AND = " "  # between the two ids of a cursor: no id holds one
_INSTANCE_HOLDS = timedelta(hours=24)
_INSTANCE_RETRY = timedelta(hours=1)

_SAYS = {
    Condition.OK: "{host} can be read",
    Condition.NO_POSTS: "{host} can be read, and holds no post with #{hashtag}",
    Condition.NEVER_USED: "{host} can be read, and #{hashtag} was never used there",
    Condition.HALF_FEED: "{host} hides the posts of {hidden} from us",
    Condition.NEEDS_TOKEN: "{host} shows hashtags to its members only: give the source a token",
    Condition.FEED_DISABLED: "{host} has switched its hashtag timelines off",
}
_MEMBERS = {Half.LOCAL: "its own members", Half.REMOTE: "other servers' members"}


class MastodonSource(Source):
    """One server. Asks one thing at a time, whatever number of threads use it."""

    form: ClassVar[SourceForm] = SourceForm(accepts=frozenset({"token"}))
    walks_authors: ClassVar[bool] = True

    def __init__(self, setup: Setup) -> None:
        from collector.sources.mastodon.api import MastodonApi  # Mastodon.py takes a third of a second to import

        super().__init__(setup)
        self._setup = setup
        self._host = urlsplit(setup.address).netloc
        self._has_token = setup.token is not None
        self._api = MastodonApi(setup)
        self._lock = threading.Lock()
        self._instance = Instance()
        self._instance_until: datetime | None = None
        questions = Questions(listed=self._api.statuses, single=self._api.status, judge=self._judge)
        self._lookups = Lookups(questions, setup.address, setup.now)

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        """Gives one page of a hashtag's timeline; the cursor is the last id of the page before."""
        with self._lock:
            return self._page(key.hashtag, look.cursor, look.limit or _FULL_PAGE)

    def fetch_by_author(self, key: WatchKey, handle: str, cursor: str | None) -> Page:
        """Gives one page of an author's own timeline. The cursor holds the account's id here, and the last post's."""
        with self._lock:
            account_id, _, max_id = (cursor or "").partition(_AND)
            account_id = account_id or self._account_id(handle)
            if not account_id:
                return Page(found=())
            answer = self._api.statuses_of(account_id, key.hashtag, max_id or None, _FULL_PAGE)
            if answer.status in {404, 410}:
                return Page(found=())
            self._judge(answer)
            statuses, domain = json_list(answer), self._known_instance().account_domain
            read = read_page(statuses, address=self._setup.address, account_domain=domain)
        following = f"{account_id}{_AND}{read.last_id}" if read.last_id else None
        return Page(found=read.found, rejections=read.rejections, next_cursor=following, account_domain=domain)

    @property
    def looks_up(self) -> int:
        """Twenty, or one at a time where the server knows no better."""
        return self._lookups.at_once

    def look_up(
        self,
        key: WatchKey,
        native_ids: Sequence[str],
        of_shown: Collection[str] = (),
    ) -> LookedUp:
        """Asks about posts by their ids here."""
        with self._lock:
            domain = self._known_instance().account_domain
            newest = partial(self._newest_id, key.hashtag)
            return self._lookups.look_up(native_ids, domain, newest, frozenset(of_shown))

    def may_know(self, url: str) -> bool:
        """Its own posts, and with a token those of others, which it looks up."""
        return super().may_know(url) or self._has_token

    @classmethod
    def read_kept(cls, raw: Mapping[str, Any], key: WatchKey, account_domain: str | None) -> Found | Rejection | None:
        """Reads a status that was kept."""
        return read_status(raw, address=key.address, account_domain=account_domain)

    def fetch_post(self, url: str) -> Found:
        """Gives the public post at this address: by its id here, else, with a token, looked up by the server."""
        with self._lock:
            raw = self._status_at(url)
            instance = self._known_instance()
        read = read_status(raw, address=self._setup.address, account_domain=instance.account_domain)
        if isinstance(read, Rejection):
            raise SourceError(Condition.UNREADABLE, f"the post at {url} cannot be read: {read.reason}")
        if read is None:
            raise SourceError(Condition.NO_POSTS, f"what is at {url} is not a public post")
        return read

    def probe(self, key: WatchKey) -> Probe:
        """Asks for a single post, and for what the server says of itself."""
        with self._lock:
            condition, message = self._tried(key.hashtag)
            is_there = condition not in {Condition.REFUSED_ADDRESS, Condition.UNREACHABLE}
            instance = self._known_instance() if is_there else Instance()
        return Probe(
            address=self._setup.address,
            condition=condition,
            message=message,
            needs_token=needs_token(instance, condition, has_token=self._has_token),
            title=instance.title,
            version=instance.version,
            rules_url=instance.rules_url,
        )

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Takes over the server's description, unless a newer one is known."""
        with self._lock:
            until = instant_of(memory.get("until"))
            instance = recall_instance(object_of(memory.get("instance")))
            if until is not None and instance is not None and self._instance_until is None:
                self._instance, self._instance_until = instance, until
            self._lookups.recall(instant_of(memory.get("single_until")))

    def memory(self) -> dict[str, Any]:
        """The server's description, whether it can list posts, and until when that goes."""
        with self._lock:
            until, single_until = self._instance_until, self._lookups.single_until
            return {
                "instance": asdict(self._instance),
                "until": until.isoformat() if until else None,
                "single_until": single_until.isoformat() if single_until else None,
            }

    def close(self) -> None:
        """Gives back its connections."""
        self._api.close()

    def _page(self, hashtag: str, cursor: str | None, limit: int) -> Page:
        answer = self._timeline(hashtag, cursor, limit)
        if is_unused_tag(answer):
            return Page(found=(), condition=Condition.NEVER_USED)
        self._judge(answer)
        statuses = json_list(answer)
        instance = self._known_instance()
        read = read_page(statuses, address=self._setup.address, account_domain=instance.account_domain)
        condition = self._page_condition(is_empty=not statuses and cursor is None)
        return Page(
            found=read.found,
            rejections=read.rejections,
            next_cursor=read.last_id,
            condition=condition,
            message=self._says(condition) if condition is Condition.HALF_FEED else "",
            account_domain=instance.account_domain if instance.account_domain != self._host else None,
        )

    def _newest_id(self, hashtag: str) -> str | None:
        """The id of the newest post that the timeline shows now; None where it shows none."""
        answer = self._timeline(hashtag, None, 1) if hashtag else None
        if answer is None or is_unused_tag(answer):
            return None
        self._judge(answer)
        return read_page(json_list(answer), address=self._setup.address, account_domain=None).last_id

    def _timeline(self, hashtag: str, cursor: str | None, limit: int) -> Answer:
        """Asks for the whole, or, where that is refused to us and one half is public, for that half."""
        half = half_to_ask(self._instance, has_token=self._has_token)
        answer = self._api.tag_timeline(hashtag, cursor, limit, half)
        error = self._failure(answer)
        if half is not None or error is None or error.condition is not Condition.NEEDS_TOKEN:
            return answer
        instance = self._known_instance()
        half = half_to_ask(instance, has_token=self._has_token)
        if half is not None:
            return self._api.tag_timeline(hashtag, cursor, limit, half)
        if feed_condition(instance, has_token=self._has_token) is Condition.FEED_DISABLED:
            raise self._closed(Condition.FEED_DISABLED)
        return answer

    def _page_condition(self, *, is_empty: bool) -> Condition:
        """An empty first page is "no posts" only where the server does not say that the timeline is closed to us."""
        condition = feed_condition(self._instance, has_token=self._has_token)
        if condition is Condition.HALF_FEED:
            return condition
        if is_empty and condition.is_failure:
            raise self._closed(condition)
        return Condition.NO_POSTS if is_empty else Condition.OK

    def _account_id(self, handle: str) -> str:
        """The id that this server knows an account by; nothing for one it does not know."""
        answer = self._api.account(handle)
        if answer.status in {404, 410, 422}:
            return ""
        self._judge(answer)
        return id_of(json_object(answer).get("id"))

    def _status_at(self, url: str) -> dict[str, Any]:
        native_id = status_id(url, self._setup.address)
        if native_id is None:
            return self._looked_up(url)
        answer = self._api.status(native_id)
        if answer.status in {404, 410} and not answer.is_web_page:
            raise SourceError(Condition.NO_POSTS, f"{self._host} shows no post at {url}", status=answer.status)
        self._judge(answer)
        return json_object(answer)

    def _looked_up(self, url: str) -> dict[str, Any]:
        if not self._has_token:
            message = f"{url} is no post of {self._host}: looking it up from there needs a token"
            raise SourceError(Condition.NEEDS_TOKEN, message)
        answer = self._api.search(url)
        self._judge(answer)
        statuses = json_object(answer).get("statuses")
        if isinstance(statuses, list) and statuses and isinstance(statuses[0], dict):
            return statuses[0]
        raise SourceError(Condition.NO_POSTS, f"{self._host} finds no post at {url}")

    def _tried(self, hashtag: str) -> tuple[Condition, str]:
        try:
            condition = self._page(hashtag, None, 1).condition
        except SourceError as error:
            return error.condition, str(error)
        return condition, self._says(condition, hashtag)

    def _known_instance(self) -> Instance:
        """What the server last said of itself, asked for again once a day."""
        now = self._setup.now()
        if self._instance_until is None or now >= self._instance_until:
            instance = self._api.instance()
            self._instance = instance or self._instance
            self._instance_until = now + (_INSTANCE_HOLDS if instance else _INSTANCE_RETRY)
        return self._instance

    def _failure(self, answer: Answer) -> SourceError | None:
        return failure(answer, token=self._setup.token, now=self._setup.now())

    def _judge(self, answer: Answer) -> None:
        error = self._failure(answer)
        if error is not None:
            raise error

    def _closed(self, condition: Condition) -> SourceError:
        return SourceError(condition, self._says(condition))

    def _says(self, condition: Condition, hashtag: str = "") -> str:
        hidden = self._instance.closed_halves(has_token=self._has_token)
        members = " and ".join(_MEMBERS[half] for half in Half if half in hidden)
        return _SAYS[condition].format(host=self._host, hashtag=hashtag, hidden=members)
