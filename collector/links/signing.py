"""Links that act for one person and for one purpose: who has one may do that, and nothing else.

A token says what it is for inside its seal, so that a link to unsubscribe cannot confirm, and a curator's link about
one post cannot be turned into one about another. What makes it personal is the caller's: a random key from the
database, never an address, since addresses of pages stand in logs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from itsdangerous import BadData, URLSafeSerializer

from collector.errors import LinkError

_DAMAGED = "this link is damaged: copy it whole, up to its last letter"
LONGEST_TOKEN = 1_000  # characters; what is longer is none of ours


class Purpose(StrEnum):
    """What a link is for."""

    CONFIRM = "confirm"
    SETTINGS = "settings"
    UNSUBSCRIBE = "unsubscribe"
    CURATE = "curate"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """Makes and reads tokens with a secret of the database (`storage.schema.read_secret`)."""

    key: bytes = field(repr=False)

    def sign(self, purpose: Purpose, *parts: str, until: datetime | None = None) -> str:
        """A token of letters, digits, "-", "_" and "." that holds the parts; None: it never expires."""
        ends = int(until.timestamp()) if until else 0
        return str(_serializer(self.key, purpose).dumps([ends, *parts]))

    def read(self, purpose: Purpose, token: str, now: datetime) -> tuple[str, ...]:
        """The parts of a token; LinkError where it is not one for this purpose, or is over."""
        serializer = _serializer(self.key, purpose)
        try:
            told = serializer.loads(token[:LONGEST_TOKEN])
        except BadData as error:
            raise LinkError(_DAMAGED) from error
        if serializer.dumps(told) != token:  # the last letter holds bits that nobody reads
            raise LinkError(_DAMAGED)
        ends, *parts = told
        if ends and now >= datetime.fromtimestamp(ends, UTC):
            raise LinkError("this link is too old: ask for a new one", is_expired=True)
        return tuple(parts)


@lru_cache(maxsize=8)  # a digest to ten thousand has two links for each
def _serializer(key: bytes, purpose: Purpose) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=f"collector.{purpose}", signer_kwargs={"digest_method": hashlib.sha256})
