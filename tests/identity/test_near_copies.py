"""Whether two posts on two networks are one person's one post: pairs from life, and what must not be joined."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_identity import MORNING, TEXT, comment, later, skeet, toot, tweet

from collector.identity import is_near_copy
from collector.model import Mention, Post

LONG = (
    "A hospital asked us to co-design its new waiting room. We met four times, we drew plans, we argued about the"
    " chairs and about the light. When the room opened there was a sign on the door: designed with patients. Nothing"
    " of what we had drawn was in it, but they had kept our photographs for the brochure and for the annual report."
    " The chairs are bolted to the floor and the window looks at a wall. #notcoproduction"
)
CUT = LONG[:240]
WELSH = "Gofynnwyd i ni gyd-gynhyrchu'r gwasanaeth ar ôl iddyn nhw lofnodi'r cytundeb. Dyw hyn ddim yn gyd-gynhyrchu."
ARABIC = "طلبوا منّا أن نشارك في تصميم الخدمة بعد أن وقّعوا العقد مع الشركة. هذا ليس إنتاجًا مشتركًا."
JAPANESE = "契約書に署名した後で、一緒に作りましょうと言われました。それは共同制作ではありません。"
KOREAN = "계약서에 서명한 뒤에 함께 만들자고 했습니다. 그것은 공동 제작이 아닙니다."
HINDI = "अनुबंध पर हस्ताक्षर करने के बाद उन्होंने हमसे साथ मिलकर काम करने को कहा। यह सह-उत्पादन नहीं है।"
CAT = "https://news.example/2026/11/cat"
DOG = "https://news.example/2026/11/dog"
ON_BLUESKY = "https://bsky.app/profile/carys.bsky.social"
QUOTED = "at://did:plc:dilys/app.bsky.feed.post/3kquoted"


COPIES: dict[str, tuple[Post, Post]] = {
    "word for word": (toot(), skeet()),
    "tweeted as well": (toot(), tweet()),
    "on Twitter and Bluesky": (tweet(), skeet()),
    "a comment, also tooted": (comment(), toot()),
    "an hour apart": (toot(), skeet(published_at=later(60))),
    "an hour apart, the other way": (toot(published_at=later(60)), skeet()),
    "in the future": (
        toot(published_at=datetime(2099, 1, 1, tzinfo=UTC)),
        skeet(published_at=datetime(2099, 1, 1, 0, 5, tzinfo=UTC)),
    ),
    "same display name": (toot(name="Carys Morgan"), skeet(name="Carys Morgan 🌻 (she/her)")),
    "a part of the name": (toot(name="Carys"), skeet(name="Dr Carys Morgan")),
    "an initial": (toot(name="Carys M."), skeet(name="Carys Morgan")),
    "names with remarks": (toot(name="Carys :verified: she/her"), skeet(name="Carys [on leave]")),
    "one a bot": (toot(is_bot=True), skeet()),
    "other case and signs": (toot(), skeet(TEXT.upper().replace("'", "’").replace(".", " –"))),
    "hashtags elsewhere": (
        toot(TEXT + " #Coproduction #NHS #SocialCare #patients @"),
        skeet(TEXT.removesuffix(" #notcoproduction")),
    ),
    "hashtag as a word": (
        toot("Is it #coproduction when the #patients find out in the newspaper? #notcoproduction"),
        skeet("Is it coproduction when the patients find out in the newspaper?"),
    ),
    "another mention of the same": (
        toot("Thank you @dilys@fedi.example for showing what they did with our drawings in the end. #notcoproduction"),
        skeet("Thank you @dilys.bsky.social for showing what they did with our drawings in the end. #notcoproduction"),
    ),
    "emoji on one side": (toot(TEXT + " 😤📦"), skeet()),
    "a shortened address": (
        toot(TEXT + f" {CAT}", links=(CAT,)),
        tweet(TEXT + " https://t.co/abc123", links=("https://t.co/abc123",)),
    ),
    "an address cut for show": (
        toot(TEXT + f" {CAT}", links=(CAT,)),
        skeet(TEXT + " news.example/2026/11/c…", links=(CAT + "?utm_source=bsky",)),
    ),
    "a link to the copy": (toot(), skeet(TEXT + " https://fedi.example/@carys/1", links=(f"{toot().url}",))),
    "a typing error mended": (toot(TEXT.replace("complaints", "complants")), skeet()),
    "cut with a link": (
        toot(LONG),
        skeet(CUT + "… https://fedi.example/@carys/1", links=("https://fedi.example/@carys/1",)),
    ),
    "cut in a word": (toot(LONG), tweet(LONG[:137] + "...")),
    "cut by a bridge": (toot(LONG), skeet(CUT + " […]\n\n[Original post on fedi.example]")),
    "cut with hashtags after": (toot(LONG), skeet(CUT + "… #notcoproduction")),
    "cut at two lengths": (toot(LONG[:330] + "…"), tweet(LONG[:137] + "…")),
    "Welsh": (toot(WELSH), skeet(WELSH.replace("ô", "o\u0302"))),
    "Arabic with and without points": (toot(ARABIC), skeet(ARABIC.replace("ّ", ""))),
    "Japanese": (toot(JAPANESE + " #共同制作ではない"), skeet(JAPANESE)),
    "Korean": (toot(KOREAN), skeet(KOREAN.replace(".", " …", 1))),
    "Hindi": (toot(HINDI), skeet(HINDI)),
    "under a content warning": (toot(content_warning="NHS, grumpy"), skeet(f"NHS, grumpy\n\n{TEXT}")),
    "under a title": (comment(title="The box"), toot("The box. " + TEXT)),
    "by domain": (toot(handle="me@carys.example"), skeet(handle="carys.example")),
    "a mirror": (toot(handle="c_m@fedi.example"), skeet(handle="c-m.fedi.example.ap.brid.gy")),
    "other names, declared by both": (
        toot(handle="cmw@fedi.example", name="C.", declares=(ON_BLUESKY,)),
        skeet(name="Grumpy patient", declares=("https://fedi.example/@cmw",)),
    ),
    "other display names, declared by one": (
        toot(name="Carys Morgan", declares=(ON_BLUESKY,)),
        skeet(name="Grumpy patient"),
    ),
    "another handle, declared by one": (
        toot(handle="cmw@fedi.example", name="Carys Morgan", declares=(ON_BLUESKY,)),
        skeet(name="Carys Morgan"),
    ),
    "both going on with their own thread": (
        toot(number=2, reply_to_uri=toot().uri),
        skeet(number=2, reply_to_uri=skeet().uri),
    ),
    "one quotes what the other links to": (
        toot(TEXT, links=("https://bsky.app/profile/dilys.bsky.social/post/3kquoted",)),
        skeet(quote_of_uri=QUOTED),
    ),
}

OTHERS: dict[str, tuple[Post, Post]] = {
    "an hour and a second apart": (toot(), skeet(published_at=later(60, 1))),
    "on one network": (toot(), toot(handle="carys@other.example")),
    "a slogan of two people": (
        toot("Nothing about us without us, not now and not ever again! #notcoproduction", "dilys@fedi.example"),
        skeet("Nothing about us without us, not now and not ever again! #notcoproduction"),
    ),
    "one first name, two people": (
        toot(handle="alex@fedi.example", name="Alex Jones"),
        skeet(handle="alex.bsky.social", name="Alex Smith"),
    ),
    "one handle, two people": (toot(name="Carys Morgan"), skeet(name="Rhys Bevan")),
    "names in other scripts": (toot(name="Carys"), skeet(name="小林花子")),
    "too short": (toot("So true! #notcoproduction"), skeet("So true! #notcoproduction")),
    "short and wise": (toot("Words, words, words. #notcoproduction"), skeet("Words, words, words. #notcoproduction")),
    "only hashtags": (
        toot("#notcoproduction #coproduction #nhs #socialcare #patients"),
        skeet("#notcoproduction #coproduction #nhs #socialcare #patients"),
    ),
    "only emoji": (toot("😤" * 60), skeet("😤" * 60)),
    "only an address": (toot(CAT, links=(CAT,)), skeet(CAT, links=(CAT,))),
    "only mentions": (toot("@a@fedi.example " * 5), skeet("@a.bsky.social " * 5)),
    "nothing at all": (toot(""), skeet("")),
    "short Japanese": (toot("共同制作じゃない！"), skeet("共同制作じゃない！")),
    "edited to another meaning": (
        toot("They asked us what we need, listened, and then built precisely that for us. #notcoproduction"),
        skeet("They asked us what we need, laughed, and after that sold it to somebody else. #notcoproduction"),
    ),
    "the next of a series": (
        toot("Example 12 of what it is not: a survey after the decision was taken. #notcoproduction"),
        skeet("Example 13 of what it is not: a survey after the decision was taken. #notcoproduction"),
    ),
    "another day": (
        toot("Our next open meeting about the waiting room is on 3 December at the library. #notcoproduction"),
        skeet("Our next open meeting about the waiting room is on 10 December at the library. #notcoproduction"),
    ),
    "one wording, two pages": (
        toot(f"Worth reading on what coproduction is not, and why it matters: {CAT}", links=(CAT,)),
        skeet(f"Worth reading on what coproduction is not, and why it matters: {DOG}", links=(DOG,)),
    ),
    "a reply to somebody": (
        toot("Same here, they never asked any of us before they built it."),
        skeet("Same here, they never asked any of us before they built it.", reply_to_uri=QUOTED),
    ),
    "replies to two people": (
        tweet(reply_to_uri="https://twitter.com/dilys/status/3"),
        skeet(reply_to_uri=QUOTED),
    ),
    "an answer to a note of another, where notes do not tell whose they are": (
        toot(uri="https://fedi.example/notes/2", reply_to_uri="https://fedi.example/notes/1"),
        skeet(),
    ),
    "an answer to somebody of the same server": (
        toot(reply_to_uri="https://fedi.example/users/dilys/statuses/3"),
        skeet(),
    ),
    "an answer to a comment": (
        comment(reply_to_uri="https://blog.example/2013/11/26/examples-of-not-coproduction/#comment-3"),
        toot(),
    ),
    "quoting": (toot(), skeet(quote_of_uri=QUOTED)),
    "quoting two things": (tweet(quote_of_uri="https://twitter.com/dilys/status/3"), skeet(quote_of_uri=QUOTED)),
    "quoted with a remark": (toot(), skeet(f"This, so very much: “{TEXT}” I could not say it better, and I tried.")),
    "quoted by somebody else": (toot(), skeet(f"“{TEXT}”", handle="dilys.bsky.social")),
    "an impostor who links to her": (
        toot(handle="mallory@evil.example", name="Mallory", declares=(ON_BLUESKY,)),
        skeet(name="Carys Morgan"),
    ),
    "an impostor while she names her own": (
        toot(handle="carys@evil.example", name="Carys Morgan"),
        skeet(name="Carys Morgan", declares=("https://fedi.example/@carys",)),
    ),
    "a stranger who names her post as the original": (
        skeet(handle="mallory.bsky.social", copy_of=toot().url),
        toot(),
    ),
    "staff of an organisation": (
        toot(handle="sam@fedi.example", name="Sam Price", declares=("https://charity.example",)),
        skeet(handle="charity.example", name="Charity Cymru"),
    ),
    "the server's own account": (toot(), skeet(handle="fedi.example")),
    "two desks": (comment(handle="admin@blog.example"), toot(handle="admin@fedi.example")),
    "two anonymous ones": (comment(handle="anonymous@blog.example"), tweet(handle="anonymous@twitter.com")),
    "cut too early": (toot(LONG), skeet(LONG[:60] + "…")),
    "a beginning that was not cut": (toot(LONG), skeet(LONG[:150])),
    "cut, and another text": (
        toot(LONG.replace("waiting room", "car park").replace("chairs", "bays")),
        skeet(CUT + "…"),
    ),
    "another language": (toot(WELSH), skeet(JAPANESE)),
    "another Arabic sentence": (
        toot(ARABIC),
        skeet("سألونا عن رأينا في المستشفى الجديد ثم نشروا التقرير قبل أن نجيب."),
    ),
}


@pytest.mark.parametrize("pair", COPIES.values(), ids=COPIES)
def test_one_persons_one_post_is_known_on_two_networks(pair: tuple[Post, Post]) -> None:
    assert is_near_copy(*pair)


@pytest.mark.parametrize("pair", OTHERS.values(), ids=OTHERS)
def test_what_is_not_surely_one_post_stays_two(pair: tuple[Post, Post]) -> None:
    assert not is_near_copy(*pair)


@pytest.mark.parametrize("pair", [*COPIES.values(), *OTHERS.values()], ids=[*COPIES, *OTHERS])
def test_it_does_not_matter_which_comes_first(pair: tuple[Post, Post]) -> None:
    assert is_near_copy(*pair) is is_near_copy(*reversed(pair))


def test_a_mention_that_a_server_links_is_no_page() -> None:
    mention = Mention(handle="dilys@fedi.example", url="https://fedi.example/@dilys")
    one = toot(links=("https://fedi.example/@dilys", "https://fedi.example/tags/notcoproduction"), mentions=(mention,))
    assert is_near_copy(one, skeet(links=(CAT,)))


_texts = st.sampled_from([TEXT, LONG, CUT + "…", WELSH, ARABIC, JAPANESE, "So true!", ""]) | st.text(max_size=120)
_people = st.sampled_from(["carys", "alex", "me", "mallory"])
_links = st.lists(
    st.sampled_from([ON_BLUESKY, "https://fedi.example/@carys", "https://x.com/alex", CAT, DOG]), max_size=2
).map(tuple)


@st.composite
def posts(draw: st.DrawFn) -> Post:
    changes: dict[str, Any] = {
        "published_at": later(draw(st.integers(0, 90))),
        "name": draw(st.sampled_from(["", "Carys Morgan", "Alex Jones", "Alex Smith"])),
        "declares": draw(_links),
        "links": draw(_links),
        "title": draw(st.sampled_from(["", "The box"])),
        "number": draw(st.integers(1, 9)),
    }
    make, end = draw(
        st.sampled_from(
            [(toot, "@fedi.example"), (skeet, ".bsky.social"), (tweet, "@twitter.com"), (comment, "@blog.example")]
        )
    )
    post: Post = make(draw(_texts), draw(_people) + end, **changes)
    return post


@given(posts(), posts())
def test_being_a_copy_is_mutual(a: Post, b: Post) -> None:
    assert is_near_copy(a, b) is is_near_copy(b, a)


@given(st.text(min_size=1, max_size=2_000), st.text(max_size=2_000))
def test_no_text_is_too_odd(one: str, other: str) -> None:
    assert is_near_copy(toot(one), skeet(other)) is is_near_copy(skeet(other), toot(one))


@pytest.mark.parametrize(
    "text",
    ["." * 50_000 + "x", "a." * 25_000, "#a " * 15_000 + "x", "@" * 50_000, "a-" * 25_000, "(" * 50_000, "😤" * 50_000],
)
def test_texts_made_to_take_long_do_not(text: str) -> None:
    from time import perf_counter

    started = perf_counter()
    is_near_copy(toot(text, name=text), skeet(text + "y", name=text + "y"))
    assert perf_counter() - started < 1


def test_the_morning_is_one_morning() -> None:
    assert later(0) == MORNING
