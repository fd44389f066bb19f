"""A complaint, and about what."""

from __future__ import annotations


def about(name: str, message: str) -> str:
    """`our server: mastodon.example cannot be reached`, without the name where the message begins with it."""
    rest = message.removeprefix(name)
    return message if rest != message and rest[:1] in {" ", ":"} else f"{name}: {message}"
