"""A faulty place and a healthy one beside it, collected round by round under a clock that the test sets.

Both have names of their own, which lead to loopback, and count as public: so that a fault can be one of names, of
certificates, or of a redirect into a private network.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from collecting import Clock, make_settings, rows
from gate import Gate
from making import NOW
from places import SECRETS, MastodonPlace, Place

from collector.app import App
from collector.config import Settings
from collector.model import ExportRow
from collector.overview import Habits, describe_json, look_over
from collector.polling.poller import WatchReport
from collector.sources import Limits, guard, make_source
from collector.storage.database import Database

HOST, NEIGHBOUR = "place.example", "well.example"
QUICK = Limits(body_bytes=200_000, connect_seconds=2, silence_seconds=0.25, answer_seconds=0.5)
USUAL = Limits(body_bytes=200_000)
PACE = {"interval": "10m", "fastest": "10m", "slowest": "10m", "max_pages": 10}  # both places, always together


@dataclass
class Names:
    """What the names of the scene lead to, as long as they can be looked up."""

    failure: int | None = None  # of looking up the faulty place
    _real: Callable[..., Any] = field(default=socket.getaddrinfo)

    def __call__(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if not host.endswith(".example"):
            return self._real(host, port, *args, **kwargs)
        if host == HOST and self.failure is not None:
            raise socket.gaierror(self.failure, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@dataclass
class Scene:
    """Round after round."""

    place: Place
    gate: Gate
    neighbour: Place
    clock: Clock
    settings: Settings
    limits: Limits
    names: Names
    app: App
    published: list[str] = field(default_factory=list)  # by the place
    beside: list[str] = field(default_factory=list)  # by its neighbour
    _overview: dict[str, Any] = field(default_factory=dict)  # what `status` said after the last round
    _rows: list[ExportRow] = field(default_factory=list)  # what an export held then

    def publish(self, number: int) -> None:
        """So many new posts at the place, and one at its neighbour."""
        for _ in range(number):
            self.published.append(self._shown(self.place, f"Here {len(self.published) + 1}."))
        self.beside.append(self._shown(self.neighbour, f"There {len(self.beside) + 1}."))

    def _shown(self, place: Place, words: str) -> str:
        self.clock.advance(seconds=1)
        place.publish(words, self.clock())
        return f"{words} #notcoproduction"

    def round(self) -> dict[str, WatchReport]:
        """A round of what is due, by name."""
        reports = {report.watch.name: report for report in self.app.poll_due()}
        habits = Habits(interval_of=self.app.interval_of, unseen=self.app.unseen)
        overview = describe_json(look_over(self.app.database, self.settings, self.clock(), habits))
        self._overview = json.loads(json.dumps(overview, default=_plain))
        self._rows = rows(self.app)
        return reports

    def wait(self) -> dict[str, WatchReport]:
        """Waits until the place is due by the word of `status`, and goes a round."""
        self.clock.now = max(self.clock.now, datetime.fromisoformat(self.status()["next_poll_at"]))
        return self.round()

    def status(self, name: str = "the place") -> dict[str, Any]:
        """What `status --json` says of a watch after the last round."""
        (watch,) = [watch for watch in self._overview["watches"] if watch["source"] == name]
        return dict(watch)

    @property
    def lines(self) -> list[str]:
        """What `status --json` says of all that is amiss."""
        return [*self._overview["tried_again"], *self._overview["needs_a_person"]]

    @property
    def told(self) -> str:
        """All that it says of troubles."""
        return json.dumps([self.lines, self._overview["hosts"]])

    def texts(self, source: str) -> list[str]:
        """What an export of one source held after the last round, apart from what nobody published."""
        texts = (row.text for row in self._rows if source in row.seen_on)
        return sorted(text for text in texts if not text.startswith("Invented"))


@contextmanager
def collecting_from(
    place: Place, gate: Gate, folder: Path, database: Database, names: Names, limits: Limits
) -> Iterator[Scene]:
    """A scene in which nothing has happened yet, over a database that is prepared and empty."""
    clock = Clock(NOW)
    neighbour = MastodonPlace(NEIGHBOUR)
    with Gate(neighbour, host=NEIGHBOUR) as well:
        sources = [
            {"name": "the place", **place.source(gate.address)},
            {"name": "its neighbour", **neighbour.source(well.address)},
        ]
        settings = make_settings(folder, source=sources, polling=PACE)
        scene = Scene(
            place=place,
            gate=gate,
            neighbour=neighbour,
            clock=clock,
            settings=settings,
            limits=limits,
            names=names,
            app=_open(settings, clock, database, limits),
        )
        try:
            yield scene
        finally:
            scene.app.close()


def restart(scene: Scene) -> None:
    """Begins anew, with nothing but what is in the database."""
    scene.app.close()
    scene.app = _open(scene.settings, scene.clock, scene.app.database, scene.limits)


def _open(settings: Settings, clock: Clock, database: Database, limits: Limits) -> App:
    """The collector, which asks the place within these limits."""
    app = App(settings, now=clock)
    app.database.close()
    app.database = database  # one for all tests: what each engine compiles for itself takes longer than a test
    app.prepare()
    (configured,) = [source for source in settings.sources if source.name == "the place"]
    setup = replace(app.places._setup(configured), limits=limits)
    app.places._sources[configured.name] = make_source(configured.kind, setup)
    return app


def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if 127.0.0.1 stood somewhere on the open network; every other private address stays one."""
    really_private = guard.is_private
    monkeypatch.setattr(guard, "is_private", lambda address: address != "127.0.0.1" and really_private(address))


def no_secret_in(text: str) -> None:
    """Fails where something was said that must not be."""
    assert [secret for secret in SECRETS if secret in text] == []


def nothing_unforeseen(records: list[logging.LogRecord]) -> None:
    """Fails where a traceback was logged, or a secret."""
    for record in records:
        assert record.exc_info is None or record.levelno < logging.WARNING, record.getMessage()
        no_secret_in(record.getMessage())


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)
