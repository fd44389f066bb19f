"""Saves what one round of one watch found, in the caller's transaction. The same input twice changes nothing.

Rows are written in a few statements, however many posts there are: gather what is known, decide (`merging`), apply
(`authors`, `contents`, `places`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collector.model import Batch, Found, Post, Rejection, Saved, Watch
from collector.storage.absence import find_returned, save_returned
from collector.storage.addressing import find_posts, group_told, told_last
from collector.storage.authors import save_authors
from collector.storage.blocking import mark_posts
from collector.storage.clocks import date_anew
from collector.storage.contents import add_posts, replace_content
from collector.storage.copies import link_copies
from collector.storage.indexing import index_new, index_posts
from collector.storage.merging import Stored
from collector.storage.places import (
    Places,
    gather_places,
    save_raw,
    save_rejections,
    save_sightings,
    save_topics,
)
from collector.storage.sifting import sift
from collector.text.addresses import is_at_home

_LONGEST_KEY = 2_500  # bytes; PostgreSQL's indexes take 2,704


def save_batch(
    conn: Connection, batch: Batch, *, keep_raw: bool = True, keep_raw_for: timedelta | None = None
) -> Saved:
    """Writes a batch; gives what it did in numbers of posts. The caller saves the watch's state beside it.

    Of posts that have been known for longer than `keep_raw_for` (None: for ever) no raw answer is kept any more.
    """
    batch, forgotten = sift(conn, _without_giants(batch))
    known = find_posts(conn, [item.post for item in batch.found])
    places = gather_places(conn, batch, known)
    items = _concerning(batch, known, places)
    groups = group_told(items, known)
    told = {item.native_id for item in batch.found}
    at_home = {known[item.post.uri].id for item in items if item.post.uri in known and _is_at_home(item, batch.watch)}
    returned = find_returned(conn, batch.watch, {stored.id for stored in known.values()}, told, at_home)
    latest = _standing(told_last(items, groups), known, returned)
    told_again = [item for item in latest if item.post.uri in known]
    unknown = [item for item in latest if item.post.uri not in known]
    witness = batch.watch.key.witness
    author_ids = save_authors(conn, (item.post.author for item in latest), witness, batch.fetched_at)
    replaced = replace_content(conn, batch, told_again, author_ids, known, keep_revisions=True)
    added = add_posts(conn, batch, unknown, author_ids)
    known |= added
    standing = {groups[item.post.uri]: known[item.post.uri] for item in latest}
    known |= {uri: standing[group] for uri, group in groups.items() if group in standing}
    fresh = [item for item in latest if item.post.uri in added or known[item.post.uri].is_erased]
    link_copies(conn, {known[item.post.uri].id: item.post for item in fresh})
    save_sightings(conn, batch, items, known, places)
    save_returned(conn, returned)
    withdrawn = save_topics(conn, batch, latest, known, places, replaced.standing)
    date_anew(conn, [known[item.post.uri] for item in told_again], batch.fetched_at)
    index_new(conn, (item.post for item in unknown), added, author_ids)
    _follow_up(conn, replaced.ids, {stored.id for stored in added.values()}, author_ids)
    if keep_raw:
        kept = _standing(items, known, returned)
        save_raw(conn, batch, _known_since(kept, known, keep_raw_for, batch.fetched_at), known, places)
    save_rejections(conn, batch)
    return Saved(
        new=len(unknown),
        changed=len(replaced.changed),
        same=len(told_again) - len(replaced.changed),
        withdrawn=withdrawn,
        rejected=len(batch.rejections),
        forgotten=forgotten,
    )


def save_renormalised(conn: Connection, batch: Batch) -> int:
    """Gives known posts and their authors what a better normaliser reads in the same answers; how many posts changed.

    No author edited anything, so no revision is kept, and who was seen when stays as it is.
    """
    batch, _ = sift(conn, _without_giants(batch))
    known = find_posts(conn, [item.post for item in batch.found])
    places = gather_places(conn, batch, known)
    items = [item for item in _concerning(batch, known, places) if item.post.uri in known]
    items = _standing(items, known, ())
    told_again = told_last(items, group_told(items, known))
    witness = batch.watch.key.witness
    author_ids = save_authors(conn, (item.post.author for item in told_again), witness, batch.fetched_at)
    replaced = replace_content(conn, batch, told_again, author_ids, known, keep_revisions=False)
    save_topics(conn, batch, told_again, known, places, replaced.standing)
    _follow_up(conn, replaced.ids, set(), author_ids)
    return len(replaced.changed)


def _follow_up(conn: Connection, changed: set[int], added: set[int], author_ids: Mapping[str, int]) -> None:
    """Brings in step what is worked out of posts and kept beside them."""
    index_posts(conn, changed)
    mark_posts(conn, changed | added, author_ids.values())


def _known_since(
    items: Sequence[Found], known: Mapping[str, Stored], span: timedelta | None, now: datetime
) -> list[Found]:
    """Those that have been known for no longer than that; None: all."""
    return [item for item in items if span is None or known[item.post.uri].first_seen_at >= now - span]


def _is_at_home(item: Found, watch: Watch) -> bool:
    return item.is_home or is_at_home(item.post.uri, watch.key.address)


def _standing(items: Sequence[Found], known: Mapping[str, Stored], returned: Collection[int]) -> list[Found]:
    """Without what only a tombstone is left of and is to stay so: a place may go on showing what was taken back."""
    return [
        item
        for item in items
        if (stored := known.get(item.post.uri)) is None or not stored.is_erased or stored.id in returned
    ]


def _without_giants(batch: Batch) -> Batch:
    """One post whose names no index can hold becomes a rejection, or it would cost all the others their place."""
    giants = [item for item in batch.found if not _fits(item.post)]
    if not giants:
        return batch
    rejected = [
        Rejection(native_id=item.native_id, reason=f"an address or handle of over {_LONGEST_KEY} bytes", raw=item.raw)
        for item in giants
    ]
    found = tuple(item for item in batch.found if _fits(item.post))
    return replace(batch, found=found, rejections=(*batch.rejections, *rejected))


def _fits(post: Post) -> bool:
    names = (post.uri, post.url or "", post.author.key, post.author.handle)
    return max(map(len, names)) * 4 <= _LONGEST_KEY or max(len(name.encode()) for name in names) <= _LONGEST_KEY


def _concerning(batch: Batch, known: Mapping[str, Stored], places: Places) -> list[Found]:
    """What carries the watch's hashtag, and what we hold for its topic that comes back without it."""
    if not batch.spellings:
        return list(batch.found)

    def is_held(item: Found) -> bool:
        stored = known.get(item.post.uri)
        return stored is not None and stored.id in places.topics

    return [item for item in batch.found if item.post.carries(batch.spellings) or is_held(item)]
