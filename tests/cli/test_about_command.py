"""`collector about`: everything that is held about a person, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fediverse import FakeServer
from running import LAST_WEEK, Folder, now

CARYS = "carys@fedi.example"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer("mastodon") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: FakeServer, database_url: str) -> Folder:
    """What Carys wrote last week, edited since and digested, and what others wrote of her."""
    folder = Folder(tmp_path, server, database={"url": database_url})
    first = server.publish("An earlier text.", at=now() - LAST_WEEK, author="carys")
    second = server.publish("Hidden by the operator.", at=now() - LAST_WEEK, author="carys")
    server.publish("Dewi's own secret words for @carys.", at=now() - LAST_WEEK, author="dewi")
    server.publish("Of no concern.", at=now() - LAST_WEEK, author="carys2")
    server.publish("Of hers.", at=now(), author="carys", created_at="never")
    folder.call("poll")
    server.edit(first, "A text of today.", at=now())
    folder.call("poll")
    folder.call("digest", "send")
    folder.call("hide", second["url"])
    return folder


def about(folder: Folder, name: str = CARYS) -> dict[str, Any]:
    done = folder.call("about", name)
    assert (done.code, done.err) == (0, "")
    told: dict[str, Any] = done.json
    return told


def test_everything_that_is_held_is_told(folder: Folder, server: FakeServer) -> None:
    told = about(folder)
    assert list(told) == ["about", "meaning", *told["meaning"]]
    (account,) = told["accounts"]
    assert (account["handle"], account["name"], account["handles"]) == (CARYS, "Carys", [CARYS])
    assert {"first_seen_at", "wishes", "told_by", "links", "url"} <= set(account)
    first, second = sorted(told["posts"], key=lambda post: str(post["text"]))
    assert (first["text"], second["text"]) == (
        "A text of today. #notcoproduction",
        "Hidden by the operator. #notcoproduction",
    )
    assert [revision["text"] for revision in first["earlier_texts"]] == ["An earlier text. #notcoproduction"]
    assert sorted(first["addresses"]) == sorted([first["uri"], first["url"]])
    assert [tag["normal"] for tag in first["hashtags"]] == ["notcoproduction"]
    assert [topic["topic"] for topic in first["topics"]] == ["notcoproduction"]
    assert [(place["source"], place["place"]) for place in first["sightings"]] == [("server 1", server.address)]
    assert [answer["answer"]["uri"] for answer in first["raw_answers"]] == [first["uri"]]
    assert {(digest["series"], digest["section"]) for digest in first["digests"]} == {("weekly", "top")}
    assert second["standing"] == ["hidden by who runs this collector"]
    assert first["standing"] == ["shown"]
    assert [item["answer"]["content"][:10] for item in told["unreadable"]] == ["<p>Of hers"]


def test_of_others_only_what_names_the_person_is_told(folder: Folder) -> None:
    told = folder.call("about", CARYS)
    assert "secret words" not in told.out
    assert "Of no concern" not in told.out
    (mention,) = told.json["mentions"]
    assert mention["post"].startswith("https://fedi.example/users/dewi/")
    assert mention["named_as"] == [{"where": "mention", "what": CARYS}, {"where": "text", "what": "@carys"}]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_others_said_before_link_to_and_quote_is_told_too(folder: Folder, server: FakeServer) -> None:
    named = server.publish("Dear @carys", at=now(), author="rhys")
    field = {"name": "Friend", "value": "<a href='https://fedi.example/@carys'>Carys</a>", "verified_at": None}
    server.publish("Hello", at=now(), author="mair", account={"fields": [field]})
    folder.call("poll")
    server.edit(named, "Dear nobody", at=now())
    folder.call("poll")
    told = about(folder)
    assert {"where": "earlier text", "what": "@carys"} in [
        spot for told in told["mentions"] for spot in told["named_as"]
    ]
    spots = [{"where": "link", "what": "https://fedi.example/@carys"}]
    assert told["profiles"] == [{"handle": "mair@fedi.example", "named_as": spots}]
    assert {answer["post"].split("/")[4] for answer in told["answers"]} == {"dewi", "mair"}
    assert about(folder, "@rhys@fedi.example")["profiles"] == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_where_the_account_is_kept_out_each_post_says_so(folder: Folder, server: FakeServer) -> None:
    server.publish("Leave me out", at=now(), author="mair", account={"note": "<p>#nobot</p>"})
    folder.call("poll")
    folder.call("hide", "--author", "dewi@fedi.example")
    (mair,), (dewi,) = (about(folder, f"{user}@fedi.example")["posts"] for user in ("mair", "dewi"))
    assert mair["standing"] == ["its author asks not to be collected"]
    assert dewi["standing"] == ["its account is hidden by who runs this collector"]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_somebody_who_is_only_mentioned_is_told_that(folder: Folder, server: FakeServer) -> None:
    server.publish("Hello @mair@elsewhere.example.", at=now(), author="dewi")
    folder.call("poll")
    told = about(folder, "@mair@elsewhere.example")
    assert (told["accounts"], told["posts"], len(told["mentions"])) == ([], [], 1)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_reader_of_the_digest_is_told_what_was_sent_to_them(folder: Folder) -> None:
    (sent,) = about(folder, "me@example.org")["deliveries"]
    assert (sent["series"], sent["state"]) == ("weekly", "sent")


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("name", ["nobody@fedi.example", "nobody", "https://fedi.example/@nobody", "did:plc:nobody"])
def test_of_somebody_unknown_it_says_so_in_one_line(folder: Folder, name: str) -> None:
    assert folder.call("about", name).refusal() == f"nothing is held about {name}"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_of_somebody_forgotten_it_says_that_and_no_more(folder: Folder) -> None:
    assert folder.call("forget", "--yes", CARYS).code == 0
    assert folder.call("about", CARYS).refusal().startswith(f"nothing is held about {CARYS}; that they were forgotten")
    assert "Nothing" not in folder.call("about", "dewi@fedi.example").out
