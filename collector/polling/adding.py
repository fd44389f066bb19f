"""One post by its address, tagged or not: an example that somebody pointed out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from collector.errors import Condition, ForgottenError, SourceError, UnknownNameError
from collector.model import Batch, Found, Post, WantedWatch, WatchKey
from collector.sources.directory import Asked
from collector.storage.database import Database
from collector.storage.saving import save_batch
from collector.storage.watches import ensure_watch

LABEL = "added by hand"


def fetch_added(url: str, places: Sequence[Asked]) -> tuple[Asked, Found]:
    """Asks the places in turn, and gives the one that had the post, and the post.

    Raises the most telling SourceError if none has: the first that came of asking, and not of a token that is missing.
    """
    errors: list[SourceError] = []
    for asked in places:
        try:
            return asked, asked.source.fetch_post(url)
        except SourceError as error:
            errors.append(error)
    if not errors:
        raise UnknownNameError(f"no configured source can be asked for the post at {url}")
    raise next((error for error in errors if error.condition is not Condition.NEEDS_TOKEN), errors[0])


def save_added(database: Database, asked: Asked, topic: str, found: Found, now: datetime) -> tuple[Post, bool]:
    """Keeps the post under the topic; gives it, and whether it is new. Its watch is never asked by itself."""
    want = WantedWatch(key=WatchKey(kind=asked.kind, address=asked.address, hashtag="", topic=topic), name=LABEL)
    with database.write() as conn:
        watch = ensure_watch(conn, want)
        batch = Batch(
            watch=watch,
            spellings=frozenset(),
            found=(found,),
            rejections=(),
            state=watch.state,
            fetched_at=now,
            history_before=None,
        )
        saved = save_batch(conn, batch)
    if saved.forgotten:
        raise ForgottenError("this post, or its author, was forgotten on request, and is never kept again")
    return found.post, bool(saved.new)
