"""`poll`, `tick`, `backfill` and `add`: posts in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bluesky_server import ALICE, GET_POSTS, PASSWORD, BlueskyServer, a_view, error_reply
from fediverse import FakeServer
from running import LAST_WEEK, Folder, environment, now, wait_until
from serving import json_reply

NUMBERS = ("fetched", "new", "changed", "gone", "rejected")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


def texts(folder: Folder, *more: str) -> list[str]:
    done = folder.call("export", "--format", "jsonl", "--columns", "text", *more)
    return [json.loads(line)["text"].removesuffix(" #notcoproduction") for line in done.out.splitlines()]


def test_a_round_is_a_line_a_source_in_a_pipe(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    first = server.publish("The first.", at=now())
    server.publish("The second.", at=now())
    done = folder.call("poll")
    assert (done.code, done.err) == (0, "")
    assert done.out == ("source\tfetched\tnew\tchanged\tgone\trejected\thow it is\nserver 1\t2\t2\t0\t0\t0\tok\n")
    server.edit(first, "The first, mended.", at=now())
    assert folder.call("poll").rows[0]["changed"] == "1"


def test_a_round_is_a_table_in_a_terminal(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("The first.", at=now())
    code, shown = folder.in_terminal("poll")
    assert code == 0
    assert "\t" not in shown
    assert "source    fetched  new  changed  gone  rejected  how it is" in shown
    assert "server 1        1    1        0     0         0  ok" in shown


def test_a_round_as_json_has_numbers_condition_and_error(tmp_path: Path, server: FakeServer) -> None:
    with FakeServer("takahe", domain="closed.example", token="sesame") as closed:
        folder = Folder(tmp_path, server, closed)
        server.publish("The first.", at=now())
        done = folder.call("poll", "--json")
    assert done.code == 1
    assert done.err == ""
    good, bad = done.json["sources"]
    assert good == {
        "source": "server 1",
        "address": server.address,
        "hashtags": ["notcoproduction"],
        **dict.fromkeys(NUMBERS, 0),
        "fetched": 1,
        "new": 1,
        "condition": "ok",
        "goes_on": False,
        "waits_until": None,
        "error": None,
    }
    assert bad["condition"] == "needs a token"
    assert "shows this to its members only: give the source a token" in bad["error"]


def test_one_source_that_fails_makes_it_1_and_harms_no_other(tmp_path: Path, server: FakeServer) -> None:
    with FakeServer(domain="down.example") as other:
        folder = Folder(tmp_path, other, server)
    server.publish("The first.", at=now())
    done = folder.call("poll")
    assert "server 1: 127.0.0.1" in done.complaint()
    assert [row["new"] for row in done.rows] == ["0", "1"]
    assert texts(folder) == ["The first."]


def test_only_the_named_sources_are_asked(tmp_path: Path, server: FakeServer) -> None:
    with FakeServer(domain="other.example") as other:
        folder = Folder(tmp_path, server, other)
        done = folder.call("poll", "server 2")
    assert [row["source"] for row in done.rows] == ["server 2"]
    assert not server.requests


def test_a_source_that_is_not_configured_is_named_with_those_there_are(tmp_path: Path, server: FakeServer) -> None:
    refusal = Folder(tmp_path, server).call("poll", "server 7").refusal()
    assert refusal == "no source is called 'server 7'; there are: server 1"


def test_without_sources_it_says_what_to_do(tmp_path: Path) -> None:
    done = Folder(tmp_path).call("poll")
    assert (done.code, done.out) == (0, "")
    assert done.err == "no source is configured: add a [[source]] to the configuration\n"


def test_by_hand_it_looks_over_the_overlap_though_nothing_is_due(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("The first.", at=now())
    folder.call("poll")
    late = server.write("Fetched late.", at=now() - timedelta(hours=20), author="x@far.example")
    server.fetch_late(late)
    assert folder.call("tick").err == "nothing was due\n"
    assert folder.call("poll").rows[0]["new"] == "1"


def test_deep_it_looks_over_the_deep_overlap(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server, polling={"overlap": "1h"})
    for number in range(90):
        server.publish(f"Number {number}.", at=now() - timedelta(hours=2 * number))
    folder.call("poll")
    server.fetch_late(server.write("Fetched late.", at=now() - timedelta(hours=175), author="x@far.example"))
    assert folder.call("poll").rows[0]["new"] == "0"
    assert "Fetched late." not in texts(folder)
    folder.call("poll", "--deep")
    assert "Fetched late." in texts(folder)


def test_a_server_that_asked_for_quiet_is_not_asked_by_hand_either(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.limit_requests(0, retry_after="3600")
    assert "server 1: " in folder.call("poll").complaint()
    asked = len(server.requests)
    complaint = folder.call("poll").complaint()
    assert "server 1: left alone until" in complaint
    assert "as it asked" in complaint
    assert len(server.requests) == asked


def test_a_server_that_was_down_is_asked_again_by_hand(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.down()
    assert folder.call("poll").code == 1
    server.up()
    assert folder.call("poll").code == 0


def test_an_unreadable_post_is_counted_and_the_page_goes_on(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("Good.", at=now())
    server.publish("Bad.", at=now(), created_at="the day before yesterday")
    row = folder.call("poll").rows[0]
    assert (row["fetched"], row["new"], row["rejected"]) == ("2", "1", "1")
    assert "not shown: 1 that could not be read as a post" in folder.call("status").out


def test_a_tick_polls_builds_and_sends_what_is_due_and_says_so(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    folder.live_at(now() - 2 * LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    done = folder.call("tick")
    assert (done.code, done.out, done.err) == (0, "", "1 source asked, 1 new post, 1 mail sent\n")
    assert len(folder.mails) == 1
    assert folder.call("tick").err == "nothing was due\n"


def test_a_tick_names_every_failure_and_is_1(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    folder.live_at(now() - 2 * LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    folder.call("poll")
    with FakeServer(domain="down.example") as other:
        folder.servers.append(other)
    folder.write(mail={"host": "127.0.0.1", "port": 9, "security": "none"})
    done = folder.call("tick")
    assert done.code == 1
    summary, source, mail = done.err.splitlines()
    assert summary == "1 source asked, 0 new posts, 0 mails sent"
    assert source.startswith("collector: server 2: 127.0.0.1")
    assert mail == "collector: 127.0.0.1:9: connection refused"


def test_a_backfill_brings_all_that_a_source_holds(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server, polling={"max_pages": 2})
    for number in range(300):
        server.publish(f"Number {number}.", at=now() - timedelta(days=number))
    assert folder.call("poll").rows[0]["new"] != "300"
    done = folder.call("backfill")
    assert (done.code, done.err) == (0, "")
    assert done.rows[0]["how it is"] == "ok"
    assert len(texts(folder)) == 300
    assert folder.call("backfill").rows[0]["new"] == "0"


def test_a_backfill_ends_at_the_day_that_is_given(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    for number in range(300):
        server.publish(f"Number {number}.", at=now() - timedelta(days=number))
    folder.call("backfill", "--since", f"{now() - timedelta(days=100):%Y-%m-%d}")
    assert 101 <= len(texts(folder)) <= 101 + 2 * 40, "whole pages, the last of them all older"
    folder.call("backfill")
    assert len(texts(folder)) == 300


def test_a_backfill_goes_on_where_an_error_ended_it(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server, polling={"max_pages": 2})
    for number in range(200):
        server.publish(f"Number {number}.", at=now() - timedelta(days=number))
    folder.call("poll")
    server.limit_requests(3)
    done = folder.call("backfill")
    assert done.code == 1
    assert "the same command goes on where it was" in done.err
    assert len(texts(folder)) < 200
    server.lift_limit()
    asked = len(server.asked())
    assert folder.call("backfill").code == 0
    assert len(texts(folder)) == 200
    assert len(server.asked()) - asked <= 4, "what had come in is not fetched again"


def test_a_backfill_goes_on_where_it_was_interrupted(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server, polling={"max_pages": 1})
    for number in range(200):
        server.publish(f"Number {number}.", at=now() - timedelta(days=number))
    folder.call("poll")
    asked = len(server.asked())
    command = [sys.executable, "-m", "collector", "backfill"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_until(lambda: len(server.asked()) >= asked + 2)
        server.stall_next(60)
        wait_until(lambda: any(fault.times == 0 for fault in server._faults))
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 1
    assert err.split("\n") == ["the same command goes on from here", "", "collector: stopped", ""]
    server.down()
    server.up()
    assert folder.call("backfill").code == 0
    assert len(texts(folder)) == 200


def test_a_backfill_counts_in_a_terminal(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    for number in range(60):
        server.publish(f"Number {number}.", at=now() - timedelta(days=number))
    code, shown = folder.in_terminal("backfill")
    assert code == 0
    assert "walking back: 60 posts" in shown


@pytest.mark.parametrize("kind", ["gotosocial", "takahe", "mastodon"])
@pytest.mark.parametrize("tags", [("notcoproduction",), ()])
def test_a_post_that_somebody_pointed_out_is_kept(tmp_path: Path, kind: str, tags: tuple[str, ...]) -> None:
    token = "sesame" if kind == "gotosocial" else None
    with FakeServer(kind, token=token) as server:
        post = server.publish("Look at this.", at=now(), tags=tags)
        folder = Folder(tmp_path, server, sources={"token": token} if token else None)
        native_id = post["url"].rstrip("/").rpartition("/")[2]
        path = {"gotosocial": f"/@asha/statuses/{native_id}", "takahe": f"/@asha/posts/{native_id}/"}
        url = server.address + path.get(kind, f"/@asha/{native_id}")
        done = folder.call("add", url)
        assert (done.code, done.err) == (0, "")
        assert done.out == f"kept: asha@fedi.example, {now():%Y-%m-%d}: {post['uri']}\n"
        assert folder.call("add", url).out.startswith("known already: asha@fedi.example")
    assert texts(folder) == ["Look at this."]
    assert texts(folder, "--hashtag", "notcoproduction") == ["Look at this."]


def test_a_post_of_another_server_is_looked_up_by_one_with_a_token(tmp_path: Path) -> None:
    with FakeServer("mastodon", token="sesame") as server:
        post = server.deliver_late(server.write("From afar.", at=now(), author="x@far.example"), now())
        folder = Folder(tmp_path, server, sources={"token": "sesame"})
        assert folder.call("add", post["url"]).code in {0, 1}
        assert texts(folder) == ["From afar."]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("banana", "'banana' is no address of a post"),
        ("ftp://x.example/1", "'ftp://x.example/1' is no address of a post"),
        ("SERVER/@asha/statuses/01ARZ3NDEKTSV4RRFFQ69G5FAV", "shows no post at"),
        ("SERVER/about", "is no post of 127.0.0.1"),
        ("http://127.0.0.1:9/@asha/statuses/01ARZ3NDEKTSV4RRFFQ69G5FAV", "in a private network"),
        ("http://[::1]:9/@asha/1", "in a private network"),
    ],
)
def test_what_cannot_be_added_is_said_in_a_line(tmp_path: Path, server: FakeServer, url: str, said: str) -> None:
    folder = Folder(tmp_path, server)
    assert said in folder.call("add", url.replace("SERVER", server.address)).refusal()
    assert texts(folder) == []


def test_a_post_is_added_only_for_a_hashtag_that_is_collected(tmp_path: Path, server: FakeServer) -> None:
    post = server.publish("Look at this.", at=now())
    url = f"{server.address}/@asha/statuses/{post['id']}"
    refusal = Folder(tmp_path, server).call("add", url, "--hashtag", "#other").refusal()
    assert refusal == "#other is not collected; the configuration has: notcoproduction"


def test_a_post_on_bluesky_is_asked_for_there_and_nowhere_else(tmp_path: Path) -> None:
    with BlueskyServer() as server:
        server.answers["/xrpc/com.atproto.identity.resolveHandle"] = error_reply("HandleNotFound")
        server.answers[GET_POSTS] = json_reply({"posts": [a_view()]})
        account = {"username": "reader.test", "password": PASSWORD, "allow_private_network": True}
        folder = Folder(tmp_path, source={"name": "b", "kind": "bluesky", "url": server.address} | account)
        refusal = folder.call("add", "https://bsky.app/profile/nobody.test/post/3kaaa").refusal()
        assert refusal == "nobody on Bluesky is called nobody.test"
        done = folder.call("add", f"https://bsky.app/profile/{ALICE}/post/3kaaa")
        assert done.out == f"kept: alice.test, 2026-11-17: at://{ALICE}/app.bsky.feed.post/3kaaa\n"
