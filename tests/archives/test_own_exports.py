"""What the collector exports it imports again: every text, list and number that an export holds comes back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from archive_reading import items_of, posts_in, reasons_in, recognised
from hypothesis import given, settings
from hypothesis import strategies as st
from making_export import make_export_row

from collector.archives.own_cells import own_list, own_text
from collector.archives.protocol import Entry, Unreadable
from collector.errors import ArchiveError
from collector.export import COLUMNS, select_columns, write
from collector.export.csv_lines import _guarded, _join
from collector.export.pseudonyms import Pseudonyms
from collector.model import Author, Counts, ExportRow, Hashtag, Media, Mention, Post
from collector.text.cleaning import one_line, plain_text
from collector.text.hashtags import hashtag_from

BOTH = pytest.mark.parametrize("format_name", ["csv", "jsonl"])


def exported(format_name: str, *rows: ExportRow, columns: str = "") -> bytes:
    out = io.BytesIO()
    write(format_name, rows, out, select_columns(columns) if columns else COLUMNS)
    return out.getvalue()


def back(format_name: str, row: ExportRow, **how: bool) -> Entry:
    out = io.BytesIO()
    write(format_name, [row], out, COLUMNS, **how)
    (item,) = items_of(format_name, out.getvalue())
    assert isinstance(item, Entry), item
    return item


def post_of(row: ExportRow) -> Post:
    """The post that a row was made from, as far as a row holds it."""
    media = zip(row.media_urls, row.media_types, row.media_alt_texts, strict=True)
    return Post(
        network=row.network,
        uri=row.uri,
        url=row.url,
        author=Author(
            key=row.author_id,
            handle=row.author_handle,
            name=row.author_name,
            url=row.author_url,
            is_bot=row.author_is_bot,
        ),
        published_at=row.published_at,
        edited_at=row.edited_at,
        text=row.text,
        title=row.title,
        content_warning=row.content_warning,
        language=row.language,
        hashtags=tuple(Hashtag(normal=name, display=name) for name in row.hashtags),
        mentions=tuple(Mention(handle=handle, url=None) for handle in row.mentions),
        links=row.links,
        media=tuple(Media(url=url, type=kind, alt_text=alt or None) for url, kind, alt in media),
        reply_to_uri=row.reply_to_uri,
        quote_of_uri=row.quote_of_uri,
        counts=Counts(replies=row.replies, boosts=row.boosts, likes=row.likes, quotes=row.quotes),
        is_sensitive=row.is_sensitive,
    )


FULL = make_export_row(
    topic="notcoproduction | meetings",
    edited_at=datetime(2026, 11, 17, 10, 2, 13, tzinfo=UTC),
    author_is_bot=True,
    title="Minutes",
    text='=HYPERLINK("https://evil.example")\n\'- two\n\n; three | four',
    content_warning="@meetings",
    hashtags=("notcoproduction", "meetings"),
    mentions=("rhys@social.example", "nia"),
    links=("https://blog.example/minutes", "mailto:carys@example.org"),
    media_urls=("https://fedi.example/m/1.png", "https://fedi.example/m/2.mp4", "https://fedi.example/m/3"),
    media_types=("image", "video", "unknown"),
    media_alt_texts=("", "A table | eleven chairs", ""),
    reply_to_uri="https://social.example/users/rhys/statuses/7",
    quote_of_uri="at://did:plc:abc/app.bsky.feed.post/3k",
    replies=4,
    quotes=1,
    is_sensitive=True,
    seen_on=("our server", "another | server"),
    also_at=("https://bsky.app/profile/carys.example/post/3k",),
)


@BOTH
def test_every_column_that_a_post_holds_comes_back(format_name: str) -> None:
    entry = back(format_name, FULL)
    assert entry.post == post_of(FULL)
    assert entry.topics == ("notcoproduction", "meetings")
    assert entry.sources == ("our server", "another | server")
    assert entry.first_seen_at == FULL.first_seen_at


@BOTH
def test_an_export_is_recognised_and_nothing_else_is(format_name: str) -> None:
    assert recognised(format_name, exported(format_name, FULL))
    assert recognised(format_name, exported(format_name, FULL, columns="text,url,uri"))
    assert not recognised(format_name, exported({"csv": "jsonl", "jsonl": "csv"}[format_name], FULL))
    assert not recognised(format_name, b"id,text\n1,uri\n")
    assert not recognised(format_name, b'{"id": 1, "text": "uri"}\n')


def test_a_first_line_longer_than_what_is_looked_at_is_recognised() -> None:
    content = exported("jsonl", make_export_row(text="x" * 100_000))
    assert recognised("jsonl", content)
    assert len(posts_in(items_of("jsonl", content))) == 1


@BOTH
def test_lines_are_those_of_the_file(format_name: str) -> None:
    rows = [make_export_row(text="one\ntwo"), make_export_row(uri="nonsense"), make_export_row()]
    items = items_of(format_name, exported(format_name, *rows))
    assert [item.line for item in items] == ([2, 4, 5] if format_name == "csv" else [1, 2, 3])
    assert reasons_in(items) == [(items[1].line, "uri: not a URI")]


@BOTH
def test_a_pseudonymised_export_is_refused_in_a_line(format_name: str) -> None:
    row = make_export_row(uri=Pseudonyms(b"secret").post("https://fedi.example/1"))
    with pytest.raises(ArchiveError, match="is pseudonymised, and cannot be imported"):
        items_of(format_name, exported(format_name, row))


@BOTH
def test_an_export_with_earlier_texts_is_recognised_and_its_posts_come_back(format_name: str) -> None:
    row = make_export_row(hashtags=(), revisions=("Earlier",), revision_titles=("",))
    out = io.BytesIO()
    write(format_name, [row], out, select_columns(None, with_revisions=True))
    assert recognised(format_name, out.getvalue())
    assert posts_in(items_of(format_name, out.getvalue())) == [post_of(row)]


@BOTH
def test_a_choice_of_columns_is_enough(format_name: str) -> None:
    content = exported(format_name, FULL, columns="text,published_at,author_handle,network,uri")
    (post,) = posts_in(items_of(format_name, content))
    assert (post.uri, post.text, post.author.key) == (FULL.uri, FULL.text, "carys@fedi.example")
    assert (post.hashtags, post.counts, post.is_sensitive) == ((), Counts(), False)
    (post,) = posts_in(
        items_of(format_name, exported(format_name, FULL, columns="author_id,network,published_at,uri,text"))
    )
    assert post.author == Author(key="carys@fedi.example", handle="carys@fedi.example", name="", url=None)


@BOTH
def test_without_the_column_of_hashtags_those_of_the_text_count(format_name: str) -> None:
    row = make_export_row(text="No #NotCoproduction here.", hashtags=("other",))
    columns = "uri,network,author_handle,published_at,text"
    for chosen, tags in ((columns, ["notcoproduction"]), (f"{columns},hashtags", ["other"])):
        (post,) = posts_in(items_of(format_name, exported(format_name, row, columns=chosen)))
        assert [tag.normal for tag in post.hashtags] == tags


@BOTH
def test_what_is_missing_is_named(format_name: str) -> None:
    content = exported(format_name, FULL, columns="uri,text,url")
    with pytest.raises(ArchiveError, match="without network, published_at, author_handle or author_id: export it"):
        items_of(format_name, content)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'=1+1", "=1+1"),
        ("''=1+1", "'=1+1"),
        ("'tis the season", "'tis the season"),
        ("'' quoted ''", "'' quoted ''"),
        ("'\tx", "\tx"),
        ("' @rhys", " @rhys"),
        ("'＠rhys", "＠rhys"),
        ("'", "'"),
        ("", ""),
        ("a ⏎ b", "a ⏎ b"),
    ],
)
def test_the_guard_is_taken_off_where_the_writer_put_one(cell: str, text: str) -> None:
    assert own_text(cell, is_for_excel=False) == text


def test_line_breaks_come_back_from_a_file_for_excel_only() -> None:
    row = make_export_row(text="=one\ntwo ⏎ three", title="a\nb")
    assert back("csv", row).post.text == row.text
    assert back("csv", row, for_excel=True).post.text == "=one\ntwo\nthree"
    assert back("csv", row, for_excel=True).post.title == "a\nb"


def test_raw_cells_come_back_but_for_an_apostrophe_that_looks_like_the_guard() -> None:
    texts = ("=1+1", "-two", "'tis", "it's =", "plain", "'=1+1")
    found = [back("csv", make_export_row(text=text), raw_cells=True).post.text for text in texts]
    assert found == ["=1+1", "-two", "'tis", "it's =", "plain", "=1+1"]


def test_what_a_spreadsheet_made_of_a_file_is_read() -> None:
    content = exported("csv", FULL).replace(b'"true"', b"TRUE").replace(b",4,12,31,1,", b",4.0,12,31.,1,")
    content = content.replace(b'"', b"").replace(b"\r\n", b"\n") if b'""' not in content else content
    assert posts_in(items_of("csv", content)) == [post_of(FULL)]


def test_hashtags_that_somebody_wrote_otherwise_get_their_normal_form() -> None:
    (post,) = posts_in(
        items_of("csv", exported("csv", make_export_row(hashtags=("#NotCoproduction", "two words", ""))))
    )
    assert post.hashtags == (Hashtag(normal="notcoproduction", display="NotCoproduction"),)


def test_lists_of_media_that_do_not_fit_together_lose_what_has_no_address() -> None:
    row = make_export_row(media_urls=("nonsense", "https://fedi.example/m/2.mp4"), media_types=("image",))
    assert back("csv", row).post.media == (Media(url="https://fedi.example/m/2.mp4", type="unknown", alt_text=None),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"uri": ""}, "uri: not a URI"),
        ({"network": " "}, "network: empty"),
        ({"published_at": "17/11/2026"}, "published_at: not an instant"),
        ({"author_id": "", "author_handle": None}, "author: neither an id nor a handle"),
        ({"author_id": "x" * 3000}, "author: an id or a handle of that length is none"),
    ],
)
def test_what_cannot_be_known_again_says_why(changes: dict[str, Any], reason: str) -> None:
    values = json.loads(exported("jsonl", FULL)) | changes
    assert reasons_in(items_of("jsonl", json.dumps(values).encode())) == [(1, reason)]


def test_lines_that_are_no_objects_cost_only_themselves() -> None:
    line = exported("jsonl", FULL)
    items = items_of("jsonl", b"\n[]\n" + line + b'{"uri":\n{}\n' + line)
    assert [type(item) for item in items] == [Unreadable, Entry, Unreadable, Unreadable, Entry]
    assert [item.line for item in items] == [2, 3, 4, 5, 6]


TEXT = st.text(st.sampled_from(" '=+-@|\\\t\n⏎,;\"aé🧑‍🤝‍🧑＝\u200b\u2028#") | st.characters(), max_size=30)
CLEAN = TEXT.map(plain_text)
LINE = TEXT.map(one_line)
NAME = LINE.filter(bool)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at - timedelta(microseconds=at.microsecond % 1000)
)
ADDRESSES = st.from_regex(r"https://[a-z]{1,9}\.example/[a-z0-9|,;=+@']{0,12}", fullmatch=True)
COUNT = st.integers(0, 2**31 - 1)
TYPES = st.sampled_from(["image", "gifv", "video", "audio", "unknown"])


@st.composite
def rows(draw: Callable[[st.SearchStrategy[Any]], Any]) -> ExportRow:
    media = draw(st.lists(st.tuples(ADDRESSES, TYPES, CLEAN), max_size=3))
    tags = {tag.normal: None for tag in draw(st.lists(TEXT.map(hashtag_from), max_size=3)) if tag}
    return make_export_row(
        uri=draw(ADDRESSES),
        url=draw(st.none() | ADDRESSES),
        published_at=draw(INSTANTS),
        edited_at=draw(st.none() | INSTANTS),
        first_seen_at=draw(INSTANTS),
        author_id=draw(NAME),
        author_handle=draw(NAME),
        author_name=draw(LINE),
        author_is_bot=draw(st.booleans()),
        title=draw(CLEAN),
        text=draw(CLEAN),
        content_warning=draw(CLEAN),
        language=draw(st.none() | st.sampled_from(["en", "cy", "pt-br"])),
        hashtags=tuple(tag for tag in tags if " " not in tag),
        mentions=tuple(draw(st.lists(NAME, max_size=3))),
        links=tuple(draw(st.lists(ADDRESSES, max_size=3))),
        media_urls=tuple(url for url, _, _ in media),
        media_types=tuple(kind for _, kind, _ in media),
        media_alt_texts=tuple(alt for _, _, alt in media),
        replies=draw(COUNT),
        boosts=draw(COUNT),
        likes=draw(COUNT),
        quotes=draw(COUNT),
        is_sensitive=draw(st.booleans()),
        seen_on=tuple(draw(st.lists(NAME, min_size=1, max_size=3))),
    )


@BOTH
@given(row=rows())
@settings(max_examples=150, deadline=None)
def test_any_post_comes_back_equal(format_name: str, row: ExportRow) -> None:
    entry = back(format_name, row)
    assert entry.post == post_of(row)
    assert entry.sources == row.seen_on
    assert entry.first_seen_at == row.first_seen_at


@given(st.lists(st.text(st.sampled_from(" |\\ab'=\n"), max_size=8) | TEXT, min_size=1, max_size=5))
def test_any_list_is_taken_apart_as_it_was_joined(items: list[str]) -> None:
    joined = _join(tuple(items))
    (cell,) = _guarded([joined])
    assert own_text(cell, is_for_excel=False) == joined
    assert own_list(joined, len(items)) == tuple(items)


@given(
    st.dictionaries(st.sampled_from(ExportRow._fields), TEXT | st.none() | st.integers() | st.lists(TEXT, max_size=2))
)
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_file_is_a_post_or_a_reason(changes: dict[str, Any]) -> None:
    values = json.loads(exported("jsonl", FULL)) | changes
    (item,) = items_of("jsonl", json.dumps(values).encode())
    assert isinstance(item, (Entry, Unreadable))
    texts = make_export_row(**{name: value for name, value in changes.items() if isinstance(value, str)})
    content = ",".join(texts._fields) + "\n" + ",".join(f'"{str(value).replace(chr(34), "")}"' for value in texts)
    for found in items_of("csv", content.encode("utf-8", "replace")):
        assert isinstance(found, (Entry, Unreadable))
