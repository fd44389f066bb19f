"""A digest turned into a letter: what stands where, in which words, within given limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote
from zoneinfo import ZoneInfo

from collector.digest.phrases import describe_week, name_span, week_number
from collector.digest.unread import describe_unread
from collector.model import Digest, DigestPost, DigestState, Section
from collector.render.letter import Bar, Block, Letter, Line, Link, Paragraph
from collector.render.limits import Limits
from collector.render.posts import Scene, make_card, make_line, opening
from collector.text.addresses import is_web_address
from collector.text.excerpts import first_words
from collector.text.hashtags import normal_form
from collector.words import ENGLISH, Words

_AS_CARDS = frozenset({"top", "comments", "archive"})
_WITH_YEAR = frozenset({"archive"})
_PREHEADER = 90  # characters: what a phone shows beside the subject


@dataclass(frozen=True, kw_only=True, slots=True)
class Enclosure:
    """What goes out with a letter, and is spoken of in it."""

    unsubscribe: str | None = None  # the address that unsubscribing mails go to
    attachment: str | None = None  # the name of the file that holds the whole week


def compose_letter(words: Words, digest: Digest, enclosure: Enclosure, limits: Limits) -> Letter:
    """The letter within these limits."""
    topics, week = words.name_topics(digest.topics), week_number(digest.window)
    span, is_open = name_span(words, digest.window), digest.state is DigestState.OPEN
    return Letter(
        language=words.language,
        subject=digest.subject,
        preheader=preheader(digest, words),
        topics=topics,
        week_line=words.say("week_line", week=week, span=span),
        first_line=words.say("first_line", topics=topics, week=week, span=span),
        sentence=describe_week(words, digest.totals),
        notice=words.say("still_open") if is_open else "",
        bars=_bars(words, digest),
        blocks=_blocks(words, digest, enclosure, limits),
        ending=words.say("ending_open" if is_open else "ending", week=week),
        foot=_foot(words, digest, enclosure, limits),
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


def _normal(topics: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal_form(topic) for topic in topics)


def _bars(words: Words, digest: Digest) -> tuple[Bar, ...]:
    most = max(digest.totals.by_day.values(), default=0)
    if not most:
        return ()
    return tuple(
        Bar(day=words.short_days[day.weekday()], posts=posts, share=posts / most)
        for day, posts in digest.totals.by_day.items()
    )


def _blocks(words: Words, digest: Digest, enclosure: Enclosure, limits: Limits) -> tuple[Block, ...]:
    scene = Scene(
        words=words,
        zone=ZoneInfo(digest.window.timezone),
        topics=_normal(digest.topics),
        has_networks=len(digest.totals.by_network) > 1,
    )
    named = {section.name: section for section in (*digest.sections, *digest.references)}
    made = {name: _block(words, section, scene, enclosure, limits) for name, section in named.items()}
    made["also_tagged"] = _also_tagged(words, digest, limits)
    order = ("top", "comments", "more", "also_tagged", "threads", "late", "archive")
    return tuple(made[name] for name in order if name in made and _has_content(made[name]))


def _has_content(block: Block) -> bool:
    return bool(block.prose or block.cards or block.lines or block.notes)


def _block(words: Words, section: Section, scene: Scene, enclosure: Enclosure, limits: Limits) -> Block:
    with_year = section.name in _WITH_YEAR
    as_cards = section.posts[: limits.cards] if section.name in _AS_CARDS else ()
    rest = section.posts[len(as_cards) :]
    left_out = len(rest[limits.lines :])
    if section.name == "comments":
        scene = replace(scene, under=_one_title(section.posts))
    return Block(
        name=section.name,
        title=section.title,
        prose=words.say("all_under_title", title=first_words(scene.under, limits.small_text)) if scene.under else "",
        cards=tuple(make_card(shown, scene, limits, with_year=with_year) for shown in as_cards),
        lines=tuple(_line(words, section.name, shown, scene, limits) for shown in rest[: limits.lines]),
        notes=_notes(words, section, left_out, enclosure),
    )


def _one_title(comments: Sequence[DigestPost]) -> str:
    """The title that several comments stand under, if it is the same for all."""
    titles = {shown.post.title for shown in comments if shown.post.is_comment}
    return titles.pop() if len(comments) > 1 and len(titles) == 1 else ""


def _line(words: Words, section: str, shown: DigestPost, scene: Scene, limits: Limits) -> Line:
    note = words.count("replies", shown.counts.replies) if section == "threads" else ""
    return make_line(shown, scene, limits, with_year=section in _WITH_YEAR, note=note)


def _notes(words: Words, section: Section, left_out: int, enclosure: Enclosure) -> tuple[str, ...]:
    notes = []
    if left_out:
        notes.append(words.count("left_out_but_attached" if enclosure.attachment else "left_out", left_out))
    if section.taken_back:
        notes.append(words.count("taken_back", section.taken_back))
    return tuple(notes)


def _also_tagged(words: Words, digest: Digest, limits: Limits) -> Block:
    tags = digest.also_tagged[: limits.listed]
    prose = ", ".join(words.say("tag_count", tag=_cut(tag, limits), count=words.number(posts)) for tag, posts in tags)
    return Block(name="also_tagged", title=words.titles["also_tagged"], prose=prose)


def _cut(text: str, limits: Limits) -> str:
    return text if len(text) <= limits.name else text[: limits.name - 1] + "…"


def _foot(words: Words, digest: Digest, enclosure: Enclosure, limits: Limits) -> tuple[Paragraph, ...]:
    """What could not be read, how it was made, and the ways out."""
    paragraphs = (
        _unread(words, digest, limits),
        _missed(words, digest, limits),
        (words.say("attached", file=enclosure.attachment),) if enclosure.attachment else (),
        *_about(words, digest, limits),
        way_out(words, enclosure),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def _unread(words: Words, digest: Digest, limits: Limits) -> Paragraph:
    told = describe_unread(words, digest.unread, digest.window, limits.listed, lambda place: _cut(place, limits))
    return (told,) if told else ()


def _missed(words: Words, digest: Digest, limits: Limits) -> Paragraph:
    if not digest.missed:
        return ()
    weeks = [
        words.say("missed_week", week=name, examples=words.count("plain_examples", posts))
        for name, posts in digest.missed
    ]
    return (words.say("missed", weeks=words.join_some(weeks, limits.listed)),)


def _about(words: Words, digest: Digest, limits: Limits) -> tuple[Paragraph, ...]:
    tagged = [source for source in digest.sources if source not in digest.open_places]
    places = _places(words, "chosen_places", tagged, limits) + _places(
        words, "chosen_open_places", digest.open_places, limits
    )
    chosen = words.say("chosen", topics=words.name_topics(digest.topics), places=places)
    contact = contact_link(digest.contact)
    asking: Paragraph = (words.say("left_out_by_contact"), contact, words.say("full_stop") + " ") if contact else ()
    on_bluesky = words.say("left_out_on_bluesky") if "bluesky" in digest.totals.by_network else ""
    return (chosen,), (*asking, words.say("left_out_by_profile") + on_bluesky)


def _places(words: Words, key: str, sources: Sequence[str], limits: Limits) -> str:
    hosts = list(dict.fromkeys(_cut(words.name_site(source), limits) for source in sources))
    return words.say(key, places=words.join_some(hosts, limits.listed)) if hosts else ""


def way_out(words: Words, enclosure: Enclosure) -> Paragraph:
    """Why this came, and how it stops."""
    if not enclosure.unsubscribe:
        return (words.say("why"),)
    address = enclosure.unsubscribe.removeprefix("mailto:").partition("?")[0]
    href = mail_address(address, {"subject": words.say("unsubscribe_subject")})
    return (words.say("why") + " " + words.say("unsubscribe"), Link(label=address, href=href), words.say("full_stop"))


def contact_link(contact: str) -> Link | None:
    """Whom to write to: a mail address or a page; None where nobody is named."""
    if not contact:
        return None
    if is_web_address(contact):
        return Link(label=contact, href=contact)
    address = contact.removeprefix("mailto:").partition("?")[0]
    return Link(label=address, href=mail_address(address, {}))


def mail_address(address: str, fields: Mapping[str, str]) -> str:
    """A mailto: address that opens a mail with these fields filled."""
    query = "&".join(f"{name}={quote(value)}" for name, value in fields.items())
    return f"mailto:{quote(address, safe='@+')}" + (f"?{query}" if query else "")
