"""What a user can get wrong: one line that says what, where, and what is accepted; never a traceback."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fediverse import FakeServer
from running import LAST_WEEK, Folder, call, now, with_files_up_to, without_privileges

from collector.storage.database import Database
from collector.storage.schema import HEAD

COMMANDS = ["poll", "tick", "status", "export", "digest list", "digest show", "digest send", "db current", "check"]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"collector": {"colour": "red"}}, "collector.toml: collector.colour: unknown key; accepted: "),
        ({"colour": {"red": 1}}, "collector.toml: colour: unknown table; accepted: "),
        ({"polling": {"max_pages": "many"}}, "collector.toml: polling.max_pages: wrong type (text); accepted: a whole"),
        ({"polling": {"interval": "soon"}}, 'collector.toml: polling.interval: not a duration: "soon"; accepted: '),
        ({"collector": {"hashtags": ["not-one"]}}, 'collector.hashtags[1]: not a hashtag: "not-one"; accepted: '),
        ({"collector": {"hashtags": []}}, "collector.toml: collector.hashtags: "),
        (
            {"collector": {"timezone": "Moon"}},
            'collector.toml: collector.timezone: not a time zone: "Moon"; accepted: ',
        ),
        ({"source": {"kind": "mastodon", "url": "not a url"}}, "collector.toml: source[1].url: "),
        ({"source": {"kind": "myspace", "url": "https://x.example"}}, 'source[1].kind: unknown: "myspace"; accepted: '),
        (
            {"source": {"kind": "mastodon", "url": "https://x.example", "token_env": "NOT_SET"}},
            "source[1].token_env: missing secret: the variable NOT_SET is not set or empty; accepted: one of token, ",
        ),
        (
            {"mail": {"host": "smtp.example.org", "username": "digest", "password_file": "nowhere"}},
            "mail.password_file: missing secret: the file it names cannot be read",
        ),
        ({"mail": {"host": "smtp.example.org", "username": "digest"}}, "mail.password: missing secret; accepted: "),
        ({"digest": {"to": ["nobody"]}}, 'digest[1].to[1]: not an e-mail address: "nobody"; accepted: '),
        (
            {"digest": {"send_on": "someday"}},
            'digest[1].send_on: not a weekday and a time, as a weekly digest needs: "someday"; accepted: ',
        ),
        ({"database": {"url": "mysql://x"}}, "collector.toml: database.url: not a database this can use; accepted: "),
    ],
)
def test_a_fault_in_the_configuration_is_a_line(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    refusal = Folder(tmp_path, **changes).call("poll").refusal()
    assert said in refusal
    assert refusal.startswith("collector.toml: ")


def test_every_fault_is_told_at_once_a_line_each(tmp_path: Path) -> None:
    folder = Folder(tmp_path, collector={"colour": "red"}, polling={"interval": "soon"})
    done = folder.call("poll")
    assert done.code == 1
    assert [line.split(": ")[2] for line in done.err.splitlines()] == ["collector.colour", "polling.interval"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[collector\n", "collector.toml: line 1: not TOML: "),
        (b"\xff\xfe", "collector.toml: not UTF-8 text (byte 1); save it as UTF-8"),
        (b"", "collector.toml: collector.hashtags: missing; accepted: "),
    ],
)
def test_a_file_that_is_no_configuration_is_a_line(tmp_path: Path, content: bytes, said: str) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "collector.toml").write_bytes(content)
    assert said in folder.call("poll").refusal()


@pytest.mark.parametrize(("file", "said"), [("nowhere.toml", "no such file or directory"), (".", "is a directory")])
def test_a_configuration_that_is_not_there_is_a_line(tmp_path: Path, file: str, said: str) -> None:
    assert Folder(tmp_path).call("poll", "--config", file).refusal() == f"{file}: cannot be read: {said}"


def test_a_variable_that_is_wrong_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLLECTOR_POLLING__INTERVAL", "soon")
    assert 'COLLECTOR_POLLING__INTERVAL: not a duration: "soon"' in call("poll").refusal()
    assert folder.path == tmp_path


def prepare(folder: Folder, trouble: str) -> None:
    """A database that cannot be used, in one way or another."""
    match trouble:
        case "no database":
            folder.database.write_bytes(b"This is a letter, and no database at all. " * 100)
        case "damaged":
            folder.call("db", "upgrade")
            content = bytearray(folder.database.read_bytes())
            content[2048:20480] = b"x" * (20480 - 2048)
            folder.database.write_bytes(content)
        case "a folder":
            folder.database.mkdir()
        case "another program's":
            with closing(sqlite3.connect(folder.database)) as conn, conn:
                conn.execute("CREATE TABLE recipes (name TEXT)")
        case "newer" | "older":
            folder.call("db", "upgrade")
            with closing(sqlite3.connect(folder.database)) as conn, conn:
                version = "9999" if trouble == "newer" else "0000"
                conn.execute("UPDATE alembic_version SET version_num = ?", (version,))
                conn.execute("UPDATE about SET value = '7.5' WHERE key = 'program_version'")
        case "no folder":
            folder.write(database={"url": "sqlite:///nowhere/collector.db"})


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("no database", "the file is no SQLite database"),
        ("damaged", "the file is damaged: restore a backup"),
        ("a folder", "it is a folder, not a file|it cannot be opened"),
        ("another program's", "holds tables of another program; name a database of its own"),
        ("newer", f"its schema 9999 is newer than this program knows ({HEAD}); install hashtag-collector 7.5 or newer"),
        ("older", f"its schema is 0000, this program needs {HEAD}; run 'collector db upgrade'"),
        ("no folder", "does the folder exist|no such file yet|its folder does not exist"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_line(tmp_path: Path, command: str, trouble: str, said: str) -> None:
    folder = Folder(tmp_path)
    prepare(folder, trouble)
    done = folder.call(*command.split())
    if command == "db current" and trouble in {"newer", "older", "no folder"}:
        assert done.code == 0
        return
    assert done.code == 1
    (line,) = [line for line in (done.out + done.err).splitlines() if "database" in line and not line.startswith("ok")]
    assert any(words in line for words in said.split("|")), line


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("newer", f"its schema 9999 is newer than this program knows ({HEAD})"),
        ("older", "its schema 0000 is none that this program knows how to upgrade"),
        ("no database", "the file is no SQLite database"),
        ("another program's", "holds tables of another program"),
        ("no folder", "does the folder exist"),
    ],
)
def test_what_cannot_be_upgraded_is_a_line_and_stays_as_it_was(tmp_path: Path, trouble: str, said: str) -> None:
    folder = Folder(tmp_path)
    prepare(folder, trouble)
    before = folder.database.read_bytes() if folder.database.exists() else b""
    assert said in folder.call("db", "upgrade").refusal()
    assert (folder.database.read_bytes() if folder.database.exists() else b"") == before


def test_a_database_server_that_is_not_there_is_a_line(tmp_path: Path) -> None:
    folder = Folder(tmp_path, database={"url": "postgresql://me:sesame@127.0.0.1:9/posts"})
    refusal = folder.call("poll").refusal()
    assert refusal.startswith("database postgresql+psycopg://me:***@127.0.0.1:9/posts: ")
    assert "refused" in refusal.lower()
    assert "sesame" not in refusal


def test_a_database_that_another_program_holds_is_a_line(
    tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = Database.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "busy_timeout", 0.0)
    folder = Folder(tmp_path, server)
    folder.call("poll")
    server.publish("An example.", at=now())
    with sqlite3.connect(folder.database, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert "another program holds it for writing" in folder.call("poll").err
        holder.execute("ROLLBACK")
    assert folder.call("poll").rows[0]["new"] == "1"


@pytest.mark.parametrize(
    ("mode_of_file", "mode_of_folder", "command", "said"),
    [
        (0o000, 0o755, "status", "it cannot be opened"),
        (0o444, 0o755, "poll", "the file is read-only"),
        (0o444, 0o755, "check", "the file is read-only"),
        (0o644, 0o555, "run", "its folder cannot be written"),
    ],
)
def test_permissions_that_are_missing_are_a_line(
    tmp_path: Path, server: FakeServer, mode_of_file: int, mode_of_folder: int, command: str, said: str
) -> None:
    folder = Folder(tmp_path, server)
    data = tmp_path / "data"
    data.mkdir()
    folder.write(database={"url": "sqlite:///data/collector.db"})
    folder.call("db", "upgrade")
    (data / "collector.db").chmod(mode_of_file)
    data.chmod(mode_of_folder)
    done = folder.run(command, before=without_privileges())
    data.chmod(0o755)
    assert done.code == 1
    assert said in done.out + done.err
    assert "Traceback" not in done.err


def test_a_read_only_database_still_gives_its_posts_out(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("An example.", at=now())
    folder.call("poll")
    folder.database.chmod(0o444)
    for command in ("export", "status", "digest show"):
        done = folder.run(*command.split(), before=without_privileges())
        assert (done.code, done.err) == (0, ""), command


def grown(folder: Folder, server: FakeServer, posts: int = 30) -> int:
    """Bytes that the database has after some posts."""
    for number in range(posts):
        server.publish(f"Kept {number}. {'x' * 500}", at=now())
    assert folder.call("poll").code == 0
    return folder.database.stat().st_size


def count(folder: Folder) -> int:
    return len(folder.call("export", "--format", "jsonl").out.splitlines())


def test_a_disk_that_is_full_while_polling_loses_nothing(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    size = grown(folder, server)
    for number in range(300):
        server.publish(f"More {number}. {'x' * 3000}", at=now())
    done = folder.run("poll", before=with_files_up_to(size + 20_000))
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "the file cannot grow (a full disk or a size limit)" in done.err + done.out
    assert count(folder) == 30
    assert folder.call("poll").code == 0
    assert count(folder) == 330


def test_a_disk_that_is_full_from_the_start_is_a_line(tmp_path: Path, server: FakeServer) -> None:
    done = Folder(tmp_path, server).run("poll", before=with_files_up_to(1000))
    assert "the file cannot grow" in done.refusal()


def test_a_disk_that_is_full_while_exporting_leaves_the_old_file(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    grown(folder, server, 100)
    (tmp_path / "posts.csv").write_text("the old one", "utf-8")
    done = folder.run("export", "--output", "posts.csv", before=with_files_up_to(50_000))
    assert done.refusal().startswith("posts.csv: cannot be written: ")
    assert (tmp_path / "posts.csv").read_text("utf-8") == "the old one"
    assert not list(tmp_path.glob(".collector-*"))


def test_a_disk_that_is_full_while_sending_leaves_the_digest_owed(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    folder.live_at(now() - 2 * LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    folder.call("poll")
    (tmp_path / "outbox").mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "none", str(tmp_path / "outbox")], capture_output=True, check=False
    )
    if mounted.returncode:
        shutil.rmtree(tmp_path / "outbox")
        (tmp_path / "outbox").symlink_to("/dev/full")
    try:
        done = folder.call("digest", "send")
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", str(tmp_path / "outbox")], check=True)
    assert done.code == 1
    assert "outbox: cannot write mail there: " in done.err
    if mounted.returncode:
        (tmp_path / "outbox").unlink()
    assert folder.call("digest", "send").code == 0
    assert len(folder.mails) == 1


def test_a_database_that_is_full_while_sending_leaves_the_digest_owed(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    folder.live_at(now() - 2 * LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    folder.call("poll")
    done = folder.run("digest", "send", before=with_files_up_to(20_000))
    assert done.code == 1
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) <= 2, done.err
    assert folder.call("digest", "send").code == 0
    assert len(folder.mails) == 1


def test_what_a_command_prints_as_json_is_json_even_with_failures(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.down()
    assert json.loads(folder.call("poll", "--json").out)["sources"][0]["error"]
    assert json.loads(folder.call("check", "--json").out)["checks"]
    assert json.loads(folder.call("status", "--json").out)["watches"]
    server.up()


def test_a_demo_or_a_configuration_in_a_folder_that_cannot_be_made_is_a_line(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "file").write_text("", "utf-8")
    assert "file/inner: cannot be written: " in folder.call("demo", "file/inner").refusal()
    assert "file/inner/collector.toml: cannot be written: " in folder.call("init", "file/inner", "--yes").refusal()
    assert "collector.toml: there already, and never overwritten" in folder.call("init", "--yes").refusal()
