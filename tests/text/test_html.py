"""HTML to plain text: what a reader sees of each shape, and what must hold for any HTML."""

from __future__ import annotations

import html as markup
import re
import threading
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.text.html import html_to_text, one_line, plain_text

TAG = '<a href="https://a.example/tags/x" class="mention hashtag" rel="tag">#<span>NotCoProduction</span></a>'
CUT = (
    '<a href="https://example.org/co-production?year=2026&amp;v=final#s-2" class="ellipsis">'
    '<span class="invisible">https://</span><span class="ellipsis">example.org/co-production?year</span>'
    '<span class="invisible">=2026&amp;v=final#s-2</span></a>'
)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("no markup at all", "no markup at all"),
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<p>First line.<br>Second line.<br /><br>New paragraph.</p>", "First line.\nSecond line.\n\nNew paragraph."),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("<p>one\n  two</p>\n\n<p>three</p>\n", "one two\n\nthree"),
        ("<p>a   b\t c</p>", "a b c"),
        ("<div>a</div><div>b</div>c", "a\nb\nc"),
        ("<p>List:</p><ul><li>one</li><li>two</li></ul><p>end</p>", "List:\n\n- one\n- two\n\nend"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ("<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>", "- a\n  1. b\n  2. c\n- d"),
        ("<ul><li></li><li>x<br>y</li></ul>", "- x\n  y"),
        ("a<blockquote><p>b</p><p>c<br>d</p></blockquote>e", "a\n\n> b\n>\n> c\n> d\n\ne"),
        ("<ol><li><blockquote>q</blockquote></li></ol>", "1. > q"),
        ("<p>x</p><pre><code>def f():\n\treturn  1\n</code></pre>", "x\n\ndef f():\n    return  1"),
        ("<p>keep <code>a  b</code> but   not</p>", "keep a  b but not"),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<p>&lt;b&gt;R&amp;D&lt;/b&gt; &#x27;1 &lt; 2 > 0 & so</p>", "<b>R&D</b> '1 < 2 > 0 & so"),
        ("<script>alert(1)</script><style>p{}</style>x<!-- y --><template>z</template>", "x"),
        ('<p>:blobcat: <img alt=":party:" class="custom-emoji"> <img src="x"></p>', ":blobcat: :party:"),
        ("<p>دعونا للاجتماع. ليس هذا إنتاجًا مشتركًا</p>", "دعونا للاجتماع. ليس هذا إنتاجًا مشتركًا"),
        ("🙃👩🏽\u200d🦽 ❤\ufe0f n̶o̶t̶", "🙃👩🏽\u200d🦽 ❤\ufe0f n̶o̶t̶"),
        ("a\u202eb\u202cc\u2066d\u2069", "abc\u2066d\u2069"),
        ("a\x00b\ud800c&#7;d\u2028e&#31;f", "abcd\nef"),
        (f"<p>Told after. {TAG}</p>", "Told after. #NotCoProduction"),
        ('<span class="h-card"><a href="https://a.example/@asha" class="u-url mention">@<span>asha</span></a></span>',
         "@asha"),
    ],
)  # fmt: skip
def test_each_shape_reads_well(html: str, text: str) -> None:
    assert html_to_text(html).text == text


@pytest.mark.parametrize(
    ("html", "text", "links"),
    [
        (f"see {CUT} now", "see https://example.org/co-production?year=2026&v=final#s-2 now",
         ("https://example.org/co-production?year=2026&v=final#s-2",)),
        ('<a href="https://example.org/a_(b)">https://example.org/a_(b)</a>', "https://example.org/a_(b)",
         ("https://example.org/a_(b)",)),
        ('<a href="https://cymru.example/t%C5%B7">https://cymru.example/tŷ</a>', "https://cymru.example/tŷ",
         ("https://cymru.example/t%C5%B7",)),
        ('<a href="https://cymru.example/t%C5%B7">cymru.example/tŷ</a>', "https://cymru.example/t%C5%B7",
         ("https://cymru.example/t%C5%B7",)),
        ('<a href="https://www.example.org/long/path">example.org/lo…</a>', "https://www.example.org/long/path",
         ("https://www.example.org/long/path",)),
        ('<a href="https://evil.example/">https://bank.example/</a>', "https://bank.example/ (https://evil.example/)",
         ("https://evil.example/",)),
        ('the <a href="https://a.example/r.pdf">report</a>, again', "the report (https://a.example/r.pdf), again",
         ("https://a.example/r.pdf",)),
        ('<a href="https://a.example/"></a>', "https://a.example/", ("https://a.example/",)),
        ('<a href="https://a.example/"><img alt="A chair"></a>', "A chair (https://a.example/)",
         ("https://a.example/",)),
        ('<a href="mailto:me@example.org">me@example.org</a>', "me@example.org", ("mailto:me@example.org",)),
        ('<a href="mailto:me@example.org">write</a>', "write (me@example.org)", ("mailto:me@example.org",)),
        ('<a href="javascript:alert(1)">x</a> <a href="/rel">y</a> <a>z</a>', "x y z", ()),
        ('<a href="(https://example.org/a)">(https://example.org/a)</a>', "(https://example.org/a)", ()),
        ('<a href="https://a.example/">1</a> <a href="https://a.example/">2</a>',
         "1 (https://a.example/) 2 (https://a.example/)", ("https://a.example/",)),
        (TAG, "#NotCoProduction", ()),
    ],
)  # fmt: skip
def test_a_link_shows_where_it_leads(html: str, text: str, links: tuple[str, ...]) -> None:
    read = html_to_text(html)
    assert (read.text, read.links) == (text, links)


@pytest.mark.parametrize(
    ("html", "tags"),
    [
        (TAG + TAG.replace("NotCoProduction", "notcoproduction"), [("notcoproduction", "NotCoProduction")]),
        ('<a class="hashtag" href="x">#Tŷ</a>', [("ty", "Tŷ")]),
        ('<a rel="nofollow tag" href="https://a.example/t">#one</a>', [("one", "one")]),
        ('#<a rel="tag" href="https://a.example/t"><span>two</span></a>', [("two", "two")]),
        ('<a rel="tag" href="https://blog.example/category/co">Co</a>', []),
        ('<a class="hashtag" href="x">#not one</a>', []),
        ("#plain text <code>#code</code>", []),
    ],
)
def test_hashtags_are_the_links_that_say_so(html: str, tags: list[tuple[str, str]]) -> None:
    assert [(tag.normal, tag.display) for tag in html_to_text(html).hashtags] == tags


def test_a_blog_category_is_a_link_like_any_other() -> None:
    read = html_to_text('<a rel="tag" href="https://blog.example/category/co">Co</a>')
    assert read.links == ("https://blog.example/category/co",)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("<b>bold</b> & =1+1 &amp;", "<b>bold</b> & =1+1 &amp;"),
        ("  a \r\n\r\n\r\n\r\n b\t\tc \u2029", "a\n\n b  c"),
        ("\ufeffa\x00\x1b[31m\ud83d\u202eb", "a[31mb"),
        ("    indented\n    too", "indented\n    too"),
    ],
)
def test_plain_text_is_cleaned_and_never_read_as_html(text: str, clean: str) -> None:
    assert plain_text(text) == clean


def test_one_line_has_neither_breaks_nor_direction_marks() -> None:
    assert one_line(" Carys\u200f\n\n \u2067Jones\u2069\t\x07 👩🏽\u200d🦽 ") == "Carys Jones 👩🏽\u200d🦽"


def test_threads_do_not_read_each_others_posts() -> None:
    wrong: list[str] = []

    def read(word: str) -> None:
        for number in range(300):
            text = html_to_text(f"<p>{word}<br>{number}</p>").text
            if text != f"{word}\n{number}":
                wrong.append(text)

    threads = [threading.Thread(target=read, args=(word,)) for word in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>x" * 5000,
        "".join(f"<p><b id={number}>" for number in range(8000)),
        "<pre>" + " " * 100_000 + "x",
        "<br>" * 30_000,
        '<a href="https://a.example/' * 4000,
    ],
)
def test_hostile_html_takes_no_longer_than_other_html(html: str) -> None:
    started = time.process_time()
    html_to_text(html)
    assert time.process_time() - started < 5


fragments = st.sampled_from(
    [
        *("<p>", "</p>", "<br>", "<br/>", "<ul>", "<li>", "</li>", "</ul>", "<ol>", "<blockquote>", "</blockquote>"),
        *("<pre>", "</pre>", "<code>", "</code>", "<a href='https://a.example/x'>", "</a>", '<a class="hashtag">'),
        *('<a class="mention" href="//x">', "<a href='mailto:a@b'>", "<script>", "</script>", "<style>", "<!--", "-->"),
        *("<![CDATA[", "<![!x", "<", ">", "&", "&amp;", "&lt;b&gt;", "&#0;", "&#x202E;", "&#xD800;", "&#7;", "&nbsp;"),
        *("<img alt='a\nb'>", "<svg>", "<template>", "<plaintext>", "<frameset>", "</body></html>", "<textarea>"),
        *("<select><option>", "<table><td>", "\r\n", "\t", "  ", "\0", "\u2028", "\u202e", "\ud800", "\udfff", "\x1f"),
        *("👩🏽\u200d🦽", "#", "＃x", "e\u0301", "שלום"),
    ]
)
nasty = st.lists(fragments | st.text(max_size=8), max_size=30).map("".join)


def is_clean(text: str) -> bool:
    unwanted = [c for c in text if (unicodedata.category(c) in {"Cc", "Cs"} and c != "\n") or "\u202a" <= c <= "\u202e"]
    lines = text.split("\n")
    return not unwanted and "\n\n\n" not in text and text == text.strip() and all(x == x.rstrip() for x in lines)


@settings(deadline=None)
@given(nasty | st.text())
def test_any_html_becomes_clean_text(html: str) -> None:
    read = html_to_text(html)
    assert is_clean(read.text)
    assert plain_text(read.text) == read.text
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in map(str.lower, read.links))


@settings(deadline=None)
@given(st.text() | nasty)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    clean = plain_text(text)
    assert is_clean(clean)
    assert plain_text(clean) == clean
    assert one_line(one_line(text)) == one_line(text)
    assert "\n" not in one_line(text)


trees = st.recursive(
    st.text(alphabet=st.characters(exclude_characters="<>&", exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.tuples(
        st.sampled_from(["p", "b", "div", "li", "ul", "span class=x", "blockquote", "h1", "pre", "td", "a href='x:y'"]),
        st.lists(inner, max_size=4),
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0].split()[0]}>"),
    max_leaves=20,
)


@settings(deadline=None)
@given(trees)
def test_nothing_of_the_markup_is_left(html: str) -> None:
    assert not re.search("[<&]", html_to_text(html).text)


@settings(deadline=None)
@given(st.text())
def test_escaped_text_reads_as_it_was(text: str) -> None:
    clean = re.sub(" *\n *", "\n", re.sub(" +", " ", plain_text(text)))
    assert html_to_text(markup.escape(clean).replace("\n", "<br>")).text == clean
