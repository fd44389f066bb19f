"""Whatever a place does, the collector lives, no other place is harmed, nothing is lost, and all ends well by itself.

The places, the faults and what `status` is to say of each stand in the modules beside this one.
"""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from faults import Fault
from faulty_answers import AS_ANSWERS
from faulty_contents import IN_CONTENTS, POSTS
from faulty_lines import ON_THE_LINE
from gate import Gate, Trouble
from places import PLACES, Place
from scene import (
    HOST,
    QUICK,
    USUAL,
    Names,
    Scene,
    collecting_from,
    loopback_is_public,
    no_secret_in,
    nothing_unforeseen,
    restart,
)

from collector.errors import Condition
from collector.sources import web
from collector.storage.database import Database
from collector.storage.tables import metadata

FAULTS = ON_THE_LINE | AS_ANSWERS | IN_CONTENTS
CASES = [
    pytest.param(make_place, fault, store, id=f"{make_place.name()}, {name}{'' if store == 'sqlite' else f', {store}'}")
    for name, fault in FAULTS.items()
    for make_place in PLACES
    if make_place.name() in fault.places
    for store in ("sqlite", *(["postgresql"] if name in POSTS else []))  # what they take as text is not the same
]


@pytest.fixture(scope="module")
def open_store(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Database]]:
    """A database of either sort, opened when it is first wanted."""
    with ExitStack() as stack:

        @cache
        def opened(store: str) -> Database:
            return stack.enter_context(closing(Database(_make(store, request))))

        yield opened


def _make(store: str, request: pytest.FixtureRequest) -> str:
    if store == "postgresql":
        return str(request.getfixturevalue("_postgresql_prepared"))
    path = request.getfixturevalue("tmp_path_factory").mktemp("faults") / "faults.db"
    shutil.copy(request.getfixturevalue("_sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def database(store: str, open_store: Callable[[str], Database]) -> Database:
    """One with nothing in it."""
    database = open_store(store)
    with database.write() as conn:
        for table in reversed(metadata.sorted_tables):
            if table.name != "about":
                conn.execute(table.delete())
    return database


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(HOST)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    loopback_is_public(monkeypatch)
    monkeypatch.setattr(socket, "getaddrinfo", names)
    return names


@pytest.fixture
def scene(
    make_place: type[Place],
    fault: Fault,
    names: Names,
    authority: Authority,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    """The place, well, and the collector that has read it once."""
    context: ssl.SSLContext | None = None
    if fault.is_encrypted:
        context = authority.context
        monkeypatch.setattr(web, "_trusted", lambda: authority.trusting)
    place = make_place(HOST)
    with Gate(place, host=HOST, context=context) as gate:
        limits = QUICK if fault.is_slow else USUAL
        with collecting_from(place, gate, tmp_path, database, names, limits) as scene:
            scene.publish(5)
            scene.round()
            assert scene.status()["condition"] == Condition.OK, scene.status()
            assert scene.texts("the place") == sorted(scene.published)
            yield scene


@pytest.mark.parametrize(("make_place", "fault", "store"), CASES)
def test_a_fault_costs_nothing_but_time(
    scene: Scene, fault: Fault, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    befalls(scene, fault, authority)
    goes_a_faulty_round(scene, fault)
    gets_well(scene, fault)

    befalls(scene, fault, authority)
    goes_a_faulty_round(scene, fault)
    restart(scene)
    scene.clock.advance(hours=1)  # now everything is looked over, not only what is new
    goes_a_faulty_round(scene, fault)
    gets_well(scene, fault)
    nothing_unforeseen(caplog.records)


def befalls(scene: Scene, fault: Fault, authority: Authority) -> None:
    """From now on the place is ill."""
    if fault.is_refused:
        scene.gate.down()
    scene.names.failure = fault.lookup
    context = authority.contexts[fault.certificate] if fault.certificate else None
    scene.gate.fall_ill(Trouble(happens=fault.happens, greeting=fault.greeting, context=context))


def goes_a_faulty_round(scene: Scene, fault: Fault) -> None:
    """Posts come meanwhile, here and there: the neighbour's are read, and no known post goes out of sight."""
    before, known = scene.status(), scene.texts("the place")
    scene.publish(4)
    assert set(scene.wait()) == {"the place", "its neighbour"}
    assert scene.texts("its neighbour") == sorted(scene.beside)
    assert scene.status("its neighbour")["condition"] == Condition.OK
    assert set(known) <= set(scene.texts("the place"))
    after = scene.status()
    assert_told(scene, fault)
    if Condition(after["condition"]).is_failure:
        assert after["failing_since"] == (before["failing_since"] or scene.clock().isoformat())
        assert after["failures"] == before["failures"] + 1
        assert_waits(scene, fault, after)


def assert_told(scene: Scene, fault: Fault) -> None:
    """`status` names the cause: the condition, and in a failure one plain line, which also stands among the others."""
    status, place = scene.status(), scene.place.name()
    condition, message = Condition(status["condition"]), status["message"]
    assert condition in fault.condition(place), status
    assert message.isprintable()
    assert "unexpected" not in message
    no_secret_in(message + scene.told)
    if condition.is_failure or condition is Condition.HALF_FEED:
        assert fault.words in message or place in fault.but
        assert HOST in message or "portal" in fault.words
    if condition.is_failure:
        assert f"the place: {message}" in scene.lines
        assert status["failing_since"] is not None
    else:
        assert status["failing_since"] is None


def assert_waits(scene: Scene, fault: Fault, status: dict[str, Any]) -> None:
    """It is left alone as long as it asks for, else for a while that grows; and nobody asks before."""
    waits = datetime.fromisoformat(status["next_poll_at"]) - scene.clock()
    if fault.wait is not None:
        assert waits == timedelta(seconds=fault.wait)
    else:
        assert timedelta(minutes=10) <= waits <= timedelta(minutes=75)
    assert scene.app.poll_due() == []


def gets_well(scene: Scene, fault: Fault) -> None:
    """The next round has all there is; and `status` says so, at the latest a few rounds later."""
    if fault.is_refused:
        scene.gate.up()
    scene.names.failure = None
    scene.gate.get_well()
    scene.publish(1)
    for _ in range(fault.rounds):
        scene.wait()
        if not Condition(scene.status()["condition"]).is_failure:
            assert scene.texts("the place") == sorted(scene.published)
        if scene.status()["condition"] == Condition.OK:
            break
    status = scene.status()
    assert (status["condition"], status["message"], status["failing_since"]) == (Condition.OK, "", None)
    assert scene.texts("the place") == sorted(scene.published)
    assert scene.texts("its neighbour") == sorted(scene.beside)
    assert scene.lines == []
