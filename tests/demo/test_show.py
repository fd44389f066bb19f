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


def read_rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "posts.csv").read_bytes().decode(), newline="")))


def read_section(folder: Path, title: str) -> str:
    """One section of the plain digest, whose titles stand alone in capital letters."""
    rest = (folder / "digest.txt").read_text(encoding="utf-8").partition(f"\n\n{title}\n\n")[2]
    return re.split(r"\n\n[A-Z][A-Z ]+\n\n", rest)[0]


def test_it_leaves_the_promised_files_and_nothing_else(shown: tuple[Path, list[str]]) -> None:
    folder, _ = shown
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


def test_it_tells_of_each_server_shows_the_digest_and_says_what_to_do_next(shown: tuple[Path, list[str]]) -> None:
    folder, lines = shown
    assert [line.split(" on ")[0] for line in lines[1:5]] == [
        "  fedi.example: 25 posts",
        "  commons.example: 16 posts",
        "  blog.example: 15 comments",
        "  Bluesky: 11 posts",
    ]
    assert sum("1 known already" in line for line in lines) == 1
    assert [line.endswith((" 15 new", " 11 new")) for line in lines[3:5]] == [True, True]
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
    rows = read_rows(shown[0])
    twice = [row for row in rows if row["seen_on"].count("|") == 1]
    assert len(rows) == len({row["uri"] for row in rows}) == 65
    assert [row["text"].startswith("They renamed the complaints box") for row in twice] == [True]


def test_the_week_is_one_of_three_networks(shown: tuple[Path, list[str]]) -> None:
    digest = (shown[0] / "digest.txt").read_text(encoding="utf-8")
    assert "55 new examples from 22 people on 3 networks." in digest
    assert (
        "as seen on\nfedi.example, commons.example and Bluesky, and all that people wrote on\nblog.example." in digest
    )


def test_comments_stand_together_with_the_post_they_answer(shown: tuple[Path, list[str]]) -> None:
    comments = read_section(shown[0], "FROM THE COMMENTS")
    assert comments.startswith("Under “Examples of not #coproduction”:")
    assert comments.count("in answer to another comment") == 3
    assert comments.count("https://blog.example/2013/11/26/examples-of-not-coproduction/#comment-") == 9
    assert "They paid a consultant to find out what we think" in comments
    assert "away day" not in comments  # which somebody wrote years ago


def test_posts_of_bluesky_stand_among_those_of_the_fediverse(shown: tuple[Path, list[str]]) -> None:
    top, more = read_section(shown[0], "PASSED ON MOST"), read_section(shown[0], "EVERYONE ELSE")
    assert "@maeve.sky.example, Bluesky" in top
    assert "Picture: A noticeboard behind locked glass." in top
    assert "@carys@fedi.example, fediverse" in top
    assert "- Behind a warning: graphic media\n  Nan from no. 14" in more
    assert "Kitchen wall" not in more


@pytest.mark.parametrize(
    ("words", "elsewhere"),
    [("They renamed the complaints box", "carys.example"), ("The flipchart", "haruki.commons.example.ap.brid.gy")],
)
def test_a_post_that_is_on_two_networks_is_one_card(shown: tuple[Path, list[str]], words: str, elsewhere: str) -> None:
    folder, _ = shown
    cards = re.split(r"\n\n(?=\d+\. )", read_section(folder, "PASSED ON MOST"))
    assert ["also on Bluesky" in card for card in cards if words in card] == [True]
    assert f"https://bsky.app/profile/{elsewhere}/post/" in (folder / "digest.html").read_text(encoding="utf-8")
    copies = [row for row in read_rows(folder) if row["text"].startswith(words)]
    assert sorted(row["network"] for row in copies) == ["bluesky", "fediverse"]
    assert all(row["also_at"] for row in copies)


def test_who_asks_not_to_be_shown_to_strangers_is_nowhere_to_be_seen(shown: tuple[Path, list[str]]) -> None:
    folder, _ = shown
    with closing(sqlite3.connect(f"file:{folder / 'demo.db'}?immutable=1", uri=True)) as database:
        query = "SELECT p.text, a.handle FROM posts p JOIN authors a ON a.id = p.author_id WHERE a.is_opted_out"
        ((text, handle),) = database.execute(query).fetchall()
    mail: Any = message_from_bytes((folder / "digest.eml").read_bytes(), policy=policy.default)
    texts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    texts += [(folder / name).read_text(encoding="utf-8") for name in ("digest.html", "digest.txt", "posts.csv")]
    assert len(texts) == 5
    for written in (" ".join(text.split()) for text in texts):
        assert handle not in written
        assert text.partition(".")[0] not in written


def test_nothing_was_unreadable(shown: tuple[Path, list[str]]) -> None:
    with closing(sqlite3.connect(f"file:{shown[0] / 'demo.db'}?immutable=1", uri=True)) as database:
        assert database.execute("SELECT reason FROM rejections").fetchall() == []


@pytest.mark.parametrize("name", sorted(set(FILES) - {"demo.db"}))
def test_what_goes_out_names_no_address_of_this_machine(shown: tuple[Path, list[str]], name: str) -> None:
    written = (shown[0] / name).read_text(encoding="utf-8")
    assert "127.0.0.1" not in written
    assert "localhost" not in written


def test_the_mail_is_the_one_that_went_out_with_both_bodies(shown: tuple[Path, list[str]]) -> None:
    mail: Any = message_from_bytes((shown[0] / "digest.eml").read_bytes(), policy=policy.default)
    types = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert types == ["text/plain", "text/html"]
    assert mail["To"] == "you@example.org"
    assert "55 new examples" in mail["Subject"]


def test_the_database_is_a_whole_one(shown: tuple[Path, list[str]]) -> None:
    with closing(sqlite3.connect(f"file:{shown[0] / 'demo.db'}?immutable=1", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM posts").fetchone() == (66,)


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
