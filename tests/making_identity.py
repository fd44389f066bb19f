"""Makes one person's posts on several networks, and those of others who are called alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from collector.model import Author, Post

MORNING = datetime(2026, 11, 17, 9, 41, tzinfo=UTC)
TEXT = "They renamed the complaints box 'co-creation portal'. It is still a box. #notcoproduction"
_OF_AUTHOR = {
    "name": "name",
    "declares": "links",
    "is_bot": "is_bot",
    "url_of_author": "url",
}  # `declares`: the links in the profile


def toot(text: str = TEXT, handle: str = "carys@fedi.example", number: int = 1, **changes: Any) -> Post:
    """A post on the fediverse."""
    user, _, host = handle.partition("@")
    values = {
        "uri": f"https://{host}/users/{user}/statuses/{number}",
        "url": f"https://{host}/@{user}/{number}",
    }
    author = {"key": handle.lower(), "handle": handle, "url": f"https://{host}/@{user}"}
    return _make("fediverse", text, values, author, changes)


def skeet(text: str = TEXT, handle: str = "carys.bsky.social", number: int = 1, **changes: Any) -> Post:
    """A post on Bluesky; another handle is another account."""
    did = f"did:plc:{handle.replace('.', '')}"
    values = {
        "uri": f"at://{did}/app.bsky.feed.post/{number}",
        "url": f"https://bsky.app/profile/{handle}/post/{number}",
    }
    author = {"key": did, "handle": handle, "url": f"https://bsky.app/profile/{handle}"}
    return _make("bluesky", text, values, author, changes)


def tweet(text: str = TEXT, handle: str = "carys@twitter.com", number: int = 1, **changes: Any) -> Post:
    """A post on Twitter, out of an archive."""
    user = handle.partition("@")[0]
    values = {
        "uri": f"https://twitter.com/i/web/status/{number}",
        "url": f"https://twitter.com/{user}/status/{number}",
    }
    author = {"key": handle, "handle": handle, "url": f"https://twitter.com/{user}"}
    return _make("twitter", text, values, author, changes)


def comment(text: str = TEXT, handle: str = "carys@blog.example", number: int = 1, **changes: Any) -> Post:
    """A comment on a blog's page."""
    page = "https://blog.example/2013/11/26/examples-of-not-coproduction/"
    values = {
        "uri": f"{page}#comment-{number}",
        "url": f"{page}#comment-{number}",
        "reply_to_uri": page,
    }
    return _make("wordpress", text, values, {"key": handle, "handle": handle, "url": None}, changes)


def later(minutes: float = 0, seconds: float = 0) -> datetime:
    """So long after the morning that all posts are of."""
    return MORNING + timedelta(minutes=minutes, seconds=seconds)


def _make(network: str, text: str, values: dict[str, Any], author: dict[str, Any], changes: dict[str, Any]) -> Post:
    of_author = {_OF_AUTHOR[name]: changes.pop(name) for name in _OF_AUTHOR.keys() & changes.keys()}
    values = {"published_at": MORNING, "edited_at": None, **values, **changes}
    author = {"name": "", **author, **of_author}
    return Post(network=network, text=text, author=Author(**author), **values)
