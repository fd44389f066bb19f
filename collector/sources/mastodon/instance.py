"""What a server says of itself: its name and version, its rules, and who may read its hashtag timelines.

A wrong or missing answer never costs a page: what is not known is UNKNOWN.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collector.errors import Condition, SourceError
from collector.sources.answers import Answer, json_object
from collector.text.values import object_of

if TYPE_CHECKING:
    from collector.sources.web import WebClient  # it brings httpx

_DOMAIN = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?(:\d{1,5})?")
_LONGEST_TEXT = 200


class Access(StrEnum):
    """Who may read a half of the hashtag timelines (Mastodon 4.5: configuration.timelines_access.hashtag_feeds)."""

    PUBLIC = "public"
    AUTHENTICATED = "authenticated"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


class Half(StrEnum):
    """The posts of the server's own members, and all others."""

    LOCAL = "local"
    REMOTE = "remote"


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """A server's own description, as far as it gave one."""

    title: str = ""
    version: str = ""
    account_domain: str | None = None  # what the handles of its members end in; need not be its host
    rules_url: str | None = None
    local: Access = Access.UNKNOWN
    remote: Access = Access.UNKNOWN

    def closed_halves(self, *, has_token: bool) -> frozenset[Half]:
        """The halves known to be hidden from us."""
        access = {Half.LOCAL: self.local, Half.REMOTE: self.remote}
        hidden = {Access.DISABLED} if has_token else {Access.DISABLED, Access.AUTHENTICATED}
        return frozenset(half for half in Half if access[half] in hidden)


def read_instance(answer: Mapping[str, Any], address: str) -> Instance:
    """Reads `/api/v2/instance`, or the older `/api/v1/instance`; nothing in it has to be there, or right."""
    configuration = object_of(answer.get("configuration"))
    feeds = object_of(object_of(configuration.get("timelines_access")).get("hashtag_feeds"))
    return Instance(
        title=_text(answer.get("title")),
        version=_text(answer.get("version")),
        account_domain=_account_domain(answer),
        rules_url=_web_address(object_of(configuration.get("urls")).get("about")) or f"{address}/about",
        local=_access(feeds.get("local")),
        remote=_access(feeds.get("remote")),
    )


def recall_instance(kept: Mapping[str, Any]) -> Instance | None:
    """A description as `asdict` gives it, kept as JSON; None for anything else."""
    if not kept or not kept.keys() <= {field.name for field in fields(Instance)}:
        return None
    access = {half.value: _access(kept.get(half.value)) for half in Half}
    domain, rules_url = kept.get("account_domain"), kept.get("rules_url")
    return Instance(
        title=_text(kept.get("title")),
        version=_text(kept.get("version")),
        account_domain=domain if isinstance(domain, str) else None,
        rules_url=rules_url if isinstance(rules_url, str) else None,
        **access,
    )


def fetch_instance(web: WebClient, address: str, token: str | None) -> Instance | None:
    """Asks a server for its description; None where it gives none that can be read."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for path in ("/api/v2/instance", "/api/v1/instance"):
        try:
            answer = web.get(address + path, headers)
        except SourceError:
            return None
        if (instance := _read_answer(answer, address)) is not None:
            return instance
    return None


def feed_condition(instance: Instance, *, has_token: bool) -> Condition:
    """How much of a hashtag timeline can be read with what we have, by the server's own word."""
    closed = instance.closed_halves(has_token=has_token)
    if not closed:
        return Condition.OK
    if len(closed) == 1:
        return Condition.HALF_FEED
    is_for_members = Access.AUTHENTICATED in {instance.local, instance.remote}
    return Condition.NEEDS_TOKEN if is_for_members and not has_token else Condition.FEED_DISABLED


def half_to_ask(instance: Instance, *, has_token: bool) -> Half | None:
    """The one half to ask for by name. Without a token Mastodon refuses the whole where one half is not public."""
    closed = instance.closed_halves(has_token=has_token)
    if has_token or len(closed) != 1:
        return None
    return next(half for half in Half if half not in closed)


def needs_token(instance: Instance, condition: Condition, *, has_token: bool) -> bool | None:
    """Whether a token would show, or shows, more than everybody sees; None where that is not known."""
    if condition is Condition.NEEDS_TOKEN:
        return True
    if Access.UNKNOWN not in {instance.local, instance.remote}:
        return Access.AUTHENTICATED in {instance.local, instance.remote}
    return None if has_token or condition.is_failure else False


def _read_answer(answer: Answer, address: str) -> Instance | None:
    if answer.status != 200:
        return None
    try:
        return read_instance(json_object(answer), address)
    except SourceError:
        return None


def _account_domain(answer: Mapping[str, Any]) -> str | None:
    """GoToSocial names it; Mastodon's `domain` (v2) and `uri` (v1) are it; some write `uri` as a whole address."""
    for name in ("account_domain", "domain", "uri"):
        domain = _text(answer.get(name)).lower()
        if "://" in domain:
            domain = urlsplit(domain).netloc
        if _DOMAIN.fullmatch(domain):
            return domain
    return None


def _access(value: object) -> Access:
    try:
        return Access(value) if isinstance(value, str) else Access.UNKNOWN
    except ValueError:
        return Access.UNKNOWN


def _web_address(value: object) -> str | None:
    text = value if isinstance(value, str) else ""
    return text if re.fullmatch(r"https?://[^\s\x00-\x1f]{1,500}", text) else None


def _text(value: object) -> str:
    """One printable line, or nothing."""
    text = value if isinstance(value, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST_TEXT]
