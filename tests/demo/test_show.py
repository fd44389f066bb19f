from __future__ import annotations

import csv
import io
import re
import socket
import sqlite3
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from running import ROOT, call

from collector.demo.show import FILES, name_command, show
from collector.errors import OutputError


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """One run of the demo: its folder, and what it said."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, list(show(folder))


def test_it_leaves_the_promised_files_and_nothing_else(shown: tuple[Path, list[str]]) -> None:
    folder, _ = shown
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


def test_it_tells_of_each_server_shows_the_digest_and_says_what_to_do_next(shown: tuple[Path, list[str]]) -> None:
    folder, lines = shown
    assert {line.split(":")[0].strip() for line in lines[1:3]} == {"fedi.example", "commons.example"}
    assert sum("1 known already" in line for line in lines) == 1
    digest = (folder / "digest.txt").read_text(encoding="utf-8")
    excerpt = [line[4:] for line in lines if line.startswith("    ")]
    assert excerpt[0] == digest.splitlines()[0]
    assert "PASSED ON MOST" in excerpt
    assert excerpt[-1] == "…"
    assert all(any(line.startswith(f"  {name} ") for line in lines) for name in FILES)
    assert lines[-1].endswith("collector init")


def test_the_readme_shows_how_it_begins(shown: tuple[Path, list[str]]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    excerpt = readme.partition("```text\n")[2].partition("```")[0].splitlines()
    digest = (shown[0] / "digest.txt").read_text(encoding="utf-8").splitlines()
    dated = re.compile(r"\(\d+ .* \d{4}\)|@.*, \w{3} \d+ \w{3}, \d\d:\d\d$")
    assert excerpt[-1].strip() == "…"
    assert [line for line in excerpt[:-1] if not dated.search(line) and line not in digest] == []


def test_its_lines_fit_a_terminal(shown: tuple[Path, list[str]]) -> None:
    assert max(len(line) for line in shown[1] if "://" not in line and str(shown[0]) not in line) <= 80


def test_a_post_that_both_servers_hold_is_one_row_of_the_spreadsheet(shown: tuple[Path, list[str]]) -> None:
    rows = list(csv.DictReader(io.StringIO((shown[0] / "posts.csv").read_bytes().decode(), newline="")))
    twice = [row for row in rows if row["seen_on"].count("|") == 1]
    assert len(rows) == len({row["uri"] for row in rows}) == 40
    assert [row["text"].startswith("They renamed the complaints box") for row in twice] == [True]


def test_the_mail_is_the_one_that_went_out_with_both_bodies(shown: tuple[Path, list[str]]) -> None:
    mail: Any = message_from_bytes((shown[0] / "digest.eml").read_bytes(), policy=policy.default)
    types = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert types == ["text/plain", "text/html"]
    assert mail["To"] == "you@example.org"
    assert "39 new examples" in mail["Subject"]


def test_the_database_is_a_whole_one(shown: tuple[Path, list[str]]) -> None:
    with closing(sqlite3.connect(f"file:{shown[0] / 'demo.db'}?immutable=1", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM posts").fetchone() == (40,)


def test_a_second_run_in_the_same_folder_takes_the_place_of_the_first(tmp_path: Path) -> None:
    own = tmp_path / "collector.db"
    own.write_text("somebody's own collection")
    for _ in range(2):
        assert call("demo", str(tmp_path)).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*FILES, own.name])
    assert own.read_text() == "somebody's own collection"


def test_it_speaks_to_this_machine_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    resolve = socket.getaddrinfo

    def note(host: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(host)
        return resolve(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", note)
    list(show(tmp_path))
    assert set(asked) <= {"127.0.0.1"}


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert call("demo", str(file / "folder")).complaint() == f"{file / 'folder'}: cannot be written: not a directory"


def test_a_folder_in_the_place_of_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "digest.txt" / "kept").mkdir(parents=True)
    with pytest.raises(OutputError, match="cannot be written: is a directory"):
        list(show(tmp_path))


@pytest.mark.parametrize(
    ("called", "on_path", "expected"),
    [
        ("/usr/bin/collector", "/usr/bin/collector", "collector"),
        (".venv/bin/collector", None, ".venv/bin/collector"),
        (".venv/bin/collector", "/usr/bin/collector", ".venv/bin/collector"),
        ("/src/collector/__main__.py", "/usr/bin/collector", "python -m collector"),
        ("/usr/bin/pytest", None, "collector"),
    ],
)
def test_the_next_step_is_named_as_it_can_be_typed(called: str, on_path: str | None, expected: str) -> None:
    assert name_command(called, on_path) == expected
