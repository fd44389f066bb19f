"""One issue of a series decided: who is in, where each stands, and the numbers. Storage freezes it as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from collector.digest.membership import Membership, choose_members, merge_copies
from collector.digest.ranking import choose_fairly, choose_top
from collector.digest.windows import days_of
from collector.model import Candidate, Choices, IssueFacts, IssuePlan, Member, Totals, Unread, Window

_MOST_TAGS = 8
_LEAST_TAGGED = 2  # a hashtag on a single post says nothing about the others
_MOST_THREADS = 3
_LEAST_REPLIES = 2
_MOST_ARCHIVE = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What a series asks of its issues."""

    late_weeks: int
    top_posts: int
    spellings: frozenset[str]  # all hashtags of its topics, in normal form
    topic_starts: Mapping[str, datetime] = field(default_factory=dict)  # nothing earlier of a topic is ever late


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What stands around a window while its issue is built."""

    closed: Sequence[Window] = ()  # the series' windows that are built or skipped
    previous_posts: int | None = None  # of the window before; None: there is none
    unread: tuple[Unread, ...] = ()  # what could not be read in it
    archive: Sequence[Candidate] = ()  # of the same day, week or month in earlier years
    trend: tuple[tuple[str, int], ...] = ()  # (window, posts) of those before, the earliest first
    known: frozenset[int] | None = None  # candidates of people who had posted before; None: nobody is to be named
    choices: Choices = field(default_factory=Choices)  # what its curator decided, for this issue and before


def build_issue(window: Window, candidates: Collection[Candidate], rules: Rules, around: Surroundings) -> IssuePlan:
    """Decides an issue. `candidates` may hold more than belongs, but nothing that an earlier issue holds.

    What the curator left out is in no issue of the series, and counts and is pointed at nowhere.
    """
    choices = around.choices
    membership = choose_members(
        window,
        _without(candidates, choices),
        closed=around.closed,
        late_weeks=rules.late_weeks,
        topic_starts=rules.topic_starts,
    )
    everybody = [*membership.own, *membership.late]
    totals = _total(window, membership, around.previous_posts)
    facts = IssueFacts(
        totals=totals,
        also_tagged=_also_tagged(everybody, rules.spellings),
        references=_refer(membership, rules, around, candidates),
        unread=around.unread,
        trend=(*around.trend, (window.name, totals.posts)),
    )
    return IssuePlan(window=window, members=_place(membership, rules.top_posts, choices), facts=facts)


def _without(candidates: Iterable[Candidate], choices: Choices) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.cluster not in choices.left_out]


def _place(membership: Membership, top_posts: int, choices: Choices) -> tuple[Member, ...]:
    """Who stands where. What was put first has its card before all others, be it a comment, or late."""
    by_cluster = {post.cluster: post for post in (*membership.own, *membership.late)}
    first = [by_cluster[cluster] for cluster in choices.first if cluster in by_cluster]
    own, late = (
        [post for post in posts if post.cluster not in choices.first] for posts in (membership.own, membership.late)
    )
    cards = max(0, top_posts - len(first))
    top, more = choose_top((post for post in own if not post.is_comment), cards, given=first)
    comments = [post for post in own if post.is_comment]
    sections = {"top": [*first, *top], "comments": comments, "more": more, "late": late}
    return tuple(
        Member(post_id=post.post_id, section=name, position=position, counts=post.counts)
        for name, posts in sections.items()
        for position, post in enumerate(posts)
    )


def _total(window: Window, membership: Membership, previous_posts: int | None) -> Totals:
    everybody = [*membership.own, *membership.late]
    networks = Counter(post.network for post in everybody)
    return Totals(
        posts=len(everybody),
        authors=len({post.author for post in everybody}),
        by_network=dict(sorted(networks.items(), key=lambda pair: (-pair[1], pair[0]))),
        by_day=_count_days(window, membership.own),
        previous_posts=previous_posts,
    )


def _count_days(window: Window, posts: Iterable[Candidate]) -> dict[date, int]:
    zone = ZoneInfo(window.timezone)
    days = days_of(window)
    numbers = dict.fromkeys(days, 0)
    for post in posts:
        # A clock put back across midnight can show the day before the first once more.
        numbers[min(max(post.dated_at.astimezone(zone).date(), days[0]), days[-1])] += 1
    return numbers


def _also_tagged(posts: Iterable[Candidate], spellings: frozenset[str]) -> tuple[tuple[str, int], ...]:
    uses: dict[str, Counter[str]] = {}
    for post in posts:
        for normal, display in dict(post.hashtags).items():
            if normal not in spellings:
                uses.setdefault(normal, Counter())[display] += 1
    counted = [(min(shown, key=lambda form: (-shown[form], form)), shown.total()) for shown in uses.values()]
    often = [(display, number) for display, number in counted if number >= _LEAST_TAGGED]
    return tuple(sorted(often, key=lambda pair: (-pair[1], pair[0].casefold(), pair[0]))[:_MOST_TAGS])


def _refer(
    membership: Membership, rules: Rules, around: Surroundings, candidates: Iterable[Candidate]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """What is pointed at besides: new voices, lively threads and, where all posts are cards, earlier years."""
    everybody = [*membership.own, *membership.late]
    named = {"threads": _liveliest(everybody) if len(everybody) > _MOST_THREADS else []}  # few say it on their cards
    if around.known is not None:
        named["new_voices"] = _find_new_voices(membership.own, candidates, around.known)
    if len(membership.own) <= rules.top_posts:
        named["archive"] = _look_back(everybody, _without(around.archive, around.choices))
    return tuple((name, tuple(post.post_id for post in posts)) for name, posts in named.items() if posts)


def _liveliest(posts: Iterable[Candidate]) -> list[Candidate]:
    lively = [post for post in posts if post.counts.replies >= _LEAST_REPLIES]
    return sorted(lively, key=lambda post: (-post.counts.replies, post.dated_at, post.uri))[:_MOST_THREADS]


def _find_new_voices(
    own: Iterable[Candidate], candidates: Iterable[Candidate], known: frozenset[int]
) -> list[Candidate]:
    """The first post of each who had not posted before the window; who wrote copies of one post is one person."""
    everybody = list(candidates)
    copied: dict[int, set[str]] = {}
    for post in everybody:
        copied.setdefault(post.cluster, set()).add(post.author)
    person: dict[str, set[str]] = {}
    for post in everybody:
        person.setdefault(post.author, set()).update(copied[post.cluster])
    passed = {author for post in everybody if post.post_id in known for author in person[post.author]}
    voices = []
    for post in own:
        if post.author not in passed:
            voices.append(post)
            passed |= person[post.author]
    return voices


def _look_back(members: Iterable[Candidate], archive: Iterable[Candidate]) -> list[Candidate]:
    present = {post.cluster for post in members}
    return choose_fairly((post for post in merge_copies(archive) if post.cluster not in present), _MOST_ARCHIVE)
