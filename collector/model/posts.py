"""A post and what belongs to it: the one shape that every network's posts are brought into.

No I/O, no clock. Instants are aware UTC; text is plain text, never HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Wish(StrEnum):
    """What an author's profile asks; the first group is an explicit refusal."""

    NOBOT = "nobot"
    NOINDEX = "noindex"
    NOARCHIVE = "noarchive"
    NOSEARCH = "nosearch"  # no reason to exclude either: no search finds the posts
    NO_UNAUTHENTICATED = "!no-unauthenticated"  # Bluesky's: not to be shown to people who are not logged in
    INDEXABLE = "indexable"  # opt-ins, false on most accounts: never a reason to exclude
    DISCOVERABLE = "discoverable"


class Evidence(StrEnum):
    """Why a post is out of sight."""

    GONE = "gone"  # its own place says that there is no such post
    MISSING = "missing"  # no place that showed it does so any more, and its own cannot be asked
    AWAY = "away"  # its author's account is switched off, and may come back


class Erasure(StrEnum):
    """Why nothing but a tombstone is left of a post."""

    TAKEN_BACK = "taken back"  # by its author, where it was posted
    EXPIRED = "expired"  # as old as the configuration keeps posts
    FORGOTTEN = "forgotten"  # it, or its author, asked for that: never to be kept again


COMMENTED = "wordpress"  # the network whose answers are comments: each answers its blog's post at least
REFUSALS = frozenset({Wish.NOBOT, Wish.NOINDEX, Wish.NOARCHIVE, Wish.NO_UNAUTHENTICATED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Somebody who posts. `key` is the identity; handle, name and the rest are attributes that change."""

    key: str  # a DID, or user@host in lower case
    handle: str  # user@host, without a leading @
    name: str  # may be empty
    url: str | None
    is_bot: bool = False
    wishes: frozenset[Wish] = frozenset()
    links: tuple[str, ...] = ()  # the addresses in the profile: what its owner says belongs to them
    is_indexable: bool | None = None  # whether a search may find the posts; None: the place knows no such wish

    @property
    def is_opted_out(self) -> bool:
        """True where the profile refuses explicitly: kept out of digests, exports and pages."""
        return bool(self.wishes & REFUSALS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hashtag:
    """A hashtag that a post itself carries."""

    normal: str  # the normal form, which is compared
    display: str  # as its author wrote it, without '#'
    found_in: str = "text"  # "text", or "tags" where only the server's list names it


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """Somebody a post speaks to."""

    handle: str  # user@host where the network tells, without a leading @
    url: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """A picture, film or sound that hangs on a post; only its address is kept."""

    url: str
    type: str  # image, gifv, video, audio, unknown
    alt_text: str | None  # None: its author gave no description


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """A question with its options, in their order."""

    options: tuple[str, ...]
    closes_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How often people answered, passed on, liked, quoted: never below zero."""

    replies: int = 0
    boosts: int = 0
    likes: int = 0
    quotes: int = 0

    def highest(self, other: Counts) -> Counts:
        """The higher of each: servers each know only a part."""
        return Counts(
            replies=max(self.replies, other.replies),
            boosts=max(self.boosts, other.boosts),
            likes=max(self.likes, other.likes),
            quotes=max(self.quotes, other.quotes),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One thing somebody published, whatever the network. `uri`, in canonical form, is its identity."""

    network: str  # "fediverse", "bluesky", "wordpress", …
    uri: str
    url: str | None  # where a person reads it
    author: Author
    published_at: datetime  # the client's word, kept as it came
    edited_at: datetime | None
    text: str
    title: str = ""
    content_warning: str = ""
    language: str | None = None
    hashtags: tuple[Hashtag, ...] = ()
    mentions: tuple[Mention, ...] = ()
    links: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    poll: Poll | None = None
    reply_to_uri: str | None = None
    quote_of_uri: str | None = None
    counts: Counts = Counts()
    is_sensitive: bool = False
    other_addresses: tuple[str, ...] = ()  # it is known by these too; those of another host than `uri` do not count
    copy_of: str | None = None  # the address of the original, where a bridge that made this copy names it

    @property
    def is_comment(self) -> bool:
        """True for a comment under a blog post; its title is that of the post."""
        return self.network == COMMENTED and self.reply_to_uri is not None

    def carries(self, spellings: frozenset[str]) -> bool:
        """True where one of its hashtags, in normal form, is among the spellings of a topic."""
        return any(tag.normal in spellings for tag in self.hashtags)
