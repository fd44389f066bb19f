"""Digests of every kind that a letter has to look right with, and what goes out with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from making import make_author
from making_digests import LONDON, TUESDAY, make_candidate, make_digest, make_shown, make_usual_week

from collector.digest import Surroundings, window_named
from collector.links import Pages
from collector.model import Author, Counts, Digest, DigestPost, Hashtag, Media, Poll, Unread
from collector.render import Enclosure
from collector.render.proof import Asked

PAGES = Pages(base="https://digest.example")
ENCLOSED = Enclosure(
    unsubscribe="digest@example.org",
    digest_page=PAGES.digest("weekly", "2026-W47"),
    archive_page=PAGES.archive("weekly"),
    csv_page=PAGES.digest_csv("weekly", "2026-W47"),
    settings_page=PAGES.settings("key"),
    unsubscribe_page=PAGES.unsubscribe("key"),
    privacy_page=PAGES.privacy,
    imprint="Example Trust, 1 High Street, Cardiff",
)
WITHOUT_DIGEST = replace(ENCLOSED, digest_page=None, csv_page=None)  # of a sign of life
WEEKS = tuple(
    (f"2026-W{week}", posts) for week, posts in zip(range(36, 48), (4, 6, 0, 2, 9, 14, 7, 7, 3, 0, 5, 9), strict=True)
)
LONG_WORD = "Mitbestimmungsverhinderungsbeauftragter" * 6
LONG_ADDRESS = f"https://fedi.example/{'a' * 300}"
_SAID = (
    "They asked for our stories after the report had been printed.",
    "The consultation closed on Friday. We were invited on Monday.",
    "‘You said, we did.’ We never said that, and they did not do it.",
    "Eleven chairs around the table, ten of them taken before we sat down, the last one by the bag of whoever chairs.",
    "A survey with one box: “Do you agree?”",
)


def make_letters() -> dict[str, Digest]:
    """By name."""
    made: dict[str, Callable[[], Digest]] = {
        "usual": usual,
        "quiet": quiet,
        "huge": huge,
        "empty": empty,
        "scripts": scripts,
        "unruly": unruly,
        "everything": everything,
    }
    return {name: make() for name, make in made.items()}


def ask_about(digest: Digest) -> Asked:
    """What its curator is asked about a digest."""
    return Asked(
        digest=digest,
        goes_out_at=digest.window.ends_at,
        whole_page=PAGES.curate("whole"),
        choice_page=lambda post_id, choice: PAGES.curate(f"{post_id}-{choice}"),
        until=digest.window.ends_at + timedelta(days=7),
        first=(1,),
        is_running=True,
        is_awaited=True,
        behind=2,
        left_out=(make_shown(99, author=_author(99), text=_SAID[0]),),
    )


def usual() -> Digest:
    """A week with a bit of everything, and lines of its sender's own."""
    return replace(
        make_usual_week(),
        trend=WEEKS,
        opening="Collected from across the fediverse, Bluesky and the comments of a blog.",
        closing="Add your own with #notcoproduction.",
        also_tagged=(("CoDesign", 4), ("NHS", 2)),
    )


def quiet() -> Digest:
    """Three posts, all of them cards, with a look back."""
    old = make_shown(4, text="Five years ago: the suggestion box was locked.", published_at=_years_ago(5))
    shown = [make_shown(number, author=_author(number), text=_SAID[number]) for number in (1, 2, 3)]
    around = Surroundings(archive=[make_candidate(4, dated_at=old.dated_at)], previous_posts=7, trend=WEEKS[:-1])
    return make_digest(shown, around=around, archive=[old])


def huge() -> Digest:
    """Three hundred posts by a hundred people."""
    shown = [
        make_shown(
            number,
            author=_author(number % 100),
            text=_SAID[number % len(_SAID)],
            counts=Counts(boosts=number % 37, likes=number % 53, replies=number % 7),
            published_at=TUESDAY - timedelta(days=1) + timedelta(minutes=28 * number),
        )
        for number in range(1, 301)
    ]
    trend = tuple((name, posts * 40) for name, posts in WEEKS[:-1])
    return make_digest(shown, around=Surroundings(previous_posts=1204, trend=trend, known=frozenset(range(1, 40))))


def empty() -> Digest:
    """A week without posts."""
    return make_digest([], around=Surroundings(previous_posts=3, trend=WEEKS[:-1]))


def scripts() -> Digest:
    """Posts, names and handles of several scripts, from both sides, side by side."""
    told = {
        "ar": ("ليلى", "سألونا عن رأينا بعد أن طبعوا الملصقات، ثم شكرونا على #المشاركة في meeting 3."),
        "he": ("נועה", "שאלו אותנו אחרי שכבר החליטו: “co-design” זה לא זה, 100%!"),
        "ja": ("花子", "会議は終わっていました。議事録には「皆さまと共に」と書いてありました。"),
        "fa": ("Sara سارا", "ما را دعوت کردند - but the agenda was closed."),
        "th": ("ดาว", "พวกเขาถามความเห็นหลังจากพิมพ์รายงานแล้ว"),
        "de": ("Jürgen Groß", "Bürgerbeteiligungsveranstaltungsnachbereitungsprotokoll: liegt bei."),
    }
    shown = [
        make_shown(
            number, author=make_author(name=name, handle=f"p{number}@fedi.example"), language=language, text=text
        )
        for number, (language, (name, text)) in enumerate(told.items(), 1)
    ]
    noted = [replace(one, note=one.post.author.name) for one in shown]
    return make_digest(shown + noted, around=Surroundings(known=frozenset()))


def unruly() -> Digest:
    """Posts that would break a page: long words, long addresses, both directions, huge numbers, everything at once."""
    shown = [_unruly(number) for number in range(1, 14)]
    trend = tuple((name, posts * 123_457) for name, posts in WEEKS)
    return replace(
        make_digest(shown, around=Surroundings(known=frozenset())),
        trend=trend,
        topics=(LONG_WORD[:99],),
        also_tagged=((LONG_WORD, 9),),
        opening=LONG_WORD[:200],
        closing=LONG_WORD[:200],
    )


def everything() -> Digest:
    """Warnings, polls, pictures, notes, copies, comments, late ones and what could not be read, many times over."""
    shown = [_mixed(number) for number in range(1, 31)]
    return make_digest(
        shown,
        around=Surroundings(
            closed=(window_named("2026-W46", LONDON),),
            previous_posts=31,
            trend=WEEKS[:-1],
            known=frozenset(range(5, 30)),
            unread=(Unread(place="the other server", starts_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),),
        ),
        gone=frozenset({7, 8}),
    )


def _author(number: int) -> Author:
    return make_author(name=f"Person {number}", handle=f"person{number}@a-server.example")


def _years_ago(years: int) -> datetime:
    return datetime(2026 - years, 11, 18, 10, 0, tzinfo=UTC)


def _unruly(number: int) -> DigestPost:
    return make_shown(
        number,
        author=make_author(name=LONG_WORD, handle=f"{'x' * 80}{number}@fedi.example"),
        title=LONG_WORD if number == 2 else "",
        text=f"{LONG_WORD} {LONG_ADDRESS} اجتماع قصير",
        content_warning=LONG_WORD if number == 3 else "",
        media=(Media(url=LONG_ADDRESS, type="image", alt_text=LONG_WORD),),
        poll=Poll(options=(LONG_WORD, "x"), closes_at=None),
        counts=Counts(boosts=10_000_000, likes=10_000_000, replies=10_000_000),
        also_at=(LONG_ADDRESS, f"https://{'b' * 60}.example/"),
        reply_to_uri=LONG_ADDRESS,
    )


def _mixed(number: int) -> DigestPost:
    is_comment = number % 5 == 0
    shown = make_shown(
        number,
        network="wordpress" if is_comment else ("fediverse", "bluesky")[number % 2],
        author=make_author(name=f"Person {number}", handle="" if is_comment else f"p{number}.example", key=str(number)),
        title="Examples of not coproduction" if is_comment else "",
        reply_to_uri="https://blog.example/examples/" if is_comment else None,
        text=f"{_SAID[number % len(_SAID)]} #CoDesign",
        content_warning="hospital, long waits" if number % 6 == 1 else "",
        media=(
            Media(url="https://fedi.example/1.png", type="image", alt_text="a table with eleven chairs, ten taken"),
            Media(url="https://fedi.example/2.png", type="video", alt_text=None),
        ) if number % 4 == 0 else (),
        poll=Poll(options=("Before", "After", "In the press release"), closes_at=None) if number % 7 == 2 else None,
        hashtags=(Hashtag(normal="codesign", display="CoDesign"),),
        also_at=("https://fedi.example/@gwen/7", "https://bsky.app/profile/gwen/post/7") if number % 3 == 0 else (),
        counts=Counts(boosts=30 - number, likes=number, replies=number % 4),
        published_at=TUESDAY - timedelta(weeks=1) if number > 27 else TUESDAY + timedelta(hours=number),
    )  # fmt: skip
    return replace(shown, note="Told to us again at the town hall, by three people." if number % 8 == 3 else "")
