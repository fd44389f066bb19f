"""What an error of atproto means: told by its name, for the status says little (an expired token is a 400). Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from collector.errors import Condition, SourceError
from collector.sources.answers import Answer, failure, retry_at
from collector.text.cleaning import one_line
from collector.text.values import object_of, text_of

API = "Bluesky API"

_LONGEST_WORDS = 160
_STALE = {"ExpiredToken", "InvalidToken", "AuthMissing"}
_OF_THE_ACCOUNT = {"AccountTakedown", "AccountDeactivated", "AccountNotFound"}  # no other session helps
_BY_NAME = {
    "AuthenticationRequired": (Condition.BAD_TOKEN, "{host} refuses the app password of {account}{words}"),
    "AuthFactorTokenRequired": (
        Condition.BAD_TOKEN,
        "{host} wants a code by mail for {account}: give the source an app password, not the account's own",
    ),
    "AccountTakedown": (Condition.BAD_TOKEN, "{host} has taken down the account {account} that the source reads with"),
    "AccountDeactivated": (
        Condition.BAD_TOKEN,
        "the account {account} that the source reads with is deactivated at {host}: activate it again",
    ),
    "AccountNotFound": (Condition.BAD_TOKEN, "{host} has no account {account}"),
    "RateLimitExceeded": (Condition.RATE_LIMITED, "{host} asks for fewer requests"),
    "UpstreamFailure": (Condition.SERVER_FAULT, "{host} cannot reach what answers for it (HTTP {status}){words}"),
    "UpstreamTimeout": (Condition.SERVER_FAULT, "{host} cannot reach what answers for it in time (HTTP {status})"),
    "NotEnoughResources": (Condition.SERVER_FAULT, "{host} is overloaded (HTTP {status})"),
    "InternalServerError": (Condition.SERVER_FAULT, "{host} has a fault of its own (HTTP {status}){words}"),
    "MethodNotImplemented": (Condition.NO_SUCH_API, "{host} does not know this part of the Bluesky API"),
}
_BY_CONDITION = {
    Condition.RATE_LIMITED: "{host} asks for fewer requests",
    Condition.BAD_TOKEN: "{host} refuses the account {account}{words}",
    Condition.SERVER_FAULT: "{host} has a fault of its own (HTTP {status}){words}",
    Condition.NO_SUCH_API: "{host} has no Bluesky API (HTTP {status}): not a server of that kind?",
    Condition.UNREADABLE: "{host} refuses the request (HTTP {status}){words}",
}


def error_name(answer: Answer) -> str:
    """The name of the error, as the interface's own description lists them; empty where there is none."""
    return "" if answer.status < 400 else text_of(_error(answer).get("error"))


def is_stale(answer: Answer) -> bool:
    """True where the session is over, or is not believed, and the request itself is not at fault."""
    name = error_name(answer)
    return name in _STALE or (answer.status == 401 and name not in _OF_THE_ACCOUNT)


def bluesky_failure(
    answer: Answer, *, account: str, secrets: Iterable[str], now: datetime, is_log_in: bool = False
) -> SourceError | None:
    """What went wrong, or None for an answer in the 200s. The secrets never stand in the message."""
    if 200 <= answer.status < 300:
        return None
    if answer.is_web_page and answer.status != 401:
        return failure(answer, token=None, now=now, api=API)
    name = error_name(answer)
    if is_stale(answer) and not is_log_in:
        condition, message = Condition.SERVER_FAULT, "{host} does not accept the session that it has given{words}"
    else:
        condition, message = _BY_NAME.get(name) or _by_status(answer.status)
    told = message.format(host=answer.host, account=account, status=answer.status, words=_words(answer, secrets))
    return SourceError(condition, told, retry_at=_hold(answer, condition, now), status=answer.status)


def _by_status(status: int) -> tuple[Condition, str]:
    if status == 429:
        condition = Condition.RATE_LIMITED
    elif status == 401:
        condition = Condition.BAD_TOKEN
    elif status >= 500 or status == 408:
        condition = Condition.SERVER_FAULT
    else:
        condition = Condition.NO_SUCH_API if status in {404, 405, 410} else Condition.UNREADABLE
    return condition, _BY_CONDITION[condition]


def _hold(answer: Answer, condition: Condition, now: datetime) -> datetime | None:
    """Every answer counts down a limit; only one that says to wait may set a time."""
    may_hold = condition is Condition.RATE_LIMITED or answer.status == 503
    return retry_at(answer.headers, now) if may_hold else None


def _words(answer: Answer, secrets: Iterable[str]) -> str:
    words = text_of(_error(answer).get("message"))
    for secret in secrets:
        words = words.replace(secret, "…") if secret else words
    words = one_line(words)
    if len(words) > _LONGEST_WORDS:
        words = words[: _LONGEST_WORDS - 1] + "…"
    return f': it says "{words}"' if words else ""


def _error(answer: Answer) -> dict[str, Any]:
    try:
        return object_of(json.loads(answer.body[:65536]))
    except (ValueError, RecursionError):
        return {}
