"""Posts asked for again by a server's own ids: twenty at a time if it can; only a clear answer makes one gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from collecting import Clock
from making import NOW
from serving import Asked, Reply, Serving, json_reply

from collector.errors import Condition
from collector.model import Found, WatchKey
from collector.sources import LookedUp, Setup
from collector.sources.mastodon import MastodonSource
from collector.sources.raw import unpack

STATUSES = "/api/v1/statuses"
TIMELINE = "/api/v1/timelines/tag/tag"
NOT_FOUND = json_reply({"error": "Record not found"}, status=404)


@pytest.fixture
def server() -> Iterator[Serving]:
    with Serving() as serving:
        serving.answers["/api/v2/instance"] = json_reply({"domain": "toot.example", "version": "4.5.0"})
        serving.answers[TIMELINE] = json_reply([])
        serving.otherwise = NOT_FOUND
        yield serving


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def source(server: Serving, clock: Clock) -> Iterator[MastodonSource]:
    setup = Setup(address=server.address, user_agent="test/1", now=clock, allow_private=True)
    made = MastodonSource(setup)
    yield made
    made.close()


def status(server: Serving, native_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": native_id,
        "uri": f"{server.address}/users/carys/statuses/{native_id}",
        "created_at": "2026-11-17T09:41:00.000Z",
        "visibility": "public",
        "content": "<p>Words</p>",
        "tags": [],
        "account": {"id": "1", "acct": "carys", "url": f"{server.address}/@carys"},
        **changes,
    }


def lists(server: Serving, *held: str) -> None:
    """The server can list posts, and holds these."""

    def listed(asked: Asked) -> Reply:
        return json_reply([status(server, one) for one in asked.query["id[]"] if one in held])

    server.answers[STATUSES] = listed
    for one in held:
        server.answers[f"{STATUSES}/{one}"] = json_reply(status(server, one))


def look_up(source: MastodonSource, server: Serving, *native_ids: str) -> LookedUp:
    key = WatchKey(kind="mastodon", address=server.address, hashtag="tag", topic="tag")
    return source.look_up(key, native_ids)


def told(looked: LookedUp) -> tuple[set[str], set[str]]:
    return {item.native_id for item in looked.found}, set(looked.gone)


def test_what_a_list_leaves_out_beside_others_is_gone(source: MastodonSource, server: Serving) -> None:
    lists(server, "1", "3")
    assert told(look_up(source, server, "1", "2", "3")) == ({"1", "3"}, {"2"})
    assert len(server.asked_for(STATUSES)) == 1


def test_what_is_found_is_how_it_is_now_and_known_to_be_at_home(source: MastodonSource, server: Serving) -> None:
    lists(server, "1")
    server.answers[STATUSES] = json_reply([status(server, "1", content="<p>Edited</p>")])
    (found,) = look_up(source, server, "1").found
    assert (found.post.text, found.is_home, found.post.author.handle) == ("Edited", True, "carys@toot.example")


@pytest.mark.parametrize(
    ("acct", "is_home"), [("carys", True), ("carys@toot.example", True), ("carys@elsewhere.example", False)]
)
def test_a_post_is_at_home_where_its_author_has_the_account(
    source: MastodonSource, server: Serving, acct: str, is_home: bool
) -> None:
    account = {"id": "1", "acct": acct, "url": None}
    server.answers[STATUSES] = json_reply([status(server, "1", account=account)])
    (found,) = look_up(source, server, "1").found
    assert found.is_home is is_home


def test_what_a_list_leaves_out_is_asked_for_by_itself_before_it_counts_as_gone(
    source: MastodonSource, server: Serving
) -> None:
    lists(server)
    assert told(look_up(source, server, "1", "2")) == (set(), {"1", "2"})
    assert [len(server.asked_for(f"{STATUSES}/{one}")) for one in "12"] == [1, 1]


def test_what_a_list_passes_over_such_as_a_silenced_author_is_still_there(
    source: MastodonSource, server: Serving
) -> None:
    lists(server, "1", "2")
    server.answers[STATUSES] = json_reply([status(server, "1")])
    assert told(look_up(source, server, "1", "2")) == ({"1", "2"}, set())
    assert source.looks_up == 20


@pytest.mark.parametrize("first", [json_reply([]), NOT_FOUND])
def test_a_server_that_finds_no_single_post_is_not_believed_where_its_timeline_shows_some(
    source: MastodonSource, server: Serving, first: Reply
) -> None:
    server.answers[STATUSES] = first
    server.answers[TIMELINE] = json_reply([status(server, "9")])
    assert told(look_up(source, server, "1", "2")) == (set(), set())


def test_a_server_that_finds_what_its_timeline_shows_is_believed(source: MastodonSource, server: Serving) -> None:
    server.answers[STATUSES] = NOT_FOUND
    server.answers[TIMELINE] = json_reply([status(server, "9")])
    server.answers[f"{STATUSES}/9"] = json_reply(status(server, "9"))
    assert told(look_up(source, server, "1", "2")) == (set(), {"1", "2"})


def test_a_server_whose_timeline_is_closed_is_not_believed_when_it_finds_nothing(
    source: MastodonSource, server: Serving
) -> None:
    server.answers[TIMELINE] = json_reply({"error": "no"}, status=503)
    looked = look_up(source, server, "1", "2")
    assert told(looked) == (set(), set())
    assert looked.error is not None


def test_a_list_that_shows_nothing_of_what_is_there_is_none(source: MastodonSource, server: Serving) -> None:
    lists(server, "1", "2")
    server.answers[STATUSES] = json_reply([])
    assert told(look_up(source, server, "1", "2", "3")) == ({"1", "2"}, {"3"})
    assert source.looks_up == 1


@pytest.mark.parametrize(
    "reply",
    [
        NOT_FOUND,
        json_reply({"error": "Method Not Allowed"}, status=405),
        json_reply({"detail": "no"}, status=422),
        json_reply({"error": "not for you"}, status=401),
        json_reply({"error": "not for you"}, status=403),
        json_reply({"error": "a fault"}, status=500),
        json_reply({"statuses": []}),
        Reply(body=b"<html>", headers={"Content-Type": "text/html"}),
    ],
)
def test_a_server_that_cannot_list_is_asked_one_by_one_for_a_day(
    source: MastodonSource, server: Serving, clock: Clock, reply: Reply
) -> None:
    lists(server, "1")
    server.answers[STATUSES] = reply
    assert source.looks_up == 20
    assert told(look_up(source, server, "1", "2")) == ({"1"}, {"2"})
    assert source.looks_up == 1
    look_up(source, server, "1", "2")
    assert len(server.asked_for(STATUSES)) == 1
    clock.now += timedelta(hours=24)
    assert source.looks_up == 20


@pytest.mark.parametrize("status_code", [401, 403, 429, 500, 503])
def test_a_closed_or_broken_door_makes_nothing_gone_and_is_told(
    source: MastodonSource, server: Serving, status_code: int
) -> None:
    server.answers[STATUSES] = server.otherwise = json_reply({"error": "no"}, status=status_code)
    looked = look_up(source, server, "1", "2")
    assert told(looked) == (set(), set())
    assert looked.error is not None
    assert looked.error.condition is not Condition.OK
    assert source.looks_up == 20


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404, body=b"<html>Not found</html>"),
        json_reply(status=200, value={"id": "9", "uri": "https://x.example/9"}),
        Reply(resets=True),
    ],
)
def test_only_a_clear_no_makes_a_single_post_gone(source: MastodonSource, server: Serving, reply: Reply) -> None:
    server.answers[f"{STATUSES}/1"] = reply
    assert told(look_up(source, server, "1")) == (set(), set())


def test_what_is_no_longer_public_counts_as_gone(source: MastodonSource, server: Serving) -> None:
    server.answers[STATUSES] = json_reply([status(server, "1", visibility="private"), status(server, "2")])
    assert told(look_up(source, server, "1", "2")) == ({"2"}, {"1"})


def test_what_was_found_out_before_a_failure_stays_true(source: MastodonSource, server: Serving) -> None:
    many = [f"a{number}" for number in range(25)]

    def listed(asked: Asked) -> Reply:
        if "a24" in asked.query["id[]"]:
            return Reply(status=503)
        return json_reply([status(server, one) for one in asked.query["id[]"] if one != "a3"])

    server.answers[STATUSES] = listed
    looked = look_up(source, server, *many)
    assert len(looked.found) == 19
    assert looked.gone == {"a3"}
    assert looked.error is not None


def test_of_a_quoted_post_nothing_but_its_address_is_kept(source: MastodonSource, server: Serving) -> None:
    quoted = status(server, "7", content="<p>Regretted</p>")
    lists(server)
    server.answers[STATUSES] = json_reply([status(server, "1", quote={"state": "accepted", "quoted_status": quoted})])
    (found,) = look_up(source, server, "1").found
    assert found.post.quote_of_uri == quoted["uri"]
    kept = unpack(found.raw)
    assert "Regretted" not in str(kept)
    key = WatchKey(kind="mastodon", address=server.address, hashtag="tag", topic="tag")
    again = MastodonSource.read_kept(kept, key, None)
    assert isinstance(again, Found)
    assert again.post.quote_of_uri == quoted["uri"]
    server.answers[STATUSES] = json_reply([status(server, "1", quote={"state": "revoked", "quoted_status": None})])
    assert look_up(source, server, "1").found[0].post.quote_of_uri is None


def test_what_a_list_leaves_out_of_an_author_whom_the_timeline_shows_needs_no_second_question(
    source: MastodonSource, server: Serving
) -> None:
    lists(server, "1")
    key = WatchKey(kind="mastodon", address=server.address, hashtag="tag", topic="tag")
    looked = source.look_up(key, ["1", "2", "3"], {"2"})
    assert told(looked) == ({"1"}, {"2", "3"})
    assert [server.asked_for(f"{STATUSES}/{one}") != [] for one in ("2", "3")] == [False, True]
