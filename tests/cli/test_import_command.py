"""`collector import` as people call it: what it says, how it ends, what is kept."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from making_tweets import write_twarc2
from running import Folder, environment, wait_until, without_privileges

HEADINGS = ["file", "format", "read", "new", "changed", "known", "left out", "rejected"]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def tweet(number: int, text: str = "An example. #notcoproduction") -> dict[str, Any]:
    return {
        "created_at": "Sat Nov 21 09:41:00 +0000 2020",
        "id_str": str(1_330_000_000_000_000_000 + number),
        "full_text": text,
        "user": {"id_str": "7", "screen_name": "carys", "name": "Carys"},
        "entities": {"hashtags": [{"text": "notcoproduction"}] if "#" in text else []},
    }


def write(path: Path, *lines: dict[str, Any] | str) -> str:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path.name


def exported(folder: Folder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in folder.call("export", "--format", "jsonl").out.splitlines()]


def test_a_file_is_recognised_and_what_came_of_it_is_a_row(folder: Folder) -> None:
    name = write(folder.path / "tweets.jsonl.gz", tweet(1), tweet(2), tweet(3, "Untagged."))
    done = folder.call("import", name)
    assert (done.code, done.err) == (0, "")
    assert list(done.rows[0]) == HEADINGS
    assert list(done.rows[0].values()) == [name, "twarc", "3", "2", "0", "0", "without the hashtag: 1", "0"]
    assert [post["uri"] for post in exported(folder)] == [
        f"https://twitter.com/i/web/status/133000000000000000{number}" for number in (1, 2)
    ]
    again = folder.call("import", name).rows[0]
    assert (again["new"], again["changed"], again["known"]) == ("0", "0", "2")


def test_rows_that_cannot_be_read_are_named_with_their_line_and_the_others_kept(folder: Folder) -> None:
    broken = tweet(4) | {"user": None}
    name = write(folder.path / "tweets.jsonl", tweet(1), "{broken", "", broken, tweet(5))
    done = folder.call("import", name)
    assert done.code == 1
    lines = done.err.splitlines()
    assert [line.partition(": ")[2].rpartition(": ")[0] for line in lines] == [f"{name}:2", f"{name}:4"]
    assert done.rows[0]["rejected"] == "2"
    assert len(exported(folder)) == 2


def test_many_unreadable_rows_do_not_flood_the_screen(folder: Folder) -> None:
    name = write(folder.path / "tweets.jsonl", tweet(1), *["{broken"] * 60)
    lines = folder.call("import", name).err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == f"collector: {name}: and 40 more rows that cannot be read"
    told = [line for line in folder.call("import", "--verbose", name).err.splitlines() if "not JSON" in line]
    assert len(told) == 60


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.csv", None, "no such file"),
        ("empty.csv", b"", "empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "twarc"),
        ("two\nlines.csv", None, "two lines.csv: no such file"),
        ("letter.txt", b"Dear all,\nplease find attached.\n", "twarc"),
    ],
)
def test_a_file_that_nothing_can_be_imported_from_is_one_line(
    folder: Folder, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (folder.path / name).write_bytes(content)
    refusal = folder.call("import", name).refusal()
    assert name.replace("\n", " ") in refusal
    assert said in refusal


@pytest.mark.parametrize("names", [("tweets.jsonl.gz",), ("tweets.jsonl.gz", "tweets.jsonl.gz")])
def test_of_a_file_that_breaks_off_everything_before_that_is_kept_and_told(
    folder: Folder, names: tuple[str, ...]
) -> None:
    whole = write(folder.path / "tweets.jsonl.gz", *map(tweet, range(2_500)))
    (folder.path / whole).write_bytes((folder.path / whole).read_bytes()[:-200])
    done = folder.call("import", *names)
    assert done.code == 1
    assert [("was cut off" in line) for line in done.err.splitlines()] == [True] * len(names)
    kept = len(exported(folder))
    assert kept > 2_000
    assert [int(row["new"].replace(",", "")) for row in done.rows] == [kept, *[0] * (len(names) - 1)]


def test_a_line_in_another_encoding_costs_itself_alone(folder: Folder) -> None:
    name = write(folder.path / "tweets.jsonl", tweet(1), json.dumps(tweet(2, "CAFÉ #"), ensure_ascii=False), tweet(3))
    text = (folder.path / name).read_bytes()
    (folder.path / name).write_bytes(text.replace("É".encode(), b"\xc9"))
    assert folder.call("import", name).err == f"collector: {name}:2: not UTF-8\n"
    assert len(exported(folder)) == 2


def test_one_bad_file_does_not_cost_the_others(folder: Folder) -> None:
    good = write(folder.path / "tweets.jsonl", tweet(1))
    done = folder.call("import", "missing.csv", good)
    assert (done.code, len(done.err.splitlines()), len(exported(folder))) == (1, 1, 1)


def test_a_file_that_may_not_be_read_is_one_line(folder: Folder) -> None:
    write(folder.path / "tweets.jsonl", tweet(1))
    (folder.path / "tweets.jsonl").chmod(0)
    assert "permission" in folder.run("import", "tweets.jsonl", before=without_privileges()).refusal()


def test_an_unknown_format_is_refused_with_those_there_are(folder: Folder) -> None:
    write(folder.path / "tweets.jsonl", tweet(1))
    refusal = folder.call("import", "--format", "twitter", "tweets.jsonl").refusal(2)
    assert "twarc, twarc2" in refusal


def test_without_a_file_the_command_line_is_wrong(folder: Folder) -> None:
    assert folder.call("import").code == 2


def test_only_a_collected_topic_can_be_named(folder: Folder) -> None:
    name = write(folder.path / "tweets.jsonl", tweet(1))
    assert "#other is not collected" in folder.call("import", "--hashtag", "other", name).refusal()
    assert folder.call("import", "--hashtag", "#NotCoProduction", name).code == 0
    assert [post["topic"] for post in exported(folder)] == ["notcoproduction"]


@pytest.mark.parametrize("format_name", ["csv", "jsonl"])
def test_an_export_comes_back_as_the_same_posts(folder: Folder, tmp_path: Path, format_name: str) -> None:
    texts = ["Plain. #notcoproduction", "=1+1 | 2 #notcoproduction", "Two\n\nlines, “quoted” #notcoproduction"]
    folder.call("import", write(folder.path / "t.jsonl", *(tweet(n, text) for n, text in enumerate(texts, 1))))
    folder.call("export", "--format", format_name, "--output", f"posts.{format_name}")
    (tmp_path / "other").mkdir()
    other = Folder(tmp_path / "other")
    assert other.call("import", str(folder.path / f"posts.{format_name}")).rows[0]["new"] == "3"
    assert exported(other) == exported(folder)


def test_an_import_that_is_stopped_keeps_what_it_had_and_goes_on(folder: Folder) -> None:
    write_twarc2(folder.path / "tweets.jsonl", tweets=40_000)
    command = [sys.executable, "-m", "collector", "import", "tweets.jsonl"]
    with subprocess.Popen(
        command,
        cwd=folder.path,
        env=environment(folder.path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        log = folder.path / "collector.db-wal"
        wait_until(lambda: log.exists() and log.stat().st_size > 4_000_000)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert err.splitlines()[0] == "the same command goes on from here"
    kept = len(exported(folder))
    assert 0 < kept < 32_000
    row = folder.call("import", "tweets.jsonl").rows[0]
    assert int(row["new"].replace(",", "")) == len(exported(folder)) - kept
    assert len(exported(folder)) == 32_000


def test_progress_is_drawn_in_a_terminal_and_nothing_of_it_in_a_pipe(folder: Folder) -> None:
    write_twarc2(folder.path / "tweets.jsonl", tweets=3_000)
    code, shown = folder.in_terminal("import", "tweets.jsonl", columns=120)
    assert code == 0
    assert "importing tweets.jsonl" in shown
    assert folder.call("import", "tweets.jsonl").err == ""
