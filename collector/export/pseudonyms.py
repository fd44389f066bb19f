"""Pseudonyms: keyed names for people and posts, always the same in one database, and other ones in the next.

Without the database's own secret nobody can tell whose they are, not even by trying names. What they stand for is
told by their own word in front, so that a person and a post never share one.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

_PURPOSE = b"pseudonyms in exports"  # the secret has other uses: what is made for one says nothing about another
_DIGITS = 20  # of hexadecimal: 80 bits, so that among a million people no two share one


class Pseudonyms:
    """The names under which one database's people and posts go out."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _PURPOSE, hashlib.sha256)
        self.person = lru_cache(maxsize=65_536)(self._person)

    def _person(self, key: str) -> str:
        """Stands for an author, by the key."""
        return self._sealed("person", key)

    def post(self, uri: str) -> str:
        """Stands for a post, whether it is here or only answered: it matches in every column that names posts."""
        return self._sealed("post", uri)

    def _sealed(self, kind: str, name: str) -> str:
        seal = hmac.digest(self._key, f"{kind}\0{name}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"{kind}-{seal.hex()[:_DIGITS]}"
