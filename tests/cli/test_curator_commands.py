"""Curators and block words, as the command line tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fediverse import FakeServer
from running import LAST_WEEK, Folder, now

WEB = {"base_url": "https://digest.example.org"}
CURATED = {"curator": "curator@example.org", "approval": "required"}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as server:
        yield server


def test_block_words_count_from_the_next_command_on(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("A night at the casino.", at=now())
    server.publish("A day at the office.", at=now())
    assert folder.call("poll").code == 0
    assert "casino" in folder.call("digest", "show").out
    folder.write(collector={"block_words": ["CASINO"]})
    shown = folder.call("digest", "show").out
    assert "casino" not in shown
    assert "office" in shown
    assert "kept out of digests and pages by block words: 1" in folder.call("status").out
    assert folder.call("status", "--json").json["blocked"] == 1
    assert "casino" in folder.call("export", "--output", "-").out
    folder.write()
    assert "casino" in folder.call("digest", "show").out
    assert "block words" not in folder.call("status").out


def test_a_digest_that_waits_is_told_and_sent_by_hand_in_its_curator_s_place(
    tmp_path: Path, server: FakeServer
) -> None:
    folder = Folder(tmp_path, server, web=WEB, digest=CURATED)
    folder.live_at(now() - 2 * LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    folder.live_at(now())
    assert len(folder.mails) == 1, "the preview"
    status = folder.call("status")
    assert "once its curator lets it" in status.out
    assert "waits for its curator, curator@example.org, since" in status.out
    week = folder.call("status", "--json").json["series"][0]
    assert week["waits_for"] == "curator@example.org"
    rehearsal = folder.call("digest", "send", "--dry-run")
    assert "it waits for its curator, curator@example.org; sending it counts as their word" in rehearsal.out
    assert "would go to me@example.org" in rehearsal.out
    sent = folder.call("digest", "send")
    assert sent.code == 0
    assert "it waited for its curator, curator@example.org; this counts as their word" in sent.out
    assert len(folder.mails) == 2
    assert "waits for its curator" not in folder.call("status").out
    assert folder.call("digest", "list").rows[-2]["sent"] == "1", "previews are no digests"


def test_a_curator_without_pages_is_one_clear_line(tmp_path: Path) -> None:
    folder = Folder(tmp_path, digest={"curator": "curator@example.org"})
    assert folder.call("status").refusal() == (
        "collector.toml: digest[1].curator: a curator needs web.base_url, where their links lead to"
    )
