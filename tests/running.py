"""Calls the collector as people do, from a folder with a configuration: in this process, or in one of its own.

def test_…(tmp_path: Path) -> None:
    with FakeServer() as server:
        here = Folder(tmp_path, server)
        assert here.call("poll").code == 0
"""

from __future__ import annotations

import fcntl
import io
import json
import logging
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, Self
from unittest.mock import patch

from collector.app import App, opened, read_settings
from collector.cli import main

ROOT = Path(__file__).parents[1]
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LAST_WEEK = timedelta(days=7)  # so long ago is in the last finished week, whatever day it is


class HasAddress(Protocol):
    """Any of the servers that tests start."""

    @property
    def address(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a call came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The lines of a table in a pipe, by its headings."""
        headings, *lines = [line.split("\t") for line in self.out.splitlines()]
        return [dict(zip(headings, line, strict=True)) for line in lines]

    def refusal(self, code: int = 1) -> str:
        """The one line on standard error of a call that failed with this code and gave no data."""
        assert (self.code, self.out) == (code, ""), self
        return self.complaint(code)

    def complaint(self, code: int = 1) -> str:
        """The one line on standard error of a call that failed with this code, without the program's name."""
        assert self.code == code, self
        assert len(self.err.splitlines()) == 1, self.err
        assert self.err.startswith("collector: "), self.err
        return self.err.removeprefix("collector: ").rstrip("\n")


def now() -> datetime:
    """The same clock as the processes that tests start."""
    return datetime.now(UTC)


class Folder:
    """A folder with a configuration about the given servers.

    `changes` replace its tables' keys, None takes one out; `sources` are more keys for each source.
    """

    def __init__(self, path: Path, *servers: HasAddress, sources: Mapping[str, Any] | None = None, **changes: Any):
        self.path, self.servers, self.sources = path, list(servers), sources or {}
        self.write(**changes)

    @property
    def database(self) -> Path:
        return self.path / "collector.db"

    @property
    def mails(self) -> list[Path]:
        return sorted((self.path / "outbox").glob("*.eml"))

    def write(self, **changes: Mapping[str, Any]) -> None:
        """Writes the configuration anew."""
        tables: dict[str, dict[str, Any]] = {
            "collector": {"hashtags": ["notcoproduction"], "timezone": "UTC"},
            "polling": {"interval": "10m"},
            "digest": {"series": "weekly", "to": ["me@example.org"], "send_on": "monday 00:00"},
            "mail": {"from": "Not coproduction <digest@example.org>"},
        }
        text = "".join(toml_table(name, {**tables[name], **changes.get(name, {})}) for name in tables)
        text += "".join(toml_table(name, changes[name]) for name in changes if name not in tables)
        for number, server in enumerate(self.servers, 1):
            source = {"name": f"server {number}", "kind": "mastodon", "url": server.address}
            text += toml_table("source", source | {"allow_private_network": True} | dict(self.sources))
        (self.path / "collector.toml").write_text(text, encoding="utf-8")

    def call(self, *arguments: str) -> Ran:
        """Calls the command in this process: quick, and without a terminal."""
        with _standing_in(self.path):
            return call(*arguments)

    def run(self, *arguments: str, before: str = "", **options: Any) -> Ran:
        """Calls the command in a process of its own; `before` is Python that runs first, such as a limit."""
        done = subprocess.run(
            _command(before, arguments),
            cwd=self.path,
            env=environment(self.path),
            capture_output=True,
            timeout=60,
            check=False,
            encoding="utf-8",
            **options,
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)

    def in_terminal(self, *arguments: str, typed: str = "", columns: int = 80) -> tuple[int, str]:
        """Calls the command with a terminal on all sides; gives its exit code and all that stood there."""
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        env = environment(self.path, TERM="xterm", NO_COLOR="1")
        os.write(controller, typed.encode())
        with subprocess.Popen(
            _command("", arguments), cwd=self.path, env=env, stdin=terminal, stdout=terminal, stderr=terminal
        ) as process:
            os.close(terminal)
            shown = b"".join(_read_all(controller))
        os.close(controller)
        return process.returncode, _ESCAPES.sub("", shown.decode().replace("\r\n", "\n"))

    @contextmanager
    def app(self, at: datetime | None = None) -> Iterator[App]:
        """The collector put together, at another time than now if need be."""
        with opened(read_settings(self.path / "collector.toml", {}), now=lambda: at or now()) as app:
            yield app

    def live_at(self, at: datetime) -> None:
        """Does at that time what a daemon would have done then."""
        with self.app(at) as app:
            app.prepare()
            app.poll_due()
            app.close_due_windows()
            app.send_owed()


def toml_table(name: str, keys: Mapping[str, Any]) -> str:
    """One table as TOML; `source` and `digest` are lists of them."""
    heading = f"[[{name}]]" if name in {"source", "digest"} else f"[{name}]"
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if value is not None]
    return "\n".join([heading, *lines, "", ""])


def call(*arguments: str) -> Ran:
    """Calls the command in this process, where it stands."""
    out, err = _pipe(), _pipe()
    with _logging_kept(), redirect_stdout(out), redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as leaving:
            code = leaving.code
    assert isinstance(code, int)
    return Ran(code=code, out=_said(out), err=_said(err))


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's, without what would configure the collector."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COLLECTOR_", "NOTIFY_"))}
    here = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "PYTHONPATH": str(ROOT)}
    return kept | here | {"PYTHONIOENCODING": "utf-8"} | more


@contextmanager
def _standing_in(folder: Path) -> Iterator[None]:
    with chdir(folder), patch.dict(os.environ, environment(folder), clear=True):
        yield


def _pipe() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _said(pipe: io.TextIOWrapper) -> str:
    pipe.flush()
    content = pipe.buffer
    assert isinstance(content, io.BytesIO)
    return content.getvalue().decode()


@contextmanager
def _logging_kept() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("collector")
    handlers, levels = root.handlers[:], (root.level, own.level)
    root.handlers = []
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(levels[0])
        own.setLevel(levels[1])


def _read_all(controller: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:  # how Linux says that nobody has the terminal any more
            return
        if not piece:
            return
        yield piece


def _command(before: str, arguments: Sequence[str]) -> list[str]:
    if not before:
        return [sys.executable, "-m", "collector", *arguments]
    code = f"import os, sys\n{before}\nos.execv(sys.executable, [sys.executable, '-m', 'collector', *sys.argv[1:]])"
    return [sys.executable, "-c", code, *arguments]


def without_privileges() -> str:
    """For `before`: root, too, is held to the permissions of files."""
    return "import ctypes\nfor capability in (1, 2): ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)"


def with_files_up_to(size: int) -> str:
    """For `before`: no file grows beyond so many bytes, as on a disk that is full."""
    return f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"


def with_patience_of(seconds: float) -> str:
    """For `before`: waits only so long for another program that holds an SQLite file."""
    return (
        "from collector.storage.database import Database\n"
        f"Database.__init__.__kwdefaults__['busy_timeout'] = {seconds}\n"
        "from collector.cli import main\n"
        "main(sys.argv[1:])"
    )


class Daemon:
    """`collector run`, or another command that stays, in a process of its own; killed at the end if still there."""

    def __init__(
        self,
        folder: Folder,
        *arguments: str,
        command: str = "run",
        before: str = "",
        prefix: Sequence[str] = (),
        **env: str,
    ):
        self._log = (folder.path / f"log-{time.monotonic_ns()}").open("w+b")
        self.process = subprocess.Popen(
            [*prefix, *_command(before, [command, *arguments])],
            cwd=folder.path,
            env=environment(folder.path, **env),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._log.close()

    @property
    def log(self) -> str:
        """What it has said so far."""
        return Path(self._log.name).read_text(encoding="utf-8")

    def has_said(self, *parts: str) -> bool:
        """Whether one line holds all of these."""
        return any(all(part in line for part in parts) for line in self.log.splitlines())

    def wait_for(self, *parts: str) -> None:
        """Waits until one line holds all of these."""
        wait_until(lambda: self.has_said(*parts) or self.process.poll() is not None, lambda: self.log)
        assert self.has_said(*parts), self.log

    def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = 5) -> float:
        """Asks it to stop, and gives the seconds that took; fails if it takes longer or ends with anything but 0."""
        begun = time.monotonic()
        self.process.send_signal(number)
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still there after {within} s:\n{self.log}") from None
        assert code == 0, self.log
        return time.monotonic() - begun


def wait_until(is_so: Any, told: Any = lambda: "", *, within: float = 60) -> None:
    """Looks again and again until it is so; fails with what `told` gives when it takes too long."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, told()
        select.select([], [], [], 0.02)
