"""A mail stays below a hundred kilobytes, whatever posts hold: Gmail cuts off what is longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import make_author
from making_digests import LONDON, TUESDAY, make_digest, make_shown
from making_letters import ENCLOSED, PAGES

from collector.digest import Surroundings, window_named
from collector.links.signing import LONGEST_TOKEN
from collector.mailing.bodies import encode_parts, fill
from collector.model import Counts, Digest, DigestPost, Media, Poll, Unread
from collector.render import Bodies, render_bodies

LONGEST = 100_000  # bytes
PERSONAL = "personal-" * 4  # stands in for what each reader's own links have at their end
ENCLOSED_FOR_SOMEBODY = replace(
    ENCLOSED,
    settings_page=PAGES.settings(PERSONAL),
    unsubscribe_page=PAGES.unsubscribe(PERSONAL),
    attachment="weekly-2026-W47.csv",
    imprint="𝔛" * 200,
)
TEXTS = {
    "plain": "word " * 1000,
    "endless": "x" * 5000,
    "four bytes": "𝔛𐍈" * 2500,
    "four bytes apart": "𝔛 " * 2500,
    "right to left": "مرحبا " * 800,
    "emoji": "👩🏽‍🦽🇬🇧" * 700,
    "escaped": "<&>\"' " * 800,
    "lines": "a\n" * 2500,
    "marks": "a" + "\u0301" * 4999,
}


def personal(bodies: Bodies) -> Bodies:
    """As a reader gets them whose links are as long as links may be."""
    token = "k" * LONGEST_TOKEN
    return Bodies(text=bodies.text.replace(PERSONAL, token), html=bodies.html.replace(PERSONAL, token))


def hostile_week(words: str, posts: int, *, address: str = "é") -> Digest:
    """A week of posts that say all they can, with all of it hanging on them."""
    ninety = tuple(Unread(place=f"{number} {words}", starts_at=TUESDAY) for number in range(90))
    around = Surroundings(
        closed=(window_named("2026-W46", LONDON),),
        unread=ninety,
        known=frozenset(),
        trend=tuple((f"2026-W{week}", 10**9) for week in range(36, 47)),
    )
    week = make_digest([_hostile(number, words, address) for number in range(1, posts + 1)], around=around)
    return replace(
        week,
        topics=(words[:100],) * 30,
        also_tagged=((words, 9),) * 9,
        missed=(("2026-W01", 1),) * 99,
        opening=words[:200],
        closing=words[:200],
        sources=tuple(f"https://{number}.{'x' * 60}.example" for number in range(90)),
    )


def _hostile(number: int, words: str, address: str) -> DigestPost:
    shown = make_shown(
        number,
        network="wordpress" if number % 3 == 0 else "fediverse",
        author=make_author(name=words, handle=words, key=str(number)),
        url="https://fedi.example/" + address * 2000,
        title=words,
        text=words,
        content_warning=words if number % 11 == 0 else "",
        language="en" + "-abcdefgh" * (4 if number % 2 else 50),
        media=tuple(Media(url="https://a.example", type="image", alt_text=words) for _ in range(9)),
        poll=Poll(options=(words,) * 9, closes_at=None),
        reply_to_uri="https://fedi.example/?" + "&" * 900,
        also_at=tuple(f"https://{place}.example/{'&' * 900}" for place in "abcdefghij"),
        published_at=TUESDAY - timedelta(weeks=number // 250),
        counts=Counts(boosts=10**9, likes=10**9, replies=10**9, quotes=10**9),
    )
    return replace(shown, note=words)


@pytest.mark.parametrize("kind", TEXTS)
def test_a_mail_stays_below_a_hundred_kilobytes(kind: str) -> None:
    bodies = render_bodies(hostile_week(TEXTS[kind], 300), enclosure=ENCLOSED_FOR_SOMEBODY)
    assert personal(bodies).size < LONGEST
    assert "more, which are in the attached table" in bodies.text


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
    st.sampled_from(["", " ", "\n", " #"]),
    st.integers(1, 300),
    st.sampled_from(["a", "&", "é", "%20"]),
)
def test_no_posts_make_a_mail_longer(said: str, between: str, posts: int, address: str) -> None:
    words = (said + between) * (5000 // len(said + between))
    bodies = render_bodies(hostile_week(words, posts, address=address), enclosure=ENCLOSED_FOR_SOMEBODY)
    assert personal(bodies).size < LONGEST


@pytest.mark.parametrize("length", range(20, 300, 40))
def test_as_it_is_sent_it_stays_below_that_too(length: int) -> None:
    posts = [
        make_shown(
            number,
            author=make_author(name="Somebody " * 3, handle=f"somebody{number}@a-server.example"),
            text="They asked for our stories. " * 5,
            url=f"https://fedi.example/@carys/{'1' * length}",
            counts=Counts(boosts=number),
        )
        for number in range(1, 121)
    ]
    bodies = render_bodies(make_digest(posts), enclosure=ENCLOSED_FOR_SOMEBODY)
    assert len(fill(encode_parts(bodies.text, bodies.html, (), {}), {})) < LONGEST - 1_500


def test_a_usual_full_week_is_not_shortened() -> None:
    posts = [
        make_shown(
            number,
            author=make_author(handle=f"somebody{number}@a-server.example"),
            text="They asked for our stories after the report had been printed. " * 4,
            counts=Counts(boosts=number),
        )
        for number in range(1, 71)
    ]
    bodies = render_bodies(make_digest(posts), enclosure=ENCLOSED_FOR_SOMEBODY)
    assert bodies.text.count("\n- They asked") == 60
    assert "which are in the attached table" not in bodies.text
