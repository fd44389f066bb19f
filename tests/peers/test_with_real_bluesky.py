"""The Bluesky source against the real software: what was posted is found, whatever happens to it and to the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from bluesky import Account, BlueskyNetwork, why_not
from requiring import needs

from collector.errors import Condition, SourceError
from collector.model import Found, WatchKey, Wish
from collector.sources import Look, Setup
from collector.sources.bluesky import BlueskySource
from collector.sources.raw import unpack

pytest_plugins = ["bluesky"]
pytestmark = needs("bluesky", is_there=not why_not(), reason=why_not())

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
_numbers = count(1)


@pytest.fixture
def tag() -> str:
    """A hashtag that no other test has posted to."""
    return f"notcoproduction{next(_numbers)}x"


@pytest.fixture
def person(network: BlueskyNetwork) -> Callable[..., Account]:
    """Makes somebody whom no other test knows."""
    return lambda **profile: network.account(f"p{next(_numbers)}", **profile)


@pytest.fixture(scope="session")
def reader(network: BlueskyNetwork) -> Account:
    """The account that the source reads with."""
    return network.account("reader")


@pytest.fixture
def source(network: BlueskyNetwork, reader: Account) -> Iterator[BlueskySource]:
    made = source_of(network, reader)
    yield made
    made.close()


def source_of(network: BlueskyNetwork, account: Account, **changes: Any) -> BlueskySource:
    values = {"username": account.handle, "password": account.password} | changes
    return BlueskySource(
        Setup(address=network.pds, user_agent="test/1", now=lambda: START, allow_private=True, **values)
    )


def collected(source: BlueskySource, tag: str, limit: int | None = None) -> dict[str, Found]:
    """What a walk to the end brings and the collector would keep."""
    key, found, cursor = watch(source, tag), {}, None
    while True:
        page = source.fetch_page(key, Look(cursor=cursor, limit=limit))
        assert page.rejections == ()
        found.update({item.native_id: item for item in page.found if item.post.carries(frozenset({tag}))})
        cursor = page.next_cursor
        if cursor is None:
            return found


def watch(source: BlueskySource, tag: str) -> WatchKey:
    return WatchKey(kind="bluesky", address=source.setup.address, hashtag=tag, topic=tag)


def link(start: int, end: int, address: str) -> dict[str, Any]:
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": address}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def own_labels(*values: str) -> dict[str, Any]:
    return {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": value} for value in values]}


def test_every_post_with_the_hashtag_is_found_and_nothing_else(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, tag: str
) -> None:
    alice, bob = person(displayName="Alice"), person()

    def post(text: str, **more: Any) -> str:
        return network.post(bob.name, text, **more)

    plain = network.post(alice.name, f"Consulted about the consultation. #{tag}")
    there = network.reference(plain)
    reply = post(f"Same here #{tag}", reply={"root": there, "parent": there})
    quote = post(f"This #{tag}", embed={"$type": "app.bsky.embed.record", "record": there})
    old = post(f"From 2012 #{tag}", createdAt="2012-05-06T07:08:09+01:00")
    future = post(f"From the future #{tag}", createdAt="2099-01-01T00:00:00.123456Z")
    warned = post(f"Graphic #{tag}", labels=own_labels("graphic-media"))
    welsh = post(f"🧑🏽‍🦽 – “dim byd” #{tag} 🙃", langs=["cy"])
    others = [
        post(f"STICKY NOTES #{tag.upper()}"),
        post(f"An old program #{tag}", facets=False),
        post(f"Full ＃{tag}"),
        post("Only beside the text", tags=[tag.title(), "other"]),
    ]
    post(f"The word {tag} alone")
    post(f"A longer one #{tag}s")
    post(f"In an address https://council.example/#{tag}")
    for limit in (None, 4):
        found = collected(source, tag, limit)
        assert set(found) == {plain, reply, quote, old, future, warned, welsh, *others}
    posts = {uri: item.post for uri, item in found.items()}
    assert (posts[plain].author.key, posts[plain].author.name) == (alice.did, "Alice")
    assert posts[reply].reply_to_uri == posts[quote].quote_of_uri == plain
    assert posts[old].published_at == datetime(2012, 5, 6, 6, 8, 9, tzinfo=UTC)
    assert posts[future].published_at == datetime(2099, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert posts[warned].content_warning == "graphic media"
    assert posts[welsh].language == "cy"
    assert posts[plain].counts.replies == posts[plain].counts.quotes == 1


def test_a_link_is_shown_by_its_real_address_behind_letters_of_several_bytes(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, tag: str
) -> None:
    uri = network.post(person().name, "🙃 this")
    network.put_over(uri, f"🙃 this #{tag}", facets=[link(5, 9, "https://council.example/x")])
    post = collected(source, tag)[uri].post
    assert post.text == f"🙃 this (https://council.example/x) #{tag}"
    assert post.links == ("https://council.example/x",)


def test_posts_below_what_one_query_gives_are_found(
    network: BlueskyNetwork,
    person: Callable[..., Account],
    source: BlueskySource,
    tag: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("collector.sources.bluesky.paging.QUERY_HOLDS", 18)
    name = person().name
    posted = set()
    for number in range(50):
        day = START - timedelta(days=number // 2)
        posted.add(network.post(name, f"No. {number} #{tag}", createdAt=day.isoformat()))
    network.search_gives(20)
    try:
        assert set(collected(source, tag, limit=5)) == posted
    finally:
        network.search_gives(10_000)


@pytest.mark.parametrize(("hours", "is_revoked"), [(3, False), (91 * 24, False), (3, True)])
def test_a_session_that_ended_between_rounds_is_not_noticed(
    network: BlueskyNetwork,
    person: Callable[..., Account],
    source: BlueskySource,
    reader: Account,
    tag: str,
    hours: float,
    is_revoked: bool,
) -> None:
    uri = network.post(person().name, f"Before #{tag}")
    before = collected(source, tag), source._session._session
    network.pass_time(hours)
    if is_revoked:
        network.end_sessions(reader.name)
    assert set(collected(source, tag)) == set(before[0]) == {uri}
    assert source._session._session != before[1]


def test_a_wrong_password_is_a_bad_one(network: BlueskyNetwork, reader: Account, tag: str) -> None:
    source = source_of(network, reader, password="abcd-efgh-ijkl-mnop")
    for _ in range(2):
        with pytest.raises(SourceError, match=f"refuses the app password of {reader.handle}") as caught:
            collected(source, tag)
        assert caught.value.condition is Condition.BAD_TOKEN
    source.close()


def test_an_account_that_reads_and_is_put_away_is_told(
    network: BlueskyNetwork, person: Callable[..., Account], tag: str
) -> None:
    away, down = person(), person()
    network.deactivate(away.name)
    network.take_down(down.name)
    for account, words in ((away, "is deactivated"), (down, "has taken down")):
        source = source_of(network, account)
        probe = source.probe(watch(source, tag))
        assert probe.condition is Condition.BAD_TOKEN
        assert words in probe.message
        source.close()


def test_an_author_is_the_same_under_another_handle(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, tag: str
) -> None:
    mover = person()
    uri = network.post(mover.name, f"Under my old name #{tag}")
    before = collected(source, tag)[uri].post
    network.rename(mover.name, f"moved-{mover.handle}")
    after = collected(source, tag)[uri].post
    assert (before.author.handle, after.author.handle) == (mover.handle, f"moved-{mover.handle}")
    assert (after.uri, after.author.key) == (before.uri, mover.did)
    assert after.url == f"https://bsky.app/profile/moved-{mover.handle}/post/{uri.rpartition('/')[2]}"
    assert source.fetch_post(after.url).post == after


def test_an_edit_that_nobody_announces_is_another_text_of_the_same_post(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, tag: str
) -> None:
    kept, taken = (network.post(name, f"First #{tag}") for name in [person().name] * 2)
    before = collected(source, tag)
    network.put_over(kept, f"Second #{tag}")
    network.put_over(taken, "Without it")
    after = collected(source, tag)
    assert (set(before), set(after)) == ({kept, taken}, {kept})
    assert (before[kept].post.text, after[kept].post.text) == (f"First #{tag}", f"Second #{tag}")
    assert source.look_up(watch(source, tag), [kept, taken]).gone == frozenset()
    assert not source.fetch_post(taken).post.carries(frozenset({tag}))


def test_what_is_gone_is_told_from_what_only_cannot_be_seen(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, reader: Account, tag: str
) -> None:
    names = {what: person().name for what in ("stays", "deleted", "away", "down", "erased", "blocks")}
    posts = {what: network.post(name, f"{what} #{tag}") for what, name in names.items()}
    assert set(collected(source, tag)) == set(posts.values())
    network.delete(posts["deleted"])
    network.deactivate(names["away"])
    network.take_down(names["down"])
    network.erase(names["erased"])
    network.block(names["blocks"], reader.name)
    key = watch(source, tag)
    assert set(collected(source, tag)) == {posts["stays"]}
    told = source.look_up(key, list(posts.values()))
    assert told.gone == {posts[what] for what in ("deleted", "erased")}
    assert told.away == {posts[what] for what in ("away", "down")}
    network.activate(names["away"])
    assert posts["away"] in collected(source, tag)
    assert posts["away"] not in source.look_up(key, [posts["away"]]).gone


def test_a_quote_of_what_is_gone_holds_nothing_of_it(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, tag: str
) -> None:
    quoted = network.post(person().name, "Regretted at once")
    embed = {"$type": "app.bsky.embed.record", "record": network.reference(quoted)}
    uri = network.post(person().name, f"Look at this #{tag}", embed=embed)
    before = collected(source, tag)[uri]
    network.delete(quoted)
    after = collected(source, tag)[uri]
    assert "Regretted" not in str(unpack(before.raw)) + str(unpack(after.raw))
    assert before.post.quote_of_uri == after.post.quote_of_uri == quoted


def test_what_an_author_asks_is_heard(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, tag: str
) -> None:
    hidden = person(displayName="Signed in only", labels=["!no-unauthenticated"])
    quiet = person(description="At https://fedi.example/@quiet too. #nobot #NoArchive")
    robot = person(labels=["bot"])
    open_to_all = person(description="Hello")
    posts = {network.post(account.name, f"Hello #{tag}"): account for account in (hidden, quiet, robot, open_to_all)}
    authors = {posts[uri].name: item.post.author for uri, item in collected(source, tag).items()}
    assert authors[hidden.name].wishes == {Wish.NO_UNAUTHENTICATED}
    assert authors[quiet.name].wishes == {Wish.NOBOT, Wish.NOARCHIVE}
    assert authors[quiet.name].links == ("https://fedi.example/@quiet",)
    assert [name for name, author in authors.items() if author.is_bot] == [robot.name]
    assert not authors[open_to_all.name].is_opted_out


def test_a_search_that_is_down_is_a_fault_and_not_an_empty_page(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, tag: str
) -> None:
    uri = network.post(person().name, f"Still here #{tag}")
    network.stop_search()
    try:
        with pytest.raises(SourceError) as caught:
            collected(source, tag)
        assert caught.value.condition is Condition.SERVER_FAULT
        assert source.look_up(watch(source, tag), [uri]).gone == frozenset()
    finally:
        network.start_search()
    assert set(collected(source, tag)) == {uri}


def test_a_probe_logs_in_and_looks(
    network: BlueskyNetwork, person: Callable[..., Account], source: BlueskySource, tag: str
) -> None:
    probe = source.probe(watch(source, tag))
    assert probe.condition is Condition.NO_POSTS
    assert probe.version
    assert probe.rules_url == "https://bsky.social/about/support/tos"
    network.post(person().name, f"Here #{tag}")
    assert source.probe(watch(source, tag)).condition is Condition.OK
