"""A whole round: somebody subscribes on the page, gets a digest, and leaves by what stands in that digest's mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fediverse import FakeServer
from reading_mail import BASE
from running import LAST_WEEK, Folder, now
from smtpserver import MailServer
from visiting import Reader, reading

from collector.posting import send_letters

_LINK = re.compile(rf"{BASE}(/\w+/[\w.~-]+)")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def links(text: str, kind: str) -> list[str]:
    return [path for path in _LINK.findall(text) if path.startswith(f"/{kind}/")]


def test_a_subscriber_gets_the_digest_and_stops_it_with_one_click_of_its_mail(
    tmp_path: Path, server: MailServer
) -> None:
    with FakeServer() as posts:
        folder = Folder(
            tmp_path,
            posts,
            digest={"to": ["me@example.org"]},
            mail={"host": server.host, "port": server.port, "security": "none"},
            web={"base_url": BASE},
        )
        posts.publish("An example.", at=now() - LAST_WEEK)
        folder.call("poll")
        with folder.app() as app, reading(app.database, app.settings, now=now) as reader:
            _subscribe(reader, server, lambda: send_letters(app).sent)
            assert folder.call("digest", "send").code == 0
            sent = {message.recipients[0]: message.message for message in server.messages[1:]}
            assert sent.keys() == {"me@example.org", "jo@example.org"}
            mail = sent["jo@example.org"]
            assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            (one_click,) = links(mail["List-Unsubscribe"], "unsubscribe")
            text = mail.get_body(("plain",))
            assert text is not None
            assert "What you get" in reader.get(links(text.get_content(), "settings")[0]).text
            assert "Stop #notcoproduction (weekly)?" in reader.get(links(text.get_content(), "unsubscribe")[0]).text
            assert reader.post(one_click, {"List-Unsubscribe": "One-Click"}).status == 200
            standing = {row["address"]: row["state"] for row in folder.call("subscribers", "list").rows}
            assert standing == {"me@example.org": "confirmed", "jo@example.org": "ended"}
            (mine,) = links(sent["me@example.org"]["List-Unsubscribe"], "unsubscribe")
            reader.post(mine)
        assert "me@example.org has unsubscribed from weekly" in folder.call("status").out


def _subscribe(reader: Reader, server: MailServer, send: Callable[[], int]) -> None:
    assert reader.post("/subscribe", {"address": "jo@example.org", "series": "weekly"}).status == 200
    assert send() == 1
    text = server.messages[0].message.get_body(("plain",))
    assert text is not None
    assert reader.post(links(text.get_content(), "confirm")[0]).status == 200
