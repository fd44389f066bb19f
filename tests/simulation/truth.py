"""A post as its author has it, whatever any server shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

TAG = "notcoproduction"


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One wording. Its text names its post and its number, so that it is known again wherever it turns up."""

    number: int
    tags: tuple[str, ...]
    edited_at: datetime | None = None  # None: as first published
    text: str


@dataclass(kw_only=True, slots=True)
class Writing:
    """One post with all its wordings."""

    serial: int
    user: str
    home: str  # the name of its author's server
    created_at: datetime  # the word of its author's program, which may be wrong
    visibility: str = "public"
    versions: list[Version] = field(default_factory=list)
    uri: str = ""
    url: str = ""
    deleted_at: datetime | None = None

    @property
    def newest(self) -> Version:
        """Its wording now."""
        return self.versions[-1]

    @property
    def counts(self) -> bool:
        """Whether a collector of the hashtag may show it: it is public, it carries the hashtag, it was not deleted."""
        return self.deleted_at is None and self.visibility == "public" and TAG in self.newest.tags


def first_version(serial: int, *, is_tagged: bool) -> Version:
    """The wording a post begins with."""
    return _version(serial, 1, None, is_tagged=is_tagged)


def next_version(writing: Writing, at: datetime, *, is_tagged: bool) -> Version:
    """The wording after the newest."""
    return _version(writing.serial, len(writing.versions) + 1, at, is_tagged=is_tagged)


def _version(serial: int, number: int, at: datetime | None, *, is_tagged: bool) -> Version:
    tags = (TAG,) if is_tagged else ()
    return Version(
        number=number, tags=tags, edited_at=at, text=f"Example {serial}, wording {number}: they never asked."
    )
