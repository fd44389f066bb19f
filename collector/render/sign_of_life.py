"""The short message after silent weeks, so that nobody wonders whether the digest has died."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.render.foot import contact_link, list_ways, tell_why
from collector.render.letter import Foot, Note, Paragraph
from collector.render.page import draw_note
from collector.render.plain import draw_note_text
from collector.render.scene import ALONE, Enclosure
from collector.render.weaving import weave
from collector.words import ENGLISH, Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """A series that has had nothing to show."""

    topics: tuple[str, ...]  # as shown, without '#'
    since_at: datetime | None  # of the last post; None: there never was one
    zone: ZoneInfo
    contact: str = ""


def render_sign_of_life(
    silence: Silence, *, words: Words = ENGLISH, enclosure: Enclosure = ALONE
) -> tuple[str, str, str]:
    """Subject, text and HTML of the message."""
    paragraphs: tuple[Paragraph, ...] = (
        (_since(words, silence),),
        (words.say("quiet_running"),),
        _contact(words, silence),
    )
    note = Note(
        language=words.language,
        direction=words.direction,
        subject=words.say("quiet_subject", topics=words.name_topics(silence.topics)),
        heading=words.say("quiet_heading"),
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
        foot=Foot(
            paragraphs=(tell_why(words, enclosure),),
            ways=list_ways(words, enclosure),
            imprint=enclosure.imprint or "",
        ),
    )
    return note.subject, draw_note_text(note), draw_note(note)


def _since(words: Words, silence: Silence) -> str:
    topics = words.name_topics(silence.topics)
    if silence.since_at is None:
        return words.say("quiet_ever", topics=topics)
    day = words.name_day(silence.since_at.astimezone(silence.zone).date(), with_year=True)
    return words.say("quiet_since", topics=topics, day=day)


def _contact(words: Words, silence: Silence) -> Paragraph:
    contact = contact_link(silence.contact)
    return weave(words, "quiet_contact", contact=contact) if contact else ()
