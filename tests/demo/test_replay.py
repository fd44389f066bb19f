from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from making import NOW
from mastodon import Mastodon, MastodonUnauthorizedError

from collector.demo.replay import DemoServer, shift_comments, shift_dates, shift_views, start_servers

LONDON = ZoneInfo("Europe/London")


@contextmanager
def start_fediverse() -> Iterator[tuple[DemoServer, ...]]:
    """Those of the servers that speak the Mastodon API."""
    with start_servers(NOW, LONDON) as servers:
        yield servers[:2]


def read_everything(server: DemoServer) -> list[dict[str, Any]]:
    """Every status of the hashtag, walked back to over `max_id`."""
    statuses: list[dict[str, Any]] = []
    while page := read_page(server, statuses[-1]["id"] if statuses else None):
        assert page[0] not in statuses
        statuses += page
    return statuses


def read_page(server: DemoServer, max_id: str | None) -> list[dict[str, Any]]:
    cursor = f"&max_id={max_id}" if max_id else ""
    address = f"{server.address}/api/v1/timelines/tag/notcoproduction?limit=40{cursor}"
    headers = {"Authorization": f"Bearer {server.token}"} if server.token else {}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        page: list[dict[str, Any]] = json.load(answer)
    return page


def recorded(created_at: str, **changes: Any) -> dict[str, Any]:
    return {"id": "1", "created_at": created_at, "edited_at": None, "poll": None} | changes


def test_the_posts_fall_into_the_last_finished_week_but_one_that_is_a_week_older() -> None:
    with start_fediverse() as servers:
        dates = {
            status["uri"]: datetime.fromisoformat(status["created_at"])
            for server in servers
            for status in read_everything(server)
        }
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    earlier = [date for date in dates.values() if date < monday]
    assert len(dates) == 40
    assert len(earlier) == 1
    assert monday - timedelta(weeks=1) <= earlier[0]
    assert max(dates.values()) < monday + timedelta(weeks=1)
    assert {date.weekday() for date in dates.values()} == set(range(7))


def test_each_server_gives_its_posts_newest_first_over_several_pages_each_once() -> None:
    with start_fediverse() as servers:
        for server in servers:
            statuses = read_everything(server)
            dates = [status["created_at"] for status in statuses]
            assert len(statuses) > len(read_page(server, None)) > 0
            assert dates == sorted(dates, reverse=True)
            assert len({status["id"] for status in statuses}) == len(statuses)


def test_one_post_is_on_both_servers_under_two_ids_and_one_date() -> None:
    with start_fediverse() as (first, second):
        here = {status["uri"]: status for status in read_everything(first)}
        there = {status["uri"]: status for status in read_everything(second)}
    (shared,) = here.keys() & there.keys()
    assert here[shared]["id"] != there[shared]["id"]
    assert here[shared]["created_at"] == there[shared]["created_at"]
    assert there[shared]["account"]["acct"] == "carys@fedi.example"


def test_the_recordings_show_what_posts_are_made_of() -> None:
    with start_fediverse() as servers:
        statuses = [status for server in servers for status in read_everything(server)]
    media = [attached for status in statuses for attached in status["media_attachments"]]
    assert {bool(attached["description"]) for attached in media} == {True, False}
    assert any(status["poll"] and status["poll"]["expired"] for status in statuses)
    assert any(status["spoiler_text"] for status in statuses)
    assert any(status["edited_at"] and status["edited_at"] > status["created_at"] for status in statuses)
    assert any(status["mentions"] for status in statuses)
    roots = {status["id"] for status in statuses}
    assert any(status["in_reply_to_id"] in roots for status in statuses)
    assert not any("localhost" in json.dumps(status) for status in statuses)


def test_mastodon_py_reads_both_servers() -> None:
    with start_fediverse() as servers:
        for server in servers:
            client = Mastodon(
                access_token=server.token,
                api_base_url=server.address,
                ratelimit_method="throw",
                version_check_mode="none",
            )
            page = client.timeline_hashtag("notcoproduction", limit=40)
            assert page[0].account.acct
            assert page[0].created_at.tzinfo


def test_the_first_server_wants_its_token() -> None:
    with start_fediverse() as (first, _):
        client = Mastodon(api_base_url=first.address, ratelimit_method="throw", version_check_mode="none")
        with pytest.raises(MastodonUnauthorizedError):
            client.timeline_hashtag("notcoproduction")


@pytest.mark.parametrize(
    ("zone", "week_start", "moved"),
    [
        ("Europe/London", datetime(2026, 11, 16, 0, tzinfo=UTC), "2026-11-17T09:41:05.000Z"),
        ("Europe/London", datetime(2026, 7, 12, 23, tzinfo=UTC), "2026-07-14T08:41:05.000Z"),
        ("Asia/Kolkata", datetime(2027, 1, 3, 18, 30, tzinfo=UTC), "2027-01-05T04:11:05.000Z"),
        ("America/New_York", datetime(2026, 10, 26, 4, tzinfo=UTC), "2026-10-27T13:41:05.000Z"),
    ],
)
def test_a_recorded_time_is_the_time_on_a_clock_of_the_zone(zone: str, week_start: datetime, moved: str) -> None:
    (status,) = shift_dates([recorded("2026-11-17T09:41:05.000Z")], week_start, ZoneInfo(zone))
    assert status["created_at"] == moved


def test_a_post_keeps_its_hour_in_the_week_in_which_the_clocks_change() -> None:
    monday = datetime(2026, 10, 18, 23, tzinfo=UTC)
    before, after = shift_dates(
        [recorded("2026-11-21T12:00:00.000Z"), recorded("2026-11-22T12:00:00.000Z")], monday, LONDON
    )
    assert before["created_at"] == "2026-10-24T11:00:00.000Z"
    assert after["created_at"] == "2026-10-25T12:00:00.000Z"


def test_edits_and_polls_move_with_their_post() -> None:
    status = recorded(
        "2026-11-20T08:00:00.000Z",
        edited_at="2026-11-20T09:00:00.000Z",
        poll={"expires_at": "2026-11-21T08:00:00.000Z", "options": []},
    )
    (moved,) = shift_dates([status], datetime(2027, 2, 1, tzinfo=UTC), LONDON)
    assert moved["edited_at"] == "2027-02-05T09:00:00.000Z"
    assert moved["poll"] == {"expires_at": "2027-02-06T08:00:00.000Z", "options": []}
    assert status["poll"]["expires_at"] == "2026-11-21T08:00:00.000Z"


@pytest.mark.parametrize(
    ("date", "zone", "moved", "in_utc"),
    [
        ("2026-11-17T09:41:05", "Europe/London", "2026-07-14T09:41:05", "2026-07-14T08:41:05"),
        ("2026-11-05T21:17:08", "Asia/Kolkata", "2026-07-02T21:17:08", "2026-07-02T15:47:08"),
        ("2013-11-26T11:02:17", "Europe/London", "2013-11-26T11:02:17", "2013-11-26T11:02:17"),
    ],
)
def test_a_comment_moves_on_both_its_clocks_but_one_of_another_year_stays(
    date: str, zone: str, moved: str, in_utc: str
) -> None:
    monday = datetime(2026, 7, 13, 0, tzinfo=ZoneInfo(zone))
    (comment,) = shift_comments([{"id": 1, "date": date, "date_gmt": date}], monday, ZoneInfo(zone))
    assert (comment["date"], comment["date_gmt"]) == (moved, in_utc)


def test_a_post_of_bluesky_moves_with_its_labels_and_with_what_it_quotes() -> None:
    def view(created: str, indexed: str, put_up: str) -> dict[str, Any]:
        quoted = {"value": {"createdAt": created}, "indexedAt": indexed}
        return {
            "record": {"createdAt": created},
            "indexedAt": indexed,
            "embed": {"record": quoted},
            "labels": [{"cts": put_up}, {"cts": "1970-01-01T00:00:00.000Z"}],
        }

    recorded_view = view("2026-11-18T15:03:44.751Z", "2026-11-18T15:03:44.751Z", "2026-11-20T17:26:59.203Z")
    (moved,) = shift_views([recorded_view], datetime(2026, 7, 12, 23, tzinfo=UTC), LONDON)
    assert moved == view("2026-07-15T14:03:44.751Z", "2026-07-15T14:03:44.751Z", "2026-07-17T16:26:59.203Z")


@pytest.mark.parametrize("now", [NOW - timedelta(weeks=weeks) for weeks in (0, 4, 35, 47, 99)])
def test_a_week_of_comments_and_posts_falls_into_the_last_finished_week_whenever_that_is(now: datetime) -> None:
    with start_servers(now, LONDON) as servers:
        blog = next(server for server in servers if server.kind == "wordpress")
        with urllib.request.urlopen(f"{blog.address}/wp-json/wp/v2/comments?per_page=100") as answer:
            dates = [datetime.fromisoformat(comment["date"]) for comment in json.load(answer)]
    monday = (now.astimezone(LONDON) - timedelta(weeks=1)).replace(hour=0, tzinfo=None)
    assert sum(monday <= date < monday + timedelta(weeks=1) for date in dates) == 9
    assert dates == sorted(dates, reverse=True)
    assert max(dates) < monday + timedelta(weeks=1)
