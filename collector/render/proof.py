"""What a curator gets before a digest goes out: what is in it so far, post by post, with links to decide about each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from collector.model import Digest, DigestPost
from collector.render.foot import make_way
from collector.render.letter import Choice, Foot, Note, Paragraph, Part, Proof, Way
from collector.render.limits import LADDER, MOST_BYTES
from collector.render.page import draw_note, draw_proof
from collector.render.plain import draw_foot, draw_line, draw_note_text, draw_way, join_parts
from collector.render.posts import make_line
from collector.render.scene import ALONE, Scene
from collector.render.weaving import flatten
from collector.render.wrapping import wrap
from collector.text.hashtags import normal_form
from collector.words import Words

CHOICES = ("leave_out", "put_first", "add_note")  # what there is to decide about a post
_MOST_POSTS = (60, 40, 25, 15, 8, 4)  # with the links of each; the page has them all


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A digest to come, and what its curator is asked about it."""

    digest: Digest
    goes_out_at: datetime
    whole_page: str  # where it is shown as it will look, and let go out
    choice_page: Callable[[int, str], str]  # where one of CHOICES about a post, by its number, is made
    until: datetime  # the links work
    first: Collection[int] = ()  # the posts that were put first already
    is_running: bool = False  # its window is not over
    is_awaited: bool = False  # it waits for its curator's word
    behind: int = 0  # newer digests that wait behind it
    left_out: Sequence[DigestPost] = ()  # that would be in it

    @property
    def zone(self) -> ZoneInfo:
        """Where its times are told."""
        return ZoneInfo(self.digest.window.timezone)


def render_preview(asked: Asked, words: Words) -> tuple[str, str, str]:
    """Subject, text and HTML; with as many posts as fit into a mail."""
    for most in _MOST_POSTS:
        proof = _compose(asked, words, most)
        text, html = _draw_text(proof), draw_proof(proof)
        if len(text.encode()) + len(html.encode()) <= MOST_BYTES:
            break
    return proof.subject, text, html


def render_reminder(asked: Asked, words: Words) -> tuple[str, str, str]:
    """Subject, text and HTML of the few words that a digest waits."""
    moment = words.name_moment(asked.goes_out_at, asked.zone, with_zone=True)
    examples = words.count("plain_examples", asked.digest.totals.posts)
    paragraphs: tuple[Paragraph, ...] = (
        (words.say("reminder_waits", moment=moment, examples=examples),),
        (words.count("reminder_behind", asked.behind),) if asked.behind else (),
    )
    note = Note(
        language=words.language,
        direction=words.direction,
        subject=words.say("reminder_subject", subject=asked.digest.subject),
        heading=words.say("reminder_heading"),
        paragraphs=tuple(filter(None, paragraphs)),
        foot=replace(_foot(asked, words), ways=(_way_on(asked, words),)),
    )
    return note.subject, draw_note_text(note), draw_note(note)


def _compose(asked: Asked, words: Words, most: int) -> Proof:
    digest = asked.digest
    return Proof(
        language=words.language,
        direction=words.direction,
        subject=words.say("preview_subject", subject=digest.subject),
        heading=words.say("preview_heading"),
        paragraphs=tuple(_explain(asked, words)),
        ways=(_way_on(asked, words),),
        parts=list_parts(asked, words, most),
        rest=words.count("preview_rest", digest.totals.posts - most) if digest.totals.posts > most else "",
        foot=_foot(asked, words),
    )


def _explain(asked: Asked, words: Words) -> Iterator[Paragraph]:
    moment = words.name_moment(asked.goes_out_at, asked.zone, with_zone=True)
    examples = words.count("plain_examples", asked.digest.totals.posts)
    yield (words.say("preview_awaited" if asked.is_awaited else "preview_when", moment=moment, examples=examples),)
    if asked.is_running:
        end = words.name_moment(asked.digest.window.ends_at, asked.zone, with_zone=True)
        yield (words.say("preview_running", moment=end),)


def _way_on(asked: Asked, words: Words) -> Way:
    return make_way(words, "preview_look_awaited" if asked.is_awaited else "preview_look", asked.whole_page)


def _foot(asked: Asked, words: Words) -> Foot:
    day = words.name_day(asked.until.astimezone(asked.zone).date(), with_year=True)
    return Foot(paragraphs=((words.say("preview_why"),), (words.say("preview_links", day=day),)))


def list_parts(asked: Asked, words: Words, most: int | None = None) -> tuple[Part, ...]:
    """The digest's sections with at most so many posts, and below them what was left out."""
    digest = asked.digest
    scene = set_scene(digest.topics, asked.zone, words, has_networks=len(digest.totals.by_network) > 1)
    shown = ((section.title, post) for section in digest.sections for post in section.posts)
    by_title: dict[str, list[Choice]] = {}
    for title, post in islice(shown, most):
        by_title.setdefault(title, []).append(_choice(post, asked, scene))
    for post in asked.left_out:
        by_title.setdefault(words.say("left_out_title"), []).append(_left_out(post, asked, scene))
    return tuple(Part(title=title, choices=tuple(choices)) for title, choices in by_title.items())


def _choice(shown: DigestPost, asked: Asked, scene: Scene) -> Choice:
    words, is_first = scene.words, shown.post_id in asked.first
    keys = {
        "leave_out": "leave_out",
        "put_first": "put_first_no_more" if is_first else "put_first",
        "add_note": "change_note" if shown.note else "add_note",
    }
    return Choice(
        line=make_line(shown, scene, beside=words.say("stands_first") if is_first else ""),
        links=tuple(make_way(words, keys[name], asked.choice_page(shown.post_id, name)) for name in CHOICES),
    )


def _left_out(shown: DigestPost, asked: Asked, scene: Scene) -> Choice:
    link = make_way(scene.words, "take_in", asked.choice_page(shown.post_id, "leave_out"))
    return Choice(line=make_line(shown, scene), links=(link,))


def set_scene(topics: Collection[str], zone: ZoneInfo, words: Words, *, has_networks: bool = True) -> Scene:
    """How posts are told to a curator; topics as they are shown."""
    return Scene(
        words=words,
        limits=LADDER[0],
        enclosure=ALONE,
        zone=zone,
        topics=frozenset(map(normal_form, topics)),
        has_networks=has_networks,
    )


def _draw_text(proof: Proof) -> str:
    paragraphs = [wrap(flatten(paragraph)) for paragraph in proof.paragraphs]
    parts = [piece for part in proof.parts for piece in _part_text(part)]
    return join_parts([*paragraphs, _links(proof.ways), *parts, wrap(proof.rest), *draw_foot(proof.foot)])


def _part_text(part: Part) -> Iterator[list[str]]:
    yield [part.title.upper()]
    for choice in part.choices:
        yield [*draw_line(choice.line), *(f"  {line}" for line in _links(choice.links))]


def _links(links: Collection[Way]) -> list[str]:
    return [line for link in links for line in draw_way(link)]
