"""Hashtags: the form they are compared in, what counts as one, and where they stand in plain text.

The rules are Mastodon's: letters, digits, marks, `_`, and the separators `·`, `・` and zero-width non-joiner inside,
not digits only. Where servers differ the normal form takes the coarser side, so that the name one server lists and
the form another shows are equal: `ß` becomes `ss`, and vowel points of Arabic, which many leave out, do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from collector.model import Hashtag
from collector.text.cleaning import one_line

_LEADING = "#＃" + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
# Not compared: accents left uncomposed, Arabic vowel points and stretching, invisible and control characters.
_SILENT = re.compile(
    r"[\u0300-\u036f\u0640\u064b-\u0652\u0670\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200d-\u200f\u202a-\u202e"
    r"\u2060-\u2069\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)
# The accented Latin letters that Mastodon folds (all of Latin-1 and Latin Extended-A that are one ASCII letter and
# something); Vietnamese and most of the rest of Unicode keep their marks there.
_LATIN = {
    code: base for code in range(0xC0, 0x180) if (base := unicodedata.normalize("NFD", chr(code))[0]).isascii()
} | {ord(letter): base for letter, base in zip("ðđħıĸłŋøŧ", "ddhiklnot", strict=True)}

_SEPARATORS = "·・\u200c"
_START = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s<>\"\u3000-\u303f]+|[#＃]", re.IGNORECASE)
_BEFORE = re.compile(r"[A-Za-z0-9_/)&#＃]")  # what a '#' that begins a hashtag does not follow
_LONGEST = 300  # characters that are looked at; no server allows as many


def normal_form(tag: str) -> str:
    """The form hashtags are compared in: without '#', NFKC, without case, Latin accents folded as Mastodon does.

    Other scripts keep their letters and marks. Characters no hashtag may hold stay, so that `not-coproduction` does
    not become another tag. Idempotent.
    """
    if tag.isascii() and tag.isidentifier():
        return tag.lower()
    while (folded := _fold(tag)) != tag:
        tag = folded
    return folded


def asked_form(tag: str) -> str:
    """The form servers are asked for: as written but for case. Some fold accents and some do not: they know best."""
    return unicodedata.normalize("NFC", tag.lstrip(_LEADING).strip()).lower()


def _fold(tag: str) -> str:
    tag = unicodedata.normalize("NFKC", tag.lstrip(_LEADING).rstrip()).casefold()
    tag = _SILENT.sub("", unicodedata.normalize("NFKC", tag))
    return unicodedata.normalize("NFKC", tag.translate(_LATIN))


def is_hashtag(tag: str) -> bool:
    """True for what a server would link after a '#'; `tag` comes without it."""
    return bool(tag) and len(tag) <= _LONGEST and _name_at(tag, 0) == tag


@lru_cache(maxsize=4096)
def hashtag_from(written: str, found_in: str = "text") -> Hashtag | None:
    """The hashtag that a link or a server's list calls by this name, with or without '#'; None for no single word."""
    display = one_line(written).lstrip("#＃")
    normal = normal_form(display)
    return Hashtag(normal=normal, display=display, found_in=found_in) if normal and " " not in display else None


def find_hashtags(text: str) -> tuple[Hashtag, ...]:
    """The hashtags of a plain text in their order, each once, shown as first written; none out of addresses."""
    found: dict[str, Hashtag] = {}
    for display in _names(text):
        normal = normal_form(display)
        if normal not in found:
            found[normal] = Hashtag(normal=normal, display=display)
    return tuple(found.values())


def _names(text: str) -> Iterator[str]:
    for match in _START.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if len(match[0]) == 1 and not _BEFORE.match(before) and (name := _name_at(text, match.end())):
            yield name


def _name_at(text: str, start: int) -> str:
    """The longest hashtag that begins here, or nothing."""
    end = start
    while end < len(text) and end - start < _LONGEST and (text[end] in _SEPARATORS or _is_word(text[end])):
        end += 1
    name = text[start:end].rstrip(_SEPARATORS)
    return name if name and name[0] not in _SEPARATORS and _says_something(name) else ""


def _is_word(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Mn":
        return not "\ufe00" <= character <= "\ufe0f"  # variation selectors belong to emoji
    return category[0] == "L" or category in {"Mc", "Nd", "Nl", "Pc"}


def _says_something(name: str) -> bool:
    """A letter; or digits, if something stands between them as in 2026_11."""
    if any(character.isalpha() for character in name):
        return True
    inner = name[1:-1]
    return name.strip("_") != "" and any(character == "_" or character in _SEPARATORS for character in inner)
