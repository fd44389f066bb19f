"""`export`: pseudonyms, earlier texts, and the manifest beside a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fediverse import FakeServer
from making_storage import add_watch
from running import LAST_WEEK, Folder, now

from collector.digest.calendars import WEEKS
from collector.digest.windows import window_named
from collector.export import COLUMNS
from collector.model import Gap
from collector.storage.gaps import save_gaps
from collector.storage.watches import all_watches

WARNING = "pseudonymous, not anonymous: whoever searches for the words of a text may find who wrote it"
TRACES = ("mair", "asha", "price", "fedi.example", "http", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer("mastodon") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: FakeServer) -> Folder:
    """With a post of last week and one of this week."""
    folder = Folder(tmp_path, server)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    server.publish("This week's example.", at=now())
    assert folder.call("poll").code == 0
    return folder


@pytest.fixture
def talking(tmp_path: Path, server: FakeServer) -> Folder:
    """Two people who speak of each other, one of whom has thought better of what she wrote."""
    folder = Folder(tmp_path, server)
    mair = {"display_name": "Mair Price"}
    first = server.publish("Asked @asha@fedi.example.", at=now() - LAST_WEEK, author="mair", account=mair)
    more = "Mair Price is at mair@x.example, or https://fedi.example/@mair"
    server.publish(f"See {more}", at=now(), author="asha")
    folder.call("poll")
    server.edit(first, "Asked nobody.", at=now())
    folder.call("poll")
    return folder


def exported(folder: Folder, *options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in folder.call("export", "--format", "jsonl", *options).out.splitlines()]


def manifest_of(folder: Folder, name: str = "posts.csv") -> Any:
    return json.loads((folder.path / f"{name}.manifest.json").read_text(encoding="utf-8"))


def test_a_pseudonymised_export_names_nobody_and_says_that_it_is_not_anonymous(talking: Folder) -> None:
    options = ("--pseudonymise", "--with-revisions", "--output", "posts.csv")
    for more in ((), ("--for-excel",), ("--raw-cells",), ("--format", "jsonl"), ("--columns", "text,author_handle")):
        done = talking.call("export", *options, *more)
        assert done.err.splitlines()[:2] == ["2 posts written to posts.csv", WARNING]
        for name in ("posts.csv", "posts.csv.manifest.json"):
            left = (talking.path / name).read_text(encoding="utf-8").lower()
            assert [trace for trace in TRACES if trace in left] == []


def test_a_pseudonym_stands_for_the_same_person_in_every_export_of_a_collection(
    talking: Folder, tmp_path: Path, server: FakeServer
) -> None:
    (first, second), again = (
        exported(talking, "--pseudonymise"),
        exported(talking, "--pseudonymise", "--columns", "uri"),
    )
    assert [row["uri"] for row in again] == [first["uri"], second["uri"]]
    mair, asha = first["author_id"], second["author_id"]
    assert mair != asha
    assert second["text"] == f"See {mair} is at [address], or {mair} #notcoproduction"
    (earlier, _) = exported(talking, "--pseudonymise", "--with-revisions")
    assert earlier["revisions"] == [f"Asked @{asha}. #notcoproduction"]
    (tmp_path / "other").mkdir()
    other = Folder(tmp_path / "other", server)
    other.call("poll")
    assert {row["author_id"] for row in exported(other, "--pseudonymise")}.isdisjoint({mair, asha})


def test_earlier_texts_go_out_only_where_they_are_asked_for(talking: Folder) -> None:
    assert all("revisions" not in row for row in exported(talking))
    (first, second) = exported(talking, "--with-revisions")
    assert first["text"] == "Asked nobody. #notcoproduction"
    assert first["revisions"] == ["Asked @asha. #notcoproduction"]
    assert (len(first["revisions_replaced_at"]), second["revisions"]) == (1, [])
    done = talking.call("export", "--with-revisions", "--columns", "revisions")
    assert done.out.splitlines()[1:] == ['"Asked @asha. #notcoproduction"', '""']
    assert "earlier texts" in done.err
    refusal = talking.call("export", "--columns", "revisions").refusal(2)
    assert refusal == "revisions: earlier texts go out with --with-revisions only"
    dictionary = talking.call("export", "--data-dictionary", "--with-revisions").out
    assert '"revisions"' in dictionary or "\r\nrevisions," in dictionary


def test_a_manifest_stands_beside_every_export_that_is_a_file(folder: Folder) -> None:
    folder.write(collector={"timezone": "Europe/London"})
    uri = json.loads(folder.call("export", "--format", "jsonl", "--columns", "uri").out.splitlines()[0])["uri"]
    folder.call("hide", uri)
    (folder.path / "posts.csv.manifest.json").write_text("of before")
    week = WEEKS.name_of(now().date())
    folder.call("export", "--week", week, "--hashtag", "NotCoproduction", "--output", "posts.csv", "--raw-cells")
    content, told = (folder.path / "posts.csv").read_bytes(), manifest_of(folder)
    assert (told["file"], told["rows"], told["bytes"]) == ("posts.csv", 1, len(content))
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["query"]["asked"] == {"format": "csv", "hashtag": "NotCoproduction", "week": week, "raw_cells": True}
    understood = told["query"]["understood"]
    assert (understood["timezone"], understood["topic"]) == ("Europe/London", "notcoproduction")
    window = window_named(week, ZoneInfo("Europe/London"))
    assert understood["dated_from"] == f"{window.starts_at:%Y-%m-%dT%H:%M:%S}.000Z"
    assert [column["name"] for column in told["columns"]] == [column.name for column in COLUMNS]
    (source,) = told["sources"]
    assert (source["source"], source["condition"]) == ("server 1", "ok")
    assert source["began_at"] <= source["last_complete_at"] <= told["written_at"]
    assert told["gaps"] == []
    assert told["left_out"]["not_asked_for"] == 1
    assert sorted(path.name for path in folder.path.glob("posts*")) == ["posts.csv", "posts.csv.manifest.json"]


def test_the_gaps_of_what_is_asked_for_stand_in_the_manifest(folder: Folder) -> None:
    days = [now() - timedelta(days=number) for number in range(9)]
    with folder.app() as app, app.database.write() as conn:
        watch, another = all_watches(conn)[0], add_watch(conn, "server 2", address="https://two.example")
        old, new = Gap(starts_at=days[8], ends_at=days[6], reason="old"), Gap(starts_at=days[1], reason="new")
        save_gaps(conn, watch.id, [], [old, new])
        save_gaps(conn, another.id, [], [Gap(starts_at=days[0], reason="other")])
    middle = f"{days[5]:%Y-%m-%dT%H:%MZ}"
    for options, reasons in (
        ((), ["old", "new", "other"]),
        (("--source", "server 1"), ["old", "new"]),
        (("--since", middle), ["new", "other"]),
        (("--until", middle), ["old"]),
        (("--until", middle, "--week", WEEKS.name_of(days[0].date()), "--source", "server 2"), []),
    ):
        folder.call("export", "--output", "posts.csv", *options)
        assert [gap["reason"] for gap in manifest_of(folder)["gaps"]] == reasons


def test_there_is_no_manifest_without_a_file_and_none_of_an_export_that_failed(folder: Folder) -> None:
    folder.call("export")
    folder.call("export", "--output", "/dev/null")
    folder.call("export", "--output", "posts.csv", "--digest", "weekly/2001-W01")
    assert list(folder.path.glob("*.manifest.json")) == []
    assert not Path("/dev/null.manifest.json").exists()
    (folder.path / "posts.csv.manifest.json").mkdir()
    refusal = folder.call("export", "--output", "posts.csv").refusal()
    assert refusal == "posts.csv.manifest.json: cannot be written: Is a directory"
    assert not (folder.path / "posts.csv").exists()


def test_a_manifest_never_takes_the_place_of_the_configuration(folder: Folder) -> None:
    (folder.path / "collector.toml").rename(folder.path / "a.csv.manifest.json")
    done = folder.call("export", "--config", "a.csv.manifest.json", "--output", "a.csv")
    assert "the collector's own file" in done.refusal()
