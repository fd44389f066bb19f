"""A real WordPress for the tests of a session: Debian's packages, a database and a web server of its own, on loopback.

with RealWordPress(folder) as blog:
    post = blog.add_post("A title")
    comment = blog.add_comment(post, "Words", author="Ada")
    blog.set_rest("off")

Nothing is installed or started but under the system's temporary folder and, as root, by apt. Everything that a test
does to the blog goes through WordPress's own functions, in a short run of PHP.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Self

import pytest
from requiring import is_required

SITE = Path(tempfile.gettempdir()) / f"collector-tests-wordpress-{os.getuid()}"  # unpacked once, for all sessions
BLOG_NAME = "Rick’s Blog & Sundries"
HASHTAG = "notcoproduction"

_TOOLS = ("php", "mariadbd", "mariadb-install-db")
_PACKAGES = ("php-cli", "php-mysql", "mariadb-server-core", "mariadb-client-core")
_WORDPRESS = ("wordpress", "wordpress-theme-twentytwentythree")
_PHP = Path(__file__).parent / "wordpress_php"
_PATIENCE = 60.0  # seconds that a server may take to come up
_PRETTY = "/%year%/%monthnum%/%day%/%postname%/"


def started_wordpress() -> Iterator[RealWordPress]:
    """What a fixture of a session yields from: a blog, or the tests are skipped with the reason why there is none."""
    reason = why_not()
    if reason is not None:
        if is_required("wordpress"):
            pytest.fail(f"a real WordPress is required: {reason}")
        pytest.skip(f"no real WordPress: {reason}")
    with tempfile.TemporaryDirectory(prefix="wp-") as folder, RealWordPress(Path(folder)) as blog:
        yield blog


@cache
def why_not() -> str | None:
    """Why there can be none here; None once everything it takes is there."""
    try:
        _install_tools()
        _unpack_wordpress()
    except (OSError, subprocess.SubprocessError) as error:
        return f"{error}"
    return None


class RealWordPress:
    """A blog that answers until it is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: list[subprocess.Popen[bytes]] = []
        self.address = f"http://127.0.0.1:{_free_port()}"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops what was started here, the web server first."""
        for server in reversed(self._servers):
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(20)
            if server.poll() is None:
                server.kill()
                server.wait()
        self._servers.clear()

    # --- what tests do ---------------------------------------------------------------------------

    def add_post(self, title: str, content: str = "<p>Words.</p>", **more: Any) -> int:
        """Publishes a post; `more` as wp_insert_post takes it, and `tags`."""
        return int(self._do("add_post", title=title, content=content, more=more))

    def add_comment(
        self,
        post: int,
        content: str,
        *,
        author: str = "Ada",
        url: str = "",
        at: str = "2026-11-17 09:41:00",
        **more: Any,
    ) -> int:
        """Adds a comment, through the filters of one that is posted; `at` is UTC, `more` as in the table's columns."""
        return int(self._do("add_comment", post=post, content=content, author=author, url=url, at=at, more=more))

    def add_comments(self, post: int, count: int, *, start: str = "2026-01-01 00:00:00") -> list[int]:
        """Many at once, an hour apart, the oldest first."""
        return list(self._do("add_comments", post=post, count=count, start=start))

    def edit(self, comment: int, content: str) -> None:
        """Changes what a comment says, as a moderator does."""
        self._do("edit", comment=comment, content=content)

    def approve(self, comment: int) -> None:
        """Lets everybody see a comment that was held back."""
        self._do("status", comment=comment, status="approve")

    def hold(self, comment: int) -> None:
        """Takes a comment back for moderation."""
        self._do("status", comment=comment, status="hold")

    def trash(self, comment: int) -> None:
        """Puts a comment in the bin."""
        self._do("status", comment=comment, status="trash")

    def delete(self, comment: int) -> None:
        """Removes a comment for good."""
        self._do("delete", comment=comment)

    def change_post(self, post: int, **changes: Any) -> None:
        """Changes a post: columns as wp_update_post takes them, such as post_status."""
        self._do("change_post", post=post, changes=changes)

    def protect(self, post: int, password: str = "secret") -> None:
        """Puts a post and its comments behind a password; an empty one takes it away."""
        self.change_post(post, post_password=password)

    def permalink(self, post: int) -> str:
        """Where a post stands just now."""
        return str(self._do("permalink", post=post))

    def set_option(self, name: str, value: Any) -> None:
        """One of the blog's settings."""
        self._do("option", name=name, value=value)

    def set_rest(self, state: str) -> None:
        """on; off: for members only; no_route: without comments."""
        self.set_option("collector_tests_rest", state)

    def set_permalinks(self, kind: str) -> None:
        """pretty or plain."""
        self._do("permalinks", structure=_PRETTY if kind == "pretty" else "")

    @contextlib.contextmanager
    def rest(self, state: str) -> Iterator[None]:
        """The API in another state for a while."""
        self.set_rest(state)
        try:
            yield
        finally:
            self.set_rest("on")

    @contextlib.contextmanager
    def plain_permalinks(self) -> Iterator[None]:
        """Addresses with numbers in place of names for a while."""
        self.set_permalinks("plain")
        try:
            yield
        finally:
            self.set_permalinks("pretty")

    # --- how it is done --------------------------------------------------------------------------

    def _start(self) -> None:
        site = self._folder / "site"
        shutil.copytree(SITE, site, symlinks=True)
        shutil.copy(_PHP / "config.php", site / "wp-config.php")
        (site / "wp-content" / "mu-plugins").mkdir(exist_ok=True)
        shutil.copy(_PHP / "switches.php", site / "wp-content" / "mu-plugins" / "switches.php")
        self._start_database()
        self._do("install", name=BLOG_NAME, structure=_PRETTY)
        host = self.address.removeprefix("http://")
        self._serve(
            "php",
            "-d",
            "display_errors=0",
            "-d",
            "opcache.enable_cli=1",
            "-S",
            host,
            "-t",
            str(site),
            str(_PHP / "router.php"),
        )
        self._wait(self._answers, "WordPress")

    def _start_database(self) -> None:
        data, socket_file = self._folder / "db", self._folder / "db.sock"
        as_user = ["--user=root"] if os.getuid() == 0 else []
        self._run(
            "mariadb-install-db",
            "--no-defaults",
            *as_user,
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )
        self._serve(
            "mariadbd",
            "--no-defaults",
            *as_user,
            f"--datadir={data}",
            f"--socket={socket_file}",
            f"--pid-file={self._folder / 'db.pid'}",
            "--skip-networking",
            "--skip-log-bin",
            "--innodb-buffer-pool-size=32M",
            "--innodb-flush-log-at-trx-commit=0",
        )
        self._wait(socket_file.exists, "MariaDB")

    def _do(self, act: str, **told: Any) -> Any:
        """Runs one act of actions.php; gives what it says."""
        return json.loads(self._run("php", "-d", "display_errors=0", str(_PHP / "actions.php"), act, json.dumps(told)))

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, check=False, timeout=120
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {(done.stderr or done.stdout)[-1500:]}")
        return done.stdout

    def _serve(self, *command: str) -> None:
        with (self._folder / f"{command[0]}.log").open("ab") as log:
            self._servers.append(subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log))

    def _environment(self) -> dict[str, str]:
        return os.environ | {"BLOG_FOLDER": str(self._folder), "BLOG_ADDRESS": self.address}

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/wp-json/wp/v2/comments", timeout=20) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _wait(self, is_up: Any, name: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not is_up():
            if time.monotonic() > deadline or self._servers[-1].poll() is not None:
                logs = "\n".join(log.read_text("utf-8", "replace")[-1500:] for log in self._folder.glob("*.log"))
                raise RuntimeError(f"{name} does not come up: {logs}")
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _install_tools() -> None:
    """PHP and MariaDB, by apt where that is allowed. The servers' own packages would start services: these do not."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if not missing and "mysqli" in subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout:
        return
    _may_install(", ".join(missing) or "php's mysqli")
    _apt("update", "-qq")
    _apt("install", "-qq", "-y", "--no-install-recommends", *_PACKAGES)


def _unpack_wordpress() -> None:
    """Debian's WordPress, unpacked rather than installed, so that no web server comes with it."""
    if (SITE / "wp-settings.php").exists():
        return
    _may_install("WordPress")
    with tempfile.TemporaryDirectory(prefix="wp-deb-") as name:
        folder = Path(name)
        try:
            _apt("download", "-q", *_WORDPRESS, cwd=folder)
        except subprocess.CalledProcessError:  # the lists of packages are missing, or old
            _apt("update", "-qq")
            _apt("download", "-q", *_WORDPRESS, cwd=folder)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(folder / "root")], check=True, capture_output=True)
        site = folder / "site"
        shutil.copytree(
            folder / "root/usr/share/wordpress", site, symlinks=True, ignore=shutil.ignore_patterns("wp-content")
        )
        for part in ("usr/share", "var/lib"):
            content = folder / "root" / part / "wordpress" / "wp-content"
            if content.exists():
                shutil.copytree(content, site / "wp-content", symlinks=True, dirs_exist_ok=True, ignore=_dead_links)
        (site / "wp-config.php").unlink(missing_ok=True)
        try:
            site.rename(SITE)
        except OSError:  # another session was quicker
            if not (SITE / "wp-settings.php").exists():
                raise


def _dead_links(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if Path(folder, name).is_symlink()]


def _may_install(what: str) -> None:
    if not is_required("wordpress"):
        raise OSError(f"{what} is missing; it is installed only where COLLECTOR_TEST_REQUIRE names wordpress")
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        raise OSError(f"{what} is missing, and only root may install it, on Debian")


def _apt(*command: str, cwd: Path | None = None) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    waiting = ["-o", "DPkg::Lock::Timeout=300", "-o", "APT::Sandbox::User=root"]
    subprocess.run(
        ["apt-get", *waiting, *command], env=environment, cwd=cwd, check=True, capture_output=True, timeout=600
    )
