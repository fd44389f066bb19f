"""The page of one post: all that it says, who said it and where, and the digests that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from collector.config import SeriesSettings
from collector.config.addresses import is_private_host
from collector.model import DigestPost, Hashtag, Window
from collector.render.letter import Card, Link, Paragraph
from collector.render.limits import Limits
from collector.render.posts import make_card, opening
from collector.render.scene import Scene
from collector.storage.showing import ShownPost, Sighted, find_shown, was_there
from collector.text.addresses import is_web_address
from collector.text.excerpts import first_words
from collector.text.values import HIGHEST_COUNT
from collector.web.answers import Answer, show
from collector.web.drawing import Head
from collector.web.letters import name_series, name_window
from collector.web.posts import set_scene
from collector.web.refusing import Refusal
from collector.web.routing import Route
from collector.web.visiting import Visit

_WHOLE = Limits(card_text=1_000_000, line_text=100, small_text=4_000, attached=100, options=100, listed=50)
_ADDRESS = re.compile(r"https?://[^\s<>\"「」『』（）。、]+")
_LOOSE_END = ".,;:!?'’”»…)]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """A post with nothing cut off."""

    card: Card  # as if it had no warning
    warning: str
    title: str  # that may head the page: it stands behind no warning
    paragraphs: tuple[tuple[Paragraph, ...], ...]  # each of lines
    links: tuple[str, ...]  # that do not stand in its text
    tags: tuple[Hashtag, ...]
    edited: str


def show_post(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """The post; 404 where there never was one, and 410 for whatever may not be shown any more: it does not say why."""
    post_id = arguments["post_id"]
    if post_id > HIGHEST_COUNT:
        raise Refusal(404)
    with visit.database.read() as conn:
        found = find_shown(conn, post_id)
        is_gone = found is None and was_there(conn, post_id)
    if found is None:
        raise Refusal(410 if is_gone else 404)
    scene = set_scene(visit, _WHOLE)
    whole = _make_whole(found.shown, scene)
    return show(
        visit,
        "post.html",
        _head(visit, found, whole, scene),
        whole=whole,
        shown=found.shown,
        seen=[(_name_place(visit, one), _moment(scene, one.first_seen_at)) for one in found.seen],
        digests=[
            _lead_to(visit, series, one.window) for one in found.digests if (series := _series(visit, one.series))
        ],
    )


def _head(visit: Visit, found: ShownPost, whole: Whole, scene: Scene) -> Head:
    """Behind a warning nothing of the post is told to whoever only sees a card of the page."""
    post, byline = found.shown.post, whole.card.byline
    day = scene.words.name_day(found.shown.dated_at.astimezone(scene.zone).date(), with_year=True)
    told = "" if post.content_warning else opening(post, scene.topics, 200)
    signed = scene.words.say("post_title", name=byline.name or byline.handle, day=day)
    return Head(
        title=first_words(whole.title, 200) or signed,
        address=visit.public.post(found.shown.post_id),
        description=told,
        is_listed=post.author.is_indexable is not False,
    )


def _make_whole(shown: DigestPost, scene: Scene) -> Whole:
    post = shown.post
    bare = replace(post, content_warning="", is_sensitive=post.is_sensitive and not post.content_warning)
    card = make_card(replace(shown, post=bare), scene)
    edited_at = post.edited_at if post.edited_at and post.edited_at > shown.dated_at else None
    return Whole(
        card=card,
        warning=post.content_warning,
        title="" if post.content_warning else card.title,
        paragraphs=tuple(
            tuple(tuple(link_up(line)) for line in paragraph.splitlines()) for paragraph in post.text.split("\n\n")
        ),
        links=tuple(link for link in post.links if link not in post.text and is_web_address(link)),
        tags=post.hashtags,
        edited=scene.words.say("post_edited", when=_moment(scene, edited_at)) if edited_at else "",
    )


def link_up(line: str) -> Iterator[str | Link]:
    """A line of plain text with the web addresses in it as links, each shown as it stands there."""
    done = 0
    for found in _ADDRESS.finditer(line):
        address = found[0].rstrip(_LOOSE_END)
        if address.count("(") > address.count(")") and found[0][len(address) :].startswith(")"):
            address += ")"
        if is_web_address(address):
            yield line[done : found.start()]
            yield Link(label=address, href=address)
            done = found.start() + len(address)
    yield line[done:]


def _moment(scene: Scene, at: datetime) -> str:
    return scene.words.name_moment(at, scene.zone, with_year=True)


def _series(visit: Visit, name: str) -> SeriesSettings | None:
    """The settings of a series that there is still."""
    return next((series for series in visit.settings.digests if series.name == name), None)


def _lead_to(visit: Visit, series: SeriesSettings, window: Window) -> Link:
    """A digest, by its series too where there are several: two weekly ones have the same weeks."""
    label = name_window(series.words, window)
    if len(visit.settings.digests) > 1:
        label = series.words.say("digest_title", series=name_series(visit, series), window=label)
    return Link(label=label, href=visit.pages.digest(series.name, window.name))


def _name_place(visit: Visit, seen: Sighted) -> str:
    """Its host, or its name where the address is of a machine nobody else can reach."""
    return seen.source if is_private_host(seen.address) else visit.words.name_site(seen.address)


ROUTES = (Route(path="/posts/<int:post_id>", get=show_post, is_shared=True),)
