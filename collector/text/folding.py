"""Texts as they are searched: without case, accents and signs, and cut into words that both databases cut alike.

Signs part words, apostrophes too: `box's` is found by `box`, `l'eau` by `eau`, `#tag` by `tag`. Marks that stand on no
letter, and numbers that are no digits, are signs: PostgreSQL takes neither for a word.
In scripts that are written without spaces, and in Korean, whose words grow endings, each character is a word of its
own: what somebody looks for stands inside longer runs there, and is found as characters that follow one another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

LONGEST_WORD = 64  # characters that are compared: what is longer is no word
MOST_WORDS = 16_000  # of one text: PostgreSQL tells no two places apart beyond 16,383
MOST_CHARACTERS = 200_000  # of one text, folded: an index of PostgreSQL holds a megabyte of it

_ASCII_WORD = re.compile(rf"([a-z0-9]{{1,{LONGEST_WORD}}})[a-z0-9]*")
_TIED = "\x1e"  # before a mark that belongs to the character in front of it

# Letters that Unicode does not take apart; case is off by then, which makes `ß` to `ss`.
_LETTERS = dict(zip("øıȷłđðħĸŋŧƀɓɗɖɨƙƶ", "oijlddhkntbbddikz", strict=True)) | {
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ـ": "",  # stretches Arabic words, and says nothing
}
# Accents and vowel points go, by their combining class. Marks that make syllables of the scripts of India, Thailand and
# Tibet stay, and so do the two of Japanese (8), which become one with their letter again.
_POINTS = range(10, 37)
_ACCENTS = range(200, 241)
_OVERLAYS_AND_NUKTA = frozenset({1, 7})
_SILENT = frozenset("\u034f\u180b\u180c\u180d\u180f") | frozenset(
    map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)
_ALONE = tuple(  # the blocks of scripts in which each character is a word
    range(first, last + 1)
    for first, last in (
        *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x30FF), (0x3100, 0x312F)),
        *((0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xA9E0, 0xA9FE)),
        *((0xAA60, 0xAA7F), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0x1AFF0, 0x1B16F), (0x20000, 0x3FFFD)),
    )
)


class _Table(dict[int, str]):
    """What becomes of each character, worked out when it is first met."""

    def __init__(self, decide: Callable[[str], str]) -> None:
        super().__init__()
        self._decide = decide

    def __missing__(self, code: int) -> str:
        self[code] = self._decide(chr(code))
        return self[code]


def fold(*texts: str) -> str:
    """The words of the texts, one space between two: what is stored to be searched."""
    words: list[str] = []
    for text in texts:
        if text:
            words += _words(text)
    folded = " ".join(words[:MOST_WORDS])
    return folded if len(folded) <= MOST_CHARACTERS else folded[:MOST_CHARACTERS].rpartition(" ")[0]


@lru_cache(maxsize=4096)  # a batch holds the same people again and again
def fold_handle(handle: str) -> str:
    """Two words for somebody: the name at the beginning of the handle, and all of it as one word.

    The name of a server is none: all who post there would be found by it.
    """
    name = "".join(_words(re.split("[@.]", handle.lstrip("@"), maxsplit=1)[0]))[:LONGEST_WORD]
    return " ".join(dict.fromkeys(filter(None, (name, whole_handle(handle)))))


def whole_handle(handle: str) -> str:
    """A handle as one word."""
    return "".join(_words(handle))[:LONGEST_WORD]


def words_of(text: str) -> tuple[str, ...]:
    """The words of one text as they are compared, in their order."""
    return tuple(_words(text)[:MOST_WORDS])


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    words = _spaced(text).split()
    return [word[:LONGEST_WORD] for word in words if word[0].isalnum() or any(map(str.isalnum, word))]


def _spaced(text: str) -> str:
    """The text folded, with white space between two words."""
    parted = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    whole = unicodedata.normalize("NFC", parted.translate(_BARE))
    spaced = whole.translate(_SPACED)
    return spaced.replace(f" {_TIED}", "").replace(_TIED, "") if _TIED in spaced else spaced


def _bare(character: str) -> str:
    """A letter without what is on it; nothing for what is only on letters, or not seen."""
    if character in _LETTERS:
        return _LETTERS[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in {"Cf", "Me"} or (category == "Mn" and _is_accent(character)):
        return ""
    return character


def _is_accent(mark: str) -> bool:
    combining = unicodedata.combining(mark)
    return combining in _ACCENTS or combining in _POINTS or combining in _OVERLAYS_AND_NUKTA or mark in _SILENT


def _with_spaces(character: str) -> str:
    """A character with the spaces that part it from what is beside it; a space for a sign."""
    category = unicodedata.category(character)
    kind = category[0]
    is_alone = any(ord(character) in block for block in _ALONE)
    if kind == "M":
        return f"{_TIED}{character} " if is_alone else character
    if kind not in "LN" or category == "No":
        return " "
    return f" {character} " if is_alone else character


_BARE = _Table(_bare)
_SPACED = _Table(_with_spaces)
