"""One post by its address, tagged or not: an example that somebody pointed out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from collector.errors import SourceError
from collector.model import Batch, Found, Post, WantedWatch, WatchKey
from collector.sources import Source
from collector.storage.database import Database
from collector.storage.saving import save_batch
from collector.storage.watches import ensure_watch

LABEL = "added by hand"


def fetch_added(url: str, sources: Sequence[tuple[str, Source]]) -> tuple[str, Found]:
    """Asks the places in turn, and gives the post with the address of the one that had it.

    Raises the first place's SourceError if none has: it is the post's own server, or the nearest to it.
    """
    first: SourceError | None = None
    for address, source in sources:
        try:
            return address, source.fetch_post(url)
        except SourceError as error:
            first = first or error
    if first is None:
        raise ValueError("nobody to ask")
    raise first


def save_added(
    database: Database, kind: str, address: str, topic: str, found: Found, now: datetime
) -> tuple[Post, bool]:
    """Keeps the post under the topic; gives it, and whether it is new. Its watch is never asked by itself."""
    want = WantedWatch(key=WatchKey(kind=kind, address=address, hashtag="", topic=topic), name=LABEL)
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
    return found.post, bool(saved.new)
