"""The beginning of a text, cut where a reader would: after a sentence, after a word, never inside a character."""

from __future__ import annotations

import re
import unicodedata

from collector.text.cleaning import one_line

_ELLIPSIS = "…"
_SENTENCE_END = re.compile(r"[.!?…]['\"’”»)\]]*(?=\s)|[。！？][」』）]*")
_AT_END = re.compile(r"[.!?…。！？؟۔।:][\s'\"’”»)\]」』）]*$")
_BEHIND_EMOJI = "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"  # a selector, and skin tones
_SPACE = re.compile(r"\s+")
_ADDRESS = re.compile(r"\(?[a-z][a-z0-9+.-]{1,20}:/", re.IGNORECASE)
_LOOSE_ENDS = " \t\n,;:–—-(["  # what looks torn off before an ellipsis
_JOINER = "\u200d"
_VIRAMA = 9  # the combining class of the sign that ties two consonants into one shape


def excerpt(text: str, limit: int) -> tuple[str, bool]:
    """At most `limit` characters of the text, an ellipsis included, and whether anything was cut.

    Cuts after a sentence if one ends late enough, else after a word, else (no spaces, as in Japanese) between two
    characters as a reader sees them; an address with something before it is left out rather than cut.
    """
    if len(text) <= limit:
        return text, False
    if limit < 1:
        return "", True
    room = limit - 1
    if (end := _sentence_end(text, room - 1)) > room // 2:
        space = " " if text[end].isspace() else ""
        return f"{text[:end]}{space}{_ELLIPSIS}", True
    start = text[: _word_end(text, room)].rstrip(_LOOSE_ENDS)
    space = " " if _AT_END.search(start) and len(start) < room else ""
    return f"{start}{space}{_ELLIPSIS}", True


def first_words(text: str, limit: int) -> str:
    """The beginning of a text on one line: for a subject or a preview."""
    return excerpt(one_line(text), limit)[0]


def ends_sentence(text: str) -> bool:
    """True where the text ends as a sentence does, or with an emoji, which people put in a full stop's place."""
    last = text[-1:] or " "
    return bool(_AT_END.search(text)) or unicodedata.category(last) == "So" or last in _BEHIND_EMOJI


def _sentence_end(text: str, room: int) -> int:
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, room + 1) if match.end() <= room]
    return ends[-1] if ends else 0


def _word_end(text: str, room: int) -> int:
    """The last space, unless what it would cut off is one endless word."""
    spaces = [match for match in _SPACE.finditer(text, 0, room + 1) if match.start() > 0]
    if not spaces:
        return _character_end(text, room)
    last = spaces[-1]
    if last.start() >= room // 2 or _ADDRESS.match(text, last.end()):
        return last.start()
    return _character_end(text, room)


def _character_end(text: str, end: int) -> int:
    """The last place at or before `end` where one visible character stops and another begins."""
    while end > 0 and not _is_between(text, end):
        end -= 1
    return end


def _is_between(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if _extends(after) or before == _JOINER or unicodedata.combining(before) == _VIRAMA:
        return False
    if _is_flag_letter(before) and _is_flag_letter(after):
        return _flag_letters_before(text, place) % 2 == 0
    return not _is_hangul_pair(before, after)


def _extends(character: str) -> bool:
    """Marks, joiners, selectors, skin tones and the letters inside a tag flag all belong to what stands before."""
    return (
        unicodedata.category(character)[0] == "M"
        or character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, place: int) -> int:
    start = place
    while start > 0 and _is_flag_letter(text[start - 1]):
        start -= 1
    return place - start


def _is_hangul_pair(before: str, after: str) -> bool:
    """Conjoining jamo: a syllable goes on in a vowel or a final consonant."""
    return "\u1160" <= after <= "\u11ff" and ("\u1100" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3")
