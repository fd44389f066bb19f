"""Lists of posts: all of them, or those that somebody looks for; as a page, and as feeds that ask the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from collector.model import DigestPost
from collector.render.letter import Line
from collector.render.limits import Limits
from collector.render.posts import make_card, make_line, opening
from collector.render.scene import ALONE, Scene
from collector.storage.database import Connection
from collector.storage.digests import shown_posts
from collector.storage.listing import Listed, list_posts
from collector.storage.numbers import networks
from collector.text.hashtags import normal_form
from collector.web.allowances import FEEDS, SEARCHES
from collector.web.answers import Answer, give, show
from collector.web.asked import NAMES, Asked, read_after, read_asked
from collector.web.drawing import FeedLink, Head, draw_part, name_site
from collector.web.feeds import ATOM, JSON, Entry, Feed, draw_atom, draw_json
from collector.web.routing import Route
from collector.web.visiting import Visit

_ON_A_PAGE = 20
_IN_A_FEED = 30
_NOTHING = Listed(post_ids=(), total=0, is_more=False, following=None)
_IN_LISTS = Limits(line_text=240, small_text=240)
_WHOLE = Limits(card_text=4_000, line_text=100, small_text=1_000, attached=16, options=20)


def show_list(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """The form, and a page of what it found. Lists are no page of a search engine: they change, and hold everybody."""
    if visit.query:  # the list as such is a plain page
        visit.spend(SEARCHES)
    asked, after = read_asked(visit.query, zone_of(visit)), read_after(visit.query)
    with visit.database.read() as conn:
        listed = _NOTHING if asked.fault else list_posts(conn, asked.wanted, _ON_A_PAGE, after)
        shown = shown_posts(conn, listed.post_ids, None)
        known = networks(conn)
    scene = set_scene(visit, _IN_LISTS)
    lines = [_line(visit, shown[post_id], scene) for post_id in listed.post_ids if post_id in shown]
    return show(
        visit,
        "posts.html",
        _head(visit, asked),
        status=400 if asked.fault else 200,
        asked=asked,
        lines=lines,
        listed=listed,
        networks=known,
        topics=[(topic, visit.settings.display(topic)) for topic in visit.settings.topics],
        is_first=after is None,
        following=asked.at(visit.pages.search, listed.following) if listed.following else "",
    )


def zone_of(visit: Visit) -> ZoneInfo:
    """Where days begin, on pages that belong to no series."""
    return ZoneInfo(visit.settings.collector.timezone)


def set_scene(visit: Visit, limits: Limits) -> Scene:
    """In which words posts are shown that stand in no digest."""
    return Scene(
        words=visit.words,
        limits=limits,
        enclosure=ALONE,
        zone=zone_of(visit),
        topics=frozenset(map(normal_form, visit.settings.topics)),
        has_networks=True,
        has_years=True,
    )


def _line(visit: Visit, shown: DigestPost, scene: Scene) -> Line:
    return replace(make_line(shown, scene), href=visit.pages.post(shown.post_id))


def _head(visit: Visit, asked: Asked) -> Head:
    words, topics = visit.words, visit.words.name_topics([visit.settings.display(one) for one in visit.settings.topics])
    title = words.say("found_title", asked=asked.fields["q"]) if asked.is_search else words.say("posts_title")
    return Head(
        title=title,
        address=asked.at(visit.public.search),
        description=words.say("posts_description", topics=topics),
        feeds=() if asked.fault else _feeds(visit, asked, title),
        is_listed=False,
    )


def _feeds(visit: Visit, asked: Asked, title: str) -> tuple[FeedLink, ...]:
    return tuple(
        FeedLink(title=title, type=kind, address=asked.at(visit.pages.post_feed(form)))
        for form, kind in (("atom", ATOM), ("json", JSON))
    )


def give_atom(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """Atom, RFC 4287."""
    return give(draw_atom(_gather(visit, "atom")), f"{ATOM}; charset=utf-8")


def give_json(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """JSON Feed 1.1."""
    return give(draw_json(_gather(visit, "json")), f"{JSON}; charset=utf-8")


def _gather(visit: Visit, form: str) -> Feed:
    visit.spend(FEEDS)
    asked = read_asked(visit.query, zone_of(visit))
    with visit.database.read() as conn:
        shown = [] if asked.fault else _newest(conn, asked)
    scene = set_scene(visit, _WHOLE)
    return Feed(
        title=visit.words.say("found_title", asked=asked.fields["q"]) if asked.is_search else name_site(visit),
        language=visit.words.language,
        page=asked.at(visit.public.search),
        address=asked.at(visit.public.post_feed(form)),
        entries=tuple(_entry(visit, post, scene) for post in shown),
    )


def _newest(conn: Connection, asked: Asked) -> list[DigestPost]:
    listed = list_posts(conn, asked.wanted, _IN_A_FEED)
    shown = shown_posts(conn, listed.post_ids, None)
    return [shown[post_id] for post_id in listed.post_ids if post_id in shown]


def _entry(visit: Visit, shown: DigestPost, scene: Scene) -> Entry:
    """The date of an edit counts only where it can be one: readers take what they know for unchanged else."""
    post, line, card = shown.post, make_line(shown, scene), make_card(shown, scene)
    title = str(line.text) if post.content_warning else opening(post, scene.topics, scene.limits.line_text)
    edited_at = post.edited_at if post.edited_at and shown.dated_at < post.edited_at <= visit.now else shown.dated_at
    return Entry(
        address=visit.public.post(shown.post_id),
        title=title or str(line.text),
        summary="",
        html=draw_part(visit, "post_entry.html", card=card),
        at=edited_at,
        published_at=shown.dated_at,
        author=" ".join(filter(None, (card.byline.name, card.byline.handle))),
    )


ROUTES = (
    Route(path="/posts", get=show_list, is_shared=True, asks=frozenset({*NAMES, "after"})),
    Route(path="/feeds/posts.atom", get=give_atom, is_shared=True, asks=frozenset(NAMES)),
    Route(path="/feeds/posts.json", get=give_json, is_shared=True, asks=frozenset(NAMES)),
)
