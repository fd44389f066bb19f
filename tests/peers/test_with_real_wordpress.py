"""The WordPress source against a real WordPress: what a blog's owner does, and what is seen of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from making import NOW
from wordpress import BLOG_NAME, HASHTAG, RealWordPress, started_wordpress

from collector.errors import Condition, SourceError
from collector.model import Found, Page, WatchKey
from collector.sources import Look, Setup
from collector.sources.raw import unpack
from collector.sources.wordpress import WordPressSource


@pytest.fixture(scope="module")
def wordpress() -> Iterator[RealWordPress]:
    """One blog for all tests: each adds posts of its own, and leaves the switches as they were."""
    yield from started_wordpress()


@pytest.fixture
def source(wordpress: RealWordPress) -> Iterator[WordPressSource]:
    setup = Setup(
        address=wordpress.address,
        user_agent="test/1 (mailto:me@example.org)",
        now=lambda: NOW,
        url=f"{wordpress.address}/",
        allow_private=True,
    )
    made = WordPressSource(setup)
    yield made
    made.close()


@pytest.fixture
def post(wordpress: RealWordPress) -> int:
    return wordpress.add_post("Examples of not #coproduction")


def key(blog: RealWordPress, page: str | int = "", *, hashtag: str = "", part: str = "") -> WatchKey:
    url = blog.permalink(page) if isinstance(page, int) else page or f"{blog.address}/"
    return WatchKey(kind="wordpress", address=blog.address, hashtag=hashtag, topic=HASHTAG, thread=url + part)


def walk(source: WordPressSource, watched: WatchKey, **look: object) -> list[Page]:
    pages = [source.fetch_page(watched, Look(**look))]  # type: ignore[arg-type]
    while pages[-1].next_cursor is not None:
        pages.append(source.fetch_page(watched, Look(cursor=pages[-1].next_cursor, **look)))  # type: ignore[arg-type]
    assert not any(page.rejections for page in pages)
    return pages


def found(source: WordPressSource, watched: WatchKey, **look: object) -> list[Found]:
    return [item for page in walk(source, watched, **look) for item in page.found]


def texts(source: WordPressSource, watched: WatchKey, **look: object) -> list[str]:
    return [item.post.text for item in found(source, watched, **look)]


def test_a_comment_that_is_approved_late_appears_at_its_old_date(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    wordpress.add_comment(post, "Newer.", at="2026-11-20 10:00:00")
    held = wordpress.add_comment(post, "Held back.", at="2026-10-01 10:00:00", comment_approved=0)
    watched = key(wordpress, post)
    assert texts(source, watched) == ["Newer."]
    wordpress.approve(held)
    assert texts(source, watched, since=NOW - timedelta(days=10)) == ["Newer."]
    assert texts(source, watched) == ["Newer.", "Held back."]


def test_an_edited_comment_keeps_its_place_and_its_address(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    comment = wordpress.add_comment(post, "Befroe.")
    (before,) = found(source, key(wordpress, post))
    wordpress.edit(comment, "After. #notcoproduction")
    (after,) = found(source, key(wordpress, post))
    assert (before.native_id, before.post.uri) == (after.native_id, after.post.uri)
    assert after.post.text == "After. #notcoproduction"
    assert after.post.edited_at is None


def test_only_what_is_surely_not_public_is_gone(wordpress: RealWordPress, source: WordPressSource, post: int) -> None:
    kept, trashed, held, deleted = (wordpress.add_comment(post, words) for words in ("a", "b", "c", "d"))
    draft, locked = wordpress.add_post("Draft"), wordpress.add_post("Locked")
    watched = key(wordpress, post)
    names = [f"comment-{number}" for number in (kept, trashed, held, deleted)]
    names += [f"post-{number}" for number in (post, draft, locked)]
    assert source.look_up(watched, names).gone == frozenset()
    wordpress.trash(trashed)
    wordpress.hold(held)
    wordpress.delete(deleted)
    wordpress.change_post(draft, post_status="draft")
    wordpress.protect(locked)
    assert source.look_up(watched, names).gone == {names[1], names[2], names[3], names[5], names[6]}
    for state in ("off", "no_route"):
        with wordpress.rest(state):
            assert source.look_up(watched, names[:4]).gone == frozenset()


def test_a_page_of_the_blog_is_not_taken_for_gone(wordpress: RealWordPress, source: WordPressSource) -> None:
    page = wordpress.add_post("About", post_type="page")
    item = source.fetch_post(wordpress.permalink(page))
    assert item.native_id == f"page-{page}"
    assert source.look_up(key(wordpress), [item.native_id]).gone == frozenset()


def test_the_feed_shows_the_same_comments_while_the_api_is_closed(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    first = wordpress.add_comment(post, "First. #notcoproduction", author="Bo O'Neil")
    wordpress.add_comment(post, "An answer & more.", at="2026-11-18 10:00:00", comment_parent=first)
    wordpress.add_comment(post, "No name.", author="", at="2026-11-18 11:00:00")
    watched = key(wordpress, post)
    by_api = found(source, watched)
    for state in ("off", "no_route"):
        with wordpress.rest(state):
            page = source.fetch_page(watched, Look())
        assert (page.condition, page.is_whole, page.next_cursor) == (Condition.HALF_FEED, False, None)
        assert [told(item) for item in page.found] == [told(item) for item in by_api]
    assert source.fetch_page(watched, Look()).condition is Condition.OK


def told(item: Found) -> tuple[object, ...]:
    """What has to be the same wherever a comment is read."""
    post = item.post
    what = (post.uri, post.url, post.title, post.text, post.hashtags, post.links, post.reply_to_uri, post.published_at)
    return (item.native_id, *what, post.author.key, post.author.handle)


def test_the_feed_shows_the_newest_ten_without_pings(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    wordpress.add_comments(post, 12)
    ping = "[&#8230;] examples of what co-production is not [&#8230;]"
    wordpress.add_comment(post, ping, author="Another blog", comment_type="pingback")
    with wordpress.rest("off"):
        page = source.fetch_page(key(wordpress, post), Look())
        probe = source.probe(key(wordpress, post))
    assert [item.post.text for item in page.found] == [f"Number {number}." for number in range(11, 2, -1)]
    assert probe.condition is Condition.HALF_FEED
    assert "by the comments feed only" in probe.message
    assert len(found(source, key(wordpress, post))) == 12


def test_a_walk_that_is_cut_off_by_a_closed_door_ends_and_begins_anew(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    wordpress.add_comments(post, 12)
    watched = key(wordpress, post)
    page = source.fetch_page(watched, Look(limit=5))
    with wordpress.rest("off"):
        rest = source.fetch_page(watched, Look(cursor=page.next_cursor, limit=5))
    assert (rest.found, rest.next_cursor, rest.is_whole) == ((), None, False)
    assert len(found(source, watched)) == 12


def test_plain_permalinks_are_followed_and_known_again(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    first = wordpress.add_comment(post, "First.")
    wordpress.add_comment(post, "Second.", at="2026-11-18 10:00:00", comment_parent=first)
    pretty, watched = wordpress.permalink(post), key(wordpress, post)
    before = found(source, watched)
    with wordpress.plain_permalinks():
        plain = key(wordpress, f"{wordpress.address}/?p={post}")
        after = found(source, watched)  # the page is shown no more, but its name is known
        assert [item.post.uri for item in found(source, plain)] == [item.post.uri for item in after]
        assert source.fetch_post(f"{wordpress.address}/?p={post}#comment-{first}").native_id == f"comment-{first}"
        with wordpress.rest("off"):
            by_feed = source.fetch_page(plain, Look()).found
    assert [item.post.uri for item in before][1] == f"{pretty}#comment-{first}"
    assert [item.post.uri for item in after][1] == f"{wordpress.address}/?p={post}#comment-{first}"
    assert [item.post.other_addresses for item in before] == [(item.post.uri,) for item in after]
    assert [told(item) for item in by_feed] == [told(item) for item in after]


def test_threads_are_told_by_address(wordpress: RealWordPress, source: WordPressSource, post: int) -> None:
    first = wordpress.add_comment(post, "First.")
    second = wordpress.add_comment(post, "Second.", at="2026-11-18 10:00:00", comment_parent=first)
    third = wordpress.add_comment(post, "Third.", at="2026-11-19 10:00:00", comment_parent=second)
    wordpress.trash(second)
    permalink = wordpress.permalink(post)
    items = {item.native_id: item.post for item in found(source, key(wordpress, post))}
    assert items[f"comment-{first}"].reply_to_uri == permalink
    assert items[f"comment-{third}"].reply_to_uri == f"{permalink}#comment-{second}"
    assert {item.title for item in items.values()} == {"Examples of not #coproduction"}


def test_pages_of_comments_leave_no_trace_in_addresses(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    numbers = wordpress.add_comments(post, 12)
    permalink = wordpress.permalink(post)
    for name, value in (("page_comments", "1"), ("comments_per_page", "5")):
        wordpress.set_option(name, value)
    try:
        by_api = found(source, key(wordpress, post))
        raw = unpack(by_api[-1].raw)
        with wordpress.rest("off"):
            by_feed = source.fetch_page(key(wordpress, post), Look()).found
        single = source.fetch_post(raw["link"])
    finally:
        wordpress.set_option("page_comments", "")
    assert "/comment-page-" in raw["link"]
    assert [item.post.uri for item in by_api] == [f"{permalink}#comment-{number}" for number in reversed(numbers)]
    assert [item.post.uri for item in by_feed] == [item.post.uri for item in by_api[:10]]
    assert single.post.uri == by_api[-1].post.uri


def test_a_walk_over_many_comments_misses_none(wordpress: RealWordPress, source: WordPressSource, post: int) -> None:
    numbers = wordpress.add_comments(post, 230)
    pages = walk(source, key(wordpress, post))
    assert [len(page.found) for page in pages] == [100, 100, 30]
    names = [item.native_id for page in pages for item in page.found]
    assert names == [f"comment-{number}" for number in reversed(numbers)]
    assert source.probe(key(wordpress, post)).message.endswith("shows its comments: 230 so far")
    assert source.look_up(key(wordpress, post), names).gone == frozenset()


def test_the_overlap_covers_the_hour_that_comes_twice(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    wordpress.add_comment(post, "Before.", at="2026-10-25 00:30:00")
    wordpress.add_comment(post, "After.", at="2026-10-25 01:10:00")
    since = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert "After." in texts(source, key(wordpress, post), since=since)


def test_a_post_behind_a_password_shows_nothing(wordpress: RealWordPress, source: WordPressSource, post: int) -> None:
    comment = wordpress.add_comment(post, "For insiders only.")
    watched = key(wordpress, post)
    assert len(found(source, watched)) == 1
    wordpress.protect(post)
    for state in ("on", "off"):
        with wordpress.rest(state), pytest.raises(SourceError, match="behind a password") as caught:
            source.fetch_page(watched, Look())
        assert caught.value.condition is Condition.FEED_DISABLED
        with wordpress.rest(state):
            everywhere = source.fetch_page(key(wordpress), Look())
        assert f"comment-{comment}" not in {item.native_id for item in everywhere.found}
    with pytest.raises(SourceError, match="neither a public post nor a comment"):
        source.fetch_post(wordpress.permalink(post))


def test_a_whole_site_is_its_public_posts_together(wordpress: RealWordPress, source: WordPressSource) -> None:
    one, other, locked = (wordpress.add_post(title) for title in ("One", "Other", "Locked"))
    wordpress.protect(locked)
    wanted = {f"comment-{wordpress.add_comment(post, 'Here.')}" for post in (one, other)}
    hidden = f"comment-{wordpress.add_comment(locked, 'Not here.')}"
    items = {item.native_id: item.post for item in found(source, key(wordpress))}
    assert wanted <= items.keys()
    assert hidden not in items
    assert {items[name].title for name in wanted} == {"One", "Other"}


def test_short_and_empty_pages_are_no_end(wordpress: RealWordPress, source: WordPressSource) -> None:
    locked, public = wordpress.add_post("Locked"), wordpress.add_post("Public")
    wanted = wordpress.add_comment(public, "Older than the hidden.", at="2027-01-01 00:00:00")
    wordpress.add_comments(locked, 12, start="2027-01-02 00:00:00")
    wordpress.protect(locked)
    pages = walk(source, key(wordpress), limit=5)
    wordpress.delete(wanted)
    assert pages[0].found == ()
    assert pages[0].next_cursor is not None
    assert f"comment-{wanted}" in {item.native_id for page in pages for item in page.found}


def test_a_hashtag_narrows_what_is_asked_for(wordpress: RealWordPress, source: WordPressSource, post: int) -> None:
    wordpress.add_comment(post, "With it: #NotCoProduction.")
    wordpress.add_comment(post, "Without.")
    items = found(source, key(wordpress, post, hashtag=HASHTAG))
    assert [item.post.text for item in items] == ["With it: #NotCoProduction."]
    assert items[0].post.carries(frozenset({HASHTAG}))


def test_posts_are_found_by_their_tags_and_by_their_words(wordpress: RealWordPress, source: WordPressSource) -> None:
    tagged = wordpress.add_post("Tagged", tags=["NotCoProduction", "Two words"], post_date="2026-11-03 09:00:00")
    worded = wordpress.add_post("Worded", "<p>It is #notcoproduction.</p>", post_date="2026-11-04 09:00:00")
    both = wordpress.add_post("Both #notcoproduction", tags=["notcoproduction"], post_date="2026-11-05 09:00:00")
    locked = wordpress.add_post("Locked #notcoproduction", tags=["notcoproduction"], post_password="secret")
    watched = key(wordpress, hashtag=HASHTAG, part="#posts")
    items = {item.native_id: item.post for item in found(source, watched) if item.post.carries(frozenset({HASHTAG}))}
    assert {f"post-{number}" for number in (tagged, worded, both)} <= items.keys()
    assert f"post-{locked}" not in items
    assert {tag.normal: tag.found_in for tag in items[f"post-{tagged}"].hashtags} == {HASHTAG: "tags"}
    assert items[f"post-{both}"].other_addresses[0] == f"{wordpress.address}/?p={both}"
    names = [f"post-{number}" for number in (both, worded, tagged)]
    assert [name for name in items if name in names] == names
    one_by_one = [item.native_id for item in found(source, watched, limit=1)]
    assert [name for name in dict.fromkeys(one_by_one) if name in names] == names


def test_an_edit_of_a_post_is_dated(wordpress: RealWordPress, source: WordPressSource) -> None:
    post = wordpress.add_post("Before", post_date="2020-11-17 09:00:00")
    assert source.fetch_post(wordpress.permalink(post)).post.edited_at is None
    wordpress.change_post(post, post_title="After")
    item = source.fetch_post(wordpress.permalink(post))
    assert item.post.title == "After"
    assert item.post.edited_at is not None
    assert item.post.edited_at > item.post.published_at == datetime(2020, 11, 17, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "address_of",
    [
        lambda blog, post, comment: f"{blog.permalink(post)}#comment-{comment}",
        lambda blog, post, comment: f"{blog.address}/?p={post}#comment-{comment}",
        lambda blog, post, comment: f"{blog.permalink(post)}comment-page-1/#comment-{comment}",
    ],
)
def test_a_comment_is_fetched_by_any_of_its_addresses(
    wordpress: RealWordPress, source: WordPressSource, post: int, address_of: Callable[[RealWordPress, int, int], str]
) -> None:
    comment = wordpress.add_comment(post, "This one.")
    item = source.fetch_post(address_of(wordpress, post, comment))
    assert (item.native_id, item.post.text) == (f"comment-{comment}", "This one.")
    assert item.post.uri == f"{wordpress.permalink(post)}#comment-{comment}"
    wordpress.trash(comment)
    with pytest.raises(SourceError, match="shows nothing at") as caught:
        source.fetch_post(item.post.uri)
    assert caught.value.condition is Condition.NO_POSTS


def test_what_is_kept_makes_the_same_post_and_holds_no_hash_of_a_mail_address(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    wordpress.add_comment(post, "Escaped <3 & “quoted” 🙃", author='"Lou" & Sons', url="https://lou.example/")
    wordpress.add_comment(post, "By an account.", author="rick", user_id=1, at="2026-11-18 10:00:00")
    watched = key(wordpress, post)
    for item in (*found(source, watched), source.fetch_post(wordpress.permalink(post))):
        raw = unpack(item.raw)
        assert WordPressSource.read_kept(raw, watched, None) == item
        assert "gravatar" not in str(raw)
        assert "mail.example" not in str(raw)


def test_check_says_how_many_there_are_and_whose_blog_it_is(
    wordpress: RealWordPress, source: WordPressSource, post: int
) -> None:
    host = wordpress.address.removeprefix("http://")
    empty = source.probe(key(wordpress, post))
    assert (empty.condition, empty.message) == (Condition.NO_POSTS, f"{host} shows its comments: none so far")
    wordpress.add_comment(post, "One.")
    probe = source.probe(key(wordpress, post))
    assert (probe.condition, probe.message) == (Condition.OK, f"{host} shows its comments: 1 so far")
    assert probe.title == BLOG_NAME


@pytest.mark.parametrize(("path", "says"), [("author/rick/", "neither a single post"), ("no-such/", "has no page at")])
def test_a_page_that_is_no_post_is_refused(
    wordpress: RealWordPress, source: WordPressSource, path: str, says: str
) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        source.fetch_page(key(wordpress, f"{wordpress.address}/{path}"), Look())
    assert caught.value.condition is Condition.NO_SUCH_API
