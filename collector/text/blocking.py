"""Words that keep a post out of sight: whole words, or several in a row, whatever their case and accents.

They are compared as texts are searched (`folding`): so a word of a script that is written without spaces is found
inside, and `casino` is not in `Casinos`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from collector.text.folding import words_of


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockWords:
    """What is looked for, each folded, in alphabetical order."""

    phrases: tuple[str, ...] = ()

    @classmethod
    def read(cls, written: Iterable[str]) -> Self:
        """The words as somebody wrote them; what holds no letter or number is none."""
        return cls(phrases=tuple(sorted({" ".join(words_of(text)) for text in written} - {""})))

    def are_in(self, texts: Iterable[str]) -> bool:
        """True where one of the texts holds one of them. A phrase stands within one text, not across two."""
        return any(self._is_in(text) for text in texts if text) if self.phrases else False

    def _is_in(self, text: str) -> bool:
        folded = f" {' '.join(words_of(text))} "
        return any(f" {phrase} " in folded for phrase in self.phrases)
