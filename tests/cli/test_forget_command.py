"""`collector forget`: nothing of somebody is left anywhere, and nothing comes back, wherever it is told again."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fediverse import FakeServer
from proving import traces_of
from running import LAST_WEEK, Daemon, Folder, environment, now
from sqlalchemy import URL, make_url

from collector.storage.database import Database

CARYS = "carys@fedi.example"
WORDS = (  # handle, name, texts and addresses: nothing of these may be left
    *(
        CARYS,
        "Carys Ŵyn",
        "Well said, @carys",
        "/@carys/",
        "/carys/",
        "Zaunkönig",
        "earlierwords",
        "sorrowful",
        "eleven chairs",
    ),
    *("unreadable words", "CarysOnly"),
)
KEPT = ("Well said,", "dewi@fedi.example", "carys2@fedi.example", "Somebody else")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer("mastodon") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: FakeServer, database_url: str) -> Folder:
    """A collection of last week's posts, of and about Carys among others, with a digest built and sent."""
    folder = Folder(tmp_path, server, database={"url": database_url})
    at = now() - LAST_WEEK
    account = {"display_name": "Carys Ŵyn"}
    media = [{"id": "9", "type": "image", "url": "https://fedi.example/9.png", "description": "eleven chairs"}]
    first = server.publish("earlierwords", at=at, author="carys", account=account, media_attachments=media)
    second = server.publish("Zaunkönig #CarysOnly", at=at, author="carys", account=account, spoiler_text="sorrowful")
    server.publish("unreadable words", at=at, author="carys", account=account, created_at="never")
    named = server.publish("Well said, @carys @dewi!", at=at, author="dewi", reply_to=second)
    server.publish(f"See {first['url']} by @carys@fedi.example", at=at, author="rhys@other.example")
    server.publish("Somebody else", at=at, author="carys2")
    assert folder.call("poll").code == 0
    server.edit(first, "Zaunkönig again", at=now())
    server.edit(named, "Well said, @carys!", at=now())
    assert folder.call("poll").code == 0
    assert folder.call("digest", "send").code == 0
    assert len(folder.mails) == 1
    return folder


def left(folder: Folder, url: str, words: tuple[str, ...] = WORDS) -> list[str]:
    """Where something of Carys still is."""
    return traces_of(words, folder.path, url)


def forget(folder: Folder, name: str = CARYS) -> str:
    done = folder.call("forget", "--yes", name)
    assert done.code == 0, done
    return done.out


def texts(folder: Folder) -> list[str]:
    return sorted(line["text"] for line in folder.call("export", "--format", "jsonl").lines)


# --- nothing is left ----------------------------------------------------------------------------


def test_nothing_of_a_person_is_left_in_any_table_file_or_mail(folder: Folder, database_url: str) -> None:
    assert {word for word in WORDS for trace in left(folder, database_url) if trace.startswith(word)} == set(WORDS)
    said = forget(folder)
    assert said == (
        f"forgotten: {CARYS}: 2 posts, 1 earlier text, 2 kept answers, the name in 2 posts of others,"
        " 1 mail in the outbox\n"
    )
    assert left(folder, database_url) == []
    assert not {word for word in KEPT if not left(folder, database_url, (word,))}


def test_others_keep_their_words(folder: Folder) -> None:
    forget(folder)
    assert texts(folder) == [
        "See … by @… #notcoproduction",
        "Somebody else #notcoproduction",
        "Well said, @…! #notcoproduction",
    ]


def test_a_built_digest_goes_on_counting_and_says_that_examples_were_taken_back(folder: Folder) -> None:
    before = folder.call("digest", "show", "--format", "json").json
    forget(folder)
    after = folder.call("digest", "show", "--format", "json").json
    assert after["totals"] == before["totals"]
    shown = folder.call("digest", "show").out
    assert "2 examples were taken back." in shown
    assert folder.call("digest", "list").rows[0]["state"].startswith("built")
    assert folder.call("digest", "show", "--format", "eml").code == 0


@pytest.mark.parametrize(
    "name", ["@Carys@FEDI.example", "https://fedi.example/@carys", "acct:carys@fedi.example", "fedi.example/@carys"]
)
@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_person_is_known_by_any_of_their_names(folder: Folder, database_url: str, name: str) -> None:
    forget(folder, name)
    assert left(folder, database_url) == []


# --- nothing comes back -------------------------------------------------------------------------


def test_what_the_server_still_shows_is_not_kept_again(folder: Folder, server: FakeServer, database_url: str) -> None:
    forget(folder)
    server.publish("Zaunkönig once more", at=now(), author="carys", account={"display_name": "Carys Ŵyn"})
    server.publish("Well said, @carys, once more", at=now(), author="dewi")
    polled = folder.call("poll", "--deep").rows[0]
    assert (polled["new"], polled["changed"], polled["rejected"]) == ("1", "0", "0")
    assert left(folder, database_url) == []
    assert "Well said, @…, once more #notcoproduction" in texts(folder)


def test_a_backup_of_before_is_forgotten_again_by_whatever_command_comes_next(
    folder: Folder, database_url: str
) -> None:
    restore = keep_copy(folder, database_url)
    forget(folder)
    for command in ("poll", "export", "status"):
        restore()
        assert left(folder, database_url) != []
        assert folder.call(command).code == 0
        assert left(folder, database_url) == [], command


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("command", [("db", "renormalise"), ("db", "backup", "another.db")])
def test_what_reads_all_of_a_backup_of_before_forgets_first(
    folder: Folder, database_url: str, command: tuple[str, ...]
) -> None:
    restore = keep_copy(folder, database_url)
    forget(folder)
    restore()
    done = folder.call(*command)
    assert done.code == 0, done
    assert left(folder, database_url) == []


def keep_copy(folder: Folder, url: str) -> Any:
    """Copies the database, and gives what brings that copy back as often as it is called."""
    if url.startswith("sqlite"):
        path = Path(str(make_url(url).database))
        copy = folder.path.with_name("backup.db")
        folder.call("db", "backup", str(copy))

        def restore_file() -> None:
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            shutil.copy(copy, path)

        return restore_file
    name = str(make_url(url).database)
    server = _beside(url)
    _execute(server, f"CREATE DATABASE {name}_copy TEMPLATE {name}")

    def restore_database() -> None:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")
        _execute(server, f"CREATE DATABASE {name} TEMPLATE {name}_copy")

    return restore_database


def _beside(url: str) -> str:
    parsed: URL = make_url(url)
    return parsed.set(database="postgres").render_as_string(hide_password=False)


def _execute(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(statement.encode())


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_database_made_anew_knows_from_the_file_what_was_forgotten(folder: Folder, database_url: str) -> None:
    forget(folder)
    for path in folder.path.glob("test.db*"):
        if path.suffix != ".forgotten":
            path.unlink()
    assert folder.call("poll").rows[0]["new"] == "3"
    assert left(folder, database_url) == []


def test_the_database_knows_what_was_forgotten_where_the_file_is_lost(folder: Folder, database_url: str) -> None:
    forget(folder)
    (file,) = folder.path.glob("*.forgotten")
    kept = file.read_text()
    file.unlink()
    assert folder.call("poll").code == 0
    assert file.read_text() == kept
    assert left(folder, database_url) == []


def test_an_import_does_not_bring_it_back_and_says_so(folder: Folder, database_url: str, tmp_path: Path) -> None:
    outside = tmp_path.with_name(f"{tmp_path.name}-outside.jsonl")
    folder.call("export", "--format", "jsonl", "--output", str(outside))
    forget(folder)
    (row,) = folder.call("import", str(outside)).rows
    assert (row["read"], row["new"], row["known"], row["left out"]) == ("5", "0", "3", "forgotten on request: 2")
    assert left(folder, database_url) == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_not_even_by_its_address_it_can_be_added(folder: Folder, server: FakeServer, database_url: str) -> None:
    post = server.publish("Zaunkönig at home", at=now(), author="carys")
    forget(folder)
    refused = folder.call("add", f"{server.address}/@carys/{post['id']}").refusal()
    assert refused == "this post, or its author, was forgotten on request, and is never kept again"
    assert left(folder, database_url) == []


def test_somebody_can_be_forgotten_before_anything_of_them_is_known(
    folder: Folder, server: FakeServer, database_url: str
) -> None:
    said = forget(folder, "newcomer@other.example")
    assert said == "forgotten: newcomer@other.example: nothing of it was kept, and nothing ever will be\n"
    server.publish("Not to be kept", at=now(), author="newcomer@other.example")
    server.publish("To be kept", at=now(), author="newcomer2@other.example")
    folder.call("poll")
    assert left(folder, database_url, ("newcomer@other.example", "Not to be kept")) == []
    assert "To be kept #notcoproduction" in texts(folder)


# --- one post -----------------------------------------------------------------------------------


def test_one_post_is_forgotten_and_its_author_stays(folder: Folder, server: FakeServer, database_url: str) -> None:
    (row,) = [row for row in folder.call("export", "--format", "jsonl").lines if row["content_warning"] == "sorrowful"]
    said = forget(folder, row["url"])
    assert said.startswith(f"forgotten: {row['url']}: 1 post, 1 kept answer")
    folder.call("poll", "--deep")
    assert left(folder, database_url, ("sorrowful", row["uri"], row["url"], "CarysOnly")) == []
    assert "Zaunkönig again #notcoproduction" in texts(folder)
    assert left(folder, database_url, (CARYS,)) != []


# --- beside others, and broken off --------------------------------------------------------------


def test_it_works_beside_the_daemon(folder: Folder, server: FakeServer, database_url: str) -> None:
    folder.write(database={"url": database_url}, polling={"interval": "2s"})
    folder.call("poll")
    with Daemon(folder) as daemon:
        daemon.wait_for("started")
        done = folder.run("forget", "--yes", CARYS)
        assert (done.code, done.err.count("\n")) == (0, 1), done
        server.publish("Zaunkönig once more", at=now(), author="carys")
        server.publish("The last one", at=now(), author="dewi")
        daemon.wait_for("round", "new=1")
        daemon.stop()
        assert "Traceback" not in daemon.log
    assert left(folder, database_url) == []


STAGES = [
    *(("write_file", "after"), ("forget_found", "before"), ("forget_found", "after")),
    *(("compact", "before"), ("remove_mails", "before"), ("settle", "before")),
]


@pytest.mark.parametrize(("step", "when"), STAGES)
def test_a_kill_in_the_middle_loses_nothing_and_the_next_start_goes_on(
    folder: Folder, database_url: str, step: str, when: str
) -> None:
    code = (
        "import os, signal\nfrom collector import forgetting\nfrom collector.cli import main\n"
        f"step = forgetting.{step}\n"
        "def die(*values, **named):\n"
        f"    if {when == 'after'}: step(*values, **named)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"forgetting.{step} = die\n"
        f"main(['forget', '--yes', '{CARYS}'])\n"
    )
    env = environment(folder.path)
    killed = subprocess.run([sys.executable, "-c", code], cwd=folder.path, env=env, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed
    assert folder.call("poll").code == 0
    assert left(folder, database_url) == []
    assert folder.mails == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_where_the_free_pages_cannot_be_cleaned_now_it_says_so_and_a_later_start_does_it(
    folder: Folder, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database.__init__, "__kwdefaults__", {"busy_timeout": 0.1})
    with closing(sqlite3.connect(make_url(database_url).database or "")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM posts").fetchall()
        done = folder.call("forget", "--yes", CARYS)
        still = left(folder, database_url)
        reader.execute("ROLLBACK")
    assert done.code == 1
    assert "another program goes on reading it; call the same command again" in done.err
    assert still != []
    assert folder.call("status").code == 0
    assert left(folder, database_url) == []


def test_two_at_once_forget_what_both_mean(folder: Folder, server: FakeServer, database_url: str) -> None:
    names = [f"asked{number}@fedi.example" for number in range(4)]
    for name in names:
        server.publish("Once more", at=now(), author=name.partition("@")[0])
    folder.call("poll")
    command = [sys.executable, "-m", "collector", "forget", "--yes"]
    env = environment(folder.path)
    running = [subprocess.Popen([*command, name], cwd=folder.path, env=env, stdout=subprocess.PIPE) for name in names]
    assert [(process.communicate(), process.returncode)[1] for process in running] == [0] * len(names)
    assert left(folder, database_url, tuple(names)) == []
    assert folder.call("poll").rows[0]["new"] == "0"
    assert left(folder, database_url, tuple(names)) == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_mail_goes_that_only_speaks_to_somebody(tmp_path: Path, server: FakeServer, database_url: str) -> None:
    folder = Folder(tmp_path, server, database={"url": database_url})
    server.publish("Well said, @carys!", at=now() - LAST_WEEK, author="dewi")
    folder.call("poll")
    folder.call("digest", "send")
    assert len(folder.mails) == 1
    forget(folder)
    assert left(folder, database_url, ("@carys",)) == []


def test_a_reader_of_digests_can_be_forgotten_too(folder: Folder, database_url: str) -> None:
    done = folder.call("forget", "--yes", "Me@Example.org")
    told = "0 posts, 1 mail to them written down, what they are subscribed to, 1 mail in the outbox"
    assert done.out.startswith(f"forgotten: Me@Example.org: {told}")
    assert "me@example.org still stands in 'to' in the configuration: nothing goes there" in done.err
    assert folder.call("digest", "list").rows[0]["sent"] == "1"
    (folder.path / "collector.toml").unlink()
    assert left(folder, database_url, ("me@example.org",)) == []


# --- asking and refusing ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite"])
def test_it_asks_before_it_does_it(folder: Folder, database_url: str) -> None:
    code, shown = folder.in_terminal("forget", CARYS, typed="n\n", columns=120)
    assert code == 1
    for line in (
        "Carys Ŵyn (carys@fedi.example)",
        "  2 posts, 1 earlier text, 2 kept answers",
        "  1 digest, where they will be counted as taken back",
        "  2 posts of others, from which the name is taken out",
        "  1 mail in the outbox, to be removed; 'collector digest show' makes them anew",
    ):
        assert line in shown.splitlines()
    assert left(folder, database_url) != []
    assert folder.in_terminal("forget", CARYS, typed="y\n")[0] == 0
    assert left(folder, database_url) == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_script_is_not_asked(folder: Folder, database_url: str) -> None:
    assert folder.call("forget", CARYS).code == 0
    assert left(folder, database_url) == []


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody", "no account 'nobody' is known"),
        ("", "names nobody"),
        ("two words", "names nobody"),
        ("https://fedi.example", "no account 'https://fedi.example' is known"),
        ("https://", "names nobody"),
        ("c\udcffrys@fedi.example", "names nobody"),
    ],
)
def test_what_means_nobody_is_refused_in_one_line(folder: Folder, database_url: str, name: str, said: str) -> None:
    assert said in folder.call("forget", "--yes", name).refusal()
    assert not list(folder.path.glob("*.forgotten"))


@pytest.mark.parametrize("kind", ["sqlite"])
def test_it_changes_nothing_where_it_cannot_be_written_down(folder: Folder, database_url: str) -> None:
    (folder.path / "test.db.forgotten").mkdir()
    assert "test.db.forgotten: cannot be read" in folder.call("forget", "--yes", CARYS).refusal()
    assert len(texts(Folder(folder.path, *folder.servers))) == 0
    (folder.path / "test.db.forgotten").rmdir()
    assert left(folder, database_url) != []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_only_its_owner_can_read_the_file_unless_somebody_lets_others(folder: Folder) -> None:
    forget(folder)
    file = folder.path / "test.db.forgotten"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    forget(folder, "dewi@fedi.example")
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_damaged_file_stops_every_command_with_its_line(folder: Folder) -> None:
    forget(folder)
    with (folder.path / "test.db.forgotten").open("a") as file:
        file.write("mark x\n")
    assert "is damaged" in folder.call("poll").refusal()
