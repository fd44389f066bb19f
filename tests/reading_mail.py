"""Readers for tests: their settings, their links, and the letters that they find in their mailbox."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from making import NOW
from smtpserver import MailServer, Received

from collector.config import build_settings
from collector.config.mail import Security
from collector.deliver import deliverer_for
from collector.links import Signer
from collector.storage.database import Database
from collector.storage.refusals import Refusals
from collector.storage.remembering import place_of
from collector.storage.schema import read_secret
from collector.storage.subscribers import find_subscriber
from collector.subscribing.readership import Readership
from collector.subscribing.sending import LetterReport, Postbox, send_letters
from collector.text.mailaddresses import folded_address

BASE = "https://digest.example.org"
_LINK = re.compile(rf"{BASE}/(?:confirm|settings|unsubscribe)/\S+")


def make_readership(database: Database, folder: Path, **tables: Any) -> Readership:
    """Two open series and a closed one; tables are as in the file, and replace these."""
    values: dict[str, Any] = {
        "collector": {"hashtags": ["notcoproduction"], "contact": "mailto:me@example.org"},
        "digest": [
            {"series": "weekly", "send_on": "monday 08:00"},
            {"series": "second", "send_on": "monday 08:00"},
            {"series": "closed", "send_on": "monday 08:00", "sign_up": False},
        ],
        "mail": {"from": "Not coproduction <digest@example.org>"},
        "web": {"base_url": BASE},
    }
    settings = build_settings(values | tables, folder=folder, environ={})
    return Readership(database=database, settings=settings, refusals=place_of(database, folder, Refusals))


def post(readership: Readership, server: MailServer, at: datetime = NOW, owner: str = "here::1:a") -> LetterReport:
    """Hands over what is due."""
    mail = readership.settings.mail.model_copy(
        update={"host": server.host, "port": server.port, "security": Security.NONE}
    )
    return send_letters(
        Postbox(
            readership=readership,
            open_deliverer=lambda: deliverer_for(mail),
            owner=owner,
            now=lambda: at,
            stop=threading.Event(),
        )
    )


def link_in(received: Received) -> str:
    """The personal link in a letter."""
    body = received.message.get_body(("plain",))
    assert body is not None
    return str(_LINK.findall(body.get_content())[0])


def token_in(received: Received) -> str:
    """What stands at the end of that link."""
    return link_in(received).rpartition("/")[2]


def signer_of(database: Database) -> Signer:
    with database.read() as conn:
        return Signer(key=read_secret(conn))


def key_of(database: Database, address: str) -> str:
    """What links name somebody by."""
    with database.read() as conn:
        found = find_subscriber(conn, folded_address(address))
    assert found is not None
    return found.key


def standing_of(database: Database, address: str) -> dict[str, str]:
    """How each of somebody's subscriptions stands."""
    with database.read() as conn:
        found = find_subscriber(conn, folded_address(address))
    return {one.series: str(one.state) for one in found.subscriptions} if found else {}


def recipients(messages: Sequence[Received]) -> list[str]:
    return [message.recipients[0] for message in messages]
