"""What people are called, found in texts: nothing but being somebody's tells a name from any other words.

Of those a text is by or speaks to, every name is looked for, in any case. Of all others a name counts only as they
write it themselves, and if it looks like one: several words, or a capital letter. A name that is a word, too, is taken
for the name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

A_PERSON = "[person]"  # stands for somebody when it is not known for whom

_LONGEST = 200  # characters: what is longer is nothing people are called by
_WORD = re.compile(r"[^\W_]+(?:_+[^\W_]+)*")  # an underscore around it is emphasis
_APOSTROPHES = dict.fromkeys(map(ord, "’ʼ`´"), "'")
_BESIDE = re.compile(r":\w+:|\([^()]*\)|\[[^\[\]]*\]|[#＃]\w+|[|•·/,–—].*")  # emoji, pronouns, where and what they are
_FIRST_WITHOUT_EDGES = 0x0590  # scripts from here on do not set off by a space what belongs to a word, or follows it


def names_in(shown: str) -> tuple[str, ...]:
    """What somebody is called who shows this name: all of it, and it without what people put beside their names."""
    shown = unicodedata.normalize("NFC", shown)
    return tuple(dict.fromkeys(name for name in (" ".join(shown.split()), _bare(shown)) if _can_be_found(name)))


class Names:
    """The names of those a text is by or speaks to, each with what stands for its owner."""

    def __init__(self, stand_ins: Mapping[str, str]) -> None:
        self._names = tuple(stand_ins)
        self._stand_ins = {_folded(name): stand_in for name, stand_in in stand_ins.items()}
        self._beginnings = tuple({name.split()[0].lower() for name in stand_ins})
        self._pattern: re.Pattern[str] | None = None

    def replaced(self, text: str) -> str:
        """The text without them. Few texts hold any, so that the pattern is made when the first one does."""
        lowered = text.lower()
        if not any(beginning in lowered for beginning in self._beginnings):
            return text
        if self._pattern is None:
            longest_first = sorted(self._names, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_pattern_of, longest_first)), re.IGNORECASE)
        return self._pattern.sub(self._stand_in, text)

    def _stand_in(self, found: re.Match[str]) -> str:
        return self._stand_ins.get(_folded(found[0]), A_PERSON)


class Strangers:
    """The names of everybody else who is known."""

    def __init__(self, stand_ins: Mapping[str, str]) -> None:
        self._stand_ins = stand_ins
        self._by_word: dict[str, list[str]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        for name in sorted(filter(_looks_like_one, stand_ins), key=len, reverse=True):
            self._by_word.setdefault(_first_word(name), []).append(name)

    def replaced(self, text: str) -> str:
        """The text without them."""
        if self._by_word.keys().isdisjoint(_WORD.findall(text)):
            return text
        return "".join(self._pieces(text))

    def _pieces(self, text: str) -> Iterator[str]:
        done = 0
        for word in _WORD.finditer(text):
            if word.start() < done:
                continue
            for name in self._by_word.get(word[0], ()):
                if found := self._pattern(name).match(text, word.start()):
                    yield text[done : found.start()]
                    yield self._stand_ins[name]
                    done = found.end()
                    break
        yield text[done:]

    def _pattern(self, name: str) -> re.Pattern[str]:
        if name not in self._patterns:
            self._patterns[name] = re.compile(_pattern_of(name))
        return self._patterns[name]


def _folded(name: str) -> str:
    return " ".join(name.casefold().translate(_APOSTROPHES).split())


def _bare(shown: str) -> str:
    told = _BESIDE.sub(" ", shown[:_LONGEST])
    words = list(_WORD.finditer(told))
    return " ".join(told[words[0].start() : words[-1].end()].split()) if words else ""


def _can_be_found(name: str) -> bool:
    return 1 < len(name) <= _LONGEST and any(map(str.isalpha, name))


def _looks_like_one(name: str) -> bool:
    words = _WORD.findall(name)
    if not name.startswith(words[0]):  # then the bare name is known, too
        return False
    has_no_case = words[0].lower() == words[0].upper()
    return len(words) > 1 or (words[0].isalpha() if has_no_case else len(name) > 2 and not words[0][0].islower())


def _first_word(name: str) -> str:
    return str(_WORD.findall(name)[0])


def _pattern_of(name: str) -> str:
    """The name with any white space inside and any apostrophe, in no hashtag, and apart from other words where its
    script sets them so.
    """
    before = r"(?<![^\W_])(?<![^\W_]_)(?<![#＃·・])" if ord(name[0]) < _FIRST_WITHOUT_EDGES else "(?<![#＃])"
    after = r"(?![^\W_])(?!_[^\W_])" if ord(name[-1]) < _FIRST_WITHOUT_EDGES else ""
    written = r"\s+".join(map(re.escape, name.translate(_APOSTROPHES).split()))
    return before + written.replace("'", "['’ʼ`´]") + after
