from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import make_author
from making_digests import IMPRINT, LONDON, TUESDAY, make_candidate, make_digest, make_shown, make_usual_week

from collector.digest import Surroundings
from collector.model import Counts, DigestState, Hashtag, Media, Poll
from collector.render import Enclosure, Silence, preheader, render_sign_of_life, render_text
from collector.render.wrapping import measure, wrap

USUAL_WEEK = """\
    #notcoproduction, week 47 (16 to 22 November 2026)

    9 new examples from 9 people on 3 networks, 4 more than the week before.
    Mon 0 | Tue 5 | Wed 0 | Thu 2 | Fri 0 | Sat 0 | Sun 1

    PASSED ON MOST

    1. They renamed the complaints box 'co-creation portal'.
       Carys @carys@fedi.example, fediverse, Tue 17 Nov, 09:41
       passed on 12 times, 31 likes, 4 replies
       https://fedi.example/@carys/1

    2. The steering group met without us again, and the minutes thank us for our
       contribution. The steering group met without us again, and the minutes
       thank us for our contribution. The steering group met without us again,
       and the minutes thank us for our contribution. …
       Iolo Prys @iolo@gts.example, fediverse, Tue 17 Nov, 09:41
       passed on 3 times, 9 likes
       https://fedi.example/@carys/2

    3. Behind a warning: hospital
       Mari @mari@gts.example, fediverse, Tue 17 Nov, 09:41
       passed on twice, 4 likes
       https://fedi.example/@carys/3

    4. When were you consulted?
       Poll:
       - Before the decision
       - After the decision
       - In the press release
       @nia@fedi.example, fediverse, Tue 17 Nov, 09:41
       one like, one reply
       https://fedi.example/@carys/5

    5. Spot the service user.
       Picture: a table with eleven chairs, ten of them taken
       Picture without a description
       Tom @tom@fedi.example, fediverse, Tue 17 Nov, 09:41
       2 likes
       https://fedi.example/@carys/4

    6. “Co-design” they said. The PDF was final.
       Gwen @gwen.bsky.social, Bluesky, Thu 19 Nov, 08:00
       also on fedi.example
       https://bsky.app/profile/gwen.bsky.social/post/7

    7. سألونا عن رأينا بعد أن طبعوا الملصقات.
       ليلى @layla@gts.example, fediverse, Thu 19 Nov, 20:05
       https://fedi.example/@carys/6

    FROM THE COMMENTS

    1. We were asked which colour the consultation leaflet should be.
       Ann, blog.example, Sun 22 Nov, 23:59
       in answer to a post on blog.example
       https://blog.example/examples/#comment-9

    WORTH OPENING

    - They renamed the complaints box 'co-creation portal'.
      Carys @carys@fedi.example, fediverse, Tue 17 Nov, 09:41, 4 replies
      https://fedi.example/@carys/1

    ARRIVED LATE

    - Found late.
      Sam @sam@fedi.example, fediverse, Thu 12 Nov, 18:30
      https://fedi.example/@carys/8

    That was week 47.

    * * *

    Still missing: the other server could not be read since Friday. What is
    shown nowhere else may arrive late.

    How posts are chosen: public posts with #notcoproduction, as seen on
    fedi.example and gts.example. First come those that people passed on, liked
    and answered most, one for each person before anybody has two. Followers
    play no part, and copies of a post count once.

    If you would rather not be in here, or want to see what is held about you,
    write to hello@fedi.example. #nobot, #noindex or #noarchive in your profile
    keeps your posts out. So does Bluesky’s setting that shows you only to
    people who are logged in.

    You get this because your address is on the list for this digest. To
    unsubscribe, write “unsubscribe” to digest@example.org.
    """


def test_a_week_reads_as_a_letter() -> None:
    assert render_text(make_usual_week(), enclosure=Enclosure(unsubscribe="mailto:digest@example.org")) == dedent(
        USUAL_WEEK
    )


def test_a_week_without_posts_says_so() -> None:
    first, sentence, ending, _ = render_text(make_digest([])).split("\n\n", 3)
    assert first == "#notcoproduction, week 47 (16 to 22 November 2026)"
    assert (sentence, ending) == ("Nothing new this week.", "That was week 47.")


def test_a_digest_that_is_not_built_says_so_first() -> None:
    open_week = render_text(make_digest([make_shown()], state=DigestState.OPEN))
    assert "This is how the digest stands so far" in open_week
    assert "That is week 47 so far." in open_week
    assert "This is how the digest stands so far" not in render_text(make_digest([make_shown()]))


def test_past_sixty_lines_the_rest_is_counted_and_the_table_named() -> None:
    week = make_digest(
        [make_shown(number, author=make_author(handle=f"p{number}@a.example")) for number in range(1, 101)]
    )
    text = render_text(week, enclosure=Enclosure(attachment="weekly-2026-W47.csv"))
    assert text.count("\n- They renamed") == 60
    assert "And 30 more, which are in the attached table.\n" in text
    assert "The whole week is attached as weekly-2026-W47.csv.\n" in text
    assert "And 30 more that are not shown here.\n" in render_text(week)


def test_posts_without_words_keep_their_numbers_and_never_stand_empty() -> None:
    poll = Poll(options=("yes", "no"), closes_at=None)
    week = make_digest([make_shown(1, text="", counts=Counts(boosts=2), poll=poll), make_shown(2, text="")])
    text = render_text(week)
    assert "\n1. Poll:\n   - yes\n   - no\n   Carys" in text
    assert "\n2. No words, only what is attached.\n   Carys" in text


def test_a_warning_s_text_is_shown_nowhere() -> None:
    media = (Media(url="https://fedi.example/1.png", type="image", alt_text="secret picture"),)
    warned = [
        make_shown(number, title="secret title", text="secret text", content_warning="food", media=media)
        for number in range(1, 14)
    ]
    week = make_digest(warned)
    text = render_text(week)
    assert text.count("Behind a warning: food") == 13
    assert "secret" not in text + preheader(week)


def test_pictures_marked_as_sensitive_are_not_described() -> None:
    media = (Media(url="https://fedi.example/1.png", type="image", alt_text="secret picture"),)
    text = render_text(make_digest([make_shown(media=media, is_sensitive=True)]))
    assert "Picture marked as sensitive" in text
    assert "secret" not in text


def test_what_was_taken_back_leaves_a_sentence() -> None:
    shown = [make_shown(number) for number in (1, 2, 3)]
    assert "One example was taken back.\n" in render_text(make_digest(shown, gone=frozenset({1})))
    assert "2 examples were taken back.\n" in render_text(make_digest(shown, gone=frozenset({1, 2})))


def test_the_archive_says_which_year() -> None:
    old = make_shown(2, text="Five years ago.", published_at=datetime(2021, 11, 23, 10, 0, tzinfo=UTC))
    around = Surroundings(archive=[make_candidate(2, dated_at=old.dated_at)])
    text = render_text(make_digest([make_shown(1)], around=around, archive=[old]))
    assert "FROM THE ARCHIVE\n\n1. Five years ago.\n   Carys @carys@fedi.example, Tue 23 Nov 2021, 10:00\n" in text


def test_other_hashtags_are_named_with_their_counts() -> None:
    tags = (Hashtag(normal="nhs", display="NHS"), Hashtag(normal="codesign", display="CoDesign"))
    week = make_digest([make_shown(1, hashtags=tags), make_shown(2, hashtags=tags)])
    assert "ALSO TAGGED\n\n#CoDesign 2, #NHS 2\n" in render_text(week)


def test_missed_digests_are_named() -> None:
    week = make_digest([make_shown()], imprint=replace(IMPRINT, missed=(("2026-W44", 7), ("2026-W45", 1))))
    assert "Put together but not mailed: week 44 (7 examples) and week 45 (one example)." in render_text(week)


def test_only_the_topic_s_own_hashtag_goes_from_the_end_of_a_text() -> None:
    def said(text: str) -> str:
        return render_text(make_digest([make_shown(text=text)])).split("\n1. ")[1].split("\n")[0]

    assert said("Gone. #NotCoproduction") == "Gone."
    assert said("Stays. #notcoproduction #satire") == "Stays. #notcoproduction #satire"
    assert said("Stays. #satire\n\n#notcoproduction") == "Stays. #satire"
    assert said("#notcoproduction") == "#notcoproduction"


def test_the_preheader_quotes_the_best_post() -> None:
    first = make_shown(1, text="Nobody liked it.")
    best = make_shown(2, text="Everybody\nliked it. #notcoproduction", counts=Counts(likes=9))
    assert preheader(make_digest([first, best])) == "“Everybody liked it.” and 1 more"
    assert preheader(make_digest([best])) == "“Everybody liked it.”"
    assert preheader(make_digest([])) == "Nothing new this week."


def test_a_sign_of_life_says_since_when_there_was_nothing() -> None:
    silence = Silence(topics=("notcoproduction",), since_at=TUESDAY, zone=LONDON, contact="https://fedi.example/about")
    subject, text, html = render_sign_of_life(silence, enclosure=Enclosure(unsubscribe="digest@example.org"))
    assert subject == "#notcoproduction: still listening"
    assert text == dedent(
        """\
        Nothing new has turned up for #notcoproduction since Tue 17 Nov 2026.

        The collector is well and keeps looking. The next digest comes when there is
        something to read; until then there is nothing you need to do.

        Questions go to https://fedi.example/about.

        * * *

        You get this because your address is on the list for this digest. To
        unsubscribe, write “unsubscribe” to digest@example.org.
        """
    )
    assert "<title>#notcoproduction: still listening</title>" in html
    assert 'href="mailto:digest@example.org?subject=unsubscribe"' in html


def test_a_sign_of_life_can_come_before_the_first_post() -> None:
    _, text, _ = render_sign_of_life(Silence(topics=("a", "b"), since_at=None, zone=LONDON))
    assert text.startswith("Nothing has turned up for #a and #b yet.\n")


ADDRESS = "https://example.org/" + "very-long/" * 12


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a b", ["* a b"]),
        ("", []),
        ("aaaa bbbb cccc dddd", ["* aaaa bbbb", "  cccc dddd"]),
        (f"see {ADDRESS} there", ["* see", f"  {ADDRESS}", "  there"]),
        ("abcdefghijklmnop", ["* abcdefghij", "  klmnop"]),
        ("会議は終わりました", ["* 会議は終わ", "  りました"]),
        ("会議。#hashtag。終", ["* 会議。", "  #hashtag。", "  終"]),
        ("@somebody.with.a.long@handle.example", ["* @somebody.with.a.long@handle.example"]),
    ],
)
def test_text_is_wrapped_and_an_address_never(text: str, lines: list[str]) -> None:
    assert wrap(text, first="* ", rest="  ", columns=12) == lines


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300), st.integers(4, 80))
def test_wrapping_keeps_every_character_and_its_width(text: str, columns: int) -> None:
    lines = wrap(text, columns=columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert measure(line) <= columns or "@" in line or "://" in line or "\u200d" in line
