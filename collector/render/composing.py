"""A digest turned into a letter: what stands where, in which words, within given limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from collector.digest.phrases import describe_week, name_span, week_number
from collector.model import Digest, DigestPost, DigestState, Section
from collector.render.foot import compose_foot
from collector.render.letter import Bar, Block, Letter, Line, Link
from collector.render.limits import Limits
from collector.render.posts import make_card, make_line, opening
from collector.render.scene import Enclosure, Scene
from collector.text.hashtags import normal_form
from collector.words import ENGLISH, Words

_ORDER = ("top", "comments", "more", "also_tagged", "threads", "late", "archive")
_AS_CARDS = frozenset({"top", "comments", "archive"})
_WITH_YEARS = frozenset({"archive"})
_PREHEADER = 90  # characters: what a phone shows beside the subject


def compose_letter(words: Words, digest: Digest, enclosure: Enclosure, limits: Limits) -> Letter:
    """The letter within these limits."""
    scene = _set_scene(words, digest, enclosure, limits)
    topics, week = words.name_topics(digest.topics), week_number(digest.window)
    span, is_open = name_span(words, digest.window), digest.state is DigestState.OPEN
    return Letter(
        language=words.language,
        subject=digest.subject,
        preheader=preheader(digest, words),
        topics=topics,
        week_line=words.say("week_line", week=week, span=span),
        first_line=words.say("first_line", topics=topics, week=week, span=span),
        web=Link(label=words.say("on_the_web"), href=enclosure.digest_page) if enclosure.digest_page else None,
        sentence=describe_week(words, digest.totals),
        notice=words.say("still_open") if is_open else "",
        bars=_bars(digest, words),
        opening=digest.opening,
        blocks=_blocks(digest, scene),
        closing=digest.closing,
        ending=words.say("ending_open" if is_open else "ending", week=week),
        foot=compose_foot(digest, scene),
    )


def preheader(digest: Digest, words: Words = ENGLISH) -> str:
    """The best post's first words, which stand beside the subject: "“…” and 11 more"."""
    topics = _normal(digest.topics)
    readable = (shown.post for section in digest.sections for shown in section.posts if not shown.post.content_warning)
    opened = next(filter(None, (opening(post, topics, _PREHEADER) for post in readable)), "")
    if not opened:
        return describe_week(words, digest.totals)
    more = digest.totals.posts - 1
    return (
        words.say("quote_and_more", text=opened, more=words.number(more))
        if more > 0
        else words.say("quote", text=opened)
    )


def _set_scene(words: Words, digest: Digest, enclosure: Enclosure, limits: Limits) -> Scene:
    return Scene(
        words=words,
        limits=limits,
        enclosure=enclosure,
        zone=ZoneInfo(digest.window.timezone),
        topics=_normal(digest.topics),
        has_networks=len(digest.totals.by_network) > 1,
    )


def _normal(topics: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal_form(topic) for topic in topics)


def _bars(digest: Digest, words: Words) -> tuple[Bar, ...]:
    most = max(digest.totals.by_day.values(), default=0)
    if not most:
        return ()
    return tuple(
        Bar(day=words.short_days[day.weekday()], posts=posts, share=posts / most)
        for day, posts in digest.totals.by_day.items()
    )


def _blocks(digest: Digest, scene: Scene) -> tuple[Block, ...]:
    named = {section.name: section for section in (*digest.sections, *digest.references)}
    made = {name: _block(section, scene) for name, section in named.items()}
    made["also_tagged"] = _also_tagged(digest, scene)
    return tuple(made[name] for name in _ORDER if name in made and _has_content(made[name]))


def _has_content(block: Block) -> bool:
    return bool(block.prose or block.cards or block.lines or block.notes)


def _block(section: Section, scene: Scene) -> Block:
    limits = scene.limits
    under = _one_title(section.posts) if section.name == "comments" else ""
    scene = replace(scene, has_years=section.name in _WITH_YEARS, under=under)
    as_cards = section.posts[: limits.cards] if section.name in _AS_CARDS else ()
    rest = section.posts[len(as_cards) :]
    return Block(
        name=section.name,
        title=section.title,
        prose=(scene.words.say("all_under_title", title=scene.small(under)),) if under else (),
        cards=tuple(make_card(shown, scene) for shown in as_cards),
        lines=tuple(_line(section.name, shown, scene) for shown in rest[: limits.lines]),
        notes=_notes(section, len(rest[limits.lines :]), scene),
    )


def _one_title(comments: Sequence[DigestPost]) -> str:
    """The title that several comments stand under, if it is the same for all."""
    titles = {shown.post.title for shown in comments if shown.post.is_comment}
    return titles.pop() if len(comments) > 1 and len(titles) == 1 else ""


def _line(section: str, shown: DigestPost, scene: Scene) -> Line:
    beside = scene.words.count("replies", shown.counts.replies) if section == "threads" else ""
    return make_line(shown, scene, beside=beside)


def _notes(section: Section, left_out: int, scene: Scene) -> tuple[str, ...]:
    key = "left_out_but_attached" if scene.enclosure.attachment else "left_out"
    counts = {key: left_out, "taken_back": section.taken_back}
    return tuple(scene.words.count(key, number) for key, number in counts.items() if number)


def _also_tagged(digest: Digest, scene: Scene) -> Block:
    words = scene.words
    told = [
        words.say("tag_count", tag=scene.name(tag), count=words.number(posts))
        for tag, posts in digest.also_tagged[: scene.limits.listed]
    ]
    prose = (words.words["comma"].join(told),) if told else ()
    return Block(name="also_tagged", title=words.titles["also_tagged"], prose=prose)
