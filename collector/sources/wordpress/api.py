"""What is asked of a blog: its pages, its REST API, its feeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.errors import Condition, SourceError
from collector.sources.answers import Answer, failure
from collector.sources.protocol import Setup
from collector.sources.web import WebClient
from collector.sources.wordpress.addresses import route_address
from collector.sources.wordpress.answers import API, Listing, read_listing, read_object
from collector.sources.wordpress.signs import MISSING, PageSigns, read_signs

_PAGE = {"Accept": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"}
_FEED = {"Accept": "application/rss+xml, application/atom+xml;q=0.9, */*;q=0.5"}


class WordPressApi:
    """One question at a time: whoever shares it between threads holds a lock."""

    def __init__(self, setup: Setup) -> None:
        self._now = setup.now
        self._web = WebClient.of(setup)

    def page(self, url: str) -> PageSigns:
        """What a page says of itself, also the one that a blog shows where there is none; else SourceError."""
        answer = self._web.get(url, _PAGE)
        if answer.status in MISSING:
            return read_signs(answer)
        if answer.status in {401, 403}:
            message = f"{answer.host} refuses to show the page at {url} (HTTP {answer.status})"
            raise SourceError(Condition.FEED_DISABLED, message, status=answer.status)
        self._judge(answer)
        return read_signs(answer)

    def listing(self, namespace: str, route: str, asked: Mapping[str, str]) -> Listing:
        """The first page of a route; ClosedError where the API is closed."""
        return self.listing_at(route_address(namespace, route, asked))

    def listing_at(self, address: str) -> Listing:
        """A further page, by the address that the page before told."""
        return read_listing(self._web.get(address), self._now())

    def answer(self, namespace: str, route: str, asked: Mapping[str, str]) -> Answer:
        """One route's answer, whatever it is."""
        return self._web.get(route_address(namespace, route, asked))

    def thing(self, answer: Answer) -> dict[str, Any]:
        """The single comment or post in an answer; ClosedError as above."""
        return read_object(answer, self._now())

    def feed(self, url: str) -> Answer | None:
        """What may be a feed; None where there is none. SourceError where the blog is out of order."""
        answer = self._web.get(url, _FEED)
        if answer.status in {400, 401, 403, 404, 405, 406, 410}:
            return None
        self._judge(answer)
        return answer

    def close(self) -> None:
        """Gives back its connections."""
        self._web.close()

    def _judge(self, answer: Answer) -> None:
        error = failure(answer, token=None, now=self._now(), api=API)
        if error is not None:
            raise error
