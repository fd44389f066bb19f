from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fediverse import FakeServer
from hypothesis import given
from hypothesis import strategies as st
from making import NOW
from mastodon import Mastodon, MastodonNotFoundError, MastodonRatelimitError

from collector.demo.fediverse import choose_page, id_order

KINDS = ["gotosocial", "takahe", "mastodon"]
HOUR = timedelta(hours=1)
TAG = "/api/v1/timelines/tag/notcoproduction"


def ask(server: FakeServer, path: str = TAG, *, token: str | None = None) -> tuple[int, Any, dict[str, str]]:
    """Status, JSON (or text) and headers of one plain GET."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(server.address + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            body = error.read().decode()
            is_json = error.headers["Content-Type"].startswith("application/json")
            return error.code, json.loads(body) if is_json else body, dict(error.headers)


def ids(server: FakeServer, query: str = "") -> list[str]:
    return [status["id"] for status in ask(server, TAG + query)[1]]


def uris(server: FakeServer, query: str = "") -> list[str]:
    return [status["uri"] for status in ask(server, TAG + query)[1]]


def client_of(server: FakeServer) -> Mastodon:
    return Mastodon(
        access_token=server.token,
        api_base_url=server.address,
        ratelimit_method="throw",
        version_check_mode="none",
        request_timeout=5,
    )


# Paging


@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_posts_are_paged_through_by_max_id_each_once(kind: str) -> None:
    with FakeServer(kind) as server:
        written = [server.publish(f"Post {number}", at=NOW + number * HOUR)["id"] for number in range(100)]
        seen: list[str] = []
        while page := ids(server, f"?limit=40&max_id={seen[-1]}" if seen else "?limit=40"):
            assert len(page) <= 40
            assert not set(page) & set(seen)
            seen += page
    assert seen == written[::-1]


@pytest.mark.parametrize("kind", KINDS)
def test_mastodon_py_reads_every_kind(kind: str) -> None:
    with FakeServer(kind) as server:
        server.publish("They asked @bryn@far.example. https://example.org/report", at=NOW, author="carys")
        (status,) = client_of(server).timeline_hashtag("notcoproduction", limit=40)
        assert status.created_at == NOW
        assert status.mentions[0].acct == "bryn@far.example"
        assert status.tags[0].name == "notcoproduction"


def test_a_limit_above_the_server_s_own_is_silently_its_own() -> None:
    with FakeServer(page_limit=7) as server:
        for number in range(9):
            server.publish(at=NOW + number * HOUR)
        assert len(ids(server, "?limit=80")) == 7
        assert len(ids(server, "?limit=0")) == 1
        assert ask(server, TAG + "?limit=abc")[0] == 400


def test_since_id_gives_the_newest_page_and_min_id_the_one_just_above() -> None:
    with FakeServer("mastodon") as server:
        numbers = [server.publish(at=NOW + number * HOUR)["id"] for number in range(6)]
        assert ids(server, f"?limit=2&since_id={numbers[0]}") == [numbers[5], numbers[4]]
        assert ids(server, f"?limit=2&min_id={numbers[0]}") == [numbers[2], numbers[1]]
        assert ids(server, f"?limit=9&min_id={numbers[0]}&max_id={numbers[3]}") == [numbers[2], numbers[1]]


@given(
    numbers=st.sets(st.integers(min_value=0, max_value=10**6), max_size=60),
    limit=st.integers(min_value=1, max_value=40),
)
def test_walking_back_by_max_id_meets_each_id_once_whatever_their_lengths(numbers: set[int], limit: int) -> None:
    statuses = [{"id": str(number)} for number in sorted(numbers, reverse=True)]
    seen: list[str] = []
    cursors: dict[str, str] = {}
    while page := choose_page(statuses, cursors, limit):
        assert page[0]["id"] not in seen
        seen += [status["id"] for status in page]
        cursors = {"max_id": seen[-1]}
    assert seen == [status["id"] for status in statuses]


def test_the_link_header_is_there_on_a_short_page_and_absent_on_an_empty_one() -> None:
    with FakeServer() as server:
        status = server.publish(at=NOW)
        link = ask(server)[2]["Link"]
        assert f'<{server.address}{TAG}?limit=20&max_id={status["id"]}>; rel="next"' in link
        assert f'min_id={status["id"]}>; rel="prev"' in link
        assert "Link" not in ask(server, f"{TAG}?max_id={status['id']}")[2]


@pytest.mark.parametrize(("kind", "expected"), [("gotosocial", 200), ("takahe", 500)])
def test_a_cursor_of_the_wrong_shape_is_ignored_or_breaks_the_server(kind: str, expected: int) -> None:
    with FakeServer(kind) as server:
        server.publish(at=NOW)
        assert ask(server, TAG + "?max_id=garbage!")[0] == expected


# Ids


@pytest.mark.parametrize(("kind", "length"), [("gotosocial", 26), ("takahe", 18), ("mastodon", 18)])
@pytest.mark.parametrize("earlier", [timedelta(milliseconds=1), timedelta(days=900)])
def test_ids_are_in_the_order_of_their_instants(kind: str, length: int, earlier: timedelta) -> None:
    with FakeServer(kind) as server:
        newer = server.publish(at=NOW)["id"]
        older = server.publish(at=NOW - earlier)["id"]
    assert len(newer) == length
    assert id_order(older) < id_order(newer)


def test_ids_hold_the_instant_as_the_real_servers_write_it() -> None:
    at = datetime(2026, 11, 22, 20, 30, 29, 430_000, tzinfo=UTC)
    with FakeServer("gotosocial") as gotosocial, FakeServer("takahe") as takahe:
        assert gotosocial.publish(at=at)["id"].startswith("01M82F801P")
        recorded = datetime(2026, 11, 22, 20, 36, 54, 866_000, tzinfo=UTC)
        assert int(takahe.publish(at=recorded)["id"]) >> 22 == 647430311211096984 >> 22


# Posts


@pytest.mark.parametrize(
    ("kind", "words", "link"),
    [
        (
            "gotosocial",
            "'R&amp;D' & &lt;a<br>b ",
            '" class="mention hashtag" rel="tag nofollow noreferrer noopener" target="_blank">#<span>NotCo</span></a>',
        ),
        (
            "takahe",
            "&#x27;R&amp;D&#x27; &amp; &lt;a<br>b ",
            '/" class="mention hashtag" rel="tag">#NotCo</a>',
        ),
        (
            "mastodon",
            "&#39;R&amp;D&#39; &amp; &lt;a<br />b ",
            '" class="mention hashtag" rel="tag">#<span>NotCo</span></a>',
        ),
    ],
)
def test_text_becomes_html_in_each_server_s_own_way(kind: str, words: str, link: str) -> None:
    with FakeServer(kind) as server:
        status = server.publish("'R&D' & <a\nb #NotCo", at=NOW, tags=("notco",))
    assert status["content"] == f'<p>{words}<a href="https://fedi.example/tags/notco{link}</p>'
    assert [tag["name"] for tag in status["tags"]] == ["notco"]


def test_long_links_are_cut_in_what_is_shown_and_whole_in_their_address() -> None:
    address = "https://example.org/a/report/with/a/very/long/name?year=2026&v=2"
    with FakeServer("mastodon") as server:
        content = server.publish(address, at=NOW, tags=())["content"]
    assert f'href="{address.replace("&", "&amp;")}"' in content
    assert 'class="invisible">https://' in content
    assert f">{address}<" not in content


def test_a_hashtag_in_a_web_address_or_after_a_letter_is_none() -> None:
    with FakeServer() as server:
        status = server.publish("https://example.org/#notcoproduction a#b #2026 #not-coproduction", at=NOW, tags=())
    assert [tag["name"] for tag in status["tags"]] == ["not"]


def test_given_html_and_fields_stand_as_they_are() -> None:
    with FakeServer() as server:
        server.publish(html="<p>x</p>", at=NOW, account={"note": "#nobot"}, spoiler_text="<b>", created_at="nonsense")
        (status,) = ask(server)[1]
    assert status["content"] == "<p>x</p>"
    assert status["account"]["note"] == "#nobot"
    assert (status["spoiler_text"], status["created_at"]) == ("<b>", "nonsense")


def test_only_public_posts_are_in_a_hashtag_s_timeline() -> None:
    with FakeServer("mastodon") as server:
        shown = server.publish(at=NOW)
        for visibility in ("unlisted", "private", "direct"):
            server.publish(at=NOW, visibility=visibility)
        server.publish(at=NOW, tags=("other",))
        server.write(at=NOW)
        assert ids(server) == [shown["id"]]


@pytest.mark.parametrize(("kind", "expected"), [("gotosocial", 2), ("takahe", 1), ("mastodon", 3)])
def test_replies_are_left_out_as_each_kind_does(kind: str, expected: int) -> None:
    with FakeServer(kind) as server:
        root = server.publish(at=NOW, author="asha")
        server.publish(at=NOW + HOUR, author="asha", reply_to=root)
        server.publish(at=NOW + HOUR, author="bryn", reply_to=root)
        assert len(ids(server)) == expected


@pytest.mark.parametrize(
    ("kind", "own", "other"),
    [
        ("gotosocial", "asha", "bryn@far.example"),
        ("takahe", "asha@fedi.example", "bryn@far.example"),
        ("mastodon", "asha", "bryn@far.example"),
    ],
)
def test_people_of_other_servers_are_shown_with_their_host(kind: str, own: str, other: str) -> None:
    with FakeServer(kind) as server:
        assert server.publish(at=NOW, author="asha")["account"]["acct"] == own
        status = server.publish(at=NOW, author="bryn@far.example")
    assert status["account"]["acct"] == other
    assert status["uri"].startswith("https://far.example/")


def test_an_edit_keeps_id_and_place_and_a_new_hashtag_appears_behind_newer_posts() -> None:
    with FakeServer("mastodon") as server:
        old = server.publish("Once.", at=NOW, tags=())
        new = server.publish("Newer.", at=NOW + HOUR)
        assert ids(server) == [new["id"]]
        edited = server.edit(old, "Once, tagged.", at=NOW + 2 * HOUR)
        assert ids(server) == [new["id"], old["id"]]
        assert ask(server, f"/api/v1/statuses/{old['id']}")[1] == edited
    assert edited["edited_at"] == "2026-11-23T10:00:00.000Z"


@pytest.mark.parametrize(("kind", "is_kept"), [("gotosocial", True), ("takahe", False), ("mastodon", False)])
def test_a_hashtag_edited_away_leaves_the_timeline_but_on_gotosocial(kind: str, is_kept: bool) -> None:
    with FakeServer(kind) as server:
        status = server.publish(at=NOW)
        server.edit(status, "No more.", at=NOW + HOUR, tags=())
        shown = ask(server)[1]
    assert [post["tags"] for post in shown] == ([[]] if is_kept else [])


def test_counts_can_be_changed() -> None:
    with FakeServer() as server:
        server.change(server.publish(at=NOW), reblogs_count=12)
        assert ask(server)[1][0]["reblogs_count"] == 12


@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_post_is_gone_from_the_timeline_and_by_its_id(kind: str) -> None:
    with FakeServer(kind) as server:
        status = server.publish(at=NOW)
        server.delete(status)
        assert ids(server) == []
        assert ask(server, f"/api/v1/statuses/{status['id']}")[0] == 404


@pytest.mark.parametrize(("kind", "place"), [("mastodon", 0), ("takahe", 0), ("gotosocial", 1)])
def test_a_post_delivered_late_stands_where_it_arrived_but_on_gotosocial(kind: str, place: int) -> None:
    with FakeServer("mastodon", domain="far.example") as far, FakeServer(kind) as server:
        late = far.publish("Held up.", at=NOW - 9 * HOUR)
        server.publish(at=NOW)
        received = server.deliver_late(late, NOW + HOUR)
        assert uris(server).index(late["uri"]) == place
    assert received["created_at"] == late["created_at"]
    assert received["id"] != late["id"]
    assert received["account"]["acct"] == "asha@far.example"


def test_a_post_fetched_late_stands_behind_newer_ones() -> None:
    with FakeServer("mastodon") as server:
        newer = server.publish(at=NOW)
        fetched = server.fetch_late(server.write(at=NOW - HOUR, author="bryn@far.example"))
        assert ids(server) == [newer["id"], fetched["id"]]


# Who may read


@pytest.mark.parametrize(
    ("kind", "without", "wrong"), [("gotosocial", 401, 401), ("takahe", 401, 400), ("mastodon", 422, 401)]
)
def test_a_server_with_a_token_refuses_strangers_and_wrong_tokens(kind: str, without: int, wrong: int) -> None:
    with FakeServer(kind, token="right") as server:
        server.publish(at=NOW)
        assert ask(server)[0] == without
        assert ask(server, token="wrong")[0] == wrong
        assert ask(server, token="right")[0] == 200
        assert ask(server, "/api/v1/instance")[0] == 200


def test_half_a_feed_shows_half_the_posts_to_who_is_logged_in_and_none_to_strangers() -> None:
    with FakeServer("mastodon", token="right", remote_feed="disabled") as server:
        own = server.publish(at=NOW)
        server.publish(at=NOW, author="bryn@far.example")
        assert [status["id"] for status in ask(server, token="right")[1]] == [own["id"]]
        assert ask(server)[0] == 422
        access = ask(server, "/api/v2/instance")[1]["configuration"]["timelines_access"]
    assert access == {"hashtag_feeds": {"local": "public", "remote": "disabled"}}


def test_a_stranger_may_ask_for_the_public_half_by_name() -> None:
    with FakeServer("mastodon", token="right", is_open=True, remote_feed="authenticated") as server:
        own = server.publish(at=NOW)
        other = server.publish(at=NOW, author="bryn@far.example")
        assert ids(server, "?local=true") == [own["id"]]
        assert ask(server, TAG + "?remote=true")[0] == 422
        assert ask(server, TAG + "?remote=true", token="right")[1] == [other]
        assert ask(server, TAG + "?local=true", token="wrong")[0] == 401


@pytest.mark.parametrize(("kind", "expected"), [("gotosocial", 404), ("takahe", 200), ("mastodon", 200)])
def test_a_hashtag_that_nobody_used_is_unknown_to_gotosocial_and_empty_elsewhere(kind: str, expected: int) -> None:
    with FakeServer(kind) as server:
        assert ask(server)[0] == expected
        server.delete(server.publish(at=NOW))
        assert ask(server)[:2] == (200, [])


def test_hashtags_are_asked_for_in_any_case_and_script() -> None:
    with FakeServer() as server:
        server.publish("#ليس_إنتاجا", at=NOW)
        assert len(ask(server, TAG.upper().replace("/API/V1/TIMELINES/TAG", "/api/v1/timelines/tag"))[1]) == 1
        assert len(client_of(server).timeline_hashtag("ليس_إنتاجا")) == 1


def test_gotosocial_wants_a_user_agent() -> None:
    with FakeServer() as server:
        request = urllib.request.Request(server.address + TAG, headers={"User-Agent": ""})
        with pytest.raises(urllib.error.HTTPError, match="418") as caught:
            urllib.request.urlopen(request)
        caught.value.close()


def test_a_post_is_found_by_its_address_by_who_is_logged_in() -> None:
    with FakeServer("mastodon", token="right") as server:
        status = server.publish(at=NOW)
        path = f"/api/v2/search?type=statuses&resolve=true&q={status['url']}"
        assert ask(server, path, token="right")[1]["statuses"] == [status]
        assert ask(server, path)[0] == 422


def test_what_there_is_not_is_a_404() -> None:
    with FakeServer() as server:
        assert ask(server, "/api/v1/nonsense")[:2] == (404, {"error": "Not Found"})
        with pytest.raises(MastodonNotFoundError):
            client_of(server).status("01ARZ3NDEKTSV4RRFFQ69G5FAV")


# Trouble


def test_a_fault_strikes_as_often_as_told_and_only_there() -> None:
    with FakeServer() as server:
        server.publish(at=NOW)
        server.fail_next(503, body=b"<html>", headers={"Retry-After": "120"}, times=2)
        assert ask(server, "/api/v1/instance")[0] == 200
        for _ in range(2):
            status, body, headers = ask(server)
            assert (status, body, headers["Retry-After"]) == (503, "<html>", "120")
        assert ask(server)[0] == 200


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, {"X-RateLimit-Reset": None, "Retry-After": None}),
        ({"retry_after": "60"}, {"X-RateLimit-Reset": None, "Retry-After": "60"}),
        ({"reset_at": NOW}, {"X-RateLimit-Reset": "2026-11-23T08:00:00.000Z", "Retry-After": None}),
        ({"reset_at": NOW, "in_epoch": True}, {"X-RateLimit-Reset": "1795420800", "Retry-After": None}),
    ],
)
def test_a_rate_limit_is_used_up_by_requests_and_says_what_it_is_told(
    told: dict[str, Any], expected: dict[str, str | None]
) -> None:
    with FakeServer("mastodon") as server:
        server.limit_requests(2, **told)
        assert [ask(server)[0] for _ in range(3)] == [200, 200, 429]
        headers = ask(server)[2]
        assert {name: headers.get(name) for name in expected} == expected
        assert headers["X-RateLimit-Remaining"] == "0"
        with pytest.raises(MastodonRatelimitError):
            client_of(server).timeline_hashtag("notcoproduction")
        server.lift_limit()
        assert ask(server)[0] == 200


def test_a_server_that_is_down_refuses_and_comes_back_at_the_same_address_with_its_posts() -> None:
    with FakeServer() as server:
        address = server.address
        server.publish(at=NOW)
        server.down()
        with pytest.raises(urllib.error.URLError, match="refused"):
            ask(server)
        server.up()
        assert server.address == address
        assert len(ids(server)) == 1


def test_a_stalled_request_outlasts_a_client_s_patience() -> None:
    with FakeServer() as server:
        server.stall_next(60)
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(server.address + TAG, timeout=0.05)
        assert ask(server, "/api/v1/instance")[0] == 200


def test_requests_are_kept_with_their_path_query_and_headers() -> None:
    with FakeServer(token="right") as server:
        ask(server, TAG + "?limit=40&max_id=x", token="right")
        ask(server, "/api/v1/instance")
        (request,) = server.asked()
    assert request.path == TAG
    assert request.query == {"limit": "40", "max_id": "x"}
    assert request.headers["authorization"] == "Bearer right"
    assert len(server.requests) == 2


@pytest.mark.parametrize("make", [lambda server: server.address, lambda server: server.publish(at=NOW)["uri"]])
def test_two_servers_stand_beside_each_other(make: Callable[[FakeServer], str]) -> None:
    with FakeServer(domain="one.example") as one, FakeServer(domain="two.example") as two:
        assert make(one) != make(two)
