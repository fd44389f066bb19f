"""Finding one's way at a blog: from the address of any of its pages to its REST API, its post, and its feeds.

What a page says of itself goes before everything; what it leaves out is guessed by how WordPress does things, and the
guesses are tried in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from collector.errors import Condition, SourceError
from collector.sources.wordpress.addresses import (
    feed_owner,
    home_of,
    is_wordpress_com_api,
    namespace_of,
    permalink_of,
    plain_address,
    post_id_in,
    root_of,
    slug_in,
    without_scheme,
)
from collector.sources.wordpress.answers import ClosedError
from collector.sources.wordpress.posts import READABLE
from collector.sources.wordpress.signs import PageSigns
from collector.text.values import host_of, id_of, objects_of

if TYPE_CHECKING:
    from collector.sources.wordpress.api import WordPressApi

PUBLIC_API = "https://public-api.wordpress.com/wp/v2/sites/"  # of WordPress.com, for the blogs it hosts


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where things are at a blog, seen from one of its pages."""

    page: str  # the page's own address, behind redirects
    home: str  # the blog's root, with a last slash
    title: str  # the blog's name; may be empty
    namespaces: tuple[str, ...]  # where its API may be, the likeliest first
    feeds: tuple[str, ...]  # where its comments feed may be, the likeliest first
    is_site: bool  # the page is the blog's home: comments on all posts
    post_id: str | None  # the single post that the page is; None for the whole blog, or where it could not be told
    post_route: str = "posts"
    permalinks: frozenset[str] = frozenset()  # what the page is known by, without the scheme
    closed: ClosedError | None = None  # why it could not be told

    @property
    def host(self) -> str:
        """The blog's host, with its port where it is not the usual one."""
        return urlsplit(self.home).netloc

    def through(self, namespace: str) -> Place:
        """The same place, with the API that has answered."""
        return replace(self, namespaces=(namespace,))


def find_place(api: WordPressApi, url: str) -> Place:
    """Looks at a page, and says where things are; SourceError where it is no post and no blog's home."""
    signs = api.page(url)
    if signs.is_missing and signs.api is None:
        raise _no_page(signs)
    home = _home(signs)
    place = Place(
        page=signs.url,
        home=home,
        title=signs.title,
        namespaces=tuple(dict.fromkeys(_namespaces(signs, home))),
        feeds=(),
        is_site=_is_home(signs, home),
        post_id=None,
    )
    if not place.is_site:
        place = _by_last_name(api, place, signs) if signs.is_missing else _with_post(api, place, signs)
    return replace(place, feeds=tuple(dict.fromkeys(_feeds(place, signs))), permalinks=_permalinks(place, signs))


def _home(signs: PageSigns) -> str:
    """By the API's address, else by the comments feed's: a blog may stand in a folder of its host."""
    homes = [home_of(signs.api)] if signs.api else []
    homes += [feed_owner(feed).removesuffix("comments/") for feed in signs.feeds if _is_comments_feed(feed)]
    host = host_of(signs.url)
    return next((home for home in homes if home and host_of(home) == host), root_of(signs.url) or "")


def _is_comments_feed(feed: str) -> bool:
    return feed_owner(feed).endswith("/comments/") or "feed=comments-" in feed


def _namespaces(signs: PageSigns, home: str) -> Iterator[str]:
    if signs.api and not is_wordpress_com_api(signs.api):
        yield namespace_of(signs.api)
    elif not signs.is_wordpress_com:
        yield namespace_of(f"{home}?rest_route=/")
    if signs.is_wordpress_com:
        yield f"{PUBLIC_API}{urlsplit(home).netloc}/"


def _is_home(signs: PageSigns, home: str) -> bool:
    """The front page, whatever it shows, and the page of newest posts where it is another one."""
    if post_id_in(signs.url):
        return False
    page, _, asked = permalink_of(signs.url).partition("?")
    if without_scheme(page.removesuffix("index.php")) != without_scheme(home):
        return signs.is_list
    return signs.is_front or not asked  # `?cat=3` lists some posts


def _with_post(api: WordPressApi, place: Place, signs: PageSigns) -> Place:
    """Adds which post the page is: by its own word, by its address, or by its name."""
    if signs.is_front:  # shown in place of what is not there any more
        return _by_name(api, place)
    post_id = signs.post_id or post_id_in(signs.url)
    if signs.resource is not None:
        route, number = signs.resource
        if route not in READABLE.values() and number != post_id:  # a page that lists posts
            raise _neither(place)
        return replace(place, post_route=route, post_id=number)
    if post_id is not None:
        return replace(place, post_route="pages" if "page_id=" in signs.url else "posts", post_id=post_id)
    return _by_name(api, place)


def _by_name(api: WordPressApi, place: Place) -> Place:
    """Asks each API that there may be for a post, then for a page, of that name."""
    closed: ClosedError | None = None
    name = slug_in(place.page)
    for namespace in place.namespaces if name else ():
        try:
            for route in ("posts", "pages"):
                found = objects_of(api.listing(namespace, route, {"slug": name, "_fields": "id"}).items)
                if len(found) == 1:
                    return replace(place, post_route=route, post_id=id_of(found[0].get("id")))
        except ClosedError as error:
            closed = closed or error
        else:
            raise _neither(place)
    if closed is None:
        raise _neither(place)
    return replace(place, closed=closed)


def _by_last_name(api: WordPressApi, place: Place, signs: PageSigns) -> Place:
    """A post keeps its name where the blog changed its way to write addresses, and does not know the old ones."""
    try:
        found = _by_name(api, place)
    except SourceError as error:
        raise _no_page(signs) if error.condition is Condition.NO_SUCH_API else error from None
    if found.post_id is None:
        raise _no_page(signs)
    return found


def _no_page(signs: PageSigns) -> SourceError:
    message = f"{urlsplit(signs.url).netloc} has no page at {signs.url} (HTTP {signs.status})"
    return SourceError(Condition.NO_SUCH_API, message, status=signs.status)


def _neither(place: Place) -> SourceError:
    message = f"{place.page} is neither a single post of {place.host} nor its home page, {place.home}"
    return SourceError(Condition.NO_SUCH_API, message)


def _feeds(place: Place, signs: PageSigns) -> Iterator[str]:
    """The comments feeds: those that the page names, then those that WordPress has by custom."""
    if place.is_site:
        yield from filter(_is_comments_feed, signs.feeds)
        yield f"{place.home}comments/feed/"
        yield f"{place.home}?feed=comments-rss2"
        return
    own = without_scheme(permalink_of(place.page))
    for feed in signs.feeds:
        if without_scheme(feed_owner(feed)) == own or (place.post_id and post_id_in(feed) == place.post_id):
            yield feed
    if post_id_in(place.page) is None:
        yield f"{permalink_of(place.page).partition('?')[0].rstrip('/')}/feed/"
    if place.post_id:
        yield f"{place.home}?feed=rss2&p={place.post_id}"


def _permalinks(place: Place, signs: PageSigns) -> frozenset[str]:
    known = [place.page, signs.canonical or ""]
    if place.post_id:
        known += [plain_address(place.home, place.post_id, is_page=is_page) for is_page in (False, True)]
    return frozenset(without_scheme(permalink_of(address)) for address in known if root_of(address))
