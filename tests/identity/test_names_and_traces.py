"""Whom an address, a handle or a text names: exactly them, and nobody who is called alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import make_author, make_post

from collector.identity.asked import read_asked
from collector.identity.naming import account_names, is_profile, names_at, names_of_account, names_of_post
from collector.identity.traces import author_without, names_in, spots_in, without
from collector.model import Media, Mention, Poll

CARYS = names_of_account(make_author())
DEWI = make_author(handle="dewi@other.example")


def cut(text: str, meant: frozenset[str] = CARYS, **changes: Any) -> str:
    """A text of Dewi's without these names."""
    return without(make_post(author=DEWI, text=text, **changes), meant).text


@pytest.mark.parametrize(
    ("key", "handle", "url", "names"),
    [
        (
            *("carys@fedi.example", "Carys@Fedi.example", "https://www.fedi.example/@carys"),
            {"carys@fedi.example", "fedi.example/@carys", "fedi.example/users/carys"},
        ),
        (
            *("carys@example.org", "carys@example.org", "https://social.example.org/@carys"),
            {
                *("carys@example.org", "example.org/@carys", "example.org/users/carys"),
                *("social.example.org/@carys", "social.example.org/users/carys"),
            },
        ),
        (
            *("did:plc:c", "carys.example", "https://bsky.app/profile/carys.example"),
            {
                *("did:plc:c", "carys.example", "bsky.app/profile/carys.example", "bsky.app/profile/did:plc:c"),
            },
        ),
        (
            *("7@twitter.com", "Carys@twitter.com", "https://twitter.com/Carys"),
            {
                *("7@twitter.com", "carys@twitter.com", "twitter.com/carys", "x.com/carys"),
                "mobile.twitter.com/carys",
            },
        ),
        ("carys-0123456789ab@blog.example", "carys@blog.example", None, {"carys-0123456789ab@blog.example"}),
        ("user-3@blog.example", "carys@blog.example", "https://blog.example/", {"user-3@blog.example"}),
        ("carys@blog.example", "carys@blog.example", "https://blog.example/", {"carys@blog.example"}),
    ],
)
def test_an_account_goes_by_what_is_its_own(key: str, handle: str, url: str | None, names: set[str]) -> None:
    assert account_names(key, handle, url) == names


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("https://fedi.example/@carys/1", "https://fedi.example/@carys"),
        ("https://fedi.example/users/carys/statuses/1", "http://fedi.example/users/carys/"),
        ("https://other.example/@carys@fedi.example", "https://fedi.example/users/carys"),
        ("https://fedi.example/@CARYS", "https://fedi.example/@carys"),
        ("https://fedi.example/web/@carys", "https://fedi.example/users/carys.rss"),
        (
            "https://web.archive.org/web/2026/https://fedi.example/@carys/1",
            "https://a.example/?u=https%3A%2F%2Ffedi.example%2F%40carys",
        ),
        (
            "https://fed.brid.gy/ap/@carys@fedi.example",
            "https://fedi.example/authorize_interaction?uri=acct:carys@fedi.example",
        ),
    ],
)
def test_an_address_names_the_account_that_it_is_of(address: str, other: str) -> None:
    assert names_at(address) & CARYS
    assert names_at(other) & CARYS


@pytest.mark.parametrize(
    "address",
    [
        *("https://fedi.example/@carys2/1", "https://fedi.example/@cary", "https://fedi.example/", "fedi.example"),
        *("https://other.example/@carys", "https://fedi.example.org/@carys", "https://fedi.example/tags/carys"),
        *("https://fedi.example/@dewi/carys", "https://fedi.example/?u=@carys", "no address"),
    ],
)
def test_an_address_of_another_names_nobody_else(address: str) -> None:
    assert not names_at(address) & CARYS


@pytest.mark.parametrize(
    "address",
    [
        *("https://bsky.brid.gy/ap/did:plc:c", "https://viewer.example/profile/carys.example"),
        *(
            "https://bsky.brid.gy/r/https://bsky.app/profile/carys.example/post/3k",
            "https://a.example/at://did:plc:c/x",
        ),
    ],
)
def test_the_pages_of_bridges_and_viewers_name_whom_they_show(address: str) -> None:
    assert names_at(address) & account_names("did:plc:c", "carys.example", None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://blog.example/a#comment-1", "https://blog.example/a#comment-1"),
        ("https://blog.example/a/", "https://blog.example/a"),
        ("https://x.com/carys/status/12", "https://twitter.com/i/web/status/12"),
        ("https://bsky.app/profile/did:plc:c/post/3k", "at://did:plc:c/app.bsky.feed.post/3k"),
    ],
)
def test_a_post_is_one_under_all_forms_of_its_address(one: str, other: str) -> None:
    assert names_of_post(make_post(uri=one, url=None)) & names_of_post(make_post(uri=other, url=None))


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("https://fedi.example/@carys", True),
        ("https://fedi.example/users/carys/", True),
        ("https://bsky.app/profile/carys.example", True),
        ("at://did:plc:c", True),
        ("https://x.com/Carys", True),
        ("https://fedi.example/@carys/with_replies", True),
        ("https://fedi.example/deck/@carys@other.example?a=1", True),
        ("https://fedi.example/@carys/1", False),
        ("https://bsky.app/profile/carys.example/post/3k", False),
        ("https://blog.example/2013", False),
        ("https://blog.example/", False),
    ],
)
def test_the_address_of_a_profile_is_told_from_that_of_a_post(address: str, is_one: bool) -> None:
    assert is_profile(address) is is_one


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Hi @carys@fedi.example!", "Hi @…!"),
        ("Hi carys@fedi.example.", "Hi @…."),
        ("Hi ＠Carys@Fedi.Example", "Hi @…"),
        ("(https://fedi.example/@carys/1)", "(…)"),
        ("see fedi.example/@carys, there", "see …, there"),
        ("HTTPS://fedi.example/@carys", "…"),
        ("_@carys@fedi.example_ said", "_@…_ said"),
        ("mailto:carys@fedi.example?subject=a", "mailto:@…?subject=a"),
        ("@carys2@fedi.example @xcarys@fedi.example", "@carys2@fedi.example @xcarys@fedi.example"),
        ("@carys@fedi.example.org @carys@fedi.examples", "@carys@fedi.example.org @carys@fedi.examples"),
        ("@carys alone, of Dewi's own server", "@carys alone, of Dewi's own server"),
        ("Carys said", "Carys said"),
    ],
)
def test_a_name_is_taken_out_of_a_text_and_no_other(text: str, after: str) -> None:
    assert cut(text) == after


def test_a_short_name_is_taken_out_where_the_post_says_who_it_is() -> None:
    carys = Mention(handle="carys@fedi.example", url="https://fedi.example/@carys")
    namesake = Mention(handle="carys@third.example", url="https://third.example/@carys")
    assert cut("@carys, @carys2 and @Carys.", mentions=(carys,)) == "@…, @carys2 and @…."
    assert cut("@carys and @carys@fedi.example", mentions=(carys, namesake)) == "@carys and @…"


def test_a_short_name_on_the_same_server_is_that_servers() -> None:
    post = make_post(author=make_author(handle="dewi@fedi.example"), text="Hi @carys and @carys2")
    assert without(post, CARYS).text == "Hi @… and @carys2"


def test_a_did_and_a_handle_of_bluesky_are_taken_out() -> None:
    meant = account_names("did:plc:c", "carys.example", None)
    text = (
        "@carys.example, carys.example's at://did:plc:c/app.bsky.feed.post/1 and not carys.example/a or x.carys.example"
    )
    after = "@…, @…'s … and not carys.example/a or x.carys.example"
    assert cut(text, meant, network="bluesky") == after


def test_every_part_of_a_post_that_names_somebody_is_found_and_taken_out() -> None:
    address = "https://fedi.example/@carys/1"
    named = "by @carys@fedi.example"
    post = make_post(
        author=make_author(handle="dewi@other.example", links=(address, "https://dewi.example/"), name=named),
        title=named,
        text=named,
        content_warning=named,
        mentions=(Mention(handle="carys@fedi.example", url=None), Mention(handle="mair@a.example", url=None)),
        links=(address, "https://a.example/"),
        media=(Media(url="https://a.example/p.png", type="image", alt_text=named),),
        poll=Poll(options=(named, "no"), closes_at=None),
        reply_to_uri=address,
        quote_of_uri=address,
        copy_of=address,
    )
    told = [spot.where for spot in spots_in(post) if spot.names & CARYS]
    assert sorted(told) == sorted(
        [
            *("alt_text", "content_warning", "copy_of", "link", "mention", "poll", "quote_of_uri", "reply_to_uri"),
            *("text", "title"),
        ]
    )
    after = without(post, CARYS)
    assert "carys" not in repr(after).replace(f"uri='{post.uri}'", "").replace(f"url='{post.url}'", "")
    assert (after.mentions, after.links) == (post.mentions[1:], post.links[1:])
    assert after.author.links == ("https://dewi.example/",)


def test_under_a_page_that_is_meant_a_comment_loses_its_title_and_keeps_its_words() -> None:
    comment = make_post(
        network="wordpress",
        uri="https://blog.example/hers/#comment-5",
        url=None,
        title="Her title",
        reply_to_uri="https://blog.example/hers/#comment-4",
    )
    after = without(comment, frozenset({"https://blog.example/hers"}))
    assert (after.title, after.text) == ("", comment.text)
    assert without(comment, CARYS) == comment


def test_a_profile_is_told_from_what_it_links_to() -> None:
    author = make_author(links=("https://fedi.example/@carys2",))
    assert author_without(author, CARYS) == author


def test_names_are_found_anywhere_in_an_answer() -> None:
    raw = {
        "content": "<a href=\"https://fedi.example/@carys\" class='u'>@<span>carys</span></a> &#64;rhys&#64;a.example",
        "deep": [{"record": {"uri": "at://did:plc:c/app.bsky.feed.post/1"}}, 5, None, True],
    }
    found = names_in(raw)
    assert {"did:plc:c", "rhys@a.example", "fedi.example/@carys"} <= found


ODD = st.text(st.sampled_from(list("aAzé_%'\"\\*.?+^$()[]{}|~#ßÅ日本-0")), min_size=1, max_size=12)
WRITABLE = st.from_regex(r"[\wÀ-ž][\wÀ-ž.+%-]{0,10}[\wÀ-ž]", fullmatch=True)
ALIKE = st.sampled_from(["{0}", "x{0}", "{0}x", "{0}2", "{0}_", "{0}%", "%", "_", ".*"])


@given(ODD, ODD, ALIKE)
def test_odd_handles_mean_exactly_themselves(user: str, other: str, form: str) -> None:
    handle, others = f"{user}@fedi.example", f"{form.format(other)}@fedi.example"
    meant = read_asked(f"@{handle}").accounts
    is_same = handle.lower() == others.lower()
    assert bool(names_of_account(make_author(handle=others)) & meant) is is_same
    both = (Mention(handle=handle, url=None), Mention(handle=others, url=None))
    after = without(make_post(author=DEWI, mentions=both), meant)
    assert after.mentions == (() if is_same else both[1:])


@given(WRITABLE, WRITABLE, ALIKE)
def test_in_a_text_they_are_taken_out_exactly(user: str, other: str, form: str) -> None:
    handle, others = f"{user}@fedi.example", f"{form.format(other)}@fedi.example"
    both = (Mention(handle=handle, url=None), Mention(handle=others, url=None))
    after = without(
        make_post(author=DEWI, text=f"To @{handle} and @{others} here", mentions=both), read_asked(handle).accounts
    )
    is_same = handle.lower() == others.lower()
    assert after.text == ("To @… and @… here" if is_same else f"To @… and @{others} here")


@given(st.text(max_size=200))
def test_no_text_is_too_odd_to_be_looked_through(text: str) -> None:
    assert cut(text, frozenset({"nobody@nowhere.example"})) == text
    names_in([text])


@pytest.mark.parametrize("text", ["a." * 50_000, "@" * 50_000, "a@" * 30_000, "https://" * 20_000, "did:a:" * 20_000])
def test_a_long_odd_text_takes_no_time(text: str) -> None:
    names_in(text)
