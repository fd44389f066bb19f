"""The gate that everything passes on its way in: what was forgotten does not come back, from wherever it is told.

Where nothing was ever forgotten, this is one look at a table of a few rows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection

from collector.identity.naming import names_at, names_of_account, names_of_post
from collector.identity.traces import names_in, spots_in, spots_of, without
from collector.model import Batch, Found, Post, Rejection
from collector.storage.forgotten import find_forgotten, read_keys
from collector.text.packing import unpack


def sift(conn: Connection, batch: Batch) -> tuple[Batch, frozenset[str]]:
    """The batch without what was forgotten, and without its names in what others wrote; and the uris of those posts.

    Of others' posts that named somebody who was forgotten, no raw answer is kept.
    """
    if not (keys := read_keys(conn)):
        return batch, frozenset()
    found = [(item, own_names(item.post), other_names(item.post) | names_in_body(item.raw)) for item in batch.found]
    rejected = [(rejection, _names_rejected(rejection)) for rejection in batch.rejections]
    told: set[str] = set().union(*(own | others for _, own, others in found), *(names for _, names in rejected))
    if not (meant := find_forgotten(conn, keys, told)):
        return batch, frozenset()
    kept = tuple(_without(item, others & meant) for item, own, others in found if not own & meant)
    dropped = frozenset(item.post.uri for item, own, _ in found if own & meant)
    rejections = tuple(rejection for rejection, names in rejected if not names & meant)
    return replace(batch, found=kept, rejections=rejections), dropped


def own_names(post: Post) -> frozenset[str]:
    """What a post and its author are known by: with one of these forgotten, the post is."""
    return names_of_post(post) | names_of_account(post.author)


def other_names(post: Post) -> set[str]:
    """Whom and what a post names besides, itself or in its author's profile."""
    return {name for spots in (spots_in(post), spots_of(post.author)) for spot in spots for name in spot.names}


def names_in_body(body: bytes) -> set[str]:
    """The names in a raw answer."""
    if not body:
        return set()
    try:
        return names_in(unpack(body))
    except (ValueError, RecursionError):  # what nobody can read
        return set()


def _names_rejected(rejection: Rejection) -> set[str]:
    return names_of_rejection(rejection.native_id, rejection.reason, rejection.raw)


def names_of_rejection(native_id: str, reason: str, body: bytes) -> set[str]:
    """The names in something unreadable: some servers' ids are addresses."""
    return names_in([native_id, reason]) | names_at(native_id) | names_in_body(body)


def _without(item: Found, meant: Collection[str]) -> Found:
    return replace(item, post=without(item.post, meant), raw=b"") if meant else item
