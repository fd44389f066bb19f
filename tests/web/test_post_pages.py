"""Lists of posts, one post, numbers, and the posts' feeds, as readers and their programs meet them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import feedparser
import pytest
from collecting import Clock, keep, publishing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import make_author, make_post
from making_storage import edited
from visiting import Reader, reading_app

from collector.app import App
from collector.forgetting import forget, look
from collector.model import Hashtag, Media, Poll
from collector.sources.feed.entries import normalise_entry
from collector.sources.feed.xmlfeed import read_xml
from collector.storage.curation import hide_author, hide_post

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)  # of 2026-W47
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)
NEXT_MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY)


@pytest.fixture
def app(clock: Clock, tmp_path: Path, prepared_url: str) -> Iterator[App]:
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}) as app:
        app.close_due_windows()
        clock.now = WEDNESDAY
        yield app


@pytest.fixture
def reader(app: App) -> Iterator[Reader]:
    with reading_app(app) as reader:
        yield reader


def at(number: int, **changes: Any) -> Any:
    return make_post(number, published_at=TUESDAY + timedelta(minutes=number), **changes)


# --- lists --------------------------------------------------------------------------------------


def test_all_posts_are_listed_page_by_page_the_newest_first(reader: Reader, app: App) -> None:
    assert "There is nothing here yet." in reader.get("/posts").text
    keep(app, *(at(number, text=f"Example {number:02}.") for number in range(45)))
    found: list[str] = []
    path = "/posts"
    for _ in range(3):
        text = reader.get(path).text
        assert "45 posts." in text
        found += re.findall(r"Example \d\d", text)
        further = re.search(r'rel="next nofollow" href="([^"]+)"', text)
        path = further[1].replace("&amp;", "&") if further else ""
    assert found == [f"Example {number:02}" for number in reversed(range(45))]
    assert not path


def test_a_form_without_scripts_narrows_and_keeps_what_was_typed(reader: Reader, app: App) -> None:
    keep(app, at(1, text="The box."), at(2, text="The chair.", language="cy"))
    seen = reader.get("/posts?q=box+chair&network=&since=&order=best")
    assert "Nothing was found." in seen.text
    assert 'value="box chair"' in seen.text
    assert '<option value="best" selected>' in seen.text
    assert "The box." in reader.get("/posts?q=BOX").text
    narrowed = reader.get("/posts?language=cy&network=fediverse&since=2026-11-17&until=2026-11-17").text
    assert "The chair." in narrowed
    assert "The box." not in narrowed
    assert '<details class="narrow" open>' in narrowed
    assert "The chair." not in reader.get("/posts?until=2026-11-16").text
    assert "The chair." not in reader.get("/posts?since=2026-11-18").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=17.11.2026", "A day is written as year, month, day"),
        ("until=2026-02-30", "A day is written as year, month, day"),
        ("until=0000-01-01", "A day is written as year, month, day"),
        ("q=%F0%9F%8C%BB+%2A", "no letter and no number"),
    ],
)
def test_what_cannot_be_understood_is_said_beside_the_form(reader: Reader, app: App, query: str, said: str) -> None:
    keep(app, at(1, text="The box."))
    seen = reader.get(f"/posts?{query}")
    assert seen.status == 400
    assert said in seen.text
    assert "The box." not in seen.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    name=st.sampled_from(["q", "hashtag", "network", "language", "author", "since", "until", "order", "after"]),
    typed=st.text(max_size=30) | st.text("\0\ud800<>\"'&.-0123456789@# *", max_size=30),
    path=st.sampled_from(["/posts", "/feeds/posts.atom", "/feeds/posts.json"]),
)
def test_no_question_breaks_a_page(reader: Reader, name: str, typed: str, path: str) -> None:
    reader.site.purses.__init__()  # type: ignore[misc]
    status = reader.get(f"{path}?{name}={quote(typed.encode('utf-8', 'surrogatepass'))}").status
    assert status in {200, 400, 404}


def test_search_engines_are_asked_to_leave_lists_out(reader: Reader) -> None:
    assert '<meta name="robots" content="noindex">' in reader.get("/posts").text
    assert "Disallow: /posts?" in reader.get("/robots.txt").text


def test_who_searches_very_often_is_asked_to_wait(reader: Reader) -> None:
    for _ in range(60):
        assert reader.get("/posts?q=box").status == 200
    seen = reader.get("/posts?q=box")
    assert seen.status == 429
    assert int(seen.headers["Retry-After"]) >= 1


# --- one post -----------------------------------------------------------------------------------


def test_a_page_tells_all_of_a_post(reader: Reader, app: App, clock: Clock) -> None:
    post = at(
        1,
        text="First line\nhttps://blog.example/a_(b), see.\n\nSecond <b>part</b>",
        links=("https://other.example/x", "https://blog.example/a_(b)"),
        media=(Media(url="https://e.example/i.png", type="image", alt_text="eleven chairs"),),
        poll=Poll(options=("Yes", "No"), closes_at=None),
        hashtags=(*make_post().hashtags, Hashtag(normal="two words?", display="Odd")),
    )
    keep(app, post)
    keep(app, edited(post, post.text + " now", TUESDAY + timedelta(hours=2)))
    clock.now = NEXT_MONDAY
    app.close_due_windows()
    seen = reader.get("/posts/1")
    assert seen.status == 200
    for said in (
        'First line<br><a href="https://blog.example/a_(b)" rel="ugc nofollow">https://blog.example/a_(b)</a>, see.',
        "Second &lt;b&gt;part&lt;/b&gt; now",
        'href="https://other.example/x"',
        "eleven chairs",
        "@carys@fedi.example</bdi>",
        'href="https://fedi.example/@carys/1"',
        "edited Tue 17 Nov 2026, 14:00",
        'href="/digests/weekly/2026-W47"',
        'href="/posts?hashtag=two+words%3F"',
        "Yes",
    ):
        assert said in seen.text, said
    assert seen.text.count('href="https://blog.example/a_(b)"') == 1


def test_a_title_heads_its_page_unless_it_stands_behind_a_warning(reader: Reader, app: App) -> None:
    keep(app, at(1, title="Un <b>titre</b>", language="fr"), at(2, title="Said", content_warning="loud"), at(3))
    heads = [re.findall(r"<h1.*?</h1>", reader.get(f"/posts/{number}").text) for number in (1, 2, 3)]
    assert heads == [
        ['<h1 dir="auto" lang="fr">Un &lt;b&gt;titre&lt;/b&gt;</h1>'],
        ["<h1>Carys, Tue 17 Nov 2026</h1>"],
        ["<h1>Carys, Tue 17 Nov 2026</h1>"],
    ]
    assert reader.get("/posts/1").text.count(">Un &lt;b&gt;titre&lt;/b&gt;<") == 1
    assert "<title>Un &lt;b&gt;titre&lt;/b&gt; · #notcoproduction</title>" in reader.get("/posts/1").text


def test_an_option_without_words_is_no_option(reader: Reader, app: App) -> None:
    keep(app, at(1, poll=Poll(options=("Yes", " ", "", "No"), closes_at=None)))
    (options,) = re.findall(r'<ul class="options">(.*?)</ul>', reader.get("/posts/1").text, re.DOTALL)
    assert re.findall(r"<span.*?>(.*?)</span>", options) == ["Yes", "No"]


def test_a_post_in_two_weekly_digests_leads_to_each_by_its_name(clock: Clock, tmp_path: Path) -> None:
    with publishing(tmp_path, clock=clock, digest=[{"series": "weekly"}, {"series": "second"}]) as app:
        app.close_due_windows()
        clock.now = WEDNESDAY
        keep(app, at(1))
        clock.now = NEXT_MONDAY
        app.close_due_windows()
        with reading_app(app) as reader:
            text = reader.get("/posts/1").text
    for series in ("weekly", "second"):
        assert f"<bdi>#notcoproduction, {series}: Week 47 · 16 to 22 November 2026</bdi></a>" in text


def test_a_post_leads_to_its_copies_on_its_page_in_digests_and_in_feeds(reader: Reader, app: App, clock: Clock) -> None:
    told = "They renamed the complaints box and now they call it the 'co-creation portal'. #notcoproduction"
    copy = "https://bsky.app/profile/carys.bsky.social/post/3kabc"
    carys = make_author(key="did:plc:abcdefghijklmnopqrstuvwx", handle="carys.bsky.social")
    uri = "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3kabc"
    keep(app, at(1, text=told), at(2, text=told, network="bluesky", author=carys, uri=uri, url=copy))
    clock.now = NEXT_MONDAY
    app.close_due_windows()
    link = f'also on <a href="{copy}" rel="ugc nofollow">Bluesky</a>'
    assert link in reader.get("/posts/1").text
    assert link in reader.get("/digests/weekly/2026-W47").text
    assert link in reader.get("/feeds/digests.json").json["items"][0]["content_html"]
    assert link in reader.get("/feeds/posts.json").json["items"][-1]["content_html"]


def test_a_place_that_nobody_else_can_reach_is_told_by_its_name(
    clock: Clock, tmp_path: Path, prepared_url: str
) -> None:
    at_home = {"kind": "mastodon", "url": "http://192.168.7.1:3000", "allow_private_network": True}
    source = [{"name": "the cupboard", **at_home}]
    with (
        publishing(tmp_path, clock=clock, database={"url": prepared_url}, source=source) as app,
        reading_app(app) as reader,
    ):
        keep(app, at(1))
        text = reader.get("/posts/1").text
    assert "Seen at the cupboard since" in text
    assert "192.168.7.1" not in text


def test_what_stands_behind_a_warning_is_folded_and_told_nowhere_else(reader: Reader, app: App) -> None:
    keep(app, at(1, text="The spider.", content_warning="spiders"))
    text = reader.get("/posts/1").text
    (folded,) = re.findall(r"<details.*?</details>", text, re.DOTALL)
    assert re.search(r"<summary[^>]*>Behind a warning: spiders</summary>", folded)
    assert "The spider." in folded
    assert text.count("The spider.") == 1
    for path in ("/posts", "/feeds/posts.atom", "/feeds/posts.json"):
        assert "The spider." not in reader.get(path).text
        assert "spiders" in reader.get(path).text


def test_a_post_that_never_was_is_not_found_and_one_that_is_taken_back_is_gone(reader: Reader, app: App) -> None:
    dewi = make_author(handle="dewi@fedi.example", name="Dewi")
    keep(app, at(1), at(2), at(3, author=dewi), at(4))
    forget(app.memory, look(app.memory, at(4).uri), TUESDAY)
    with app.database.write() as conn:
        hide_post(conn, at(2).uri, TUESDAY)
        hide_author(conn, "dewi@fedi.example", TUESDAY)
    gone = {number: reader.get(f"/posts/{number}") for number in (2, 3, 4)}
    assert {seen.status for seen in gone.values()} == {410}
    assert len({seen.text for seen in gone.values()}) == 1
    for path in ("/posts/99", f"/posts/{2**70}", "/posts/-1", "/posts/x"):
        assert reader.get(path).status == 404
    assert reader.get("/posts/1").status == 200


def test_only_posts_of_who_said_no_are_kept_from_search_engines(reader: Reader, app: App) -> None:
    for number, wish in enumerate((True, False, None), 1):
        keep(app, at(number, author=make_author(handle=f"a{number}@fedi.example", is_indexable=wish)))
    listed = ["noindex" not in reader.get(f"/posts/{number}").text for number in (1, 2, 3)]
    assert listed == [True, False, True]
    assert "One post." not in reader.get("/posts").text
    assert "2 posts." in reader.get("/posts?q=complaints").text


# --- numbers ------------------------------------------------------------------------------------


def test_numbers_are_a_chart_and_a_table_that_says_the_same(reader: Reader, app: App, clock: Clock) -> None:
    assert "nothing to count yet" in reader.get("/numbers").text
    keep(app, at(1), at(2), make_post(3, published_at=MONDAY - timedelta(days=40)))
    with app.database.write() as conn:
        hide_post(conn, at(2).uri, TUESDAY)
    clock.now = NEXT_MONDAY
    text = reader.get("/numbers").text
    assert re.search(r'<th scope="row">16 Nov 2026</th><td>1</td><td><b>1</b></td>', text)
    assert re.search(r'<th scope="row">5 Oct 2026</th><td>1</td>', text)
    assert re.search(r'<th scope="row">12 Oct 2026</th><td>0</td>', text)
    assert text.count("<rect") == 2 + 1
    monthly = reader.get("/numbers?by=month").text
    assert re.search(r'<th scope="row">November 2026</th><td>1</td>', monthly)
    assert re.search(r'<th scope="row">October 2026</th><td>1</td>', monthly)
    assert "<script" not in text
    assert "style=" not in text


def test_what_a_bar_stands_for_is_said_and_shown_and_bars_reach_from_edge_to_edge(
    reader: Reader, app: App, clock: Clock
) -> None:
    keep(app, at(1), at(2), at(4), make_post(3, published_at=MONDAY - timedelta(days=14)))
    clock.now = NEXT_MONDAY - timedelta(days=1)
    text = reader.get("/numbers").text
    assert "A bar stands for a week: the first began on 2 Nov 2026, the last on 16 Nov 2026." in text
    (dates,) = re.findall(r'<p class="small dates".*?</p>', text)
    assert re.findall("<span>(.*?)</span>", dates) == ["2 Nov 2026", "9 Nov 2026", "16 Nov 2026"]
    chart = text[: text.index("</svg>")]
    bars = [(float(x), float(width)) for x, width in re.findall(r'<rect.*? x="(.*?)".*? width="(.*?)"', chart)]
    assert bars[0][0] == 0
    assert sum(bars[-1]) == pytest.approx(600, abs=0.1)
    assert "A bar stands for a month, from November 2026 to November 2026." in reader.get("/numbers?by=month").text


def test_every_page_leads_to_the_numbers(reader: Reader) -> None:
    for path in ("/", "/posts", "/privacy", "/nothing"):
        assert '<li><a href="/numbers">Numbers</a></li>' in reader.get(path).text


# --- feeds --------------------------------------------------------------------------------------


def test_the_posts_can_be_followed_as_atom(reader: Reader, app: App) -> None:
    post = at(1, text="The box & the <b>lid</b>.")
    keep(app, post, at(2, text="The chair."))
    keep(app, edited(post, "The box, mended.", MONDAY + timedelta(days=1, hours=3)))
    seen = reader.get("/feeds/posts.atom?q=the")
    assert seen.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    told = feedparser.parse(seen.body)
    assert not told.bozo
    assert [entry.id for entry in told.entries] == [f"{reader.address}/posts/2", f"{reader.address}/posts/1"]
    assert told.entries[1].title == "The box, mended."
    assert told.entries[1].published == "2026-11-17T12:01:00Z"
    assert "Carys" in told.entries[1].author
    assert told.feed.id == f"{reader.address}/feeds/posts.atom?q=the"


def test_an_atom_feed_has_all_that_its_standard_asks(reader: Reader, app: App) -> None:
    keep(app, at(1), at(2, text="", content_warning="x"), at(3, text=""))
    root = ET.fromstring(reader.get("/feeds/posts.atom").body)
    atom = "{http://www.w3.org/2005/Atom}"
    for element in (root, *root.iter(f"{atom}entry")):
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{atom}{name}")
            assert found.text
    assert len({entry.findtext(f"{atom}id") for entry in root.iter(f"{atom}entry")}) == 3


def test_a_feed_of_posts_has_no_empty_summaries_that_readers_show_in_place_of_the_text(
    reader: Reader, app: App
) -> None:
    keep(app, at(1))
    assert "<summary" not in reader.get("/feeds/posts.atom").text
    assert "summary" not in reader.get("/feeds/posts.json").json["items"][0]


def test_our_own_feed_source_reads_the_posts_back(reader: Reader, app: App) -> None:
    keep(app, at(1, text="The box."), at(2, text="The chair."))
    address = f"{reader.address}/feeds/posts.atom"
    told = read_xml(reader.get("/feeds/posts.atom").body, charset="utf-8", url=address)
    assert told is not None
    read = [normalise_entry(entry, address=address) for entry in told["entries"]]
    assert [(post.uri, post.published_at) for post in read] == [
        (f"{reader.address}/posts/2", TUESDAY + timedelta(minutes=2)),
        (f"{reader.address}/posts/1", TUESDAY + timedelta(minutes=1)),
    ]
    assert "The box." in read[1].text


def test_the_posts_can_be_followed_as_json(reader: Reader, app: App) -> None:
    keep(app, at(1, text="The box."), at(2, text="The chair.", language="cy"))
    told = reader.get("/feeds/posts.json?language=cy").json
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == f"{reader.address}/feeds/posts.json?language=cy"
    (item,) = told["items"]
    assert item["id"] == item["url"] == f"{reader.address}/posts/2"
    assert "The chair." in item["content_html"]


def test_a_feed_that_is_known_already_is_not_sent_again_until_something_is_taken_back(reader: Reader, app: App) -> None:
    keep(app, at(1), at(2))
    mark = reader.get("/feeds/posts.atom").headers["ETag"]
    assert reader.get("/feeds/posts.atom", If_None_Match=mark).status == 304
    with app.database.write() as conn:
        hide_post(conn, at(1).uri, TUESDAY)
    assert reader.get("/feeds/posts.atom", If_None_Match=mark).status == 200
