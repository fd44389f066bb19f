"""What could not be read, and how much was asked, as commands tell it: `status`, `poll`, `backfill`, and the digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fediverse import FakeServer
from running import Folder, now

from collector.model import Spent
from collector.storage.hosts import add_spent

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer("mastodon") as server:
        yield server


@pytest.fixture
def monday() -> datetime:
    """The first instant of the last finished week, in UTC."""
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday() + 7)


def live(folder: Folder, *instants: datetime) -> None:
    """A tick of a daemon at each of these instants."""
    for at in instants:
        folder.live_at(at)


def break_down(folder: Folder, server: FakeServer, monday: datetime) -> None:
    """Down from Tuesday 09:00 to Thursday 13:00, and well again."""
    server.publish("Before.", at=monday + HOUR)
    live(folder, monday + DAY + 9 * HOUR)
    server.down()
    live(folder, *(monday + DAY + 9 * HOUR + number * HOUR for number in range(1, 51)))
    server.up()
    live(folder, monday + 3 * DAY + 13 * HOUR)


def spend(folder: Folder, server: FakeServer, requests: int, paging: int = 0) -> None:
    """As if another process had just asked so often."""
    with folder.app() as app:
        app.prepare()
        with app.database.write() as conn:
            add_spent(conn, {server.address: Spent.at(now(), requests, paging)}, now())


def test_a_status_tells_a_gap_from_when_to_when_and_that_it_is_caught_up(
    tmp_path: Path, server: FakeServer, monday: datetime
) -> None:
    folder = Folder(tmp_path, server)
    break_down(folder, server, monday)
    live(folder, now() - HOUR)
    (watch,) = folder.call("status", "--json").json["watches"]
    outage, asleep = watch["gaps"]
    assert outage["starts_at"] == f"{monday + DAY + 9 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
    assert outage["ends_at"] == outage["caught_up_at"] == f"{monday + 3 * DAY + 13 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
    assert outage["reason"] == "unreachable"
    assert f"{server.address.removeprefix('http://')} cannot be reached" in outage["message"]
    assert (asleep["reason"], asleep["message"]) == ("not running", "")


def test_a_status_tells_a_gap_that_goes_on_and_why(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    begun = now() - 5 * HOUR
    live(folder, begun)
    server.down()
    live(folder, *(begun + number * 30 * MINUTE for number in range(1, 11)))
    told = folder.call("status").out.partition("Could not be read:\n")[2]
    assert told.startswith("- server 1 could not be read since ")
    assert f"{begun:%H:%M}: {server.address.removeprefix('http://')} cannot be reached" in told.splitlines()[0]
    ((gap,),) = [watch["gaps"] for watch in folder.call("status", "--json").json["watches"]]
    assert (gap["ends_at"], gap["caught_up_at"], gap["reason"]) == (None, None, "unreachable")


def test_a_status_says_that_nothing_was_asked_for_long_while_nobody_could_write_it_down(
    tmp_path: Path, server: FakeServer
) -> None:
    folder = Folder(tmp_path, server)
    live(folder, now() - 30 * HOUR)
    assert "- the collector stood still since " in folder.call("status").out
    ((gap,),) = [watch["gaps"] for watch in folder.call("status", "--json").json["watches"]]
    assert (gap["reason"], gap["ends_at"]) == ("not running", None)
    folder.call("poll")
    assert "the collector stood still from " in folder.call("status").out
    assert "; caught up since\n" in folder.call("status").out


def test_a_status_says_how_often_a_watch_is_asked(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    live(folder, *(now() - DAY + number * 10 * MINUTE for number in range(140)))
    (watch,) = folder.call("status", "--json").json["watches"]
    assert 1200 < watch["interval_seconds"] <= 3600
    told = folder.call("status").out.split("\n\n")[1].splitlines()
    assert told[0].split("\t")[-1] == "every"
    assert told[1].split("\t")[-1].rstrip("m").isdigit()
    folder.write(polling={"adaptive": False})
    (watch,) = folder.call("status", "--json").json["watches"]
    assert watch["interval_seconds"] == 600


def test_a_status_says_how_much_of_a_host_s_budget_is_used_and_until_when_it_waits(
    tmp_path: Path, server: FakeServer
) -> None:
    folder = Folder(tmp_path, server)
    folder.call("poll")
    host = server.address.partition("://")[2]
    asked = len(server.requests)
    assert f"Asked lately:\n- {host}: {asked} of 300 requests in 5 minutes\n" in folder.call("status").out
    spend(folder, server, 270 - asked)
    assert f"- {host}: 270 of 300 requests in 5 minutes; waits until today, " in folder.call("status").out
    (told,) = folder.call("status", "--json").json["hosts"]
    assert (told["requests"], told["requests_allowed"], told["blocked_until"]) == (270, 300, None)
    (watch,) = folder.call("status", "--json").json["watches"]
    assert watch["next_poll_at"] >= told["waits_until"] > f"{now():%Y-%m-%dT%H:%M:%SZ}"


def test_a_round_by_hand_waits_for_the_budget_and_is_no_failure(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    spend(folder, server, 270)
    done = folder.call("poll")
    assert (done.code, done.err) == (0, "")
    assert done.rows[0]["how it is"].startswith("not asked; asked enough for now, more from ")
    assert server.requests == []
    (row,) = folder.call("poll", "--json").json["sources"]
    assert (row["error"], row["goes_on"]) == (None, True)
    assert row["waits_until"].endswith("Z")


def test_the_foot_of_a_digest_says_what_could_not_be_read_in_its_week(
    tmp_path: Path, server: FakeServer, monday: datetime
) -> None:
    folder = Folder(tmp_path, server)
    break_down(folder, server, monday)
    live(folder, monday + 7 * DAY + MINUTE)
    week = f"{monday:%G-W%V}"
    assert folder.call("digest", "send", "--week", week).code == 0
    told = folder.call("digest", "show", "--week", week)
    foot = " ".join(told.out.partition("* * *")[2].split())
    outage = "server 1 could not be read from Tuesday to Thursday"
    asleep = "the collector stood still from Thursday to "
    assert foot.startswith("Caught up: ")
    assert outage in foot
    assert asleep in foot
    assert outage in folder.call("digest", "show", "--week", week, "--format", "html").out
    unread = folder.call("digest", "show", "--week", week, "--format", "json").json["unread"]
    assert [(one["source"], one["is_caught_up"]) for one in unread] == [(None, True), ("server 1", True)]
