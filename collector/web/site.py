"""The pages as a WSGI application: request → visit → route → handler → answer, with the same care for all of them.

Nothing here knows who somebody is: there are no cookies and nobody logs in. That is why a forged form has nothing to
ride on: what a signed link may do, only who holds the link can do, and what anybody may do (signing up), another site
gains nothing by having a visitor do it. A GET never changes anything, so that programs that follow links do no harm.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from collector.errors import CollectorError, LinkError
from collector.web.allowances import POSTS
from collector.web.answers import Answer, show
from collector.web.complaining import Complaints
from collector.web.drawing import Head
from collector.web.forwarding import find_client
from collector.web.refusing import Refusal
from collector.web.remembering import Remembered
from collector.web.routing import Route, Table
from collector.web.visiting import Site, Visit
from collector.words import Words

log = logging.getLogger(__name__)

LONGEST_ADDRESS = 2_048  # characters of path and query
LARGEST_FORM = 16_384  # bytes
MOST_FIELDS = 50
MOST_WRITING = 2  # threads that may wait for another program's write; the others go on showing pages …
MOST_SEARCHING = 2  # … as they do while these look for what somebody asks of all posts, which may take seconds
LONGEST_TURN = 1.0  # seconds that somebody waits to be one of them
EVERYWHERE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ONE_YEAR = "max-age=31536000"

StartResponse = Callable[..., Any]


def headers_of(site: Site) -> dict[str, str]:
    """What every answer of these pages carries, a fault's, too."""
    is_https = urlsplit(site.settings.web.base_url or "").scheme == "https"
    return EVERYWHERE | ({"Strict-Transport-Security": _ONE_YEAR} if is_https else {})


class Application:
    """What a server of WSGI calls for each request."""

    def __init__(self, site: Site, routes: Iterable[Route], remembered: Remembered | None = None) -> None:
        self._site = site
        self._remembered = remembered
        self._table = Table(tuple(routes))
        self._proxies = frozenset(site.settings.web.proxies)
        self._writing = threading.BoundedSemaphore(MOST_WRITING)
        self._searching = threading.BoundedSemaphore(MOST_SEARCHING)
        self._prefix = site.pages.base
        self._headers = headers_of(site)
        self._complaints = Complaints()

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """One request answered, whatever it is."""
        request = _Request(dict(environ))
        answer = self._answer(request)
        response = Response(answer.body, status=answer.status, content_type=answer.content_type)
        response.headers.update(self._headers)
        response.headers["Cache-Control"] = "no-store" if answer.is_personal else "no-cache"
        response.headers.update(answer.headers)
        if answer.status == 200 and isinstance(answer.body, bytes) and not answer.is_personal:
            # No Last-Modified beside it: what is taken back makes a page, or a feed, another one but no newer one.
            response.add_etag()
            response.make_conditional(request)
        return response(request.environ, start_response)

    def _answer(self, request: _Request) -> Answer:
        visit = None
        try:
            visit = self._visit(request)
            return self._go(visit, request)
        except Refusal as refusal:
            return self._refuse(visit, refusal)
        except HTTPException as error:  # a form that is too large, is none, or lacks a field
            return self._refuse(visit, Refusal(413 if error.code == 413 else 400))
        except LinkError as error:
            told = "refused_old_link" if error.is_expired else "refused_link"
            return self._refuse(visit, Refusal(410 if error.is_expired else 404, sentence=told))
        except CollectorError as error:  # the database, a disk, or the clock
            self._complaints.note(error, time.monotonic())
            return self._refuse(visit, _not_now(request.method))
        except Exception:
            log.exception("unexpected error while showing a page")
            return self._refuse(visit, Refusal(500))

    def _visit(self, request: _Request) -> Visit:
        site = self._site
        return Visit(
            site=site,
            words=site.words,
            now=site.now(),
            client=find_client(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), self._proxies),
            query=request.args,
            form=MultiDict(),
        )

    def _go(self, visit: Visit, request: _Request) -> Answer:
        if len(request.path) + len(request.query_string) > LONGEST_ADDRESS:
            raise Refusal(414)
        found = self._table.find(request.method, self._own_path(request.path))
        log.debug("asked", extra={"numbers": {"method": request.method, "page": found.shown}})
        if request.method == "POST" and found.route.post:
            if found.route.is_rationed:
                visit.spend(POSTS)
            with _turn(self._writing, request.method):
                return found.route.post(visit.with_form(request.form), found.arguments)
        if found.route.asks & request.args.keys():
            with _turn(self._searching, request.method):
                return found.route.get(visit, found.arguments)
        if self._remembered and found.route.is_shared:
            plain = visit.without_query()  # what networks hang on the links that they pass on makes no page of its own
            return self._remembered.recall(request.path, visit.now, lambda: found.route.get(plain, found.arguments))
        return found.route.get(visit, found.arguments)

    def _own_path(self, path: str) -> str:
        """The path below the base address; a proxy may have cut that off already."""
        if self._prefix and (path == self._prefix or path.startswith(f"{self._prefix}/")):
            return path.removeprefix(self._prefix) or "/"
        return path

    def _refuse(self, visit: Visit | None, refusal: Refusal) -> Answer:
        """A friendly page without details; plain text where not even that can be made, or the clock be read."""
        if visit is None:
            return _NOT_NOW
        try:
            title = visit.words.say(f"{refusal.sentence}_title")
            text = visit.words.say(refusal.sentence, wait=say_wait(visit.words, refusal.seconds))
            answer = show(visit, "refused.html", Head(title=title), status=refusal.status, text=text)
        except Exception:  # or waitress would log the address, and with it somebody's link
            log.exception("unexpected error while showing what went wrong")
            return _NOT_NOW
        return Answer(body=answer.body, status=answer.status, headers=refusal.headers, is_personal=True)


def say_wait(words: Words, seconds: int) -> str:
    """In seconds up to a minute and a half, and then in minutes that are enough."""
    return words.count("seconds", seconds) if seconds <= 90 else words.count("minutes", -(-seconds // 60))


@contextmanager
def _turn(those: threading.BoundedSemaphore, method: str) -> Iterator[None]:
    """For the length of a block one of those who may; Refusal (503) where nobody makes room in time."""
    if not those.acquire(timeout=LONGEST_TURN):
        raise _not_now(method)
    try:
        yield
    finally:
        those.release()


def _not_now(method: str) -> Refusal:
    return Refusal(503, sentence="refused_not_kept" if method == "POST" else "", wait=timedelta(minutes=1))


_NOT_NOW = Answer(body=b"Not now.\n", content_type="text/plain; charset=utf-8", status=503, is_personal=True)


class _Request(Request):
    max_content_length = LARGEST_FORM
    max_form_memory_size = LARGEST_FORM
    max_form_parts = MOST_FIELDS
