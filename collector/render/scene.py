"""What is the same for every part of one letter, handed from part to part."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from collector.render.limits import Limits
from collector.text.excerpts import first_words
from collector.words import Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Enclosure:
    """What goes out with a letter, and where it leads. Addresses are whole; without pages there are none."""

    unsubscribe: str | None = None  # the mail address that unsubscribing mails go to
    attachment: str | None = None  # the name of the file that holds the whole issue
    digest_page: str | None = None
    archive_page: str | None = None
    csv_page: str | None = None
    settings_page: str | None = None  # this and the next are one reader's own
    unsubscribe_page: str | None = None
    privacy_page: str | None = None
    imprint: str | None = None  # a postal address, or whom to write to
    is_page: bool = False  # it stands on a page, and was sent to nobody
    is_copy: bool = False  # it goes to somebody who does not get the series


ALONE = Enclosure()  # a letter that goes out with nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """In which words, and within which limits, a letter is written."""

    words: Words
    limits: Limits
    enclosure: Enclosure
    zone: ZoneInfo
    topics: frozenset[str]  # in normal form
    has_networks: bool  # more than one: then each post says its own
    has_years: bool = False  # whether dates say their year
    under: str = ""  # the title of the one post that all comments stand under, where it is said above them

    def name(self, name: str) -> str:
        """A name on one line, no longer than it may be."""
        return first_words(name, self.limits.name)

    def small(self, text: str) -> str:
        """A description, an option, a warning or a title, likewise."""
        return first_words(text, self.limits.small_text)
