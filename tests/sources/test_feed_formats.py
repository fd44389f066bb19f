"""Every format of feed becomes the same entries, however badly it is made."""

from __future__ import annotations

import json
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from feeding import FEEDS, answer, feed_body, feed_in, posts_in, rss, rss_item
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import Condition, SourceError
from collector.model import Media
from collector.sources.feed.formats import MOST_ENTRIES, read_feed


def error_of(body: bytes | str, **headers: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_feed(answer(body, **headers))
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("name", "title", "posts"),
    [
        ("wordpress-posts.body", "Rick’s Blog & Sundries", 4),
        ("wordpress-comments-rss.body", "Comments on: Examples of not #coproduction", 10),
        ("wordpress-comments-atom.body", "Comments on Examples of not #coproduction", 10),
        ("mastodon-tag.rss", "#notcoproduction", 2),
        ("mastodon-account.rss", "Carys Bevan", 1),
        ("youtube-channel.xml", "Whose Table?", 1),
        ("peertube-videos.xml", "Tube Example", 1),
        ("tumblr-tagged.rss", "Already Decided", 2),
        ("json-feed.json", "Kitchen Table Notes", 2),
        ("rss-1.0.rdf", "Old News", 1),
        ("blogger.atom", "Tea & Biscuits", 1),
        ("blog-with-faces.rss", "Rick’s Blog", 1),
        ("broken-ampersand.rss", "Q & A", 2),
        ("undated.rss", "Notice board", 3),
    ],
)
def test_feeds_of_all_kinds_are_read(name: str, title: str, posts: int) -> None:
    body = feed_body(name)
    assert feed_in(body).title == title
    assert len(posts_in(body)) == posts
    assert posts_in(body) == posts_in(body)


def test_the_texts_of_pictures_are_not_the_posts_text() -> None:
    first, second = posts_in(feed_body("mastodon-tag.rss"))
    assert first.text == (
        "They asked what colour the ramp should be. There are three steps before the ramp. #NotCoProduction "
        "https://blog.example.org/ramp"
    )
    files = "https://files.fedi.example"
    assert first.media == (
        Media(
            url=f"{files}/media_attachments/files/115/ramp.png", type="image", alt_text="A ramp that ends at a step."
        ),
        Media(url=f"{files}/media_attachments/files/115/door.mp4", type="video", alt_text=None),
    )
    assert [media.alt_text for media in second.media] == [""]
    assert (first.is_sensitive, second.is_sensitive) == (False, True)


def test_a_post_of_the_fediverse_is_known_by_the_address_and_author_that_its_api_gives() -> None:
    first, second = posts_in(feed_body("mastodon-tag.rss"))
    assert first.uri == first.url == "https://fedi.example/@carys/115562233445566778"
    assert (first.author.key, first.author.url) == ("carys@fedi.example", "https://fedi.example/@carys")
    assert (first.author.name, first.title) == ("", "")
    assert (second.author.key, second.author.url) == ("asha@far.example", None)
    assert [tag.normal for tag in first.hashtags] == ["notcoproduction", "accessibility"]
    assert [tag.found_in for tag in first.hashtags] == ["text", "tags"]
    (own,) = posts_in(feed_body("mastodon-account.rss"))
    assert own.author.name == "Carys Bevan"


def test_a_film_is_described_by_its_own_words() -> None:
    (post,) = posts_in(feed_body("youtube-channel.xml"))
    assert post.title == "The consultation that was a slideshow & a sandwich"
    assert post.text.startswith("Forty slides < five minutes for us.\n\nMore: https://blog.example.org/slides.")
    assert post.links == ("https://blog.example.org/slides",)
    assert [tag.normal for tag in post.hashtags] == ["notcoproduction", "consultation"]
    assert [media.type for media in post.media] == ["video"]
    assert post.edited_at == datetime(2026, 11, 18, 21, 14, 55, tzinfo=UTC)


def test_of_one_film_in_several_sizes_the_main_one_is_kept() -> None:
    (post,) = posts_in(feed_body("peertube-videos.xml"))
    assert [media.url for media in post.media if media.type == "video"] == ["https://tube.example/static/1080.mp4"]
    assert post.text == "A minute-taker on minutes. More like this (https://feeds.example/search?tag=notcoproduction)"
    assert post.author.handle == "minutes-channel@feeds.example"
    assert [tag.normal for tag in post.hashtags] == ["notcoproduction"]


def test_a_title_that_only_begins_the_text_is_none() -> None:
    first, second = posts_in(feed_body("tumblr-tagged.rss"))
    assert first.title == ""
    assert first.text.startswith("“We value your input” said the form")
    assert (second.title, second.text) == ("Photo", "An empty chair, for “the community”.")
    assert [tag.normal for tag in first.hashtags] == ["notcoproduction"]


def test_a_json_feed_is_read_as_its_standard_says() -> None:
    panel, report = posts_in(feed_body("json-feed.json"))
    assert panel.published_at == datetime(2026, 11, 17, 7, 0, 0, 250_000, tzinfo=UTC)
    assert panel.edited_at == datetime(2026, 11, 17, 11, tzinfo=UTC)
    assert [(tag.normal, tag.found_in) for tag in panel.hashtags] == [("notcoproduction", "text"), ("panels", "tags")]
    assert [(media.type, media.alt_text) for media in panel.media] == [
        ("audio", "The panel, read aloud"),
        ("image", None),
    ]
    assert (panel.author.name, panel.author.url) == ("Marged", "https://notes.example.org/about")
    assert (report.uri, report.url) == ("https://feeds.example/all.xml#7", "https://council.example/report")
    assert (report.author.name, report.language, panel.language) == ("Ifan", "cy", "en-gb")
    assert report.links == ("https://council.example/report",)


def test_the_old_rss_of_rdf_in_an_old_encoding_is_read() -> None:
    (post,) = posts_in(feed_body("rss-1.0.rdf"), content_type="text/xml")
    assert post.title == "La concertation a déjà eu lieu"
    assert (post.author.name, post.author.handle) == ("Hélène", "hélène@feeds.example")
    assert post.published_at == datetime(2026, 11, 12, 9, tzinfo=UTC)
    assert post.language == "fr"


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "", ""),
        ("utf-8", "", "text/xml; charset=iso-8859-1"),
        ("utf-8-sig", "utf-8", "text/xml"),
        ("utf-16", "utf-16", ""),
        ("latin-1", "iso-8859-1", "text/xml"),
        ("latin-1", "", "application/rss+xml; charset=ISO-8859-1"),
        ("cp1252", "utf-8", "application/rss+xml; charset=windows-1252"),
        ("latin-1", "utf-8", ""),
        ("cp1252", "no-such-encoding", ""),
    ],
)
def test_accents_survive_in_whatever_encoding(encoding: str, declared: str, header: str) -> None:
    declaration = f'<?xml version="1.0"{f" encoding={declared!r}" if declared else ""}?>'
    body = rss(rss_item(title="Café à côté")).partition("?>")[2]
    (post,) = posts_in((declaration + body).encode(encoding), content_type=header)
    assert post.title == "Café à côté"


def test_no_address_of_a_mailbox_and_no_picture_of_a_person_is_kept() -> None:
    for name in ("blog-with-faces.rss", "blogger.atom", "peertube-videos.xml", "json-feed.json"):
        entries = [entry for entry in feed_in(feed_body(name)).entries if isinstance(entry, dict)]
        kept = json.dumps(entries)
        assert "@" not in kept
        assert "gravatar" not in kept
        assert "0bc83cb571cd1c50ba6f3e8a78ef1346" not in kept
    (post,) = posts_in(feed_body("blog-with-faces.rss"))
    assert [media.url for media in post.media] == ["https://rick.blog.example/files/wall.jpg"]
    assert post.media[0].alt_text == "The wall, before"
    assert post.text == "A wall of sticky notes, photographed (https://feeds.example/photos) and thrown away."
    assert post.other_addresses == ("https://rick.blog.example/?p=77",)
    assert post.counts.replies == 12


def test_a_feed_that_breaks_off_loses_its_last_entry_and_says_that_something_is_missing() -> None:
    feed = feed_in(feed_body("cut-off.rss"))
    assert [entry["title"] for entry in feed.entries] == ["Whole"]
    assert feed.is_partial
    assert not feed_in(feed_body("broken-ampersand.rss")).is_partial


def test_what_has_no_end_is_bounded_and_called_half() -> None:
    newest_first = feed_in(rss(*(rss_item(number) for number in range(MOST_ENTRIES + 1))))
    assert len(newest_first.entries) == MOST_ENTRIES
    assert newest_first.is_partial
    assert newest_first.entries[0]["title"] == "Example 0"
    days = (f"Tue, 17 Nov {1900 + number // 10} 09:41:00 GMT" for number in range(MOST_ENTRIES + 1))
    oldest_first = feed_in(rss(*(rss_item(number, pubDate=day) for number, day in enumerate(days))))
    assert oldest_first.entries[-1]["title"] == f"Example {MOST_ENTRIES}"
    assert not feed_in(rss(*(rss_item(number) for number in range(MOST_ENTRIES)))).is_partial


@pytest.mark.parametrize(
    ("body", "condition", "words"),
    [
        ("", Condition.UNREADABLE, "empty answer"),
        (" \n\t ", Condition.UNREADABLE, "empty answer"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [', Condition.UNREADABLE, "broken JSON"),
        ("[" * 100_000, Condition.UNREADABLE, "broken JSON"),
        ('[{"id": 1}]', Condition.UNREADABLE, "no object"),
        ('{"items": []}', Condition.NO_SUCH_API, "JSON that is no feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": {}}', Condition.NO_SUCH_API, "JSON that is no feed"),
        ("just words", Condition.NO_SUCH_API, "no feed"),
        ("/etc/hostname", Condition.NO_SUCH_API, "no feed"),
        ("https://elsewhere.example/", Condition.NO_SUCH_API, "no feed"),
        ('<?xml version="1.0"?><urlset><url/></urlset>', Condition.NO_SUCH_API, "no feed"),
        ("\x00\x01\x02\xff", Condition.NO_SUCH_API, "no feed"),
        (
            rss(f"<item>{'<a>' * 300} {'x' * 2_200_000}{'</a>' * 300}</item>"),
            Condition.UNREADABLE,
            "broken XML of more",
        ),
        (rss("<item/>" * 500_000), Condition.UNREADABLE, "more than 400,000 tags"),
        ("<rss><channel>" + "<a> " * 190 + "& " * 2_200_000, Condition.UNREADABLE, "broken XML of more than"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: str, condition: Condition, words: str) -> None:
    error = error_of(body)
    assert error.condition is condition
    assert words in str(error)
    assert "feeds.example" in str(error)


@pytest.mark.parametrize("start", ["<!DOCTYPE html>", "<html>", "\ufeff <!-- hi -->\n<!doctype HTML>", "<?xml?><html>"])
def test_a_web_page_is_told_apart_from_a_feed_that_is_declared_as_one(start: str) -> None:
    assert read_feed(answer(start + "<p>Hi", content_type="application/rss+xml")) is None
    assert read_feed(answer("<p>Hi</p>", content_type="text/html; charset=utf-8")) is None
    said = rss(rss_item(description="<![CDATA[<html>]]>"))
    assert feed_in(said, content_type="text/html").title == "A feed"


def test_a_file_on_this_machine_is_never_opened(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_text(rss(rss_item(title="a secret")))
    assert error_of(str(secret)).condition is Condition.NO_SUCH_API
    outside = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    (post,) = posts_in(outside + rss(rss_item(description="before &x; after")).partition("?>")[2])
    assert "secret" not in post.text


def bomb(levels: int, width: int) -> str:
    declared = '<!ENTITY e0 "haha">'
    for level in range(1, levels):
        declared += f'<!ENTITY e{level} "{f"&e{level - 1};" * width}">'
    body = rss(rss_item(title="&e1;", description=f"&e{levels - 1};")).partition("?>")[2]
    return f'<?xml version="1.0"?><!DOCTYPE rss [{declared}]>{body}'


@pytest.mark.parametrize(
    "body",
    [
        bomb(12, 10),
        bomb(2, 100_000),
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY big "' + "x" * 500_000 + '">]>'
        "<rss version='2.0'><channel><item><description>" + "&big;" * 20_000 + "</description></item></channel></rss>",
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY big "' + "x" * 500_000 + '">]>'
        "<rss version='2.0'><channel><item><description>" + "&big;" * 20_000 + " & </description></item></channel>",
    ],
)
def test_entities_that_unpack_to_a_flood_do_no_harm(body: str) -> None:
    begun = time.monotonic()
    tracemalloc.start()
    try:
        posts = posts_in(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert all(len(post.text) < 2_000_000 for post in posts)
    assert peak < 100_000_000
    assert time.monotonic() - begun < 20


def test_broken_markup_inside_a_text_is_not_taken_for_depth() -> None:
    (post,) = posts_in(rss(rss_item(description="one<br>two<p>" * 300 + " & #notcoproduction")))
    assert post.text.startswith("one\ntwo")


def test_a_name_without_end_does_not_take_for_ever() -> None:
    begun = time.monotonic()
    for body in (rss(rss_item(author="a" * 2_000_000)), rss(rss_item(author="a" * 1_000_000 + " & "))):
        assert len(posts_in(body)) == 1
    assert time.monotonic() - begun < 10


@given(st.sampled_from(sorted(FEEDS.iterdir())), st.data())
def test_no_bytes_bring_anything_but_a_feed_or_a_clear_line(recorded: Path, data: st.DataObject) -> None:
    body = recorded.read_bytes()
    start = data.draw(st.integers(0, len(body)))
    length = data.draw(st.integers(0, 300))
    said = ""
    try:
        feed = read_feed(answer(body[:start] + data.draw(st.binary(max_size=20)) + body[start + length :]))
        json.dumps(feed.entries if feed else ())
    except SourceError as error:
        said = str(error)
    assert said.isprintable()


def test_what_feedparser_stumbles_over_costs_no_more_than_it_must() -> None:
    odd_number = rss(rss_item(1), rss_item(2, description="an &#xFFFFFFFF; odd &#0; number & #notcoproduction"))
    assert [post.uri[-1] for post in posts_in(odd_number)] == ["1", "2"]
    nameless = rss(rss_item(1), "<textInput></textInput>", rss_item(2), "<item><width>x</width><image><width/></image>")
    assert [post.uri[-1] for post in posts_in(nameless)][:1] == ["1"]


def test_an_id_or_address_that_entries_share_is_no_identity() -> None:
    told = (("changes", "one"), ("changes", "two"), ("", "three"), ("4", "same"), ("5", "same"))
    opaque = 'guid isPermaLink="false"'
    items = [
        rss_item(place, link=f"https://feeds.example/{path}", guid=None, **{opaque: own})
        for place, (path, own) in enumerate(told)
    ]
    posts = posts_in(rss(*items))
    assert [post.uri.removeprefix("https://feeds.example/") for post in posts] == [
        "all.xml#one",
        "all.xml#two",
        "all.xml#three",
        "4",
        "5",
    ]
    assert posts[0].url == "https://feeds.example/changes"


def test_an_entry_that_is_listed_twice_is_one() -> None:
    twice = rss(rss_item(1, description="new words"), rss_item(2), rss_item(1, description="old words"))
    assert [post.text for post in posts_in(twice) if post.uri.endswith("/1")] == ["new words"]
    assert len(posts_in(twice)) == 2


@pytest.mark.parametrize(
    ("told", "following"),
    [
        ("https://feeds.example/all.xml?page=2", "https://feeds.example/all.xml?page=2"),
        ("/all.xml?page=2", "https://feeds.example/all.xml?page=2"),
        ("https://elsewhere.example/all.xml?page=2", None),
        ("http://feeds.example/all.xml?page=2", None),
        ("https://feeds.example/all.xml", None),
        ("javascript:alert(1)", None),
    ],
)
def test_older_entries_are_only_looked_for_at_the_same_host(told: str, following: str | None) -> None:
    assert feed_in(rss(rss_item(), head=f'<atom:link rel="next" href="{told}"/>')).next_url == following
    value = {"version": "https://jsonfeed.org/version/1.1", "title": "", "items": [], "next_url": told}
    assert feed_in(json.dumps(value)).next_url == following


def test_any_number_of_comments_may_stand_before_a_feed() -> None:
    body = rss(rss_item()).removeprefix('<?xml version="1.0"?>')
    assert len(posts_in("<!-- a -->" * 300 + body)) == 1


@pytest.mark.parametrize("href", ["http://[x", "feed:foo", ""])
def test_a_page_names_its_feed_behind_an_address_that_is_none(href: str) -> None:
    from collector.sources.feed.pages import named_feed

    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{address}">' for address in (href, "/feed/")
    )
    assert named_feed(answer(f"<html><head>{links}", "https://blog.example/")) in {
        "https://blog.example/feed/",
        "https://blog.example/",
    }
    assert named_feed(answer(f'<html><head><base href="http://[x">{links}', "https://blog.example/")) is None


def test_a_next_address_that_is_none_costs_nothing_of_the_feed() -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "A", "next_url": "http://[x", "items": []}
    assert feed_in(json.dumps(feed)).next_url is None
