"""Whether two texts are one: near-identical, or one the beginning of the other that a shorter network cut.

Compared is what remains when everything is taken away that networks write differently: case, punctuation, emoji, `#`,
addresses, mentions, the hashtags at the end. Too short texts are nobody's own: two people may well both say "So true!".
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from collector.model import Post

_NEAR = 90  # token_sort_ratio from here on: the same text
_SAME_BEGINNING = 95  # ratio, where one text was cut
_ENOUGH = 30  # letters of its own (a Chinese character counts as two): about six words
_ENOUGH_OF_A_CUT = 80
_LONGEST = 5_000  # characters that are looked at: a blog's page may be a book

_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://\S+|\bwww\.\S+|\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,24}/\S*"
)
_MENTION = re.compile(r"(?<![\w/@])@[\w.-]*\w(?:@[\w.-]*\w)?")
_ORIGINAL_AT = re.compile(r"(?:\[(?:audio|video)\]\s*)?\[original post on [^\]\s]*\]")  # Bridgy Fed, after a cut
_HASHTAG = re.compile(r"#[\w·・]+")
_IS_HASHTAG = re.compile(r"[(\[]?#[\w·・]+[^\w.]*\.?")
_CUT = re.compile(r"\.{3}\W{0,3}$")  # NFKC makes "..." of "…"
_SILENT = re.compile(r"[\u0640\u064b-\u0652\u200b-\u200f\u2060\ufe00-\ufe0f\u20e3]")  # Arabic points, invisible
_SIGNS = re.compile(
    r"[\x00-/:-@\[-`{-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965"
    r"\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u3004\u3007-\u3020\u3030\u303d-\u303f\U0001f000-\U0001faff]+"
)
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts in which one sign is a syllable or a word
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"\w")
_NUMBER = re.compile(r"\d+")


class Wording(NamedTuple):
    """A text as it is compared."""

    words: str
    substance: int  # letters that are its own: no address, mention or hashtag
    numbers: tuple[str, ...]
    is_cut: bool


def is_same_text(a: Post, b: Post) -> bool:
    """True where the texts are near-identical; a title or a content warning may stand before one of them."""
    return any(_is_near(x, y) for x, y in product(_versions(a), _versions(b)))


def is_beginning(a: Post, b: Post) -> bool:
    """True where one text was cut, and the other goes on."""
    return any(_begins(x, y) or _begins(y, x) for x, y in product(_versions(a), _versions(b)))


def _versions(post: Post) -> tuple[Wording, ...]:
    """What a copy elsewhere may have been made of."""
    heading = post.title or post.content_warning
    if not heading or not post.text:
        return (read_wording(post.text or heading),)
    return read_wording(post.text), read_wording(f"{heading}\n{post.text}")


@lru_cache(maxsize=8_192)
def read_wording(text: str) -> Wording:
    """A text without what networks write differently."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    text = _without_last_hashtags(_SILENT.sub("", _without_addresses(text)))
    own = _HASHTAG.sub(" ", text)
    letters = sum(map(len, _LETTERS.findall(own)))
    return Wording(
        words=" ".join(_SIGNS.sub(" ", text).split()),
        substance=letters + (0 if own.isascii() else len(_WIDE.findall(own))),
        numbers=tuple(sorted(_NUMBER.findall(text))),
        is_cut=_CUT.search(text[-6:]) is not None,
    )


def _without_addresses(text: str) -> str:
    if "/" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    if "@" in text:
        text = _MENTION.sub(" ", text)
    return _ORIGINAL_AT.sub(" ", text) if "[" in text else text


def _without_last_hashtags(text: str) -> str:
    """What somebody has to say ends before the hashtags that only file it, and the emoji among them."""
    words = text.split()
    while words and (_IS_HASHTAG.fullmatch(words[-1]) or not (_WORD.search(words[-1]) or "..." in words[-1])):
        words.pop()
    return " ".join(words)


def _is_near(a: Wording, b: Wording) -> bool:
    """Other numbers make another text of it: a second date, the next of a series."""
    if min(a.substance, b.substance) < _ENOUGH or a.numbers != b.numbers:
        return False
    if a.words == b.words:
        return True
    from rapidfuzz import fuzz

    return fuzz.token_sort_ratio(a.words, b.words, score_cutoff=_NEAR) >= _NEAR


def _begins(cut: Wording, whole: Wording) -> bool:
    """The last word does not count: it may be half a one."""
    if not cut.is_cut or cut.substance < _ENOUGH_OF_A_CUT:
        return False
    beginning = cut.words.rpartition(" ")[0] or cut.words
    if len(whole.words) <= len(beginning):
        return False
    from rapidfuzz import fuzz

    return fuzz.ratio(beginning, whole.words[: len(beginning)], score_cutoff=_SAME_BEGINNING) >= _SAME_BEGINNING
