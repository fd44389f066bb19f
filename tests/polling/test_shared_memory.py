"""What one process learned of a server, the next one need not ask again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from collecting import Clock, collecting
from fediverse import FakeServer
from making import NOW

from collector.model import Depth
from collector.polling.rounds import poll_watches


def poll_in_another_process(folder: Path, server: FakeServer, clock: Clock) -> None:
    with collecting(folder, server, clock=clock) as app:
        poll_watches(app.poller(), app.watches(), Depth.FULL)


def test_a_servers_description_is_asked_for_once_a_day_by_all_processes_together(tmp_path: Path) -> None:
    clock = Clock(NOW)
    with FakeServer("mastodon", domain="toot.example") as server:
        server.publish("Here.", at=NOW)
        for _ in range(5):
            poll_in_another_process(tmp_path, server, clock)
            clock.advance(minutes=10)
        assert len(server.asked("/instance")) == 1
        clock.advance(hours=24)
        poll_in_another_process(tmp_path, server, clock)
        assert len(server.asked("/instance")) == 2


def test_what_it_says_goes_for_the_next_process_too(tmp_path: Path) -> None:
    clock = Clock(NOW)
    with FakeServer("mastodon", domain="toot.example", remote_feed="disabled") as server:
        server.publish("Here.", at=NOW)
        poll_in_another_process(tmp_path, server, clock)
        with collecting(tmp_path, server, clock=clock) as app:
            clock.advance(minutes=10)
            (report,) = poll_watches(app.poller(), app.watches(), Depth.FULL)
            assert report.condition == "half a feed"
            assert app.watches()[0].state.account_domain == "toot.example"
        assert len(server.asked("/instance")) == 1


@pytest.mark.parametrize("hours", [1, 30])
def test_that_a_server_cannot_list_posts_is_remembered_for_a_day(tmp_path: Path, hours: int) -> None:
    clock = Clock(NOW)
    with FakeServer("takahe") as server:
        many = [server.publish(f"Post {number}.", at=NOW - timedelta(minutes=number)) for number in range(6)]
        for number in range(3):
            poll_in_another_process(tmp_path, server, clock)
            server.delete(many[number])
            clock.advance(hours=hours)
        poll_in_another_process(tmp_path, server, clock)
        lists = [request for request in server.requests if request.path == "/api/v1/statuses"]
    assert len(lists) == (1 if hours == 1 else 3)
