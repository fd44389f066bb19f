"""What an answer means: pure functions from status, headers and body to values and SourceErrors.

Written for servers of the Mastodon API as they really answer; another kind of source takes what fits it, and names its
own `api` in messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from collector.errors import Condition, SourceError

MASTODON = "Mastodon API"  # as messages name it
LONGEST_HOLD = timedelta(hours=24)  # whatever a server asks for

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?")
_COUNT = re.compile(r"[0-9]{1,9}")
_FIRST_EPOCH = 1_000_000_000  # a smaller number is seconds from now, not a date in the seventies
_FIRST_MILLISECONDS = 100_000_000_000
_LONGEST_WORDS = 160
_SHORTEST_SECRET = 6  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One whole answer of a server."""

    asked_url: str
    url: str  # where it came from in the end, behind redirects
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes = field(repr=False)

    @property
    def host(self) -> str:
        """The host that was asked, with its port where it is not the usual one."""
        return urlsplit(self.asked_url).netloc

    @property
    def moved_to(self) -> str | None:
        """The other server that answered, if a redirect led there: it was not given the token."""
        asked, got = urlsplit(self.asked_url), urlsplit(self.url)
        return f"{got.scheme}://{got.netloc}" if asked.hostname != got.hostname else None

    @property
    def is_web_page(self) -> bool:
        """True where HTML or XML came, whatever it is declared as: some declare their plain words as HTML."""
        return self.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def failure(answer: Answer, *, token: str | None, now: datetime, api: str = MASTODON) -> SourceError | None:
    """What went wrong by the answer's status, or None for one in the 200s. A token never stands in the message."""
    if 200 <= answer.status < 300:
        return None
    has_token = bool(token) and answer.moved_to is None
    condition = _condition(answer, has_token=has_token)
    message = _MESSAGES[condition].format(
        host=answer.host, status=answer.status, words=_words(answer, token), moved=_moved(answer), api=api
    )
    return SourceError(condition, message, retry_at=_hold(answer, now), status=answer.status)


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a server wants to be asked again: Retry-After, else when its rate limit ends; None where neither is to come.

    Instants are the server's, so its clock's distance from ours, by its Date header, is taken off.
    """
    skew = _skew(headers, now)
    for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
        instant = _instant(headers.get(name, "").strip(), now, skew)
        if instant is not None and instant > now:
            return min(instant, now + LONGEST_HOLD)
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class RateLimit:
    """What a server says of the requests that it still allows."""

    used: float  # from 0 up to 1: all
    reset_at: datetime  # when it begins to count anew


def rate_limit(headers: Mapping[str, str], now: datetime) -> RateLimit | None:
    """The limit that an answer tells, by our clock; None where it tells none, or one that is over."""
    reset_at = _instant(headers.get("x-ratelimit-reset", "").strip(), now, _skew(headers, now))
    allowed, left = (headers.get(f"x-ratelimit-{name}", "").strip() for name in ("limit", "remaining"))
    if reset_at is None or reset_at <= now or not (_COUNT.fullmatch(allowed) and _COUNT.fullmatch(left)):
        return None
    return RateLimit(used=max(0.0, 1 - int(left) / max(1, int(allowed))), reset_at=reset_at)


def is_unused_tag(answer: Answer) -> bool:
    """GoToSocial's way to say that a hashtag was never used there: a 404, which elsewhere means no such route."""
    return answer.status == 404 and "tag was not found" in _error_text(answer)


def json_list(answer: Answer, api: str = MASTODON) -> list[Any]:
    """The answer's JSON list; SourceError where it is anything else."""
    value = _json(answer, api)
    if not isinstance(value, list):
        raise SourceError(
            Condition.UNREADABLE, f"{answer.host} answers with JSON that is no list", status=answer.status
        )
    return value


def json_object(answer: Answer, api: str = MASTODON) -> dict[str, Any]:
    """The answer's JSON object; SourceError where it is anything else."""
    value = _json(answer, api)
    if not isinstance(value, dict):
        raise SourceError(
            Condition.UNREADABLE, f"{answer.host} answers with JSON that is no object", status=answer.status
        )
    return value


_MESSAGES = {
    Condition.NEEDS_TOKEN: "{host} shows this to its members only: give the source a token{moved}",
    Condition.BAD_TOKEN: "{host} refuses the token{words}",
    Condition.RATE_LIMITED: "{host} asks for fewer requests",
    Condition.SERVER_FAULT: "{host} has a fault of its own (HTTP {status})",
    Condition.NO_SUCH_API: "{host} has no {api} (HTTP {status}): not a server of that kind?{moved}",
    Condition.UNREADABLE: "{host} refuses the request (HTTP {status}){words}{moved}",
}


def _condition(answer: Answer, *, has_token: bool) -> Condition:
    status = answer.status
    if status == 429:
        return Condition.RATE_LIMITED
    if status >= 500 or status == 408:
        return Condition.SERVER_FAULT
    if _is_about_membership(answer):
        return Condition.BAD_TOKEN if has_token else Condition.NEEDS_TOKEN
    if status == 400 and has_token and "token" in _error_text(answer):
        return Condition.BAD_TOKEN
    return Condition.NO_SUCH_API if status in {404, 405, 410} else Condition.UNREADABLE


def _is_about_membership(answer: Answer) -> bool:
    """401 always, 403 unless a shield before the server refuses programs with a web page, and older Mastodon's 422."""
    if answer.status == 403:
        return not answer.is_web_page
    return answer.status == 401 or (answer.status == 422 and "authenticated" in _error_text(answer))


def _error_text(answer: Answer) -> str:
    """The server's own explanation in lower case, from JSON or plain text; empty for a web page."""
    return _explanation(answer).lower()


def _explanation(answer: Answer) -> str:
    if answer.is_web_page:
        return ""
    text = answer.body[:4096].decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    error = value.get("error", "") if isinstance(value, dict) else value
    return error if isinstance(error, str) else ""


def _words(answer: Answer, token: str | None) -> str:
    words = _explanation(answer)
    for secret in (token or "", *_asked_with(answer)):
        words = words.replace(secret, "…") if secret else words
    words = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    if len(words) > _LONGEST_WORDS:
        words = words[: _LONGEST_WORDS - 1] + "…"
    return f': it says "{words}"' if words else ""


def _asked_with(answer: Answer) -> list[str]:
    """What stood in the address that was asked: the addresses of some feeds hold a key, and a server may repeat it."""
    values = (value for _, value in parse_qsl(urlsplit(answer.asked_url).query))
    return [value for value in values if len(value) >= _SHORTEST_SECRET]


def _moved(answer: Answer) -> str:
    return (
        f" It redirects to {answer.moved_to}: if that is the server, configure it instead." if answer.moved_to else ""
    )


def _hold(answer: Answer, now: datetime) -> datetime | None:
    """Only who is asking too much, or is out of order, may set a time."""
    return retry_at(answer.headers, now) if answer.status in {429, 503} else None


def _skew(headers: Mapping[str, str], now: datetime) -> timedelta:
    server_now = _http_date(headers.get("date", ""))
    return now - server_now if server_now else timedelta()


def _instant(value: str, now: datetime, skew: timedelta) -> datetime | None:
    value = (
        value.split(",", maxsplit=1)[0] if value[:1].isdigit() else value
    )  # a proxy may double the header: "600, 600"
    if _NUMBER.fullmatch(value):
        return _from_number(float(value), now, skew)
    absolute = _http_date(value) or _iso_date(value)
    try:
        return absolute + skew if absolute else None
    except OverflowError:  # the year 9999
        return None


def _from_number(number: float, now: datetime, skew: timedelta) -> datetime:
    if number < _FIRST_EPOCH:
        return now + timedelta(seconds=min(number, LONGEST_HOLD.total_seconds()))
    if number >= _FIRST_MILLISECONDS:
        number /= 1000
    return datetime.fromtimestamp(min(number, _FIRST_MILLISECONDS), UTC) + skew


def _http_date(value: str) -> datetime | None:
    try:
        return _utc(parsedate_to_datetime(value))
    except ValueError:
        return None


def _iso_date(value: str) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(value.removesuffix(" UTC")))
    except ValueError:
        return None


def _utc(instant: datetime) -> datetime:
    """Aware UTC; without a zone it is taken as that."""
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("no such instant") from None


def _json(answer: Answer, api: str) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        if answer.is_web_page or "html" in answer.headers.get("content-type", ""):
            message = f"{answer.host} answers with a web page: has it no {api}?{_moved(answer)}"
            raise SourceError(Condition.NO_SUCH_API, message, status=answer.status) from error
        message = f"{answer.host} answers with broken JSON"
        raise SourceError(Condition.UNREADABLE, message, status=answer.status) from error
