"""Comments and posts of a blog made with WordPress.

Each page goes: find one's way from the configured page → ask the REST API → read each comment or post. Where the API is
closed, the comments feed shows the newest few. Finding stands in `sites`, asking in `api`; the rest
is pure and stands in the other modules of that name.

WordPress tells of no edit, and a comment that was held back appears at its old date: only a walk over everything finds
both, so that a first and a deep round go to the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from collector.config.kinds import Asks, SourceForm, Watching
from collector.errors import Condition, SourceError
from collector.model import Found, Page, Rejection, WatchKey
from collector.sources.protocol import Look, LookedUp, Probe, Setup, Source
from collector.sources.wordpress.addresses import comment_id_in, permalink_of, route_address, without_scheme
from collector.sources.wordpress.answers import ClosedError, is_hidden
from collector.sources.wordpress.feed import read_comments_feed
from collector.sources.wordpress.gone import AT_ONCE, Told, ask_about
from collector.sources.wordpress.items import read_all, read_raw
from collector.sources.wordpress.pages import (
    LOST,
    POSTS,
    comments_page,
    comments_query,
    feed_page,
    matching_tags,
    posts_page,
    posts_queries,
    tags_query,
)
from collector.sources.wordpress.posts import READABLE
from collector.sources.wordpress.sites import Place, find_place
from collector.sources.wordpress.walks import Spot, merge, read_cursor
from collector.text.addresses import is_web_address, same_host

_PLACE_HOLDS = timedelta(days=1)

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What one look brought."""

    page: Page
    place: Place
    total: int | None = None  # comments, by the blog's own word
    is_feed: bool = False


class WordPressSource(Source):
    """One page of a blog: a post, or all of it. Asks one thing at a time, whatever number of threads use it.

    "Posts" are the blog's own wherever in it the configured page is.
    """

    form: ClassVar[SourceForm] = SourceForm(
        is_page=True,
        collects={
            "comments": (Watching(asks=Asks.EVERYTHING, part=""),),
            "hashtag": (Watching(asks=Asks.SPELLING, part=""), Watching(asks=Asks.SPELLING, part=POSTS)),
            "posts": (Watching(asks=Asks.SPELLING, part=POSTS),),
        },
    )
    reads_all: ClassVar[bool] = True

    def __init__(self, setup: Setup) -> None:
        from collector.sources.wordpress.api import WordPressApi  # httpx takes its time to import

        super().__init__(setup)
        self._api = WordPressApi(setup)
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Place, datetime]] = {}  # by page: with the API that answered, and until when

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        """Gives one page of comments or posts; the cursor is the address that the blog named for the next."""
        with self._lock:
            return self._look(key, look).page

    @property
    def looks_up(self) -> int:
        """As many as its API lists."""
        return AT_ONCE

    def look_up(
        self,
        key: WatchKey,
        native_ids: Sequence[str],
        of_shown: Collection[str] = (),  # noqa: ARG002
    ) -> LookedUp:
        """Asks about comments and posts where the blog's API is open; one that is closed tells nothing."""
        told = Told()
        url = self._page_of(key)
        error: SourceError | None = None
        with self._lock:
            try:
                place = self._known_place(url) or find_place(self._api, url)
                self._through_api(place, lambda _, namespace: ask_about(self._api, namespace, native_ids, told))
            except SourceError as caught:
                error = caught
        return LookedUp(found=read_all(told.shown)[0], gone=frozenset(told.gone), error=error)

    def fetch_post(self, url: str) -> Found:
        """Gives the comment that an address leads to by its fragment, or else the post that stands there."""
        with self._lock:
            place = find_place(self._api, url)
            raw, _ = self._through_api(place, lambda place, namespace: self._single(place, namespace, url))
        read = read_raw(raw)
        if isinstance(read, Rejection):
            raise SourceError(Condition.UNREADABLE, f"what is at {url} cannot be read: {read.reason}")
        if read is None:
            raise SourceError(Condition.NO_POSTS, f"what is at {url} is neither a public post nor a comment")
        return read

    def probe(self, key: WatchKey) -> Probe:
        """Asks for a single comment or post, and tells how many there are."""
        with self._lock:
            try:
                seen = self._look(key, Look(limit=1))
            except SourceError as error:
                return Probe(address=self.setup.address, condition=error.condition, message=str(error))
        return Probe(
            address=self.setup.address,
            condition=seen.page.condition,
            message=_says(seen, key),
            title=seen.place.title,
        )

    @classmethod
    def read_kept(
        cls,
        raw: Mapping[str, Any],
        key: WatchKey,  # noqa: ARG003
        account_domain: str | None,  # noqa: ARG003
    ) -> Found | Rejection | None:
        """Reads a comment or post that was kept, from the API or from a feed."""
        return read_raw(dict(raw))

    def close(self) -> None:
        """Gives back its connections."""
        self._api.close()

    def _page_of(self, key: WatchKey) -> str:
        """The page that is watched; a watch of posts that were added by hand has none."""
        return key.thread.removesuffix(POSTS) or self.setup.url or self.setup.address

    def _look(self, key: WatchKey, look: Look) -> _Seen:
        """Asks where the API last answered; where it does not any more, looks at the page again, and asks anew."""
        url = self._page_of(key)

        def ask(place: Place, namespace: str) -> _Seen:
            return self._ask(place, namespace, key, look)

        known = self._known_place(url)
        if known is not None:
            try:
                return self._through_api(known, ask)[0]
            except ClosedError:
                self._known.pop(url, None)
            except SourceError:
                self._known.pop(url, None)
                raise
        place = find_place(self._api, url)
        try:
            seen, place = self._through_api(place, ask)
        except ClosedError as closed:
            return self._by_feed(place, key, look, closed)
        self._known[url] = (place, self.setup.now() + _PLACE_HOLDS)
        return seen

    def _known_place(self, url: str) -> Place | None:
        place, until = self._known.get(url, (None, self.setup.now()))
        return place if self.setup.now() < until else None

    def _through_api(self, place: Place, ask: Callable[[Place, str], _T]) -> tuple[_T, Place]:
        """Asks wherever the API may be; gives the first answer, and the place with that API alone."""
        closed: ClosedError | None = None
        for namespace in place.namespaces:
            try:
                return ask(place, namespace), place.through(namespace)
            except ClosedError as error:
                closed = closed or error
        raise closed or ClosedError(Condition.NO_SUCH_API, f"{place.host} has no WordPress API")

    def _ask(self, place: Place, namespace: str, key: WatchKey, look: Look) -> _Seen:
        if key.thread.endswith(POSTS):
            return _Seen(page=self._posts(namespace, key, look), place=place)
        post_id = None if place.is_site else place.post_id
        if look.cursor is not None:
            if not same_host(look.cursor, namespace):  # the blog has moved since
                return _Seen(page=LOST, place=place)
            listing = self._api.listing_at(look.cursor)
        elif place.closed is not None:
            raise place.closed
        else:
            listing = self._api.listing(namespace, "comments", comments_query(post_id, key.hashtag, look))
        return _Seen(page=comments_page(listing, look, post_id), place=place, total=listing.total)

    def _posts(self, namespace: str, key: WatchKey, look: Look) -> Page:
        if look.cursor is not None:
            spots = [spot for spot in read_cursor(look.cursor) if same_host(spot.address, namespace)]
        else:
            terms = self._api.listing(namespace, "tags", tags_query(key.hashtag)).items if key.hashtag else []
            queries = posts_queries(key.hashtag, matching_tags(terms, key.hashtag), look)
            spots = [Spot(address=route_address(namespace, "posts", query)) for query in queries]
        if not spots:
            return LOST
        pages = [(spot, self._api.listing_at(spot.address)) for spot in spots]
        items, following = merge(pages)
        return posts_page(items, following, [listing for _, listing in pages], look)

    def _by_feed(self, place: Place, key: WatchKey, look: Look, closed: ClosedError) -> _Seen:
        """The newest comments, where the API is closed; what it said where there is no feed either."""
        if look.cursor is not None:
            return _Seen(page=LOST, place=place)
        if key.thread.endswith(POSTS):
            raise SourceError(closed.condition, f"{closed}: its posts cannot be read", status=closed.status)
        for url in place.feeds:
            answer = self._api.feed(url)
            feed = read_comments_feed(answer.body) if answer is not None else None
            if feed is None:
                continue
            if feed.is_locked and not place.is_site:
                message = f"{place.host} keeps the comments at {place.page} behind a password"
                raise SourceError(Condition.FEED_DISABLED, message, status=closed.status)
            entries = [entry for entry in feed.entries if place.is_site or _is_under(entry, place)]
            return _Seen(page=feed_page(entries, str(closed)), place=place, is_feed=True)
        message = f"{closed}, and no comments feed of {place.page} can be read"
        raise SourceError(closed.condition, message, status=closed.status)

    def _single(self, place: Place, namespace: str, url: str) -> dict[str, Any]:
        comment_id = comment_id_in(url)
        if comment_id is not None:
            answer = self._api.answer(namespace, f"comments/{comment_id}", {"_embed": "up"})
        elif place.closed is not None:
            raise place.closed
        elif place.post_id is not None and place.post_route in READABLE.values():
            route = f"{place.post_route}/{place.post_id}"
            answer = self._api.answer(namespace, route, {"_embed": "author,wp:term"})
        else:
            raise SourceError(Condition.NO_POSTS, f"what is at {url} is no single post of {place.host}")
        if is_hidden(answer):
            raise SourceError(Condition.NO_POSTS, f"{place.host} shows nothing at {url}", status=answer.status)
        return self._api.thing(answer)


def _is_under(entry: Mapping[str, Any], place: Place) -> bool:
    """True for a comment on this place's post: a missing feed can lead to the one of the whole blog."""
    addresses = filter(is_web_address, (entry["link"], entry["guid"]))
    known = (without_scheme(permalink_of(address)) for address in addresses)
    return any(address in place.permalinks for address in known)


def _says(seen: _Seen, key: WatchKey) -> str:
    """One line for a person."""
    host, found = seen.place.host, len(seen.page.found)
    if key.thread.endswith(POSTS):
        return f"{host} shows its posts, and can be asked for #{key.hashtag}"
    if seen.is_feed:
        return f"{host} shows its comments by the comments feed only: the newest {found}"
    count = "none" if seen.page.condition is Condition.NO_POSTS else str(found if seen.total is None else seen.total)
    named = f' with "{key.hashtag}" in them' if key.hashtag else ""
    return f"{host} shows its comments{named}: {count} so far"
