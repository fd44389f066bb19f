"""Posts from Bluesky, by the network's search, asked through the server of an account with an app password.

Each page goes: ask → learn what the authors say of themselves → read each post. The session stands in
`session`, where a walk stands in `paging`, reading in `records`. Maintainers ask that the
search be used with restraint: a round asks for no more than it must.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from collector.config.kinds import SourceForm, Watching
from collector.errors import Condition, SourceError
from collector.model import Evidence, Found, Page, Rejection, WatchKey
from collector.sources.answers import Answer, json_object
from collector.sources.bluesky.errors import API, error_name, is_stale
from collector.sources.bluesky.paging import FULL_PAGE, Place, next_place, place_at, place_below, until_text
from collector.sources.bluesky.records import read_view
from collector.sources.protocol import Look, LookedUp, Probe, Setup, Source
from collector.text.bluesky import PostAddress, is_did, known_post, post_behind
from collector.text.values import object_of, text_of, web_address

_LISTED = 25  # posts: the most that the server takes
WORDS = "#words"  # the part of a watch that asks for the word, where others ask for the hashtag


class BlueskySource(Source):
    """One account's view of the network. Asks one thing at a time, whatever number of threads use it."""

    form: ClassVar[SourceForm] = SourceForm(
        accepts=frozenset({"username", "password"}),
        needs=frozenset({"username", "password"}),
        collects={"hashtag": (Watching(),), "words": (Watching(), Watching(part=WORDS))},
    )
    enough_older: ClassVar[int] = 1_000  # a back-dated post sorts into the past, far behind the newest

    def __init__(self, setup: Setup) -> None:
        from collector.sources.bluesky.profiles import Profiles  # both bring httpx
        from collector.sources.bluesky.session import BlueskySession

        super().__init__(setup)
        self._session = BlueskySession(setup)
        self._profiles = Profiles(self._session)
        self._lock = threading.Lock()

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        """Gives one page of the search for a hashtag, by when posts were written or, if that is earlier, indexed."""
        limit = min(look.limit or FULL_PAGE, FULL_PAGE)
        with self._lock:
            place, answer = self._searched(_asked(key), place_at(look.cursor), limit)
            told = json_object(answer, API)
            posts = _list(answer, told, "posts")
            profiles = self._profiles.of_authors(posts, self._now())
        read = [read_view(post, _profile(profiles, post)) for post in posts]
        after = next_place(place, posts, text_of(told.get("cursor")), limit)
        is_all = after is None and not look.cursor
        return Page(
            found=tuple(item for item in read if isinstance(item, Found)),
            rejections=tuple(item for item in read if isinstance(item, Rejection)),
            next_cursor=after.written() if after else None,
            condition=Condition.NO_POSTS if is_all and not posts else Condition.OK,
        )

    @property
    def looks_up(self) -> int:
        """As many as one request takes."""
        return _LISTED

    def look_up(
        self,
        key: WatchKey,  # noqa: ARG002
        native_ids: Sequence[str],
        of_shown: Collection[str] = (),  # noqa: ARG002
    ) -> LookedUp:
        """Asks for posts by their addresses, and why those are missing that are not shown."""
        from collector.sources.bluesky.gone import why_missing

        known = [uri for uri in dict.fromkeys(native_ids) if known_post(uri)]
        shown: list[Found] = []
        missing: dict[str, Evidence] = {}
        error: SourceError | None = None
        with self._lock:
            try:
                for start in range(0, len(known), _LISTED):
                    asked = known[start : start + _LISTED]
                    views = self._posts(asked)
                    shown += self._read(views)
                    listed = {text_of(object_of(view).get("uri")) for view in views}
                    for uri, evidence in why_missing(self._session, [uri for uri in asked if uri not in listed]):
                        missing[uri] = evidence
            except SourceError as caught:
                error = caught
        return LookedUp(
            found=tuple(shown),
            gone=frozenset(uri for uri, evidence in missing.items() if evidence is Evidence.GONE),
            away=frozenset(uri for uri, evidence in missing.items() if evidence is Evidence.AWAY),
            error=error,
        )

    def is_home_of(self, url: str) -> bool:
        """Every post of the network, by its address for people or its at:// address."""
        return post_behind(url) is not None

    def fetch_post(self, url: str) -> Found:
        """Gives the post at this address, whoever's handle or DID stands in it."""
        address = post_behind(url)
        if address is None:
            raise SourceError(Condition.NO_SUCH_API, f"{url} is not the address of a post on Bluesky")
        with self._lock:
            uri = PostAddress(self._did_of(address.actor), address.rkey).uri
            posts = self._posts([uri])
            profiles = self._profiles.of_authors(posts, self._now())
        if not posts:
            raise SourceError(Condition.NO_POSTS, f"{self._host} shows no post at {url}")
        read = read_view(posts[0], _profile(profiles, posts[0]))
        if isinstance(read, Rejection):
            raise SourceError(Condition.UNREADABLE, f"the post at {url} cannot be read: {read.reason}")
        return read

    def probe(self, key: WatchKey) -> Probe:
        """Logs in, asks for a single post, and for what the servers say of themselves."""
        condition, message = self._tried(key)
        is_there = condition not in {Condition.REFUSED_ADDRESS, Condition.UNREACHABLE}
        with self._lock:
            server = self._open(self.setup.address, "com.atproto.server.describeServer") if is_there else {}
            health = self._open(self._session.pds, "_health") if is_there else {}
        return Probe(
            address=self.setup.address,
            condition=condition,
            message=message,
            version=text_of(health.get("version")),
            rules_url=web_address(object_of(server.get("links")).get("termsOfService")),
        )

    @classmethod
    def read_kept(
        cls,
        raw: Mapping[str, Any],
        key: WatchKey,  # noqa: ARG003
        account_domain: str | None,  # noqa: ARG003
    ) -> Found | Rejection | None:
        """Reads a view that was kept."""
        return read_view(dict(raw))

    def close(self) -> None:
        """Gives back its connections."""
        self._session.close()

    @property
    def _host(self) -> str:
        return urlsplit(self._session.pds).netloc

    def _now(self) -> datetime:
        return self.setup.now()

    def _searched(self, asked: str, place: Place, limit: int) -> tuple[Place, Answer]:
        """Asks for a page; where the server no longer takes its own cursor, for the posts below by their time."""
        answer = self._search(asked, place, limit)
        below = place_below(place) if place.cursor and _refuses_cursor(answer, place) else None
        if below is not None:
            place, answer = below, self._search(asked, below, limit)
        self._session.judge(answer)
        return place, answer

    def _search(self, asked: str, place: Place, limit: int) -> Answer:
        """By `q`: the parameter `tag` does nothing on the public network."""
        params = [("q", asked), ("sort", "latest"), ("limit", str(limit))]
        if place.until is not None:
            params.append(("until", until_text(place.until)))
        if place.cursor:
            params.append(("cursor", place.cursor))
        return self._session.get("app.bsky.feed.searchPosts", params)

    def _posts(self, uris: Sequence[str]) -> list[Any]:
        answer = self._session.get("app.bsky.feed.getPosts", [("uris", uri) for uri in uris])
        self._session.judge(answer)
        return _list(answer, json_object(answer, API), "posts")

    def _read(self, views: Sequence[Any]) -> list[Found]:
        profiles = self._profiles.of_authors(views, self._now())
        read = [read_view(view, _profile(profiles, view)) for view in views]
        return [item for item in read if isinstance(item, Found)]

    def _did_of(self, actor: str) -> str:
        if is_did(actor):
            return actor
        answer = self._session.get("com.atproto.identity.resolveHandle", [("handle", actor)])
        if error_name(answer) in {"HandleNotFound", "InvalidRequest"}:
            raise SourceError(Condition.NO_POSTS, f"nobody on Bluesky is called {actor}", status=answer.status)
        self._session.judge(answer)
        did = text_of(json_object(answer, API).get("did"))
        if not is_did(did):
            raise SourceError(Condition.UNREADABLE, f"{answer.host} does not tell whom {actor} belongs to")
        return did

    def _tried(self, key: WatchKey) -> tuple[Condition, str]:
        try:
            condition = self.fetch_page(key, Look(limit=1)).condition
        except SourceError as error:
            return error.condition, str(error)
        holds = f", and holds no post with #{key.hashtag}" if condition is Condition.NO_POSTS else ""
        return condition, f"{self._host} can be read{holds}"

    def _open(self, address: str, method: str) -> dict[str, Any]:
        """What a server tells everybody; nothing where it does not."""
        try:
            answer = self._session.get_open(address, method)
            return json_object(answer, API) if answer.status == 200 else {}
        except SourceError:
            return {}


def _list(answer: Answer, told: Mapping[str, Any], name: str) -> list[Any]:
    value = told.get(name)
    if not isinstance(value, list):
        raise SourceError(Condition.UNREADABLE, f"{answer.host} answers without {name}", status=answer.status)
    return value


def _asked(key: WatchKey) -> str:
    """The hashtag; or its word, since the search knows as a hashtag only what the author's program marked as one."""
    return key.hashtag if key.thread.endswith(WORDS) else f"#{key.hashtag}"


def _profile(profiles: Mapping[str, Mapping[str, str]], post: Any) -> Mapping[str, str] | None:
    return profiles.get(text_of(object_of(object_of(post).get("author")).get("did")))


def _refuses_cursor(answer: Answer, place: Place) -> bool:
    """A cursor that is kept over night may be of another index by then; past the bound, servers fail in all ways."""
    if is_stale(answer):
        return False
    return answer.status == 400 or (place.is_deep and answer.status >= 500)
