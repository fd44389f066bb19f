"""Whose word counts: pure decisions about a post, or its author, that is known already and is told again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from collector.identity import is_better_witness
from collector.model import SECOND_HAND, Author, Post
from collector.text.addresses import same_host

ARCHIVE = "archive:"  # what the addresses of files begin with …
INSIDE = "/inside"  # … and end in, for posts that stood inside others


class Verdict(Enum):
    """What becomes of the content that a source tells of a known post."""

    KEEP = "what is stored stays"
    REPLACE = "the new content takes its place"
    REVISE = "the new content takes its place, the earlier text is kept as a revision"


class Stored(NamedTuple):
    """What the tables hold of a post that is told again."""

    id: int
    content_hash: bytes
    edited_at: datetime | None
    told_by: str
    network: str
    published_at: datetime
    first_seen_at: datetime
    counts: tuple[int, ...]
    is_erased: bool = False  # a tombstone is left

    @property
    def dated_at(self) -> datetime:
        """When a digest reckons with it: one dated 2099 was there when it was found."""
        return min(self.published_at, self.first_seen_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredProfile:
    """Whose word the tables' profile of an author is, and whether it refuses."""

    told_by: str
    is_opted_out: bool


def weigh(stored: Stored, post: Post, content_hash: bytes, told_by: str) -> Verdict:
    """Decides whose content stands.

    A later edit always does, and an earlier one never. At the same edit, servers word the same post differently:
    then only the one that told the stored text may change it (some networks edit without saying so), or the post's own
    server, which knows best. A feed tells only part of what an API tells of the same post. A file is of one moment, so
    any source goes before it; it may hold a post twice, and there the first word stands, unless it was of a post inside
    another.
    """
    if content_hash == stored.content_hash:
        return Verdict.KEEP
    if stored.is_erased:  # whoever asks has made sure that it may come back
        return Verdict.REPLACE
    if is_better_witness(stored.network, post.network) or _is_made_whole(stored.told_by, told_by):
        return Verdict.REPLACE
    if is_better_witness(post.network, stored.network):
        return Verdict.KEEP
    if post.edited_at != stored.edited_at:
        return Verdict.REVISE if _is_later(post.edited_at, stored.edited_at) else Verdict.KEEP
    return _weigh_one_edit(stored, post, told_by)


def _weigh_one_edit(stored: Stored, post: Post, told_by: str) -> Verdict:
    if told_by.startswith(ARCHIVE) != stored.told_by.startswith(ARCHIVE):
        return Verdict.KEEP if told_by.startswith(ARCHIVE) else Verdict.REPLACE
    if told_by == stored.told_by:
        return Verdict.KEEP if told_by.startswith(ARCHIVE) else Verdict.REVISE
    is_origin = same_host(post.uri, told_by) and not same_host(post.uri, stored.told_by)
    return Verdict.REPLACE if is_origin else Verdict.KEEP


def _is_made_whole(stored_told_by: str, told_by: str) -> bool:
    return _is_inside(stored_told_by) and not _is_inside(told_by)


def _is_inside(told_by: str) -> bool:
    return told_by.startswith(ARCHIVE) and told_by.endswith(INSIDE)


def is_profile_taken(stored: StoredProfile, author: Author, told_by: str) -> bool:
    """Decides whether what a source tells of a known author takes the place of what is stored.

    Servers know a foreign profile only in part, so one of them is believed: the author's own before any other, else the
    one that told it first; feeds and files, which tell least, after all others. But a refusal counts whoever shows it,
    until that server, or the author's own, shows none.
    """
    if told_by == stored.told_by or _is_own(author, told_by):
        return True
    if _is_second_hand(stored.told_by) and not _is_second_hand(told_by):
        return True
    return author.is_opted_out and not stored.is_opted_out and not _is_own(author, stored.told_by)


def _is_second_hand(told_by: str) -> bool:
    return told_by.startswith((SECOND_HAND, ARCHIVE))


def _is_own(author: Author, address: str) -> bool:
    return author.url is not None and same_host(author.url, address)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    if one is None:
        return False
    return other is None or one > other
