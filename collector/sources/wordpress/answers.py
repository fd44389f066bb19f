"""What the answers of WordPress's REST API mean. Pure.

A blog that keeps its API to itself, or has none, is told apart from one that is out of order: only the first is asked
in another way.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.errors import Condition, SourceError
from collector.sources.answers import Answer, failure, json_list, json_object
from collector.sources.wordpress.addresses import with_page_of
from collector.sources.wordpress.signs import links_of
from collector.text.addresses import same_host
from collector.text.cleaning import one_line
from collector.text.values import text_of

API = "WordPress API"

_LOCKED_POST = "rest_cannot_read_post"  # comments of a post behind a password, of a private or a trashed one
_PAST_THE_END = "rest_post_invalid_page_number"  # a list that became shorter during a walk; comments give an empty page
_COUNT = re.compile(r"[0-9]{1,15}")
_HIDDEN = frozenset({"rest_cannot_read", "rest_forbidden", _LOCKED_POST})  # pending, trashed, spam, draft, private
_NEVER_THERE = frozenset({"rest_comment_invalid_id", "rest_post_invalid_id"})


class ClosedError(SourceError):
    """The API is switched off, kept to members, or not there: the blog may be readable in another way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One page of a route that lists things."""

    items: list[Any]
    next: str | None  # the address of the next page, if there is one
    total: int | None  # things on all pages, by the blog's own word
    is_cut: bool = False  # there is a next page, and no telling where


def read_listing(answer: Answer, now: datetime) -> Listing:
    """Reads a page of a list; SourceError where it is anything else.

    A short page, even an empty one, is not the last: what is not public is taken out after paging.
    """
    if answer.status == 400 and error_code(answer) == _PAST_THE_END:
        return Listing(items=[], next=None, total=None)
    judge(answer, now)
    items = json_list(answer, API)
    told = next((link.target for link in links_of(answer.headers.get("link", "")) if link.rel == "next"), None)
    total = answer.headers.get("x-wp-total", "")
    follows = _following(answer, told) if told is not None else None
    return Listing(
        items=items,
        next=follows,
        total=int(total) if _COUNT.fullmatch(total) else None,
        is_cut=told is not None and follows is None,
    )


def read_object(answer: Answer, now: datetime) -> dict[str, Any]:
    """Reads a single thing; SourceError where it is anything else."""
    judge(answer, now)
    return json_object(answer, API)


def judge(answer: Answer, now: datetime) -> None:
    """Raises ClosedError where the API is closed, another SourceError for any other failure."""
    if answer.status in {401, 403} and error_code(answer) == _LOCKED_POST:
        message = f"{answer.host} does not show this post to everyone: it is private, behind a password or in the trash"
        raise SourceError(Condition.FEED_DISABLED, message, status=answer.status)
    if answer.status in {401, 403}:
        raise ClosedError(Condition.FEED_DISABLED, f"{answer.host} {_closed(answer)}", status=answer.status)
    if answer.status in {404, 405, 410} or (200 <= answer.status < 300 and answer.is_web_page):
        raise ClosedError(Condition.NO_SUCH_API, f"{answer.host} has no {API}", status=answer.status)
    error = failure(answer, token=None, now=now, api=API)
    if error is not None:
        raise error


def error_code(answer: Answer) -> str:
    """WordPress's own name for what went wrong, such as "rest_no_route"; empty where it gives none."""
    if answer.is_web_page:
        return ""
    try:
        told = json.loads(answer.body[:65_536])
    except (ValueError, RecursionError):
        return ""
    return one_line(text_of(told.get("code")))[:80] if isinstance(told, dict) else ""


def is_surely_gone(answer: Answer) -> bool:
    """True where the blog says that this one thing is not public, or not there: a closed API says neither."""
    code = error_code(answer)
    if answer.status in {401, 403}:
        return code in {"rest_cannot_read", "rest_forbidden"}
    return answer.status in {404, 410} and code in _NEVER_THERE


def is_hidden(answer: Answer) -> bool:
    """True where one thing is not shown, while the API as a whole is open."""
    return error_code(answer) in _HIDDEN | _NEVER_THERE


def _closed(answer: Answer) -> str:
    code = error_code(answer)
    return f'shows its {API} to members only (it says "{code}")' if code else f"refuses to show its {API}"


def _following(answer: Answer, told: str) -> str | None:
    """The next page's address as the blog tells it, as long as that is on the same host; else made from our own."""
    if same_host(told, answer.asked_url):
        return told
    return with_page_of(answer.asked_url, told)
