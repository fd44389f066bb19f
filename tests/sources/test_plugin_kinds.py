"""A kind of source in a package of its own is like those in here: named, configured, polled."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from plugging import GUESTBOOK, install
from running import ROOT, environment, now
from serving import Asked, Reply, Serving, json_reply

CONFIGURATION = """
[collector]
hashtags = ["notcoproduction"]
timezone = "UTC"

[[source]]
name = "the guestbook"
kind = "guestbook"
url = "{url}"
allow_private_network = true

[[digest]]
series = "weekly"
to = ["me@example.org"]

[mail]
from = "Not coproduction <digest@example.org>"
"""


@pytest.fixture
def guestbook() -> Iterator[Serving]:
    """A guestbook of two pages."""
    with Serving() as serving:

        def entry(number: int, words: str) -> dict[str, Any]:
            written = (now() - timedelta(hours=10 - number)).isoformat()
            page = f"{serving.address}/book/{number}"
            return {"id": number, "page": page, "name": "Carys", "written": written, "words": words}

        def page(asked: Asked) -> Reply:
            if asked.query.get("before") == ["2"]:
                return json_reply({"title": "A book", "entries": [entry(1, "The ramp is a step. #NotCoProduction")]})
            entries = [entry(3, "Lovely biscuits."), entry(2, "We were asked, after. #notcoproduction"), {"id": 9}]
            return json_reply({"title": "A book", "entries": entries, "older": 2})

        serving.answers["/book"] = page
        yield serving


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    return install(GUESTBOOK, tmp_path / "site")


def python(folder: Path, installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own that finds the package."""
    env = environment(folder, PYTHONPATH=f"{ROOT}:{installed}")
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def configure(folder: Path, url: str) -> None:
    (folder / "collector.toml").write_text(CONFIGURATION.format(url=url), encoding="utf-8")


def test_an_installed_kind_is_known_beside_our_own(tmp_path: Path, installed: Path) -> None:
    done = python(tmp_path, installed, "-c", "from collector.config.kinds import known_kinds; print(*known_kinds())")
    assert done.stdout.split() == ["bluesky", "feed", "guestbook", "mastodon", "wordpress"], done.stderr
    code = "from collector.sources import kind_of; print(kind_of('guestbook').__name__)"
    assert python(tmp_path, installed, "-c", code).stdout == "GuestbookSource\n"


def test_an_installed_kind_may_stand_in_the_configuration(tmp_path: Path, installed: Path, guestbook: Serving) -> None:
    configure(tmp_path, f"{guestbook.address}/book")
    done = python(tmp_path, installed, "-m", "collector", "check", "--json")
    (told,) = [each for each in json.loads(done.stdout)["checks"] if "the guestbook" in each["what"]]
    assert (told["is_ok"], told["message"]) == (True, f"{guestbook.address} can be read"), done.stderr
    assert len(guestbook.asked_for("/book")) == 1


def test_without_its_package_the_kind_is_unknown(tmp_path: Path, guestbook: Serving) -> None:
    configure(tmp_path, f"{guestbook.address}/book")
    done = python(tmp_path, tmp_path, "-m", "collector", "poll")
    assert done.returncode == 1
    assert 'unknown: "guestbook"' in done.stderr
    assert "feed, mastodon" in done.stderr
    assert guestbook.asked == []


def test_the_posts_of_an_installed_kind_are_collected(tmp_path: Path, installed: Path, guestbook: Serving) -> None:
    configure(tmp_path, f"{guestbook.address}/book")
    polled = python(tmp_path, installed, "-m", "collector", "poll", "--json")
    assert polled.returncode == 0, polled.stderr
    done = python(tmp_path, installed, "-m", "collector", "export", "--format", "jsonl", "--output", "-")
    posts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [post["text"] for post in posts] == [
        "The ramp is a step. #NotCoProduction",
        "We were asked, after. #notcoproduction",
    ], done.stderr
    assert {(post["network"], post["source"], post["author_name"]) for post in posts} == {
        ("guestbook", "the guestbook", "Carys")
    }
    assert len(guestbook.asked_for("/book")) == 2


def test_kept_answers_of_an_installed_kind_are_read_once_more(
    tmp_path: Path, installed: Path, guestbook: Serving
) -> None:
    configure(tmp_path, f"{guestbook.address}/book")
    assert python(tmp_path, installed, "-m", "collector", "poll").returncode == 0
    done = python(tmp_path, installed, "-m", "collector", "db", "renormalise")
    assert done.returncode == 0, done.stderr
    assert "guestbook" not in done.stderr
