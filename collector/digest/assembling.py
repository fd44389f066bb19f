"""A frozen issue and today's texts put together: the one value that text, HTML and JSON are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from collector.digest.phrases import words_for
from collector.digest.ranking import score
from collector.digest.subject import make_subject
from collector.model import Digest, DigestPost, DigestState, IssuePlan, Member, Section
from collector.words import ENGLISH, Words

SECTIONS = ("top", "comments", "more", "late")


@dataclass(frozen=True, kw_only=True, slots=True)
class Imprint:
    """What a series puts on every issue."""

    series: str
    topics: tuple[str, ...]  # as shown, without '#'
    subject: str  # the template
    words: Words = ENGLISH
    contact: str = ""
    sources: tuple[str, ...] = ()  # the places it is collected from, as addresses
    open_places: tuple[str, ...] = ()  # those among them where everything counts, tagged or not
    missed: tuple[tuple[str, int], ...] = ()  # earlier digests that were not mailed: (name, posts)
    opening: str = ""  # lines that whoever sends it puts above and below the posts
    closing: str = ""
    switched_off: frozenset[str] = frozenset()  # parts that the letter does not show


def assemble(plan: IssuePlan, posts: Mapping[int, DigestPost], imprint: Imprint, state: DigestState) -> Digest:
    """The digest as it can be shown now. A member missing from `posts` was taken back, and is only counted."""
    facts, words = plan.facts, words_for(imprint.words, plan.window)
    return Digest(
        series=imprint.series,
        topics=imprint.topics,
        window=plan.window,
        state=state,
        subject=_subject(imprint, plan),
        totals=facts.totals,
        sections=tuple(_section(words, name, plan.members, posts) for name in SECTIONS),
        references=_references(imprint, plan, posts),
        also_tagged=facts.also_tagged,
        unread=facts.unread,
        missed=imprint.missed,
        contact=imprint.contact,
        sources=imprint.sources,
        open_places=imprint.open_places,
        opening=imprint.opening,
        closing=imprint.closing,
        trend=facts.trend,
        switched_off=imprint.switched_off,
    )


def _subject(imprint: Imprint, plan: IssuePlan) -> str:
    posts = plan.facts.totals.posts
    return make_subject(imprint.subject, topics=imprint.topics, window=plan.window, posts=posts, words=imprint.words)


def _section(words: Words, name: str, everybody: tuple[Member, ...], posts: Mapping[int, DigestPost]) -> Section:
    members = sorted((member for member in everybody if member.section == name), key=lambda member: member.position)
    shown = tuple(replace(posts[member.post_id], counts=member.counts) for member in members if member.post_id in posts)
    return Section(name=name, title=_title(words, name, members), posts=shown, taken_back=len(members) - len(shown))


def _title(words: Words, name: str, members: list[Member]) -> str:
    """The section's title; what nobody has touched is not called passed on."""
    is_untouched = name == "top" and not any(score(member.counts) for member in members)
    return words.say("top_untouched") if is_untouched else words.titles[name]


def _references(imprint: Imprint, plan: IssuePlan, posts: Mapping[int, DigestPost]) -> tuple[Section, ...]:
    """What is pointed at besides. What is switched off by now is not: nobody should be pointed at who must not be."""
    counts = {member.post_id: member.counts for member in plan.members}
    found = []
    for name, ids in plan.facts.references:
        shown = tuple(replace(posts[key], counts=counts.get(key, posts[key].counts)) for key in ids if key in posts)
        if shown and name not in imprint.switched_off:
            found.append(Section(name=name, title=imprint.words.titles[name], posts=shown))
    return tuple(found)
