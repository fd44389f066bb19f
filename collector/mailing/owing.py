"""Whom a digest is owed to: readers who get the series now, each with the Message-ID that theirs goes out under."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from collector.config import SeriesSettings
from collector.mailing.compose import make_message_id
from collector.mailing.mailer import Mailer
from collector.storage.database import Connection
from collector.storage.deliveries import DIGEST, owe, served_and_owed
from collector.storage.pausing import foresee_resumed
from collector.storage.recipients import foresee_recipients, gather_recipients
from collector.storage.schema import read_secret
from collector.storage.series import StoredWindow
from collector.text.mailaddresses import folded_address


def owe_to_readers(
    conn: Connection, mailer: Mailer, series: SeriesSettings, stored: StoredWindow, kind: str, now: datetime
) -> None:
    """To everybody who gets the series now; of what was owed before, to fixed addresses that were added since.

    Takes a write.
    """
    key, domain = read_secret(conn), mailer.settings.mail.sender.domain
    label = f"{series.name}/{stored.window.name}" + ("" if kind == DIGEST else f"/{kind}")
    addresses = gather_recipients(conn, series.name, series.to, now)
    if any(served_and_owed(conn, stored.id)):
        addresses = _only_fixed(addresses, series)
    ids = {to: make_message_id(key=key, label=label, address=to, domain=domain) for to in addresses}
    owe(conn, stored.id, ids, kind, now)


def foresee_readers(conn: Connection, series: SeriesSettings, stored: StoredWindow | None) -> list[str]:
    """The addresses that it is owed to, or would be; nothing is written."""
    wanted = foresee_recipients(conn, series.name, series.to)
    served, owed = served_and_owed(conn, stored.id) if stored else ([], [])
    if stored is None or not (served or owed):
        return wanted
    owed += foresee_resumed(conn, stored.id)
    known = {folded_address(address) for address in (*served, *owed)}
    added = [address for address in _only_fixed(wanted, series) if folded_address(address) not in known]
    staying = {folded_address(address) for address in wanted}
    return [*(address for address in owed if folded_address(address) in staying), *added]


def _only_fixed(addresses: Iterable[str], series: SeriesSettings) -> list[str]:
    """Those that stand in the configuration: who subscribes gets what follows, and nothing of before."""
    fixed = {folded_address(address) for address in series.to}
    return [address for address in addresses if folded_address(address) in fixed]
