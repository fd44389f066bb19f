"""`check`, `status` and `db`: how things stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fediverse import FakeServer
from running import LAST_WEEK, Daemon, Folder, now
from serving import Reply, Serving, json_reply
from smtpserver import MailServer, free_port

HTML = Reply(headers={"Content-Type": "text/html"}, body=b"<!doctype html><title>A shop</title>")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


def check(folder: Folder) -> dict[str, dict[str, Any]]:
    done = folder.call("check", "--json")
    found: dict[str, dict[str, Any]] = {finding["what"]: finding for finding in done.json["checks"]}
    assert done.code == int(not all(finding["is_ok"] for finding in found.values()))
    return found


def test_a_check_where_all_is_well_is_a_line_each_and_creates_nothing(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("An example.", at=now())
    before = sorted(tmp_path.iterdir())
    done = folder.call("check")
    assert (done.code, done.err) == (0, "")
    host = server.address.removeprefix("http://")
    assert done.out.splitlines() == [
        "ok    configuration: collector.toml collects #notcoproduction",
        f"ok    database: {folder.database}: not there yet; the first poll makes it",
        f"ok    server 1 #notcoproduction: {host} can be read (0.20.0-rc1); its rules: {server.address}/about",
        f"ok    mail: digests go to {tmp_path}/outbox",
    ]
    assert sorted(tmp_path.iterdir()) == before
    rules = {what: finding["rules_url"] for what, finding in check(folder).items()}
    assert rules.pop("server 1 #notcoproduction") == f"{server.address}/about"
    assert set(rules.values()) == {None}


def test_a_check_writes_hashtags_as_the_configuration_does_and_says_where_warnings_go(
    tmp_path: Path, server: FakeServer
) -> None:
    folder = Folder(tmp_path, server, collector={"hashtags": ["NotCoproduction"]}, warnings={"to": ["op@example.org"]})
    told = check(folder)
    assert "server 1 #NotCoproduction" in told
    assert told["warnings"]["message"] == "what needs a person goes to op@example.org, the same way"
    assert list(told).index("warnings") == list(told).index("mail") + 1


def test_in_a_terminal_a_check_fits_its_lines_to_it(tmp_path: Path, server: FakeServer) -> None:
    code, shown = Folder(tmp_path, server).in_terminal("check")
    assert code == 0
    lines = shown[shown.index("ok ") :].splitlines()
    assert any(line.startswith("      ") for line in lines)
    assert max(map(len, lines)) <= 80 or any(len(word) > 74 for word in shown.split())


@pytest.mark.parametrize(
    ("options", "condition", "is_ok", "said"),
    [
        ({"kind": "gotosocial", "token": "sesame"}, "needs a token", False, "give the source a token"),
        ({"kind": "takahe", "token": "sesame"}, "needs a token", False, "give the source a token"),
        ({"kind": "mastodon", "token": "sesame"}, "needs a token", False, "give the source a token"),
        ({"kind": "mastodon"}, "no posts", True, "can be read, and holds no post with #notcoproduction"),
        ({"kind": "gotosocial"}, "never used here", True, "#notcoproduction was never used there"),
        ({"kind": "mastodon", "remote_feed": "disabled"}, "half a feed", True, "hides the posts of other servers"),
        (
            {"kind": "mastodon", "remote_feed": "disabled", "local_feed": "disabled"},
            "feed disabled",
            False,
            "has switched its hashtag timelines off",
        ),
    ],
)
def test_each_state_of_a_source_is_told_apart(
    tmp_path: Path, options: dict[str, Any], condition: str, is_ok: bool, said: str
) -> None:
    with FakeServer(**options) as server:
        finding = check(Folder(tmp_path, server))["server 1 #notcoproduction"]
    assert (finding["condition"], finding["is_ok"]) == (condition, is_ok)
    assert said in finding["message"]


@pytest.mark.parametrize("kind", ["gotosocial", "takahe", "mastodon"])
def test_a_wrong_token_is_told_without_repeating_it(tmp_path: Path, kind: str) -> None:
    with FakeServer(kind, token="sesame") as server:
        folder = Folder(tmp_path, server, sources={"token": "wrong-secret"})
        finding = check(folder)["server 1 #notcoproduction"]
        done = folder.call("poll")
    assert (finding["condition"], finding["is_ok"]) == ("bad token", False)
    assert done.code == 1
    assert "wrong-secret" not in finding["message"] + done.out + done.err


@pytest.mark.parametrize(
    ("reply", "condition", "said"),
    [
        (HTML, "no such API", "answers with a web page: has it no Mastodon API?"),
        (json_reply({"error": "Not Found"}, 404), "no such API", ""),
        (json_reply({"posts": []}), "unreadable answer", ""),
        (Reply(headers={"Content-Type": "application/json"}, body=b"[{"), "unreadable answer", "broken JSON"),
        (Reply(status=502), "server fault", ""),
        (Reply(status=429, headers={"Retry-After": "60"}), "rate limited", ""),
        (Reply(resets=True), "unreachable", "broke off its answer"),
    ],
)
def test_what_is_no_mastodon_server_is_told_in_a_line(tmp_path: Path, reply: Reply, condition: str, said: str) -> None:
    with Serving() as server:
        server.otherwise = reply
        folder = Folder(tmp_path, server)
        finding = check(folder)["server 1 #notcoproduction"]
        assert (finding["condition"], finding["is_ok"]) == (condition, False)
        assert said in finding["message"]
        assert "\n" not in finding["message"]
        complaint = folder.call("poll").complaint()
        assert complaint.startswith("server 1: 127.0.0.1")
        assert said in complaint


def test_a_server_that_is_not_there_or_private_is_told(tmp_path: Path, server: FakeServer) -> None:
    nobody = {"name": "nobody", "kind": "mastodon", "url": f"http://127.0.0.1:{free_port()}"}
    folder = Folder(tmp_path, source=nobody | {"allow_private_network": True})
    place = nobody["url"].removeprefix("http://")
    told = f"{place} cannot be reached: connection refused"
    assert check(folder)["nobody #notcoproduction"]["message"] == told
    assert folder.call("poll").complaint() == f"nobody: {told}"
    folder.write(source=nobody | {"allow_private_network": True, "name": "127.0.0.1:" + place.partition(":")[2]})
    assert folder.call("poll").complaint() == told
    folder.write(source=nobody | {"url": server.address})
    finding = check(folder)["nobody #notcoproduction"]
    assert finding["condition"] == "private address"
    assert "set allow_private_network = true for this source" in finding["message"]
    assert not server.requests


def test_without_sources_a_check_fails_and_says_what_to_add(tmp_path: Path) -> None:
    assert check(Folder(tmp_path))["sources"]["message"] == "none is configured: add a [[source]]"


def test_a_mail_server_is_tried_with_its_log_in(tmp_path: Path) -> None:
    with MailServer(accounts={"digest": "sesame"}) as mail:
        there = {"host": mail.host, "port": mail.port, "security": "none", "username": "digest"}
        folder = Folder(tmp_path, mail=there | {"password": "sesame"})
        assert check(folder)["mail"]["message"] == f"digests go to 127.0.0.1:{mail.port}"
        folder.write(mail=there | {"password": "wrong-secret"})
        finding = check(folder)["mail"]
        assert not finding["is_ok"]
        assert "refuses the log-in of digest" in finding["message"]
        assert "wrong-secret" not in finding["message"]
        assert mail.messages == []


def test_a_check_says_where_pages_are_served_and_who_can_subscribe(tmp_path: Path, server: FakeServer) -> None:
    at = f"127.0.0.1:{free_port()}"
    folder = Folder(tmp_path, server, web={"listen": at})
    told = check(folder)["pages"]["message"]
    assert told.startswith(
        f"{at} is free for 'collector run' to serve them at; without web.base_url nobody can subscribe"
    )
    folder.write(web={"listen": at, "base_url": f"http://{at}"})
    with Daemon(folder) as daemon:
        daemon.wait_for("INFO round")
        told = check(folder)["pages"]["message"]
    assert told.startswith(f"they are answered at {at}; mails link to http://{at}; people can subscribe to weekly")
    with Serving() as other:
        taken = other.address.removeprefix("http://")
        folder.write(web={"listen": taken, "base_url": f"http://{taken}"})
        finding = check(folder)["pages"]
    assert (finding["is_ok"], f"{taken} is taken by another program" in finding["message"]) == (False, True)
    folder.write(web={"base_url": "https://digest.example.org"})
    assert "'collector serve' does; mails link to https://digest.example.org" in check(folder)["pages"]["message"]


def test_a_check_says_which_series_nobody_gets(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server, digest={"to": []})
    assert check(folder)["readers of weekly"] == {
        **dict.fromkeys(("condition", "needs_token", "rules_url")),
        "what": "readers of weekly",
        "is_ok": True,
        "message": (
            "nobody gets it yet: `to` is empty, without web.base_url nobody can sign up,"
            " and 'collector subscribers add' has added nobody"
        ),
    }
    assert folder.call("check").code == 0
    folder.write(digest={"to": []}, web={"base_url": "https://digest.example.org"})
    assert "readers of weekly" not in check(folder)
    folder.write(digest={"to": [], "sign_up": False}, web={"base_url": "https://digest.example.org"})
    assert "sign_up is false" in check(folder)["readers of weekly"]["message"]
    folder.call("subscribers", "add", "jo@example.org", "--consent", "fair", "--date", "2024-01-31")
    assert "readers of weekly" not in check(folder)
    folder.call("subscribers", "remove", "jo@example.org")
    assert "readers of weekly" in check(folder)


def test_a_check_says_who_looks_at_a_digest_before_it_goes_out(tmp_path: Path, server: FakeServer) -> None:
    curated = {"curator": "curator@example.org", "approval": "required"}
    folder = Folder(tmp_path, server, digest=curated, web={"base_url": "https://digest.example.org"})
    assert check(folder)["curator of weekly"]["message"] == (
        "curator@example.org gets a preview 1d before a digest goes out, and nothing goes out without their word"
    )


def test_a_status_before_the_first_poll_says_what_to_do(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    refusal = folder.call("status").refusal()
    assert refusal == f"database {folder.database}: no such file yet; 'collector poll' or 'collector run' makes it"
    assert not folder.database.exists()


def test_a_status_reads_well_in_eighty_columns(tmp_path: Path, server: FakeServer) -> None:
    with FakeServer("takahe", domain="closed.example", token="sesame") as closed:
        folder = Folder(tmp_path, server, closed)
        server.publish("An example.", at=now())
        server.publish("Another.", at=now(), author="ben")
        folder.call("poll")
        server.down()
        folder.call("poll")
        server.up()
        code, shown = folder.in_terminal("status")
    assert code == 0
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.startswith("2 posts by 2 authors: 2 on fediverse\n")
    assert "server 1  #notcoproduction  unreachable    today, " in shown
    assert "server 2  #notcoproduction  needs a token  never " in shown
    tried, needs = shown.split("Tried again by itself:")[1].split("Needs a person:")
    assert "- server 1: 127.0.0.1" in tried
    assert "- server 2: 127.0.0.1" in needs


def test_a_status_as_json_holds_the_same(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("An example.", at=now())
    folder.call("poll")
    shown = folder.call("status", "--json").json
    numbers = {"posts": 1, "authors": 1, "by_network": {"fediverse": 1}, "hidden": 0, "withdrawn": 0, "rejections": 0}
    assert shown.items() >= (numbers | {"schema": "0004", "database": str(folder.database)}).items()
    (watch,) = shown["watches"]
    assert watch.items() >= {"source": "server 1", "condition": "ok", "failures": 0, "failing_since": None}.items()
    assert watch["next_poll_at"].endswith("Z")
    assert shown["series"][0].items() >= {"name": "weekly", "addresses": 1}.items()
    assert shown["needs_a_person"] == []


def test_a_status_says_which_digest_comes_next_and_that_one_is_due_now(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    folder.live_at(now() - LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK)
    folder.call("poll")
    row = folder.call("status").out.split("\n\n")[2].splitlines()[1].split("\t")
    assert (row[0], row[2], row[3], row[4]) == ("weekly", "1", "now", "1 address")
    folder.call("tick")
    row = folder.call("status").out.split("\n\n")[2].splitlines()[1].split("\t")
    assert row[3] != "now"


def test_a_source_that_fails_for_a_day_needs_a_person(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.down()
    with folder.app(now() - timedelta(hours=25)) as app:
        app.prepare()
        app.poll_due()
    assert folder.call("status", "--json").json["needs_a_person"] != []
    server.up()
    folder.call("poll")
    assert folder.call("status", "--json").json["needs_a_person"] == []


def test_a_walk_that_goes_on_and_a_backfill_are_shown(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server, polling={"max_pages": 1})
    for number in range(120):
        server.publish(f"Number {number}.", at=now() - timedelta(minutes=number))
    assert "ok; more next round" in folder.call("poll").out
    assert "ok, catching up" in folder.call("status").out
    server.limit_requests(2)
    folder.call("backfill")
    assert "backfill begun" in folder.call("status").out


def test_a_missing_database_has_no_schema_and_an_upgrade_makes_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.call("db", "current").out == "none (this program: 0004)\n"
    assert not folder.database.exists()
    assert folder.call("db", "upgrade").out == "schema 0004: upgraded from nothing\n"
    assert folder.call("db", "upgrade").out == "schema 0004: already there\n"
    assert folder.call("db", "current").out == "0004 (this program: 0004)\n"


def test_the_past_is_read_again_with_todays_normaliser(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("An example.", at=now())
    folder.call("poll")
    done = folder.call("db", "renormalise")
    assert (done.code, done.out) == (0, "1 answers read again, 0 posts changed, 0 posts found, 0 unreadable\n")


def test_without_kept_answers_it_says_why_nothing_is_read_again(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server, database={"url": "sqlite:///collector.db", "keep_raw": False})
    server.publish("An example.", at=now())
    folder.call("poll")
    done = folder.call("db", "renormalise")
    assert done.err == "no raw answers are kept: see keep_raw in the configuration\n"


def test_what_goes_out_says_too_that_nothing_was_read_lately(tmp_path: Path, server: FakeServer) -> None:
    folder = Folder(tmp_path, server)
    server.publish("An example.", at=now() - LAST_WEEK)
    folder.live_at(now() - LAST_WEEK)
    folder.call("export", "--output", str(tmp_path / "posts.csv"))
    manifest = json.loads((tmp_path / "posts.csv.manifest.json").read_text(encoding="utf-8"))
    assert [(gap["reason"], gap["ends_at"]) for gap in manifest["gaps"]] == [("not running", None)]
    assert "the collector stood still since" in " ".join(folder.call("digest", "show").out.split())
