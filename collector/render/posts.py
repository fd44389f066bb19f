"""A post put into words: as a card, or in one line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from collector.digest.phrases import describe_counts
from collector.model import DigestPost, Media, Post
from collector.render.letter import Byline, Card, Line, Link, Told
from collector.render.limits import Limits
from collector.text.addresses import is_web_address
from collector.text.cleaning import one_line
from collector.text.excerpts import excerpt, first_words
from collector.text.hashtags import normal_form
from collector.words import Words

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_PLACE = "\0"
_MOST_LINES = 12  # a text of more lines is a picture made of letters, or wants the page for itself
_MARKS = "#＃"
_COMMENT = "#comment-"  # in the address of a comment that is answered
_WITHOUT_HANDLES = frozenset({"wordpress", "feed"})  # there people sign with a name, and nobody can be called by it


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What is the same for all posts of a digest."""

    words: Words
    zone: ZoneInfo
    topics: frozenset[str]  # in normal form
    has_networks: bool  # more than one: then each post says its own
    under: str = ""  # the title of the one post that all comments stand under, where it is said above them


def make_card(shown: DigestPost, scene: Scene, limits: Limits, *, with_year: bool = False) -> Card:
    """The post as a card. Behind a content warning nothing of it is shown."""
    post = shown.post
    is_behind = bool(post.content_warning)
    text, is_cut = ("", False) if is_behind else _shorten_text(post, scene, limits)
    return Card(
        title="" if is_behind or post.is_comment else first_words(post.title, limits.small_text),
        text=text,
        is_cut=is_cut,
        warning=_warn(post, scene, limits) if is_behind else None,
        language=_language(post),
        attached=() if is_behind else _describe_media(post, scene, limits),
        poll=() if is_behind else _list_options(post, scene, limits),
        byline=_byline(shown, scene, limits, with_year=with_year),
        reactions=describe_counts(scene.words, shown.counts),
        answers=_answered(post, scene, limits),
        answers_title=post.is_comment,
        open=_link(scene.words.say("read_on" if is_cut or is_behind else "see"), post.url or post.uri, limits),
        copies=_copies(shown, scene, limits),
    )


def make_line(shown: DigestPost, scene: Scene, limits: Limits, *, with_year: bool = False, note: str = "") -> Line:
    """The post in one line: its first words, or its warning."""
    post = shown.post
    words = opening(post, scene.topics, limits.line_text)
    told = Told(words=words) if words else Told(before=scene.words.say("nothing_to_read"))
    href = post.url or post.uri
    return Line(
        text=_warn(post, scene, limits) if post.content_warning else told,
        href=href if _is_open(href, limits) else None,
        language=_language(post),
        byline=_byline(shown, scene, limits, with_year=with_year),
        note=note,
    )


def opening(post: Post, topics: frozenset[str], limit: int) -> str:
    """How a post begins, on one line; its title or its pictures speak where it has no words."""
    attached = next((media.alt_text for media in post.media if media.alt_text), "") if not post.is_sensitive else ""
    text = _without_topic(post.text, topics) or post.title or attached or ""
    return first_words(text, limit)


def _shorten_text(post: Post, scene: Scene, limits: Limits) -> tuple[str, bool]:
    text, is_cut = excerpt(_without_topic(post.text, scene.topics), limits.card_text)
    lines = [one_line(line) for line in text.splitlines()]
    if len(lines) > _MOST_LINES:
        lines = [one_line(text)]
    return "\n".join(lines).strip().replace(" …", "\u00a0…"), is_cut


def _without_topic(text: str, topics: frozenset[str]) -> str:
    """The text without the topics' hashtags at its end, which the whole letter is about; alone they stay."""
    rest = text.rstrip()
    while rest:
        *before, last = rest.rsplit(None, 1)
        if last[0] not in _MARKS or normal_form(last[1:]) not in topics:
            return rest
        rest = before[0] if before else ""
    return text


def _tell(scene: Scene, key: str, words: str, **values: str) -> Told:
    """A sentence of the catalogue around {words} that somebody else wrote."""
    before, _, after = scene.words.say(key, words=_PLACE, **values).partition(_PLACE)
    return Told(before=before, words=words, after=after)


def _warn(post: Post, scene: Scene, limits: Limits) -> Told:
    warning = first_words(post.content_warning, limits.small_text)
    return _tell(scene, "behind_warning", warning) if warning else Told(before=scene.words.say("behind_nothing"))


def _describe_media(post: Post, scene: Scene, limits: Limits) -> tuple[Told, ...]:
    told = [
        _describe_medium(media, scene, limits, is_sensitive=post.is_sensitive)
        for media in post.media[: limits.attached]
    ]
    left = len(post.media) - len(told)
    return (*told, Told(before=scene.words.count("more_media", left))) if left else tuple(told)


def _describe_medium(media: Media, scene: Scene, limits: Limits, *, is_sensitive: bool) -> Told:
    kind = scene.words.media.get(media.type, scene.words.media["unknown"])
    if is_sensitive:
        return Told(before=scene.words.say("sensitive", kind=kind))
    description = first_words(media.alt_text or "", limits.small_text)
    if not description:
        return Told(before=scene.words.say("undescribed", kind=kind))
    return _tell(scene, "described", description, kind=kind)


def _list_options(post: Post, scene: Scene, limits: Limits) -> tuple[Told, ...]:
    if not post.poll:
        return ()
    options = [Told(words=first_words(option, limits.small_text)) for option in post.poll.options[: limits.options]]
    left = len(post.poll.options) - len(options)
    return (*options, Told(before=scene.words.count("more_options", left))) if left else tuple(options)


def _byline(shown: DigestPost, scene: Scene, limits: Limits, *, with_year: bool) -> Byline:
    author = shown.post.author
    has_handle = bool(author.handle) and shown.post.network not in _WITHOUT_HANDLES
    return Byline(
        name=first_words(author.name, limits.name) or ("" if has_handle else scene.words.say("nameless")),
        handle=f"@{first_words(author.handle, limits.name)}" if has_handle else "",
        place=_place(shown.post, scene) if scene.has_networks else "",
        when=scene.words.name_moment(shown.dated_at, scene.zone, with_year=with_year),
    )


def _place(post: Post, scene: Scene) -> str:
    """Its network as people call it; of blogs and feeds, which are no networks, the site."""
    return (
        scene.words.name_site(post.url or post.uri)
        if post.network in _WITHOUT_HANDLES
        else scene.words.name_network(post.network)
    )


def _copies(shown: DigestPost, scene: Scene, limits: Limits) -> tuple[Link, ...]:
    """One link for each place that copies stand in."""
    places = {first_words(scene.words.name_site(address), limits.name): address for address in reversed(shown.also_at)}
    links = [Link(label=place, href=href if _is_open(href, limits) else None) for place, href in places.items()]
    return tuple(sorted(links, key=lambda link: link.label)[: limits.listed])


def _answered(post: Post, scene: Scene, limits: Limits) -> Link | None:
    if not post.reply_to_uri:
        return None
    if post.is_comment and _COMMENT in post.reply_to_uri:
        return _link(scene.words.say("in_answer_to_comment"), post.reply_to_uri, limits)
    if post.is_comment and post.title:
        title = first_words(post.title, limits.small_text)
        return (
            None
            if post.title == scene.under
            else _link(scene.words.say("under_title", title=title), post.reply_to_uri, limits)
        )
    place = first_words(scene.words.name_site(post.reply_to_uri), limits.name)
    return _link(scene.words.say("in_answer_to", place=place), post.reply_to_uri, limits)


def _link(label: str, href: str | None, limits: Limits) -> Link | None:
    return Link(label=label, href=href) if href and _is_open(href, limits) else None


def _is_open(href: str, limits: Limits) -> bool:
    return len(href) <= limits.address and is_web_address(href)


def _language(post: Post) -> str | None:
    return post.language if post.language and _LANGUAGE.fullmatch(post.language) else None
