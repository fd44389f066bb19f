"""What stands below a letter, and what whoever sends it puts in: pages, the ways out, notes, lines of their own."""

from __future__ import annotations

from dataclasses import replace

from making_digests import LONDON, make_digest, make_shown, make_usual_week
from making_letters import ENCLOSED, PAGES, WITHOUT_DIGEST

from collector.render import Silence, render_html, render_json, render_sign_of_life, render_text

WAYS = """\
You get this because your address is on the list for this digest.

All digests so far:
https://digest.example/digests/weekly
This week as a table (CSV):
https://digest.example/digests/weekly/2026-W47.csv
Change what you get:
https://digest.example/settings/key
Unsubscribe:
https://digest.example/unsubscribe/key
What is held, and how to be left out:
https://digest.example/privacy

Example Trust, 1 High Street, Cardiff
"""


def test_a_letter_leads_to_every_page_and_each_address_has_its_own_line() -> None:
    text = render_text(make_usual_week(), enclosure=ENCLOSED)
    assert text.endswith(WAYS)
    assert text.startswith(
        "#notcoproduction, week 47 (16 to 22 November 2026)\nhttps://digest.example/digests/weekly/2026-W47\n\n"
    )
    html = render_html(make_usual_week(), enclosure=ENCLOSED)
    assert [html.count(f'href="{line}"') for line in text.split() if line.startswith(PAGES.base)] == [1] * 6
    assert "Example Trust, 1 High Street, Cardiff" in html


def test_whoever_can_leave_by_a_page_is_not_asked_to_write() -> None:
    page = replace(ENCLOSED, unsubscribe_page=None)
    assert "write “unsubscribe”" not in render_text(make_usual_week(), enclosure=ENCLOSED)
    assert "To unsubscribe, write “unsubscribe” to digest@example.org." in render_text(
        make_usual_week(), enclosure=page
    ).replace("\n", " ")


def test_a_long_personal_address_stays_whole_on_its_line() -> None:
    address = PAGES.unsubscribe("k" * 300)
    text = render_text(make_usual_week(), enclosure=replace(ENCLOSED, unsubscribe_page=address))
    assert f"\n{address}\n" in text


def test_a_sign_of_life_leads_to_the_same_pages() -> None:
    silence = Silence(topics=("notcoproduction",), since_at=None, zone=LONDON)
    _, text, html = render_sign_of_life(silence, enclosure=WITHOUT_DIGEST)
    for address in (PAGES.archive("weekly"), PAGES.settings("key"), PAGES.unsubscribe("key"), PAGES.privacy):
        assert f"\n{address}\n" in text
        assert f'href="{address}"' in html


def test_the_preheader_is_the_best_post_also_where_the_letter_stands_on_the_web() -> None:
    html = render_html(make_usual_week(), enclosure=ENCLOSED)
    body = html.partition("<body")[2]
    assert body.index("“They renamed the complaints box") < body.index("read this on the web")


def test_a_curator_s_note_stands_with_its_post() -> None:
    shown = [replace(make_shown(number), note=f"Seen in town hall {number}.") for number in range(1, 13)]
    digest = make_digest(shown)
    text, html = render_text(digest), render_html(digest)
    for number in range(1, 13):
        assert f"Curator’s note: Seen in town hall {number}.\n" in text
        assert f"Seen in town hall {number}." in html
    assert '"note": "Seen in town hall 3."' in render_json(digest)


def test_lines_of_one_s_own_stand_above_and_below_the_posts() -> None:
    digest = replace(make_usual_week(), opening="Collected with care.", closing="Add your own.")
    for drawn in (render_text(digest), render_html(digest).partition("<h1")[2]):
        wanted = ("9 new examples", "Collected with care.", "They renamed", "Found late.", "Add your own.", "That was")
        places = [drawn.index(words) for words in wanted]
        assert places == sorted(places)
