"""A digest as the pages tell it: the mail's own letter, with more room and its own ways on."""

from __future__ import annotations

from collector.config import SeriesSettings
from collector.digest.phrases import say_of, words_for
from collector.errors import UnknownNameError
from collector.links import Pages
from collector.model import Digest, DigestState, Window
from collector.render.composing import compose_letter
from collector.render.letter import Letter
from collector.render.limits import Limits
from collector.render.scene import Enclosure
from collector.web.refusing import Refusal
from collector.web.visiting import Visit
from collector.words import Words

ON_A_PAGE = Limits(card_text=1_000, line_text=160, small_text=500, cards=60, lines=2_000, attached=16, options=20)
IN_A_FEED = Limits(cards=12, lines=12)


def write_letter(visit: Visit, series: SeriesSettings, digest: Digest, pages: Pages, limits: Limits) -> Letter:
    """The digest in words. An open one has no table of its members yet, as they may change."""
    is_built = digest.state is DigestState.BUILT
    enclosure = Enclosure(
        csv_page=pages.digest_csv(series.name, digest.window.name) if is_built else None,
        privacy_page=pages.privacy,
        is_page=True,
    )
    return compose_letter(words_for(visit.words, digest.window), digest, enclosure, limits)


def find_series(visit: Visit, name: str) -> SeriesSettings:
    """The series of that name; Refusal (404) where there is none."""
    try:
        return visit.settings.series(name)
    except UnknownNameError:
        raise Refusal(404) from None


def name_window(words: Words, window: Window) -> str:
    """A window as a heading: "Week 47 · 16 to 22 November 2026"."""
    return say_of(words, "masthead", window)


def name_series(visit: Visit, series: SeriesSettings) -> str:
    """Its title, or what it is about, and its name where there are several: "#notcoproduction, weekly"."""
    if series.title:
        return series.title
    topics = series.words.name_topics([visit.settings.display(topic) for topic in series.topics])
    if len(visit.settings.digests) == 1:
        return topics
    return series.words.say("series_title", topics=topics, series=series.name)
