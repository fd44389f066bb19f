"""Statuses as real servers sent them, beside the posts they must become."""

from __future__ import annotations

import copy
import json
import unicodedata
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model import Author, Counts, Hashtag, Media, Mention, Poll, Post, Wish
from collector.sources.mastodon.statuses import is_public, normalise_status
from collector.sources.raw import pack, scrub, unpack

DATA = Path(__file__).parent.parent / "data" / "mastodon"
ADDRESSES = {"gotosocial": "http://localhost:18080", "takahe": "https://localhost:18081"}
TAG = Hashtag(normal="notcoproduction", display="notcoproduction")


def recorded(server: str, name: str) -> dict[str, Any]:
    status: dict[str, Any] = json.loads((DATA / server / f"status-{name}.body").read_text("utf-8"))
    return status


def page(server: str) -> list[dict[str, Any]]:
    statuses: list[dict[str, Any]] = json.loads((DATA / server / "tag-limit40.body").read_text("utf-8"))
    return statuses


def read(server: str, name: str, **changes: Any) -> Post:
    return normalise_status(recorded(server, name) | changes, address=ADDRESSES[server])


def a_status(**changes: Any) -> dict[str, Any]:
    account = {"id": "7", "acct": "carys@fedi.example", "url": "https://fedi.example/@carys"}
    status = {
        "id": "1",
        "uri": "https://fedi.example/users/carys/statuses/1",
        "created_at": "2026-11-17T09:41:00.000Z",
        "account": account | changes.pop("account", {}),
        "content": "<p>Told after.</p>",
        "tags": [],
    }
    return status | changes


def post(**changes: Any) -> Post:
    return normalise_status(a_status(**changes), address="https://mastodon.example")


def test_a_gotosocial_status_becomes_a_post() -> None:
    assert read("gotosocial", "welsh") == Post(
        network="fediverse",
        uri="http://localhost:18080/users/bryn/statuses/01M82F7YN7FERXKW4DTKJGVT8A",
        url="http://localhost:18080/@bryn/statuses/01M82F7YN7FERXKW4DTKJGVT8A",
        author=Author(
            key="bryn@localhost:18080", handle="bryn@localhost:18080", name="bryn", url="http://localhost:18080/@bryn"
        ),
        published_at=datetime(2026, 11, 22, 20, 30, 28, 8000, UTC),
        edited_at=None,
        text=(
            "Nid cyd-gynhyrchu yw hyn: cawsom y cynllun wedi'i orffen, a phaned. Tŷ, ŵyn, Môn. "
            "#notcoproduction #NidCydGynhyrchu"
        ),
        language="cy",
        hashtags=(TAG, Hashtag(normal="nidcydgynhyrchu", display="NidCydGynhyrchu")),
    )


def test_a_takahe_status_becomes_a_post() -> None:
    assert read("takahe", "link") == Post(
        network="fediverse",
        uri="https://localhost:18081/@carys@localhost:18081/posts/647430325335340912/",
        url="https://localhost:18081/@carys/posts/647430325335340912/",
        author=Author(
            key="carys@localhost:18081",
            handle="carys@localhost:18081",
            name="Carys",
            url="https://localhost:18081/@carys/",
            wishes=frozenset({Wish.DISCOVERABLE}),
        ),
        published_at=datetime(2026, 11, 22, 20, 36, 58, 233000, UTC),
        edited_at=None,
        text=(
            "The report is here https://example.org/co-production?year=2026&v=final&x=%22quote%22#section-2 "
            "and it thanks 'the public'. #notcoproduction"
        ),
        hashtags=(TAG,),
        links=("https://example.org/co-production?year=2026&v=final&x=%22quote%22#section-2",),
    )


@pytest.mark.parametrize("server", ["gotosocial", "takahe"])
@pytest.mark.parametrize(
    "name", ["arabic", "csv_eq", "cw", "html", "image_alt", "link", "poll", "tag_only", "to_edit", "welsh"]
)
def test_both_servers_tell_of_their_posts(server: str, name: str) -> None:
    told = read(server, name)
    assert told.carries(frozenset({"notcoproduction"}))
    assert all(tag.found_in == "text" for tag in told.hashtags)
    assert told.published_at.tzinfo is UTC
    assert told.author.handle.endswith(ADDRESSES[server].partition("://")[2])


def test_markup_that_was_typed_is_text() -> None:
    text = "<script>alert('co')</script> <b>R&D</b> & \"quotes\" 'single' 1 < 2 > 0"
    assert read("gotosocial", "html").text == f"{text} & <tag> #notcoproduction"
    assert read("takahe", "html").text == f"{text} &amp; &lt;tag&gt; #notcoproduction"


def test_two_servers_tell_the_same_of_the_same_text() -> None:
    for name in ("arabic", "cw", "tag_only", "welsh", "image_alt", "poll", "link", "mention_local"):
        one, other = read("gotosocial", name), read("takahe", name)
        assert one.text == other.text
        assert one.hashtags == other.hashtags


def test_code_keeps_its_lines() -> None:
    assert read("takahe", "code").text.split("\n")[0] == "```python"
    assert read("gotosocial", "code").text.endswith("\n```\nThat is the whole function. #notcoproduction")


def test_a_content_warning_is_text_and_never_html() -> None:
    warned = read("takahe", "cw")
    assert (warned.content_warning, warned.is_sensitive) == ("swearing, consultants", True)
    assert post(spoiler_text="<b>bold</b> & =1+1 \x00warning").content_warning == "<b>bold</b> & =1+1 warning"


def test_an_edit_is_told() -> None:
    edited = read("gotosocial", "to_edit")
    assert edited.edited_at == datetime(2026, 11, 22, 20, 30, 30, 719000, UTC)
    assert read("gotosocial", "to_edit_remove_tag").hashtags == ()
    assert read("gotosocial", "to_edit_add_tag").hashtags == (TAG,)


def test_a_picture_comes_with_its_description() -> None:
    (picture,) = read("gotosocial", "image_alt").media
    assert picture.type == "image"
    assert picture.url.endswith("/original/01M82F7WF2Y3YF9HQWM5B4434A.png")
    assert picture.alt_text == "A table with eleven chairs for staff and a stool for 'the public'. =cmd|' /C calc'!A0"


def test_media_that_cannot_be_read_are_left_out_one_by_one() -> None:
    attachments = [
        {"url": "https://a.example/1.png", "type": "image", "description": None},
        {"url": None, "remote_url": "https://b.example/2.ogg", "type": "audio", "description": ""},
        {"url": "https://a.example/3", "type": ["x"], "description": " a\x00 "},
        {"url": "javascript:alert(1)", "type": "image"},
        {"url": 5},
        "nonsense",
        None,
    ]
    assert post(media_attachments=attachments).media == (
        Media(url="https://a.example/1.png", type="image", alt_text=None),
        Media(url="https://b.example/2.ogg", type="audio", alt_text=""),
        Media(url="https://a.example/3", type="unknown", alt_text="a"),
    )
    assert post(media_attachments={"url": "https://a.example/"}).media == ()


def test_a_poll_has_options_and_an_end() -> None:
    options = ("Told after", "Told long after", "In the photo", "What involvement? &")
    closes_at = datetime(2026, 11, 23, 20, 30, 25, 682000, UTC)
    assert read("gotosocial", "poll").poll == Poll(options=options, closes_at=closes_at)
    assert post(poll={"options": [{"title": "a <b>"}], "expires_at": None}).poll == Poll(
        options=("a <b>",), closes_at=None
    )
    assert post(poll={"options": []}).poll is None


def test_a_mention_has_its_full_handle_while_the_text_stays_as_written() -> None:
    mentioning = read("gotosocial", "mention_local")
    assert mentioning.mentions == (Mention(handle="asha@localhost:18080", url="http://localhost:18080/@asha"),)
    assert mentioning.text == "@asha were you asked? I was told. #notcoproduction"
    assert mentioning.links == ()


@pytest.mark.parametrize(
    ("account", "domain", "handle", "key"),
    [
        ({"acct": "Carys@Fedi.Example"}, None, "Carys@Fedi.Example", "carys@fedi.example"),
        ({"acct": "carys", "url": "https://b.example/@carys"}, None, "carys@b.example", "carys@b.example"),
        ({"acct": "carys", "url": None, "uri": "https://a.example/u"}, None, "carys@a.example", "carys@a.example"),
        ({"acct": "carys", "url": None}, None, "carys@mastodon.example", "carys@mastodon.example"),
        ({"acct": "carys"}, "short.example", "carys@short.example", "carys@short.example"),
        ({"acct": "carys@far.example"}, "short.example", "carys@far.example", "carys@far.example"),
        ({"acct": "tŷ@例え.jp"}, None, "tŷ@例え.jp", "tŷ@xn--r8jz45g.jp"),
        ({"acct": None, "username": "carys", "url": None}, None, "carys@mastodon.example", "carys@mastodon.example"),
    ],
)  # fmt: skip
def test_an_author_is_known_by_user_and_host(
    account: dict[str, Any], domain: str | None, handle: str, key: str
) -> None:
    told = normalise_status(a_status(account=account), address="https://mastodon.example", account_domain=domain)
    assert (told.author.handle, told.author.key) == (handle, key)


@pytest.mark.parametrize(
    ("account", "wishes"),
    [
        ({"note": '<p>Hi. <a class="hashtag" href="x">#<span>NoBot</span></a> #noindex</p>'}, {"nobot", "noindex"}),
        ({"note": "no bots here, nobot"}, set()),
        ({"display_name": "Carys #NoBot"}, {"nobot"}),
        ({"fields": [{"name": "#noarchive", "value": "<b>#NoSearch</b>"}, None]}, {"noarchive", "nosearch"}),
        ({"noindex": True, "discoverable": True, "indexable": True}, {"noindex", "discoverable", "indexable"}),
        ({"noindex": False, "discoverable": None, "indexable": "yes"}, set()),
    ],
)
def test_wishes_are_read_from_flags_and_profile(account: dict[str, Any], wishes: set[str]) -> None:
    assert {wish.value for wish in post(account=account).author.wishes} == wishes


@pytest.mark.parametrize(
    ("said", "known"),
    [({"indexable": True}, True), ({"indexable": False}, False), ({}, None), ({"indexable": "x"}, None)],
)
def test_whether_a_search_may_find_somebody_is_known_where_the_server_says_it(said: Any, known: bool | None) -> None:
    assert post(account=said).author.is_indexable is known


def test_a_name_stands_on_one_line() -> None:
    author = post(account={"display_name": " Car\u202eys\n\u200f:blobcat: 👩🏽\u200d🦽\x00", "bot": True}).author
    assert (author.name, author.is_bot) == ("Carys :blobcat: 👩🏽\u200d🦽", True)
    assert post(account={"display_name": None}).author.name == ""


def test_hashtags_keep_the_form_in_the_text_and_count_once() -> None:
    content = '<a class="hashtag" href="x">#<span>TŷAgored</span></a> <code>#code</code> https://a.example/#frag'
    tags = [{"name": "tyagored"}, {"name": "NotCoProduction"}, {"name": None}, 5]
    assert post(content=content, tags=tags).hashtags == (
        Hashtag(normal="tyagored", display="TŷAgored"),
        Hashtag(normal="notcoproduction", display="NotCoProduction", found_in="tags"),
    )


def test_without_a_list_of_the_servers_the_text_itself_counts() -> None:
    assert [tag.normal for tag in post(content="#one #two-three", tags=None).hashtags] == ["one", "two"]
    assert post(content="#one", tags=[]).hashtags == ()


def test_hashtags_of_a_content_warning_do_not_count() -> None:
    assert post(spoiler_text="#notcoproduction").hashtags == ()


@pytest.mark.parametrize(
    ("quote", "uri"),
    [
        ({"quote": {"state": "accepted", "quoted_status": {"uri": "https://q.example/1"}}}, "https://q.example/1"),
        ({"quote": {"state": "revoked", "quoted_status": {"uri": "https://q.example/1"}}}, None),
        ({"quote": {"state": "accepted", "quoted_status": None}}, None),
        ({"quote": {"state": "accepted", "quoted_status_id": "5"}}, None),
        ({"quote": {"id": "5", "uri": "https://q.example/1"}}, "https://q.example/1"),
        ({"quote": None, "pleroma": {"quote_url": "https://q.example/1"}}, "https://q.example/1"),
        ({"quote": "https://q.example/1"}, None),
        ({}, None),
    ],
)
def test_a_quote_is_told_while_it_is_allowed(quote: dict[str, Any], uri: str | None) -> None:
    assert post(**quote).quote_of_uri == uri


def test_a_thread_on_its_own_server_knows_its_parents() -> None:
    for server, address in ADDRESSES.items():
        thread = json.loads((DATA / server / "context-thread_root.body").read_text("utf-8"))["descendants"]
        posts = {raw["id"]: normalise_status(raw, address=address) for raw in thread}
        known = [(raw, posts[raw["id"]].reply_to_uri) for raw in thread if raw["in_reply_to_id"] in posts]
        own = [(raw, uri) for raw, uri in known if raw["in_reply_to_account_id"] == raw["account"]["id"]]
        assert own
        assert all(uri == posts[raw["in_reply_to_id"]].uri for raw, uri in own)


def test_a_parent_that_cannot_be_told_for_sure_is_not_guessed() -> None:
    assert post(in_reply_to_id="0", in_reply_to_account_id="8").reply_to_uri is None
    assert post(id="999", in_reply_to_id="0", in_reply_to_account_id="7").reply_to_uri is None
    own = post(in_reply_to_id="0", in_reply_to_account_id="7")
    assert own.reply_to_uri == "https://fedi.example/users/carys/statuses/0"


@pytest.mark.parametrize(
    ("value", "count"),
    [
        *((3, 3), (-1, 0), ("7", 0), (True, 0), (None, 0), (2.0, 2)),
        *((float("nan"), 0), (float("inf"), 0), (10**40, 2**31 - 1)),
    ],
)
def test_counts_are_numbers_a_database_holds(value: Any, count: int) -> None:
    assert post(replies_count=value).counts.replies == count
    assert post(reblogs_count=value, quotes_count=value).counts == Counts(boosts=count, quotes=count)


@pytest.mark.parametrize(
    ("value", "language"),
    [("EN", "en"), ("pt_BR", "pt-br"), ("", None), (None, None), ("und", None), (5, None), ("a b", None)],
)
def test_a_language_is_a_code_or_nothing(value: Any, language: str | None) -> None:
    assert post(language=value).language == language


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", 5, "tag:a.example,2026:1"])
def test_an_address_that_cannot_be_opened_is_none(url: Any) -> None:
    assert post(url=url).url is None


@pytest.mark.parametrize(
    ("created_at", "published_at"),
    [
        ("2026-11-17T10:41:00+01:00", datetime(2026, 11, 17, 9, 41, tzinfo=UTC)),
        ("2026-11-17T09:41:00", datetime(2026, 11, 17, 9, 41, tzinfo=UTC)),
        ("2099-01-01T00:00:00.000Z", datetime(2099, 1, 1, tzinfo=UTC)),
    ],
)
def test_instants_are_utc(created_at: str, published_at: datetime) -> None:
    told = post(created_at=created_at)
    assert told.published_at == published_at
    assert told.published_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "no id"),
        ({"id": ""}, "no id"),
        ({"uri": None}, "uri: not a URI"),
        ({"uri": "https://"}, "uri: not a web address"),
        ({"uri": ["https://a.example/"]}, "uri: not a URI"),
        ({"created_at": None}, "created_at: not an instant"),
        ({"created_at": "yesterday"}, "created_at: not an instant"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at: not an instant"),
        ({"content": None}, "content: not a text"),
        ({"content": ["<p>Words</p>"]}, "content: not a text"),
        ({"account": {"acct": ""}}, "account: no handle"),
        ({"account": {"acct": "a b"}}, "account: no handle"),
        ({"account": {"acct": "a@b@c"}}, "account: no handle"),
    ],
)
def test_a_status_without_what_makes_it_one_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        post(**changes)


@pytest.mark.parametrize("raw", [None, [], "x", 5, {}, {"id": "1", "uri": "a:b", "content": "", "account": []}])
def test_what_is_no_status_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match=r"^(not a status|no id|no account)$"):
        normalise_status(raw, address="https://mastodon.example")


def test_an_id_may_be_a_number() -> None:
    raw = recorded("takahe", "plain00")
    told = normalise_status(raw | {"id": int(raw["id"])}, address="https://localhost:18081")
    assert told == normalise_status(raw, address="https://localhost:18081")


def test_a_post_can_do_without_an_address_that_no_index_holds() -> None:
    raw = recorded("gotosocial", "plain00") | {"url": "https://a.example/" + "道" * 1_900}
    assert normalise_status(raw, address="http://localhost:18080").url is None


def test_only_public_posts_of_their_own_are_public() -> None:
    assert is_public(recorded("gotosocial", "plain00"))
    assert not is_public(recorded("gotosocial", "unlisted"))
    assert not is_public(recorded("gotosocial", "boost_of_to_boost"))
    assert not is_public({})


def test_what_is_kept_of_an_answer_holds_nothing_private() -> None:
    raw = a_status(
        account={"avatar": "https://a.example/5d41402a.png", "header_static": "x", "source": {"email": "me@a.example"}},
        favourited=True,
        filtered=[{}],
        poll={"own_votes": [0], "options": [{"title": "a"}]},
        quote={"state": "accepted", "quoted_status": a_status(account={"avatar_static": "x"}, pinned=True)},
        application={"name": "x", "client_secret": "y"},
    )
    kept = json.dumps(scrub(raw))
    for word in ("avatar", "header", "source", "email", "favourited", "filtered", "own_votes", "pinned", "secret"):
        assert word not in kept
    assert raw["favourited"] is True


@pytest.mark.parametrize("server", sorted(ADDRESSES))
def test_what_is_kept_makes_the_same_post(server: str) -> None:
    for raw in page(server):
        kept = unpack(pack(scrub(raw)))
        assert normalise_status(kept, address=ADDRESSES[server]) == normalise_status(raw, address=ADDRESSES[server])


def test_packing_keeps_everything() -> None:
    raw = {"a": ["\ud800\x00é", None, 1.5, {"b": True}]}
    assert unpack(pack(raw)) == raw


@pytest.mark.parametrize("packed", [b"", b"nonsense", pack({})[:-3], zlib.compress(b"[1]")])
def test_what_was_not_packed_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="not a packed answer"):
        unpack(packed)


def test_nesting_has_an_end() -> None:
    deep: dict[str, Any] = {}
    for _ in range(400):
        deep = {"quote": deep}
    assert len(pack(scrub(deep))) < 100


ALL = [(raw, ADDRESSES[server]) for server in ADDRESSES for raw in page(server)]
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["\ud800", "https://\x00", "javascript:x", "http://[", "a@b", "9999-12-31T23:59:59-14:00", "#x"]),
    st.lists(st.none() | st.text(max_size=3), max_size=2),
    st.dictionaries(
        st.sampled_from(["id", "acct", "url", "name", "state"]), st.none() | st.text(max_size=3), max_size=2
    ),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@settings(deadline=None)
@given(st.data())
def test_a_damaged_status_is_a_post_or_a_value_error(data: st.DataObject) -> None:
    raw, address = data.draw(st.sampled_from(ALL))
    damaged = copy.deepcopy(raw)
    for path in data.draw(st.lists(st.sampled_from(places(raw)[1:]), min_size=1, max_size=4)):
        put(damaged, path, data.draw(values))
    try:
        told = normalise_status(damaged, address=address)
    except ValueError:
        return
    assert normalise_status(unpack(pack(scrub(damaged))), address=address) == told
    shown = [
        told.text,
        told.content_warning,
        told.author.name,
        told.author.handle,
        *(tag.display for tag in told.hashtags),
    ]
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for text in shown for c in text.replace("\n", ""))


def put(status: Any, path: tuple[Any, ...], value: Any) -> None:
    """Puts a value where it was, unless an earlier damage took the place away."""
    for key in path[:-1]:
        try:
            status = status[key]
        except (KeyError, IndexError, TypeError):
            return
    is_key = isinstance(status, dict) and isinstance(path[-1], str)  # JSON has no other keys
    if is_key or (isinstance(status, list) and isinstance(path[-1], int) and path[-1] < len(status)):
        status[path[-1]] = value
