"""The made-up servers themselves: what is measured by them would be worth nothing if they lied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from collecting import Clock

from simulation.answering import Member
from simulation.casting import ASH, BAY, FIR, IVY, OAK, YEW
from simulation.network import Network, networking
from simulation.truth import TAG, Writing, first_version
from simulation.week import START

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPEN_ASH = Member(name="ash", kind="gotosocial")


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def network(clock: Clock) -> Iterator[Network]:
    with networking((OAK, YEW, OPEN_ASH, FIR, BAY, IVY), clock) as made:
        yield made


def write(network: Network, home: str, *, at: Any = START, **details: Any) -> Writing:
    serial = len(network.writings)
    details = {"user": "asha", "created_at": at, "versions": [first_version(serial, is_tagged=True)]} | details
    return network.publish(Writing(serial=serial, home=home, **details), at)


def ask(network: Network, name: str, path: str, **params: Any) -> httpx.Response:
    server = network.servers[name]
    return httpx.get(f"{server.address}{path}", params=params, headers={"User-Agent": "test/1"}, trust_env=False)


def page(network: Network, name: str, **params: Any) -> list[str]:
    """The uris of a page."""
    answer = ask(network, name, f"/api/v1/timelines/tag/{TAG}", **params)
    assert answer.status_code == 200, answer.text
    return [status["uri"] for status in answer.json()]


def native_id(network: Network, name: str, writing: Writing) -> str:
    return network.servers[name].holdings.by_uri[writing.uri].native_id


@pytest.mark.parametrize("name", ["oak", "yew", "ash", "fir"])
def test_a_deleted_post_is_404_and_in_no_timeline(network: Network, name: str) -> None:
    post, kept = write(network, name), write(network, name)
    path = f"/api/v1/statuses/{native_id(network, name, post)}"
    assert ask(network, name, path).json()["uri"] == post.uri
    network.delete(post.serial, START)
    assert ask(network, name, path).status_code == 404
    assert page(network, name) == [kept.uri]


def test_a_deletion_reaches_another_server_only_when_it_is_delivered(network: Network) -> None:
    post = write(network, "ivy")
    network.deliver(post.serial, "oak", START)
    network.delete(post.serial, START)
    assert page(network, "oak") == [post.uri]
    assert ask(network, "ivy", post.uri.removeprefix(network.servers["ivy"].address)).status_code == 404
    network.deliver_deletion(post.serial, "oak", START)
    assert page(network, "oak") == []
    network.deliver(post.serial, "oak", START)
    assert page(network, "oak") == [], "what is known to be deleted is taken no more"


def test_a_list_of_posts_leaves_out_what_is_gone_and_takes_twenty(network: Network) -> None:
    posts = [write(network, "oak") for _ in range(21)]
    ids = [native_id(network, "oak", post) for post in posts]
    network.delete(posts[3].serial, START)
    found = ask(network, "oak", "/api/v1/statuses", **{"id[]": ids[:20]}).json()
    assert {status["uri"] for status in found} == {post.uri for post in posts[:20]} - {posts[3].uri}
    assert ask(network, "oak", "/api/v1/statuses", **{"id[]": ids}).status_code == 422
    for name in ("yew", "ash", "fir"):
        assert ask(network, name, "/api/v1/statuses", **{"id[]": ids[:1]}).status_code == 404


def test_since_id_shows_the_newest_page_and_leaves_a_hole_where_min_id_does_not(network: Network) -> None:
    posts = [write(network, "oak", at=START + number * MINUTE) for number in range(50)]
    first = native_id(network, "oak", posts[0])
    uris = [post.uri for post in reversed(posts)]
    assert page(network, "oak", since_id=first, limit=40) == uris[:40]
    assert page(network, "oak", min_id=first, limit=40) == uris[9:49]
    assert page(network, "oak", max_id=native_id(network, "oak", posts[10]), limit=40) == uris[40:]
    assert len(page(network, "oak", limit=80)) == 40
    assert len(page(network, "oak")) == 20


def test_ids_tell_arrival_or_creation_by_the_software_and_the_way_a_post_came(network: Network) -> None:
    late = write(network, "ivy", at=START - DAY)
    newer = write(network, "ivy", at=START - HOUR)
    for name in ("oak", "fir", "ash"):
        network.deliver(newer.serial, name, START - HOUR)
        network.deliver(late.serial, name, START)
    assert page(network, "oak") == page(network, "fir") == [late.uri, newer.uri]
    assert page(network, "ash") == [newer.uri, late.uri]
    network.deliver(newer.serial, "yew", START - HOUR)
    network.fetch(late.serial, "yew", START)
    assert page(network, "yew") == [newer.uri, late.uri]


def test_ids_are_snowflakes_ulids_and_numbers_of_eighteen_digits(network: Network) -> None:
    ids = {name: native_id(network, name, write(network, name)) for name in ("oak", "ash", "fir")}
    assert ids["oak"].isdecimal()
    assert len(ids["ash"]) == 26
    assert ids["fir"].isdecimal()
    assert len(ids["fir"]) == 18


def test_a_cursor_of_the_wrong_shape_is_a_fault_on_takahe_and_the_newest_page_on_gotosocial(network: Network) -> None:
    post = write(network, "ash")
    assert page(network, "ash", max_id="123") == [post.uri]
    write(network, "fir")
    assert ask(network, "fir", f"/api/v1/timelines/tag/{TAG}", max_id="01M6").status_code == 500


def test_an_edit_shows_its_wording_and_its_date_where_it_has_arrived(network: Network) -> None:
    post = write(network, "ivy")
    for name in ("oak", "yew"):
        network.deliver(post.serial, name, START)
    network.edit(post.serial, START + HOUR)
    network.deliver_edit(post.serial, "oak", 2, START + HOUR)
    told = {name: ask(network, name, f"/api/v1/timelines/tag/{TAG}").json()[0] for name in ("oak", "yew", "ivy")}
    assert ["wording 2" in told[name]["content"] for name in told] == [True, False, True]
    assert told["oak"]["edited_at"] == told["ivy"]["edited_at"] == "2026-11-02T01:00:00.000Z"
    assert told["yew"]["edited_at"] is None


def test_a_hashtag_edited_away_leaves_the_timeline_but_on_gotosocial(network: Network) -> None:
    posts = {name: write(network, name) for name in ("oak", "ash")}
    for post in posts.values():
        network.edit(post.serial, START, is_tagged=False)
    assert page(network, "oak") == []
    (status,) = ask(network, "ash", f"/api/v1/timelines/tag/{TAG}").json()
    assert (status["uri"], status["tags"]) == (posts["ash"].uri, [])


def test_a_silenced_author_is_in_no_timeline_and_still_there_by_id(network: Network) -> None:
    post = write(network, "oak")
    network.silence("asha", "oak", "oak", START)
    later = write(network, "oak")
    assert page(network, "oak") == []
    for silenced in (post, later):
        assert ask(network, "oak", f"/api/v1/statuses/{native_id(network, 'oak', silenced)}").status_code == 200


def test_a_half_that_is_switched_off_is_not_shown_and_is_told(network: Network) -> None:
    own, other = write(network, "bay"), write(network, "ivy")
    network.deliver(other.serial, "bay", START)
    assert page(network, "bay", local="true") == [own.uri]
    assert ask(network, "bay", f"/api/v1/timelines/tag/{TAG}").status_code == 422
    feeds = ask(network, "bay", "/api/v2/instance").json()["configuration"]["timelines_access"]["hashtag_feeds"]
    assert feeds == {"local": "public", "remote": "disabled"}


def test_the_limit_of_all_requests_refuses_and_tells_until_when(network: Network, clock: Clock) -> None:
    path, limits = "/api/v2/instance", network.servers["oak"].limits
    assert limits.allowed == 300
    limits.allowed = 30
    assert {ask(network, "oak", path).status_code for _ in range(30)} == {200}
    refused = ask(network, "oak", path)
    assert (refused.status_code, refused.headers["x-ratelimit-reset"]) == (429, "2026-11-02T00:05:00.000Z")
    assert "retry-after" not in refused.headers
    clock.advance(minutes=5)
    assert ask(network, "oak", path).status_code == 200


def test_the_limit_of_paging_holds_for_a_quarter_of_an_hour(network: Network, clock: Clock) -> None:
    path = f"/api/v1/timelines/tag/{TAG}"
    network.servers["oak"].limits.allowed = 30
    for _ in range(3):
        assert {ask(network, "oak", path, max_id="9").status_code for _ in range(10)} == {200}
        clock.advance(minutes=4, seconds=50)
    assert ask(network, "oak", path, max_id="9").status_code == 429
    assert ask(network, "oak", path).status_code == 200
    clock.advance(minutes=1)
    assert ask(network, "oak", path, max_id="9").status_code == 200


def test_gotosocial_refuses_without_a_word_and_wants_a_token(clock: Clock) -> None:
    with networking((ASH,), clock) as network:
        path = f"/api/v1/timelines/tag/{TAG}"
        assert ask(network, "ash", path).status_code == 401
        network.crowd("ash", "test", clock())
        refused = ask(network, "ash", path)
        assert refused.status_code == 429
        assert not [name for name in refused.headers if "ratelimit" in name or "retry" in name]


def test_a_server_that_is_down_refuses_connections_and_comes_back_where_it_was(network: Network) -> None:
    address = network.servers["oak"].address
    network.fall("oak", START)
    with pytest.raises(httpx.ConnectError):
        ask(network, "oak", "/api/v2/instance")
    network.rise("oak", START)
    assert network.servers["oak"].address == address
    network.fall("oak", START, is_refusing=False)
    assert ask(network, "oak", "/api/v2/instance").status_code == 503


def test_a_clock_that_is_wrong_shows_in_dates_ids_and_limits(clock: Clock) -> None:
    with networking((Member(name="oak", kind="mastodon", skew=7 * HOUR),), clock) as network:
        network.crowd("oak", "test", clock())
        refused = ask(network, "oak", "/api/v2/instance")
        assert refused.headers["date"] == "Mon, 02 Nov 2026 07:00:00 GMT"
        assert refused.headers["x-ratelimit-reset"] == "2026-11-02T07:05:00.000Z"


def test_a_dropped_post_comes_back_under_another_id(network: Network) -> None:
    post = write(network, "ivy")
    network.deliver(post.serial, "oak", START)
    before = native_id(network, "oak", post)
    network.drop(post.serial, "oak", START + HOUR)
    assert page(network, "oak") == []
    network.fetch(post.serial, "oak", START + 2 * HOUR)
    assert native_id(network, "oak", post) != before
    stays = [(stay.began, stay.ended) for stay in network.servers["oak"].holdings.stays]
    assert stays == [(START, START + HOUR), (START + 2 * HOUR, None)]
