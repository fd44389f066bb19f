"""Both bodies of a mail from one letter, shortened until they fit."""

from __future__ import annotations

from dataclasses import dataclass

from collector.digest.phrases import words_for
from collector.model import Digest
from collector.render.composing import compose_letter
from collector.render.limits import LADDER, MOST_BYTES
from collector.render.page import draw_html
from collector.render.plain import draw_text
from collector.render.scene import ALONE, Enclosure
from collector.words import ENGLISH, Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Bodies:
    """The same letter twice; together below 100,000 bytes."""

    text: str
    html: str

    @property
    def size(self) -> int:
        """Bytes of both in UTF-8."""
        return len(self.text.encode()) + len(self.html.encode())


def render_bodies(digest: Digest, *, words: Words = ENGLISH, enclosure: Enclosure = ALONE) -> Bodies:
    """Text and HTML of a digest with the roomiest limits that fit; what is left out is counted in both."""
    words = words_for(words, digest.window)
    for limits in LADDER:
        letter = compose_letter(words, digest, enclosure, limits)
        bodies = Bodies(text=draw_text(letter), html=draw_html(letter))
        if bodies.size <= MOST_BYTES:
            break
    return bodies


def render_text(digest: Digest, *, words: Words = ENGLISH, enclosure: Enclosure = ALONE) -> str:
    """The plain text of a digest, at 76 columns."""
    return render_bodies(digest, words=words, enclosure=enclosure).text


def render_html(digest: Digest, *, words: Words = ENGLISH, enclosure: Enclosure = ALONE) -> str:
    """The HTML of a digest: one document with nothing from outside."""
    return render_bodies(digest, words=words, enclosure=enclosure).html
