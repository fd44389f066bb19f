"""The whole collector over a real Bluesky network: rounds, what happens between them, and what goes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from bluesky import Account, BlueskyNetwork, why_not
from collecting import Clock, collecting, rows
from requiring import needs
from running import Folder, toml_table

from collector.app import App
from collector.model import Depth
from collector.polling.rounds import poll_watches

pytest_plugins = ["bluesky"]
pytestmark = needs("bluesky", is_there=not why_not(), reason=why_not())

NOW = datetime.now(UTC).replace(microsecond=0)
_numbers = count(1)


@pytest.fixture
def tag() -> str:
    """A hashtag that no other test has posted to."""
    return f"collected{next(_numbers)}x"


@pytest.fixture
def person(network: BlueskyNetwork) -> Callable[..., Account]:
    """Makes somebody whom no other test knows."""
    return lambda **profile: network.account(f"c{next(_numbers)}", **profile)


@pytest.fixture(scope="module")
def reader(network: BlueskyNetwork) -> Account:
    """The account that the collector reads with."""
    return network.account("collecting")


def source(network: BlueskyNetwork, reader: Account, **changes: Any) -> dict[str, Any]:
    keys = {"url": network.pds, "username": reader.handle, "password": reader.password}
    return {"name": "bluesky", "kind": "bluesky", "allow_private_network": True, **keys, **changes}


@pytest.fixture
def app(network: BlueskyNetwork, reader: Account, tag: str, tmp_path: Path) -> Iterator[App]:
    """A collector that lives through several rounds."""
    tables = {"collector": {"hashtags": [tag]}, "source": [source(network, reader)]}
    with collecting(tmp_path, clock=Clock(NOW), **tables) as app:
        yield app


def poll(app: App, depth: Depth = Depth.FULL) -> Any:
    (report,) = poll_watches(app.poller(), app.watches(), depth)
    assert report.error is None, report.error
    return report.saved


def test_the_command_line_collects_and_exports(
    network: BlueskyNetwork, reader: Account, person: Callable[..., Account], tag: str, tmp_path: Path
) -> None:
    folder = Folder(tmp_path, collector={"hashtags": [tag], "timezone": "UTC"})
    with (tmp_path / "collector.toml").open("a", encoding="utf-8") as file:
        file.write(toml_table("source", source(network, reader)))
    alice = person(displayName="Alice")
    uri = network.post(alice.name, f"Consulted about the consultation. #{tag}")
    network.post(person(labels=["!no-unauthenticated"]).name, f"For people who are logged in. #{tag}")
    assert "can be read" in folder.call("check").out
    assert folder.call("poll").rows[0]["new"] == "2"
    (post,) = [json.loads(line) for line in folder.call("export", "--format", "jsonl").out.splitlines()]
    assert (post["uri"], post["author_id"], post["author_handle"]) == (uri, alice.did, alice.handle)
    assert "1 of authors who opted out" in folder.call("status").out
    shown = folder.call("digest", "show", "--week", f"{NOW:%G-W%V}").out
    assert "Consulted about the consultation." in shown
    assert "For people who are" not in shown


def test_rounds_follow_new_edited_and_deleted_posts_and_changed_handles(
    network: BlueskyNetwork, person: Callable[..., Account], app: App, tag: str
) -> None:
    mover, other = person(), person()
    kept, regretted = network.post(mover.name, f"First. #{tag}"), network.post(other.name, f"Regretted. #{tag}")
    assert poll(app).new == 2
    network.put_over(kept, f"First, in better words. #{tag}")
    network.rename(mover.name, f"moved-{mover.handle}")
    network.delete(regretted)
    network.post(other.name, f"Back-dated. #{tag}", createdAt="2012-05-06T07:08:09Z")
    network.post(other.name, f"Ahead of its time. #{tag}", createdAt="2099-01-01T00:00:00Z")
    app.now.advance(hours=2)  # type: ignore[attr-defined]
    saved = poll(app, Depth.DEEP)
    assert (saved.new, saved.changed, saved.gone) == (2, 1, 1)
    assert [row.text for row in rows(app)] == [
        f"Back-dated. #{tag}",
        f"First, in better words. #{tag}",
        f"Ahead of its time. #{tag}",
    ]
    assert {row.author_handle for row in rows(app)} == {f"moved-{mover.handle}", other.handle}


def test_a_hashtag_that_no_program_marked_is_found_by_its_word(
    network: BlueskyNetwork, reader: Account, person: Callable[..., Account], tag: str, tmp_path: Path
) -> None:
    marked = network.post(person().name, f"Marked. #{tag}")
    plain = network.post(person().name, f"Not marked: #{tag}", facets=False)
    network.post(person().name, f"Only the word {tag}.", facets=False)
    tables = {"collector": {"hashtags": [tag]}, "source": [source(network, reader, collect="words")]}
    with collecting(tmp_path, clock=Clock(NOW), **tables) as app:
        poll_watches(app.poller(), app.watches(), Depth.FULL)
        assert {row.uri for row in rows(app)} == {marked, plain}
        assert all(row.seen_on == ("bluesky",) for row in rows(app))


def test_a_post_whose_hashtag_is_edited_away_drops_out(
    network: BlueskyNetwork, person: Callable[..., Account], app: App, tag: str
) -> None:
    uri = network.post(person().name, f"An example. #{tag}")
    poll(app)
    network.put_over(uri, "An example.")
    app.now.advance(hours=2)  # type: ignore[attr-defined]
    saved = poll(app)
    assert (saved.withdrawn, saved.gone, rows(app)) == (1, 0, [])


def test_an_account_that_is_put_away_is_out_of_sight_until_it_returns(
    network: BlueskyNetwork, person: Callable[..., Account], app: App, tag: str
) -> None:
    somebody = person()
    network.post(somebody.name, f"Here today. #{tag}")
    poll(app)
    network.deactivate(somebody.name)
    app.now.advance(hours=2)  # type: ignore[attr-defined]
    assert (poll(app).gone, rows(app)) == (1, [])
    network.activate(somebody.name)
    app.now.advance(hours=2)  # type: ignore[attr-defined]
    poll(app)
    assert [row.text for row in rows(app)] == [f"Here today. #{tag}"]


@pytest.mark.parametrize("hours", [3, 91 * 24])
def test_a_token_that_expires_between_rounds_is_not_noticed(
    network: BlueskyNetwork, person: Callable[..., Account], app: App, tag: str, hours: float
) -> None:
    somebody = person()
    network.post(somebody.name, f"Before. #{tag}")
    poll(app)
    network.pass_time(hours)
    network.post(somebody.name, f"After. #{tag}", createdAt=(NOW + timedelta(minutes=1)).isoformat())
    assert poll(app).new == 1


def test_an_outage_of_the_search_takes_nothing_away(
    network: BlueskyNetwork, person: Callable[..., Account], app: App, tag: str
) -> None:
    network.post(person().name, f"Still here. #{tag}")
    poll(app)
    network.stop_search()
    try:
        app.now.advance(hours=2)  # type: ignore[attr-defined]
        (report,) = poll_watches(app.poller(), app.watches(), Depth.DEEP)
    finally:
        network.start_search()
    assert report.saved.gone == 0
    assert [row.text for row in rows(app)] == [f"Still here. #{tag}"]
    app.now.advance(hours=2)  # type: ignore[attr-defined]
    assert poll(app).same == 1
