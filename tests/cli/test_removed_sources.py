"""A source that is taken out of the configuration: what it brought stays, and every command goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fediverse import FakeServer
from running import LAST_WEEK, Folder, now


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """Two servers were asked hours ago; then one is taken out, and nothing was asked since."""
    with FakeServer() as kept, FakeServer(domain="gone.example") as removed:
        both = Folder(tmp_path, kept, removed)
        kept.publish("Stays.", at=now() - LAST_WEEK)
        removed.publish("Stays, too.", at=now() - LAST_WEEK, author="bryn")
        both.live_at(now() - timedelta(days=2))
        yield Folder(tmp_path, kept)


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("status", "--json"),
        ("export",),
        ("export", "--pseudonymise", "--output", "posts.csv"),
        ("digest", "list"),
        ("digest", "show"),
        ("digest", "send", "--dry-run"),
        ("digest", "send"),
        ("about", "bryn@gone.example"),
        ("hide", "--author", "bryn@gone.example"),
        ("forget", "bryn@gone.example"),
        ("db", "renormalise"),
        ("db", "backup", "copy.db"),
        ("tick",),
        ("poll",),
        ("backfill",),
        ("check",),
    ],
    ids=" ".join,
)
def test_every_command_goes_on_without_it(folder: Folder, arguments: tuple[str, ...]) -> None:
    done = folder.call(*arguments)
    assert (done.code, "no source" in done.err) == (0, False), done


def test_what_it_brought_stays(folder: Folder) -> None:
    assert folder.call("status", "--json").json["posts"] == 2
    assert [watch["source"] for watch in folder.call("status", "--json").json["watches"]] == ["server 1"]
