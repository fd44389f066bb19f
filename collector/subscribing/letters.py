"""The short letters to one reader: what each says, in the words of the series that it is about."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from collector.config import SeriesSettings
from collector.links import Pages, Signer
from collector.links.personal import CONFIRM_WITHIN, confirm_token, settings_token
from collector.model import Standing, Subscriber
from collector.render.foot import make_way
from collector.render.letter import Foot, Note
from collector.subscribing.deciding import LetterKind
from collector.subscribing.readership import Readership


def write_letter(
    readership: Readership, kind: LetterKind, reader: Subscriber, signer: Signer, now: datetime
) -> Note | None:
    """The letter as it is now; None where nothing is left to say, or no page is there to link to."""
    base = readership.settings.web.base_url
    if base is None:
        return None
    if kind is LetterKind.CONFIRM:
        return _confirm(readership, reader, Pages(base=base).confirm(confirm_token(signer, reader.key, now)), now)
    return _settings(readership, reader, Pages(base=base).settings(settings_token(signer, reader.key)))


def _confirm(readership: Readership, reader: Subscriber, page: str, now: datetime) -> Note | None:
    asked = list(reader.series_that_are(Standing.ASKED))
    if reader.bounced_at is not None:
        asked += reader.series_that_are(Standing.CONFIRMED)
    if not asked:
        return None
    series = readership.speaker(asked) or readership.settings.digests[0]
    words, names = series.words, readership.name_series(asked)
    until = words.name_moment(now + CONFIRM_WITHIN, ZoneInfo(series.timezone), with_zone=True)
    return Note(
        language=words.language,
        direction=words.direction,
        subject=words.say("confirm_subject", series=words.join(names)),
        heading=words.say("confirm_heading"),
        paragraphs=((words.say("confirm_asked", series=words.join(names)),),),
        action=make_way(words, "confirm_action", page),
        remarks=((words.say("confirm_until", until=until),),),
        foot=_foot(readership, series),
    )


def _settings(readership: Readership, reader: Subscriber, page: str) -> Note | None:
    theirs = list(reader.series_that_are(Standing.CONFIRMED))
    if not theirs:
        return None
    series = readership.speaker(theirs) or readership.settings.digests[0]
    words, names = series.words, readership.name_series(theirs)
    return Note(
        language=words.language,
        direction=words.direction,
        subject=words.say("settings_subject", series=words.join(names)),
        heading=words.say("settings_heading"),
        paragraphs=((words.say("settings_told", series=words.join(names)),),),
        action=make_way(words, "settings_action", page),
        remarks=((words.say("settings_hint"),),),
        foot=_foot(readership, series),
    )


def _foot(readership: Readership, series: SeriesSettings) -> Foot:
    web, words = readership.settings.web, series.words
    pages = Pages(base=web.base_url or "")
    return Foot(
        paragraphs=((words.say("letter_why", site=pages.home),),),
        ways=(make_way(words, "way_privacy_page", pages.privacy),),
        imprint=web.imprint or "",
    )
