"""A post put into words: as a card, or in one line."""

from __future__ import annotations

import re

from collector.digest.phrases import describe_counts
from collector.model import DigestPost, Media, Post
from collector.render.letter import Byline, Card, Line, Link, Paragraph, Told
from collector.render.scene import Scene
from collector.render.weaving import enumerated, weave
from collector.text.addresses import is_web_address
from collector.text.cleaning import one_line
from collector.text.excerpts import ends_sentence, excerpt, first_words
from collector.text.hashtags import normal_form

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")
_PLACE = "\0"
_MOST_LINES = 12  # a text of more lines is a picture made of letters, or wants the page for itself
_MARKS = "#＃"
_COMMENT = "#comment-"  # in the address of a comment that is answered
_WITHOUT_HANDLES = frozenset({"wordpress", "feed"})  # there people sign with a name, and nobody can be called by it


def make_card(shown: DigestPost, scene: Scene) -> Card:
    """The post as a card. Behind a content warning nothing of it is shown."""
    post = shown.post
    is_behind, answers = bool(post.content_warning), _answered(post, scene)
    text, is_cut = ("", False) if is_behind else _shorten_text(post, scene)
    title = "" if is_behind or post.is_comment else scene.small(post.title)
    attached = () if is_behind else _describe_media(post, scene)
    if not (is_behind or title or text or attached or post.poll):
        attached = (Told(before=scene.words.say("nothing_to_read")),)
    return Card(
        title=title,
        text=text,
        warning=_warn(post, scene) if is_behind else None,
        language=_language(post),
        attached=attached,
        poll_title=scene.words.say("poll"),
        poll=() if is_behind else _list_options(post, scene),
        note=_note(shown, scene),
        byline=_byline(shown, scene),
        reactions=describe_counts(scene.words, shown.counts),
        answers=answers,
        answers_told=_tell_answered(post, answers, scene) if answers else "",
        open=_link(scene.words.say("read_on" if is_cut or is_behind else "see"), post.url or post.uri, scene),
        copies=_copies(shown, scene),
    )


def make_line(shown: DigestPost, scene: Scene, *, beside: str = "") -> Line:
    """The post in one line: its first words, or its warning."""
    post = shown.post
    words = opening(post, scene.topics, scene.limits.line_text)
    told = Told(words=words) if words else Told(before=scene.words.say("nothing_to_read"))
    href = post.url or post.uri
    return Line(
        text=_warn(post, scene) if post.content_warning else told,
        href=href if _is_open(href, scene) else None,
        language=_language(post),
        byline=_byline(shown, scene),
        beside=beside,
        note=_note(shown, scene),
    )


def opening(post: Post, topics: frozenset[str], limit: int) -> str:
    """How a post begins, on one line: with its title, if it has one; its pictures speak where it has no words."""
    title = "" if post.is_comment else one_line(post.title)  # a comment's is that of the post it answers
    attached = next((media.alt_text for media in post.media if media.alt_text), "") if not post.is_sensitive else ""
    text = title or _without_topic(post.text, topics) or post.title or attached or ""
    return first_words(text, limit)


def _shorten_text(post: Post, scene: Scene) -> tuple[str, bool]:
    text, is_cut = excerpt(_without_topic(post.text, scene.topics), scene.limits.card_text)
    lines = [one_line(line) for line in text.splitlines()]
    if len(lines) > _MOST_LINES:
        lines = [one_line(text)]
    return "\n".join(lines).strip().replace(" …", "\u00a0…"), is_cut


def _without_topic(text: str, topics: frozenset[str]) -> str:
    """The text without the topics' hashtags below or behind its last sentence: the whole letter is about them.

    Alone they stay, and so does one that may be the last word of a sentence, as in "this is #notcoproduction".
    """
    rest = text.rstrip()
    while rest:
        *before, last = rest.rsplit(None, 1)
        if last[0] not in _MARKS or normal_form(last[1:]) not in topics:
            break
        rest = before[0] if before else ""
    dropped = text.rstrip()[len(rest) :]
    stands_apart = len(dropped.split()) > 1 or "\n" in dropped or ends_sentence(rest)
    return rest if rest and stands_apart else text


def _tell(scene: Scene, key: str, words: str, **values: str) -> Told:
    """A sentence of the catalogue around {words} that somebody else wrote."""
    before, _, after = scene.words.say(key, words=_PLACE, **values).partition(_PLACE)
    return Told(before=before, words=words, after=after)


def _warn(post: Post, scene: Scene) -> Told:
    warning = scene.small(post.content_warning)
    return _tell(scene, "behind_warning", warning) if warning else Told(before=scene.words.say("behind_nothing"))


def _note(shown: DigestPost, scene: Scene) -> Told | None:
    return _tell(scene, "curator_note", first_words(shown.note, scene.limits.note)) if shown.note else None


def _describe_media(post: Post, scene: Scene) -> tuple[Told, ...]:
    told = [
        _describe_medium(media, scene, is_sensitive=post.is_sensitive) for media in post.media[: scene.limits.attached]
    ]
    left = len(post.media) - len(told)
    return (*told, Told(before=scene.words.count("more_media", left))) if left else tuple(told)


def _describe_medium(media: Media, scene: Scene, *, is_sensitive: bool) -> Told:
    kind = scene.words.media.get(media.type, scene.words.media["unknown"])
    if is_sensitive:
        return Told(before=scene.words.say("sensitive", kind=kind))
    description = scene.small(media.alt_text or "")
    if not description:
        return Told(before=scene.words.say("undescribed", kind=kind))
    return _tell(scene, "described", description, kind=kind)


def _list_options(post: Post, scene: Scene) -> tuple[Told, ...]:
    if not post.poll:
        return ()
    said = [option for option in map(scene.small, post.poll.options) if option]
    options = [Told(words=option) for option in said[: scene.limits.options]]
    left = len(said) - len(options)
    return (*options, Told(before=scene.words.count("more_options", left))) if left else tuple(options)


def call(shown: DigestPost, scene: Scene) -> str:
    """What its author is called: by name, or else by handle."""
    byline = _byline(shown, scene)
    return byline.name or byline.handle


def _byline(shown: DigestPost, scene: Scene) -> Byline:
    author = shown.post.author
    has_handle = bool(author.handle) and shown.post.network not in _WITHOUT_HANDLES
    return Byline(
        name=scene.name(author.name) or ("" if has_handle else scene.words.say("nameless")),
        handle=f"@{scene.name(author.handle)}" if has_handle else "",
        place=_place(shown.post, scene) if scene.has_networks else "",
        when=scene.words.name_moment(shown.dated_at, scene.zone, with_year=scene.has_years),
        comma=scene.words.words["comma"],
        post_id=shown.post_id,
    )


def _place(post: Post, scene: Scene) -> str:
    """Its network as people call it; of blogs and feeds, which are no networks, the site."""
    return (
        scene.words.name_site(post.url or post.uri)
        if post.network in _WITHOUT_HANDLES
        else scene.words.name_network(post.network)
    )


def _copies(shown: DigestPost, scene: Scene) -> Paragraph:
    """One link for each place that copies stand in."""
    places = {scene.name(scene.words.name_site(address)): address for address in reversed(shown.also_at)}
    links = [Link(label=place, href=href if _is_open(href, scene) else None) for place, href in places.items()]
    shown_links = sorted(links, key=lambda link: link.label)[: scene.limits.listed]
    return weave(scene.words, "also_on", places=enumerated(scene.words, shown_links)) if links else ()


def _answered(post: Post, scene: Scene) -> Link | None:
    if not post.reply_to_uri:
        return None
    if post.is_comment and _COMMENT in post.reply_to_uri:
        return _link(scene.words.say("in_answer_to_comment"), post.reply_to_uri, scene)
    if post.is_comment and post.title:
        title = scene.small(post.title)
        return (
            None
            if post.title == scene.under
            else _link(scene.words.say("under_title", title=title), post.reply_to_uri, scene)
        )
    place = scene.name(scene.words.name_site(post.reply_to_uri))
    return _link(scene.words.say("in_answer_to", place=place), post.reply_to_uri, scene)


def _tell_answered(post: Post, answers: Link, scene: Scene) -> str:
    """Of a comment the words say enough."""
    return answers.label if post.is_comment else scene.words.say("in_answer_to_address", address=answers.href)


def _link(label: str, href: str | None, scene: Scene) -> Link | None:
    return Link(label=label, href=href) if href and _is_open(href, scene) else None


def _is_open(href: str, scene: Scene) -> bool:
    return len(href) <= scene.limits.address and is_web_address(href)


def _language(post: Post) -> str | None:
    return post.language if post.language and _LANGUAGE.fullmatch(post.language) else None
