"""A curator's links: each about one post of one digest to come, or about that digest as a whole.

Whose they are is part of their seal: after the configuration names another curator, those of the one before open
nothing. The address itself does not stand in them, as addresses of pages stand in logs.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from collector.errors import LinkError
from collector.links.signing import Purpose, Signer

_MARK = 16  # characters: nobody finds another address with the same by trying


@dataclass(frozen=True, kw_only=True, slots=True)
class CuratorLink:
    """What a link is about."""

    series: str
    name: str  # of its window
    post_id: int | None = None  # None: the digest as a whole


def curate_token(signer: Signer, link: CuratorLink, curator: str, until: datetime) -> str:
    """The token of a link for the curator with this address."""
    post = "" if link.post_id is None else str(link.post_id)
    return signer.sign(Purpose.CURATE, link.series, link.name, post, _mark(signer, curator), until=until)


def read_curator_link(signer: Signer, token: str, now: datetime) -> tuple[CuratorLink, str]:
    """What a token is about, and the mark of whose it is; LinkError where it is none of ours, or over."""
    parts = signer.read(Purpose.CURATE, token, now)
    if len(parts) != 4:
        raise LinkError("this link is damaged: copy it whole, up to its last letter")
    series, name, post, mark = parts
    return CuratorLink(series=series, name=name, post_id=int(post) if post else None), mark


def is_curators(signer: Signer, mark: str, curator: str | None) -> bool:
    """True where the mark is that of the curator with this address."""
    return curator is not None and hmac.compare_digest(mark.encode(), _mark(signer, curator).encode())


def _mark(signer: Signer, curator: str) -> str:
    return hmac.digest(signer.key, f"curator\0{curator}".encode(), hashlib.sha256).hex()[:_MARK]
