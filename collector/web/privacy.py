"""What is held and why, for how long, and how to have it changed: told from the configuration, so that it is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from collector.config import Settings
from collector.render.foot import contact_link
from collector.render.letter import Link, Paragraph
from collector.render.weaving import weave
from collector.subscribing.leaving import LEFT_FOR, UNCONFIRMED_FOR
from collector.web.answers import Answer, show
from collector.web.drawing import Head
from collector.web.routing import Route
from collector.web.visiting import Visit
from collector.words import Words

_MOST_PLACES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """A heading and what is said under it."""

    title: str
    paragraphs: tuple[Paragraph, ...]


def show_privacy(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """The page that every mail and page leads to."""
    words = visit.words
    head = Head(
        title=words.say("privacy_title"),
        address=visit.public.privacy,
        description=words.say("privacy_description"),
    )
    return show(visit, "privacy.html", head, chapters=tuple(tell_privacy(words, visit.settings)))


def tell_privacy(words: Words, settings: Settings) -> Iterator[Chapter]:
    """The chapters, of what the settings say."""
    contact = contact_link(settings.collector.contact)
    yield _chapter(words, "privacy_held", _held(words, settings))
    yield _chapter(words, "privacy_long", _how_long(words, settings))
    yield _chapter(words, "privacy_wishes", _wishes(words, settings))
    yield _chapter(words, "privacy_asking", _asking(words, contact))
    yield _chapter(words, "privacy_subscribers", _subscribers(words, settings))
    yield _chapter(words, "privacy_visitors", ((words.say("privacy_visitors"),),))


def _chapter(words: Words, key: str, paragraphs: tuple[Paragraph, ...]) -> Chapter:
    return Chapter(title=words.say(f"{key}_title"), paragraphs=paragraphs)


def _held(words: Words, settings: Settings) -> tuple[Paragraph, ...]:
    topics = words.name_topics([settings.display(topic) for topic in settings.topics])
    sites = dict.fromkeys(words.name_site(source.place) for source in settings.sources)
    places = words.join_some(list(sites), _MOST_PLACES)
    return (
        (words.say("privacy_held", topics=topics),),
        *(((words.say("privacy_places", places=places),),) if places else ()),
        (words.say("privacy_why"),),
    )


def _how_long(words: Words, settings: Settings) -> tuple[Paragraph, ...]:
    kept = settings.database
    told = [
        _keeping(words, "privacy_posts", kept.keep_posts_for),
        _keeping(words, "privacy_revisions", kept.keep_revisions_for),
        _keeping(words, "privacy_answers", kept.keep_raw_for) if kept.keep_raw else words.say("privacy_no_answers"),
    ]
    return ((" ".join(told),),)


def _keeping(words: Words, key: str, span: timedelta | None) -> str:
    if span is None:
        return words.say(f"{key}_forever")
    return words.say(f"{key}_for", span=_span(words, span))


def _span(words: Words, span: timedelta) -> str:
    is_short = span < timedelta(days=1)
    return words.count("hours", span // timedelta(hours=1)) if is_short else words.count("days", span.days)


def _wishes(words: Words, settings: Settings) -> tuple[Paragraph, ...]:
    has_bluesky = any(source.kind == "bluesky" for source in settings.sources)
    profile = words.say("left_out_by_profile")
    return (
        (words.say("privacy_deleted"),),
        (f"{profile} {words.say('left_out_on_bluesky')}" if has_bluesky else profile,),
    )


def _asking(words: Words, contact: Link | None) -> tuple[Paragraph, ...]:
    rights = (words.say("privacy_rights"),)
    return (weave(words, "privacy_asking", contact=contact), rights) if contact else (rights,)


def _subscribers(words: Words, settings: Settings) -> tuple[Paragraph, ...]:
    """Also where nobody can sign up, as people are added, too. Without an address of the pages no mail has a link."""
    if settings.web.base_url is None:
        return ((words.say("privacy_subscribers"),),)
    spans = {"unconfirmed": _span(words, UNCONFIRMED_FOR), "left": _span(words, LEFT_FOR)}
    return ((words.say("privacy_subscribers"),), (words.say("privacy_leaving", **spans),))


ROUTES = (Route(path="/privacy", get=show_privacy, is_shared=True),)
