"""Lives of a collector in processes of their own, each of which can be killed at a counted step of its work.

A life is forked from a process that has everything imported, so that it costs a tenth of a second. Its steps are the
statements and commits at the database and what it sends over sockets: it announces the one that it was told, and is
killed there, or a moment later.
"""

from __future__ import annotations

import logging
import multiprocessing
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from signal import SIGKILL
from typing import Any, TypeAlias

from sqlalchemy import Engine, event

from collector.app import opened, read_settings

PHASES = ("poll", "digest", "send")
Counted: TypeAlias = tuple[str, bool]  # the steps of a phase, or only its commits
_PATIENCE = 60.0  # seconds that a life may take

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    ["collector.app", "collector.sources.mastodon.api", "collector.deliver", "alembic.command", "psycopg", "pytest"]
)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When a life is killed: so many seconds after it has come to this step of a phase, counted from 1."""

    phase: str
    is_commit: bool  # commits are counted, and nothing else
    step: int
    delay: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What became of a life."""

    is_killed: bool
    steps: Counter[Counted]  # of a life that came to its end


class Steps:
    """Counts the steps of each phase, and announces the one that is waited for."""

    def __init__(self, moment: Moment | None, announce: Callable[[], object]) -> None:
        self.phase = PHASES[0]
        self.counted: Counter[Counted] = Counter()
        self._moment, self._announce = moment, announce

    def step(self, *_: object) -> None:
        self._count(is_commit=False)

    def commit(self, *_: object) -> None:
        self._count(is_commit=True)
        self._count(is_commit=False)

    def _count(self, *, is_commit: bool) -> None:
        self.counted[self.phase, is_commit] += 1
        moment, come_to = self._moment, (self.phase, is_commit, self.counted[self.phase, is_commit])
        if moment is not None and (moment.phase, moment.is_commit, moment.step) == come_to:
            self._announce()


def live(folder: Path, at: datetime, moment: Moment | None = None) -> Lived:
    """Does at that time what a daemon would have done then; killed at a moment, if it comes to it."""
    ours, theirs = _forks.Pipe()
    process = _forks.Process(target=_live, args=(folder, at, moment, theirs))
    process.start()
    theirs.close()
    try:
        return _watch(process, ours, moment)
    finally:
        ours.close()
        process.kill()
        process.join(10)
        process.close()


def _watch(process: ForkServerProcess, pipe: Pipe, moment: Moment | None) -> Lived:
    told = _receive(pipe)
    if told is None and moment is not None:
        process.join(moment.delay)
        process.kill()
        process.join(10)
        assert process.exitcode in {0, -SIGKILL}, f"a life ended with {process.exitcode}"
        if process.exitcode == -SIGKILL:
            return Lived(is_killed=True, steps=Counter())
        told = _receive(pipe)
    process.join(10)
    assert process.exitcode == 0, f"a life ended with {process.exitcode}"
    assert told is not None
    return Lived(is_killed=False, steps=told)


def _receive(pipe: Pipe) -> Counter[Counted] | None:
    """The steps of a life that came to its end; None: it has come to its moment."""
    assert pipe.poll(_PATIENCE), "a life takes too long"
    told: Counter[Counted] | None = pipe.recv()
    return told


def _live(folder: Path, at: datetime, moment: Moment | None, pipe: Pipe) -> None:
    logging.disable()
    steps = Steps(moment, lambda: pipe.send(None))
    with opened(read_settings(folder / "collector.toml", {}), now=lambda: at) as app:
        _count(steps)
        app.prepare()
        app.poll_due()
        steps.phase = "digest"
        app.close_due_windows()
        steps.phase = "send"
        app.send_owed()
        app.tidy()
    pipe.send(steps.counted)


def _count(steps: Steps) -> None:
    """Before and after each statement, before each commit, and before and after what is sent."""
    for name in ("before_cursor_execute", "after_cursor_execute"):
        event.listen(Engine, name, steps.step)
    event.listen(Engine, "commit", steps.commit)
    send = socket.socket.sendall

    def counted(self: socket.socket, *arguments: Any) -> None:
        steps.step()
        send(self, *arguments)
        steps.step()

    socket.socket.sendall = counted  # type: ignore[method-assign, assignment]
