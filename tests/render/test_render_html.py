from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import make_author
from making_digests import LONDON, TUESDAY, make_digest, make_shown, make_usual_week

from collector.digest import window_named
from collector.model import Counts, DigestPost, Hashtag, Media, Poll, Unread
from collector.render import Enclosure, Silence, render_bodies, render_html, render_sign_of_life
from collector.render.palette import DARK, LIGHT, Palette

LAST_WEEK = window_named("2026-W46", LONDON)
VOID = {"meta", "br", "link", "img", "input", "hr"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!--[if mso]><script>alert(1)</script><![endif]-->",
    "{{ 7 * 7 }}{% raw %}",
    "<b>bold</b> &lt;i&gt; &amp;",
    "<style>body{display:none}</style>",
    '<a href="javascript:alert(1)">x</a>',
    "\u202eright to left\u2066",
]


class Page(HTMLParser):
    """A page as a mail client takes it apart."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "title"}:
            self.text.append(data)

    def values(self, name: str) -> Iterator[str]:
        return (attributes[name] or "" for _, attributes in self.tags if name in attributes)


def hostile_post(number: int, words: str) -> DigestPost:
    return make_shown(
        number,
        author=make_author(name=words, handle=f"{words}@a.example", key=str(number)),
        url=f"https://fedi.example/{words}",
        title=words,
        text=words,
        language=words,
        content_warning=words if number % 2 else "",
        media=(Media(url=words, type=words, alt_text=words),),
        poll=Poll(options=(words, words), closes_at=None),
        reply_to_uri=f"javascript:{words}",
        hashtags=(Hashtag(normal=words, display=words),),
        also_at=(words, f"javascript:{words}", f"https://b.example/?{words}"),
        counts=Counts(replies=5),
    )


def test_a_page_is_well_formed_and_says_what_it_is() -> None:
    page = Page(render_html(make_usual_week(), enclosure=Enclosure(unsubscribe="digest@example.org")))
    names = [tag for tag, _ in page.tags]
    root = page.tags[0][1]
    assert page.open == []
    assert (root["lang"], root["dir"]) == ("en", "ltr")
    assert names.count("h1") == 1
    assert names.count("h2") == 4
    assert "title" in names
    assert all(attributes.get("role") == "presentation" for tag, attributes in page.tags if tag == "table")
    assert "mailto:digest@example.org?subject=unsubscribe" in page.values("href")


def test_a_page_loads_nothing_from_outside() -> None:
    html = render_html(make_usual_week())
    page = Page(html)
    assert {tag for tag, _ in page.tags} & {"img", "script", "link", "iframe", "video", "object", "form"} == set()
    assert not list(page.values("src"))
    assert "url(" not in html
    assert "@import" not in html


def test_styles_stand_on_the_elements_and_only_the_dark_ones_in_the_head() -> None:
    html = render_html(make_usual_week())
    (style,) = re.findall(r"<style data-css-inline[^>]*>(.*?)</style>", html, re.DOTALL)
    assert "prefers-color-scheme: dark" in style
    assert LIGHT.ink not in style
    assert re.search(r'<p class="words"[^>]*style="[^"]*font-size: 20px', html)


def test_every_text_says_its_language_and_finds_its_direction() -> None:
    page = Page(render_html(make_usual_week()))
    words = [attributes for tag, attributes in page.tags if tag == "p" and attributes.get("class") == "words"]
    assert {attributes.get("lang") for attributes in words if attributes.get("dir") == "auto"} == {"en", "ar"}
    assert (
        sum(
            attributes.get("class") == "name"
            for tag, attributes in page.tags
            if tag == "span" and attributes.get("dir") == "auto"
        )
        >= 8
    )


def test_hashtags_of_either_direction_keep_their_marks_and_counts_in_place() -> None:
    week = replace(make_digest([make_shown(1)]), topics=("مشاركة",), also_tagged=(("صحة", 4), ("NHS", 2)))
    html = render_html(week)
    assert '<span dir="auto">#مشاركة</span></h1>' in html
    assert '#<span dir="auto">صحة</span> 4, #<span dir="auto">NHS</span> 2' in html


@pytest.mark.parametrize("words", HOSTILE)
def test_what_people_wrote_stays_text(words: str) -> None:
    week = make_digest([hostile_post(number, words) for number in range(1, 14)])
    html = render_html(
        replace(week, topics=(words,), contact=words, unread=(Unread(place=words, starts_at=TUESDAY),)),
        enclosure=Enclosure(unsubscribe=words),
    )
    page = Page(html)
    plain = Page(render_html(make_digest([hostile_post(number, "x") for number in range(1, 14)])))
    assert page.open == []
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags}
    assert {name for _, attributes in page.tags for name in attributes} <= {
        name for _, attributes in plain.tags for name in attributes
    }
    assert all(href.startswith(("https://", "mailto:")) for href in page.values("href"))
    assert "49" not in "".join(page.text).replace(words, "")


def test_only_web_addresses_become_links() -> None:
    shown = make_shown(
        url="javascript:alert(1)", reply_to_uri="data:text/html,x", also_at=("at://did:plc:a/app.bsky.feed.post/1",)
    )
    page = Page(render_html(replace(make_digest([shown]), contact="")))
    assert list(page.values("href")) == []
    assert "also on Bluesky" in "".join(page.text)


def test_the_text_and_the_page_say_the_same() -> None:
    bodies = render_bodies(make_usual_week(), enclosure=Enclosure(unsubscribe="digest@example.org"))
    said = re.sub(r"\W+", " ", "".join(Page(bodies.html).text).casefold())
    for line in bodies.text.splitlines():
        words = re.sub(r"\W+", " ", re.sub(r"https?://\S+|^\d+\. |in answer to", "", line.strip()).casefold()).strip()
        if "|" not in line:
            assert words in said


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_what_is_read_stands_out_from_the_paper(palette: Palette) -> None:
    for colour in (palette.ink, palette.soft, palette.accent):
        assert contrast(colour, palette.paper) >= 4.5


def test_no_colour_stands_outside_the_palette() -> None:
    html = render_html(make_usual_week()) + render_sign_of_life(Silence(topics=("a",), since_at=None, zone=LONDON))[2]
    known = {getattr(palette, name) for palette in (LIGHT, DARK) for name in ("paper", "ink", "soft", "accent", "rule")}
    assert set(re.findall(r"#[0-9a-f]{6}\b", html)) <= known
    assert not re.search(r"rgba?\(|hsl", html)


def test_every_coloured_class_has_its_dark_colour() -> None:
    html = render_html(make_usual_week())
    light = {
        name
        for classes, style in re.findall(r'class="([^"]+)"[^>]*style="([^"]*)"', html)
        for name in classes.split()
        if re.search(r"(?<!-)\bcolor: #|background-color: #|border-\w+: 1px solid #", style)
    }
    dark = set(re.findall(r"\.([a-z]+)", html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]))
    assert light - {"tap"} <= dark


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=1, max_size=5))
def test_no_text_breaks_a_page(texts: list[str]) -> None:
    page = Page(render_html(make_digest([hostile_post(number, words) for number, words in enumerate(texts, 1)])))
    assert page.open == []
