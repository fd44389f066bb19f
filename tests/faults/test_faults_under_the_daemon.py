"""A few of the faults at once, under a daemon in a process of its own, with `status` and `poll` as people call them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from faulty_answers import AS_ANSWERS
from faulty_contents import IN_CONTENTS
from faulty_lines import ON_THE_LINE
from gate import Gate, Trouble
from places import TOKEN, MastodonPlace
from running import Daemon, Folder, now, wait_until
from scene import no_secret_in

from collector.errors import Condition

NAMES = (
    "resets in the header",
    "gzip that unpacks to a flood",
    "429, after seconds",
    "a web page",
    "lists in lists, 90,000 levels",
    "posts without anything",
)
FAULTS = [(ON_THE_LINE | AS_ANSWERS | IN_CONTENTS)[name] for name in NAMES]


@pytest.fixture
def gates() -> Iterator[list[Gate]]:
    """A place for each fault, and one that stays well."""
    with ExitStack() as stack:
        places = [MastodonPlace(f"place{number}.example") for number in range(len(FAULTS) + 1)]
        yield [stack.enter_context(Gate(place)) for place in places]


def watches(folder: Folder) -> list[dict[str, Any]]:
    """What `status` says of each watch, in the order of the configuration."""
    told = folder.call("status", "--json")
    no_secret_in(told.out)
    assert "Traceback" not in told.out
    return sorted(told.json["watches"], key=lambda watch: int(watch["source"].removeprefix("server ")))


def publish(gates: list[Gate], words: str) -> None:
    for gate in gates:
        gate.place.publish(words, now())


def test_the_daemon_lives_through_many_faults_at_once(gates: list[Gate], tmp_path: Path) -> None:
    folder = Folder(tmp_path, *gates, polling={"interval": "2s"}, sources={"token": TOKEN})
    publish(gates, "Before.")
    with Daemon(folder) as daemon:
        wait_until(lambda: daemon.log.count("new=1") == len(gates), lambda: daemon.log)
        for gate, fault in zip(gates, FAULTS, strict=False):
            gate.fall_ill(Trouble(happens=fault.happens))
        publish(gates, "Meanwhile.")
        for number in range(1, len(FAULTS) + 1):
            daemon.wait_for(f"WARNING could not read server {number}:")
        daemon.wait_for("INFO round", f'"server {len(gates)}"', "new=1")
        told = watches(folder)
        for watch, fault in zip(told, FAULTS, strict=False):
            assert Condition(watch["condition"]) in fault.condition("mastodon")
            assert fault.words in watch["message"]
            assert watch["failing_since"] is not None
        assert (told[-1]["condition"], told[-1]["message"]) == (Condition.OK, "")

        for gate in gates[:-1]:
            gate.get_well()
        mends_soon = [n for n, watch in enumerate(told) if watch["condition"] in {"unreadable answer", "no such API"}]
        wait_until(lambda: all(watches(folder)[n]["condition"] == "ok" for n in mends_soon), lambda: daemon.log)
        assert "unexpected" not in daemon.log
        daemon.stop()
    # A host that is out of order is left alone for a minute at least, unless somebody asks by hand.
    assert folder.call("poll").complaint().startswith("server 3: ")  # which said itself for how long
    exported = folder.call("export", "--columns", "text").out
    assert exported.count("Before.") == len(gates)
    assert exported.count("Meanwhile.") == len(gates) - 1
