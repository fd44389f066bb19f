"""The links that name one reader: what mails carry, and what the pages behind them read."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.errors import LinkError
from collector.links.signing import Purpose, Signer

CONFIRM_WITHIN = timedelta(hours=48)


def confirm_token(signer: Signer, key: str, written_at: datetime) -> str:
    """Confirms what somebody had asked for by the time that the letter was written, and nothing after it."""
    return signer.sign(Purpose.CONFIRM, key, written_at.isoformat(), until=written_at + CONFIRM_WITHIN)


def settings_token(signer: Signer, key: str) -> str:
    """Leads to what somebody gets; it works as long as they are known."""
    return signer.sign(Purpose.SETTINGS, key)


def unsubscribe_token(signer: Signer, key: str, series: str) -> str:
    """Ends one series for somebody; it works for good, as mails are kept for years."""
    return signer.sign(Purpose.UNSUBSCRIBE, key, series)


def read_confirm(signer: Signer, token: str, now: datetime) -> tuple[str, datetime]:
    """Whose link it is, and when its letter was written; LinkError where it is none, or too old."""
    key, written_at = _parts(signer.read(Purpose.CONFIRM, token, now), 2)
    return key, datetime.fromisoformat(written_at)


def read_settings(signer: Signer, token: str, now: datetime) -> str:
    """Whose link it is; LinkError where it is none."""
    return _parts(signer.read(Purpose.SETTINGS, token, now), 1)[0]


def read_unsubscribe(signer: Signer, token: str, now: datetime) -> tuple[str, str]:
    """Whose link it is, and for which series; LinkError where it is none."""
    key, series = _parts(signer.read(Purpose.UNSUBSCRIBE, token, now), 2)
    return key, series


def _parts(parts: tuple[str, ...], number: int) -> tuple[str, ...]:
    """As many as this program writes: a later one may write others."""
    if len(parts) != number:
        raise LinkError("this link is of another version of this program: use the one in the newest mail")
    return parts
