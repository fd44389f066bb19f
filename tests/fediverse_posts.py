"""The JSON of the fake servers: statuses, accounts and instance documents, each as complete as a real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fediverse_kinds import Kind, add_hashtags, mark_up

from collector.demo.fediverse import fold_hashtag

Status = dict[str, Any]

_JOINED = "2022-11-06T00:00:00.000Z"


def stamp(at: datetime) -> str:
    """An instant as servers write it: UTC, with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def created_at(status: Status) -> datetime:
    """When a status says it was written."""
    return datetime.fromisoformat(status["created_at"])


def hashtags_of(status: Status) -> set[str]:
    """The hashtags that a status lists, folded."""
    return {fold_hashtag(tag["name"]) for tag in status["tags"]}


def make_account(kind: Kind, server: str, user: str, domain: str) -> dict[str, Any]:
    """The account of user@domain, as it is shown on `server`."""
    url = kind.user_url.format(domain=domain, user=user)
    picture = f"https://{server}/assets/nobody.png"
    account: dict[str, Any] = {
        "id": f"account-of-{user}-{domain}",
        "username": user,
        "acct": f"{user}@{domain}" if kind.full_handles or domain != server else user,
        "url": url,
        "display_name": user.title(),
        "note": "",
        "avatar": picture,
        "avatar_static": picture,
        "header": picture,
        "header_static": picture,
        "locked": False,
        "bot": False,
        "group": False,
        "discoverable": False,
        "created_at": _JOINED,
        "last_status_at": None,
        "statuses_count": 1,
        "followers_count": 0,
        "following_count": 0,
        "emojis": [],
        "fields": [],
    }
    if kind.name == "mastodon":
        account |= {"indexable": False, "uri": f"https://{domain}/users/{user}"}
    return account


def make_content(
    kind: Kind, server: str, domain: str, *, text: str, html: str | None, tags: Sequence[str]
) -> dict[str, Any]:
    """Content, hashtags and mentions of a status that was written on `domain`, as `server` shows it."""
    marked = mark_up(kind, domain, add_hashtags(text, tags))
    hashtags = marked.hashtags if html is None else [fold_hashtag(tag) for tag in tags]
    return {
        "content": marked.content if html is None else html,
        "tags": [{"name": tag, "url": kind.hashtag_url.format(domain=server, tag=tag)} for tag in hashtags],
        "mentions": [_make_mention(kind, server, user, host) for user, host in marked.mentions] if html is None else [],
    }


def make_status(kind: Kind, native_id: str, account: Mapping[str, Any], domain: str, at: datetime) -> Status:
    """A public status without content; some kinds leave fields out."""
    names = {"domain": domain, "user": account["username"], "id": native_id}
    status: Status = {
        "id": native_id,
        "created_at": stamp(at),
        "edited_at": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "uri": kind.post_uri.format(**names),
        "url": kind.post_url.format(**names),
        "account": account,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": None if kind.name == "takahe" else "en",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "pinned": False,
        "reblog": None,
        "media_attachments": [],
        "emojis": [],
        "card": None,
        "poll": None,
    }
    if kind.name != "takahe":
        status["application"] = None
    if kind.name == "mastodon":
        status |= {"quotes_count": 0, "quote": None, "filtered": []}
    return status


def make_documents(kind: Kind, domain: str, feeds: Mapping[str, str]) -> dict[str, Any]:
    """What a server says of itself, under the paths it answers at. `feeds`: who may read which half (Mastodon)."""
    first = {"uri": domain, "title": domain, "version": kind.version, "urls": {}, "stats": {}, "rules": []}
    second = {"domain": domain, "title": domain, "version": kind.version, "configuration": {}, "rules": []}
    if kind.name == "takahe":
        return {"/api/v1/instance": first}
    if kind.name == "gotosocial":
        first["account_domain"] = second["account_domain"] = domain
    else:
        second["configuration"] = {"timelines_access": {"hashtag_feeds": dict(feeds)}}
    return {
        "/api/v1/instance": first,
        "/api/v1/instance/": first,
        "/api/v2/instance": second,
        "/api/v2/instance/": second,
    }


def _make_mention(kind: Kind, server: str, user: str, host: str) -> dict[str, str]:
    account = make_account(kind, server, user, host)
    return {name: account[name] for name in ("id", "username", "url", "acct")}
