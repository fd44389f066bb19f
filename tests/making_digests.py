"""Makes candidates and digests: each call says only what matters to its test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from making import make_author, make_post

from collector.digest import Imprint, Rules, Surroundings, assemble, build_issue, window_named
from collector.model import Candidate, Counts, Digest, DigestPost, DigestState, IssuePlan, Media, Poll, Unread, Window

LONDON = ZoneInfo("Europe/London")
WEEK = window_named("2026-W47", LONDON)
TOPIC = "notcoproduction"
TUESDAY = datetime(2026, 11, 17, 9, 41, tzinfo=UTC)
RULES = Rules(late_weeks=4, top_posts=10, spellings=frozenset({TOPIC}))
IMPRINT = Imprint(
    series="weekly",
    topics=(TOPIC,),
    subject="#{hashtag}, week {week}: {count} new examples",
    contact="mailto:hello@fedi.example",
    sources=("https://fedi.example", "https://gts.example"),
)
NOTHING = Counts()
ALONE = Surroundings()


def make_candidate(number: int = 1, **changes: Any) -> Candidate:
    """A post of that Tuesday by somebody of its own, in a cluster of its own."""
    values: dict[str, Any] = {
        "post_id": number,
        "uri": f"https://fedi.example/users/carys/statuses/{number}",
        "cluster": number,
        "author": f"author{number}@fedi.example",
        "network": "fediverse",
        "topic": TOPIC,
        "dated_at": TUESDAY,
        "counts": Counts(),
        "hashtags": ((TOPIC, TOPIC),),
    }
    return Candidate(**(values | changes))


def make_shown(
    number: int = 1, *, counts: Counts = NOTHING, also_at: tuple[str, ...] = (), **changes: Any
) -> DigestPost:
    """A post as a digest shows it, dated when it was published."""
    post = make_post(number, **changes)
    return DigestPost(
        post=post, counts=counts, dated_at=post.published_at, first_seen_at=post.published_at, also_at=also_at
    )


def make_plan(
    shown: Sequence[DigestPost], around: Surroundings, rules: Rules = RULES, window: Window = WEEK
) -> IssuePlan:
    """The issue in which these posts are numbered from 1; WordPress posts are comments."""
    candidates = [_candidate(number, one) for number, one in enumerate(shown, 1)]
    return build_issue(window, candidates, rules, around)


def make_digest(
    shown: Sequence[DigestPost],
    *,
    around: Surroundings = ALONE,
    imprint: Imprint = IMPRINT,
    state: DigestState = DigestState.BUILT,
    gone: frozenset[int] = frozenset(),
    archive: Sequence[DigestPost] = (),
    window: Window = WEEK,
) -> Digest:
    """The digest that holds these posts, usually of week 47; those numbered in `gone` were taken back since."""
    plan = make_plan(shown, around, window=window)
    posts = {number: one for number, one in enumerate([*shown, *archive], 1) if number not in gone}
    return assemble(plan, posts, imprint, state)


def make_usual_week() -> Digest:
    """A week with a bit of everything that a digest can show."""
    posts = [_boosted(), _cut_short(), _warned(), _pictured(), _polled(), _arabic(), _copied(), _late(), _comment()]
    return make_digest(posts, around=_around())


def _candidate(number: int, shown: DigestPost) -> Candidate:
    post = shown.post
    return make_candidate(
        number,
        uri=post.uri,
        author=post.author.key,
        network=post.network,
        dated_at=shown.dated_at,
        counts=shown.counts,
        hashtags=tuple((tag.normal, tag.display) for tag in post.hashtags),
        is_comment=post.network == "wordpress",
    )


def _around() -> Surroundings:
    return Surroundings(
        closed=(window_named("2026-W46", LONDON),),
        previous_posts=5,
        unread=(Unread(place="the other server", starts_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),),
    )


def _boosted() -> DigestPost:
    return make_shown(1, counts=Counts(boosts=12, likes=31, replies=4))


def _cut_short() -> DigestPost:
    sentence = "The steering group met without us again, and the minutes thank us for our contribution. "
    author = make_author(handle="iolo@gts.example", name="Iolo Prys")
    return make_shown(2, author=author, text=sentence * 5 + "#notcoproduction", counts=Counts(boosts=3, likes=9))


def _warned() -> DigestPost:
    author = make_author(handle="mari@gts.example", name="Mari")
    return make_shown(
        3, author=author, content_warning="hospital", text="What nobody sees unasked.", counts=Counts(likes=4, boosts=2)
    )


def _pictured() -> DigestPost:
    media = (
        Media(url="https://fedi.example/1.png", type="image", alt_text="a table with eleven chairs, ten of them taken"),
        Media(url="https://fedi.example/2.png", type="image", alt_text=None),
    )
    author = make_author(handle="tom@fedi.example", name="Tom")
    return make_shown(
        4, author=author, text="Spot the service user. #notcoproduction", media=media, counts=Counts(likes=2)
    )


def _polled() -> DigestPost:
    poll = Poll(options=("Before the decision", "After the decision", "In the press release"), closes_at=None)
    author = make_author(handle="nia@fedi.example", name="")
    return make_shown(5, author=author, text="When were you consulted?", poll=poll, counts=Counts(replies=1, likes=1))


def _arabic() -> DigestPost:
    author = make_author(handle="layla@gts.example", name="ليلى")
    text = "سألونا عن رأينا بعد أن طبعوا الملصقات. #notcoproduction"
    return make_shown(
        6, author=author, language="ar", text=text, published_at=datetime(2026, 11, 19, 20, 5, tzinfo=UTC)
    )


def _copied() -> DigestPost:
    author = make_author(handle="gwen.bsky.social", name="Gwen", key="did:plc:gwen")
    return make_shown(
        7,
        network="bluesky",
        author=author,
        text="“Co-design” they said. The PDF was final. #notcoproduction",
        published_at=datetime(2026, 11, 19, 8, 0, tzinfo=UTC),
        also_at=("https://fedi.example/@gwen/7",),
        url="https://bsky.app/profile/gwen.bsky.social/post/7",
    )


def _late() -> DigestPost:
    author = make_author(handle="sam@fedi.example", name="Sam")
    return make_shown(8, author=author, text="Found late.", published_at=datetime(2026, 11, 12, 18, 30, tzinfo=UTC))


def _comment() -> DigestPost:
    return make_shown(
        9,
        network="wordpress",
        url="https://blog.example/examples/#comment-9",
        author=make_author(handle="", key="blog.example:ann", name="Ann"),
        text="We were asked which colour the consultation leaflet should be.",
        reply_to_uri="https://blog.example/examples/",
        hashtags=(),
        published_at=datetime(2026, 11, 22, 23, 59, tzinfo=UTC),
    )
