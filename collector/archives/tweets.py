"""What every file of tweets shares: how a tweet is known, who wrote it, and when.

    uri         https://twitter.com/i/web/status/{id}, the same in every format, whatever the account is called today
    author      {numeric id}@twitter.com, else the account's name in lower case; a name that is not known is the number

Ids are text, and never go through a float: the spreadsheets that rounded them are why so many archives are broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from collector.model import Author, Mention
from collector.text.cleaning import one_line
from collector.text.values import HIGHEST_COUNT, count_of, instant_of, language_of, web_address
from collector.text.wishes import wishes_in

NETWORK = "twitter"
HOST = "twitter.com"

_BY_NUMBER = "https://twitter.com/i/user/"  # where an account is found whose name is not known

REPOST = "a repost"
NOT_PUBLIC = "not public"
WITHHELD = "withheld"
NOTICE = "a notice, not a tweet"
ERROR = "an error message, not a tweet"

_ID = re.compile(r"[0-9]{1,20}")
_COUNT = re.compile(r"[0-9]{1,18}")
_USER = re.compile(r"[A-Za-z0-9_]{1,50}")
_STATUS = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:(?P<user>\w{1,50})|i/web)/status(?:es)?/(?P<id>[0-9]{1,20})\b",
    re.ASCII | re.IGNORECASE,
)
_MONTHS = dict(Jan=1, Feb=2, Mar=3, Apr=4, May=5, Jun=6, Jul=7, Aug=8, Sep=9, Oct=10, Nov=11, Dec=12)  # noqa: C408
_FIRST_TELLING_ID = 30_000_000_000  # from November 2010 on an id holds the moment it was given out …
_TELLING_SINCE = datetime(2010, 11, 4, 1, 42, 54, tzinfo=UTC)  # … in milliseconds since then, above 22 other bits
_OLD_LANGUAGES = {"in": "id", "iw": "he", "ji": "yi"}
_NO_LANGUAGE = frozenset(("und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"))  # only links, tags, media, …


def tweet_id(value: Any, name: str = "id") -> str:
    """An id as text; ValueError, naming the field, for what is none: a float has lost its last digits."""
    if type(value) is int and value > 0:
        value = str(value)
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError(f"no {name}" if value in (None, "") else f"{name}: not a whole number")


def id_or_none(value: Any) -> str | None:
    """An id as text, if it is one."""
    if type(value) is int and value > 0:
        return str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def tweet_uri(number: str) -> str:
    """What a tweet is known by."""
    return f"https://twitter.com/i/web/status/{number}"


def tweet_url(author: Author, number: str) -> str:
    """Where a person reads it."""
    place = author.url or _BY_NUMBER
    return tweet_uri(number) if place.startswith(_BY_NUMBER) else f"{place}/status/{number}"


def tweet_at(address: str) -> tuple[str, str] | None:
    """The account's name (perhaps empty) and the id in any address of a tweet; None where it is none."""
    found = _STATUS.match(address)
    return (found["user"] or "", found["id"]) if found else None


def user_name(value: Any) -> str:
    """An account's name without '@'; empty for what can be none."""
    name = value.strip().removeprefix("@") if isinstance(value, str) else ""
    return name if _USER.fullmatch(name) else ""


@lru_cache(maxsize=16_384)
def tweet_author(number: str, user: str, name: str = "", profile: str = "", links: tuple[str, ...] = ()) -> Author:
    """Who wrote a tweet; at least one of the account's number and name has to be known, else ValueError.

    `name` and `profile` are searched for wishes, `links` are the addresses in the profile.
    """
    number, user = number if _ID.fullmatch(number) else "", user_name(user)
    if not number and not user:
        raise ValueError("no author")
    return Author(
        key=f"{number or user.lower()}@{HOST}",
        handle=f"{user or number}@{HOST}",
        name=one_line(name),
        url=f"https://{HOST}/{user}" if user else f"{_BY_NUMBER}{number}",
        wishes=wishes_in((name, profile)),
        links=tuple(dict.fromkeys(address for link in links if (address := web_address(link)))),
    )


def account_author(user: dict[str, Any], name_field: str, number: Any) -> Author:
    """Who a user object of either API tells of; they differ in what they call the account's name."""
    user_text, name, profile = user.get(name_field), user.get("name"), user.get("description")
    entities = user.get("entities")
    return tweet_author(
        id_or_none(number) or "",
        user_text if isinstance(user_text, str) else "",
        name if isinstance(name, str) else "",
        profile if isinstance(profile, str) else "",
        tuple(_profile_links(entities)) if isinstance(entities, dict) and entities else (),
    )


def _profile_links(entities: dict[str, Any]) -> Iterable[str]:
    for part in ("url", "description"):
        held = entities.get(part)
        urls = held.get("urls") if isinstance(held, dict) else None
        for url in urls if isinstance(urls, list) else ():
            if isinstance(url, dict) and isinstance(address := url.get("expanded_url"), str):
                yield address


def sent_at(value: Any, number: str) -> datetime:
    """When a tweet was sent: as written in any of the forms of the two APIs and archives, else what its id tells.

    ValueError where neither does.
    """
    instant = written_instant(value) or told_by_id(number)
    if instant is None:
        raise ValueError("created_at: not an instant")
    return instant


def written_instant(value: Any) -> datetime | None:
    """An instant as "Wed Nov 20 10:01:02 +0000 2013", ISO 8601, or "2013-11-20 10:01:02 +0000"."""
    if not isinstance(value, str):
        return None
    if value[20:26] == "+0000 " and value[3:4] == " " and len(value) == 30:
        try:
            return datetime(
                int(value[26:]),
                _MONTHS[value[4:7]],
                int(value[8:10]),
                int(value[11:13]),
                int(value[14:16]),
                int(value[17:19]),
                tzinfo=UTC,
            )
        except (KeyError, ValueError):
            return None
    return instant_of(value.replace(" +0000", "+00:00") if value.endswith(" +0000") else value)


def told_by_id(number: str) -> datetime | None:
    """The second an id was given out, which ids tell since November 2010."""
    value = int(number)
    if not _FIRST_TELLING_ID <= value < 2**63:
        return None
    instant = _TELLING_SINCE + timedelta(milliseconds=(value >> 22) + 657)
    return instant.replace(microsecond=0)


@lru_cache(maxsize=512)
def tweet_language(code: str) -> str | None:
    """A language's code as everybody writes it; None for Twitter's codes for "nothing but links" and the like."""
    code = code.strip().lower()
    return None if code in _NO_LANGUAGE else language_of(_OLD_LANGUAGES.get(code, code))


def tweet_count(value: Any) -> int:
    """A number of people; accounts' own archives write it as text."""
    if type(value) is int:
        return value if 0 <= value <= HIGHEST_COUNT else count_of(value)
    return count_of(int(value)) if isinstance(value, str) and _COUNT.fullmatch(value) else count_of(value)


@lru_cache(maxsize=16_384)
def mention_of(user: str) -> Mention | None:
    """Somebody a tweet speaks to, by the account's name."""
    user = user_name(user)
    return Mention(handle=f"{user}@{HOST}", url=f"https://{HOST}/{user}") if user else None


def mentions_of(users: Iterable[str]) -> tuple[Mention, ...]:
    """`mention_of` each, as far as they are names of accounts."""
    return tuple(mention for user in users if (mention := mention_of(user)))


def tweet_mention(user: Any) -> Mention | None:
    """`mention_of`, whatever a file holds in place of the name."""
    return mention_of(user) if isinstance(user, str) else None
