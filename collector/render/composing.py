"""A digest turned into a letter: what stands where, in which words, within given limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from collector.digest.calendars import calendar_of
from collector.digest.phrases import describe_totals, name_window, say_of
from collector.model import Cadence, Digest, DigestPost, DigestState, Section
from collector.render.foot import compose_foot
from collector.render.letter import Bar, Block, Letter, Line, Link, Name
from collector.render.limits import Limits
from collector.render.posts import call, make_card, make_line, opening
from collector.render.scene import Enclosure, Scene
from collector.render.weaving import enumerated, listed, weave
from collector.text.hashtags import normal_form
from collector.words import ENGLISH, Words

_ORDER = ("top", "comments", "more", "new_voices", "also_tagged", "threads", "late", "archive", "trend")
_AS_CARDS = frozenset({"top", "comments", "archive"})
_WITH_YEARS = frozenset({"archive"})
# Sevens of a month hold each weekday once, so that bars can be compared; calendar weeks would begin and end in stumps.
_DAYS_A_BAR = {Cadence.WEEKLY: 1, Cadence.MONTHLY: 7}
_SHORTEST_TREND = 3  # of two, the sentence above has said it
_PREHEADER = 90  # characters: what a phone shows beside the subject


def compose_letter(words: Words, digest: Digest, enclosure: Enclosure, limits: Limits) -> Letter:
    """The letter within these limits; `words` speak of what its window is."""
    scene = _set_scene(words, digest, enclosure, limits)
    topics, window, is_open = words.name_topics(digest.topics), digest.window, digest.state is DigestState.OPEN
    return Letter(
        language=words.language,
        direction=words.direction,
        subject=digest.subject,
        preheader=preheader(digest, words),
        topics=topics,
        masthead=say_of(words, "masthead", window),
        first_line=say_of(words, "first_line", window, topics=topics),
        web=Link(label=words.say("on_the_web"), href=enclosure.digest_page) if enclosure.digest_page else None,
        sentence=describe_totals(words, digest.window, digest.totals),
        notice=words.say("still_open") if is_open else "",
        bars=_bars(digest, scene),
        opening=digest.opening,
        blocks=_blocks(digest, scene),
        not_shown=_say_left_out(digest.not_shown, scene, is_all=digest.shows_none),
        closing=digest.closing,
        ending=say_of(words, "ending_open" if is_open else "ending", window),
        foot=compose_foot(digest, scene),
    )


def preheader(digest: Digest, words: Words = ENGLISH) -> str:
    """The best post's first words, which stand beside the subject: "“…” and 11 more"."""
    topics = _normal(digest.topics)
    shown = (shown for section in digest.sections if section.name not in digest.switched_off for shown in section.posts)
    readable = (one.post for one in shown if not one.post.content_warning)
    opened = next(filter(None, (opening(post, topics, _PREHEADER) for post in readable)), "")
    if not opened:
        return describe_totals(words, digest.window, digest.totals)
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


def _bars(digest: Digest, scene: Scene) -> tuple[Bar, ...]:
    """A bar for each day of a week, or for each seven days of a month; of a single day there is nothing to compare."""
    size = _DAYS_A_BAR.get(calendar_of(digest.window.name).cadence, 0)
    by_day = list(digest.totals.by_day.items()) if size else []
    groups = [by_day[start : start + size] for start in range(0, len(by_day), size or 1)]
    numbers = [
        (_name_bar([day for day, _ in group], scene.words), sum(posts for _, posts in group)) for group in groups
    ]
    return _measure("bar_told", numbers, scene)


def _name_bar(days: Sequence[date], words: Words) -> str:
    """ "Mon" in a week, "1–7" in a month."""
    first, last = days[0].day, days[-1].day
    named = words.say("days_of_month", first=first, last=last) if first != last else str(first)
    return words.say("bar", weekday=words.short_days[days[0].weekday()], days=named)


def _measure(key: str, numbers: Sequence[tuple[str, int]], scene: Scene) -> tuple[Bar, ...]:
    """Bars side by side; none where all would be empty."""
    most = max((posts for _, posts in numbers), default=0)
    if not most:
        return ()
    counted = [(label, scene.words.number(posts), posts / most) for label, posts in numbers]
    return tuple(
        Bar(label=label, count=count, told=scene.words.say(key, label=label, count=count), share=share)
        for label, count, share in counted
    )


def _blocks(digest: Digest, scene: Scene) -> tuple[Block, ...]:
    named = {section.name: section for section in (*digest.sections, *digest.references)}
    made = {name: _block(section, scene) for name, section in named.items()}
    made["also_tagged"] = _also_tagged(digest, scene)
    made["trend"] = _trend(digest, scene)
    shown = [made[name] for name in _ORDER if name in made and name not in digest.switched_off]
    return tuple(block for block in shown if _has_content(block))


def _has_content(block: Block) -> bool:
    return bool(block.prose or block.cards or block.lines or block.rows or block.notes)


def _block(section: Section, scene: Scene) -> Block:
    if section.name == "new_voices":
        return _new_voices(section, scene)
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
    taken_back = scene.words.count("taken_back", section.taken_back) if section.taken_back else ""
    return tuple(filter(None, (_say_left_out(left_out, scene), taken_back)))


def _say_left_out(number: int, scene: Scene, *, is_all: bool = False) -> str:
    """Where the rest is, or all there is."""
    if not number:
        return ""
    enclosure = scene.enclosure
    on_the_web = "left_out_but_on_the_web" if enclosure.digest_page else "left_out"
    sentence = "left_out_but_attached" if enclosure.attachment else on_the_web
    return scene.words.count(f"all_{sentence}" if is_all else sentence, number)


def _new_voices(section: Section, scene: Scene) -> Block:
    """Their names alone: what they wrote stands above."""
    words = scene.words
    names = [Name(name=call(shown, scene)) for shown in section.posts[: scene.limits.voices]]
    left = len(section.posts) - len(names)
    people = listed(words, [*names, *([words.count("others", left)] if left else [])])
    return Block(name=section.name, title=section.title, prose=weave(words, "new_voices", people=people))


def _trend(digest: Digest, scene: Scene) -> Block:
    words = scene.words
    rows = _measure("row", [(name_window(words, name), posts) for name, posts in digest.trend], scene)
    is_long = len(rows) >= _SHORTEST_TREND
    prose = (words.say("trend"),) if is_long else ()
    return Block(name="trend", title=words.say("trend_title"), prose=prose, rows=rows if is_long else ())


def _also_tagged(digest: Digest, scene: Scene) -> Block:
    words = scene.words
    told = [
        weave(words, "tag_count", tag=Name(name=scene.name(tag)), count=words.number(posts))
        for tag, posts in digest.also_tagged[: scene.limits.listed]
    ]
    prose = enumerated(words, told)
    return Block(name="also_tagged", title=words.titles["also_tagged"], prose=prose)
