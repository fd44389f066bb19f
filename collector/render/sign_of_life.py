"""The short message after silent weeks, so that nobody wonders whether the digest has died."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.digest.phrases import name_day, name_topics, say
from collector.digest.wording import LANGUAGE
from collector.render.composing import Enclosure, contact_link, way_out
from collector.render.letter import Note, Paragraph
from collector.render.page import draw_note
from collector.render.plain import draw_note_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """A series that has had nothing to show."""

    topics: tuple[str, ...]  # as shown, without '#'
    since_at: datetime | None  # of the last post; None: there never was one
    zone: ZoneInfo
    contact: str = ""


def render_sign_of_life(silence: Silence, *, unsubscribe: str | None = None) -> tuple[str, str, str]:
    """Subject, text and HTML of the message."""
    paragraphs: tuple[Paragraph, ...] = ((_since(silence),), (say("quiet_running"),), _contact(silence))
    note = Note(
        language=LANGUAGE,
        subject=say("quiet_subject", topics=name_topics(silence.topics)),
        heading=say("quiet_heading"),
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
        foot=(way_out(Enclosure(unsubscribe=unsubscribe)),),
    )
    return note.subject, draw_note_text(note), draw_note(note)


def _since(silence: Silence) -> str:
    topics = name_topics(silence.topics)
    if silence.since_at is None:
        return say("quiet_ever", topics=topics)
    day = name_day(silence.since_at.astimezone(silence.zone).date(), with_year=True)
    return say("quiet_since", topics=topics, day=day)


def _contact(silence: Silence) -> Paragraph:
    contact = contact_link(silence.contact)
    return (say("quiet_contact"), contact, say("full_stop")) if contact else ()
