"""A digest as JSON, for programs: everything it holds, unshortened."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from collector.model import Digest, DigestPost, Poll, Section, Unread


def draw_json(digest: Digest) -> str:
    """The digest as one indented object, ending in a newline; instants are ISO 8601 UTC with Z."""
    totals = digest.totals
    value = {
        "series": digest.series,
        "topics": digest.topics,
        "week": digest.window.name,
        "starts_at": _instant(digest.window.starts_at),
        "ends_at": _instant(digest.window.ends_at),
        "timezone": digest.window.timezone,
        "state": digest.state,
        "subject": digest.subject,
        "totals": {
            "posts": totals.posts,
            "authors": totals.authors,
            "by_network": totals.by_network,
            "by_day": {day.isoformat(): posts for day, posts in totals.by_day.items()},
            "previous_posts": totals.previous_posts,
        },
        "sections": [_section(section) for section in digest.sections],
        "references": [_section(section) for section in digest.references],
        "also_tagged": [{"hashtag": tag, "posts": posts} for tag, posts in digest.also_tagged],
        "trend": [{"name": name, "posts": posts} for name, posts in digest.trend],
        "unread": [_unread(unread) for unread in digest.unread],
        "missed": [{"week": name, "posts": posts} for name, posts in digest.missed],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _unread(unread: Unread) -> dict[str, Any]:
    return {
        "source": unread.place or None,
        "since": _instant(unread.starts_at),
        "until": _instant(unread.ends_at) if unread.ends_at else None,
        "is_caught_up": unread.is_caught_up,
        "reason": unread.reason,
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "posts": [_post(shown) for shown in section.posts],
        "taken_back": section.taken_back,
    }


def _post(shown: DigestPost) -> dict[str, Any]:
    post, counts = shown.post, shown.counts
    return {
        "uri": post.uri,
        "url": post.url,
        "network": post.network,
        "author_handle": post.author.handle,
        "author_name": post.author.name,
        "title": post.title,
        "text": post.text,
        "content_warning": post.content_warning,
        "language": post.language,
        "published_at": _instant(post.published_at),
        "edited_at": _instant(post.edited_at) if post.edited_at else None,
        "dated_at": _instant(shown.dated_at),
        "first_seen_at": _instant(shown.first_seen_at),
        "hashtags": [tag.normal for tag in post.hashtags],
        "media": [{"url": media.url, "type": media.type, "alt_text": media.alt_text} for media in post.media],
        "poll": _poll(post.poll) if post.poll else None,
        "reply_to_uri": post.reply_to_uri,
        "counts": {
            "replies": counts.replies,
            "boosts": counts.boosts,
            "likes": counts.likes,
            "quotes": counts.quotes,
        },
        "is_sensitive": post.is_sensitive,
        "also_at": shown.also_at,
        "note": shown.note,
    }


def _poll(poll: Poll) -> dict[str, Any]:
    return {"options": poll.options, "closes_at": _instant(poll.closes_at) if poll.closes_at else None}


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
