"""Keyed hashes of names: nobody can read a name out of a mark; who holds the key can ask whether one is among them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

KEY_BYTES, MARK_BYTES = 32, 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """Keys, as hexadecimal text, and the marks that were made with one of them; the first key makes new ones."""

    keys: tuple[str, ...] = ()
    marks: Mapping[str, datetime] = field(default_factory=dict)

    def united(self, other: Self) -> Self:
        """Everything that is in either, the keys of this one first."""
        keys = tuple(dict.fromkeys([*self.keys, *other.keys]))
        return type(self)(keys=keys, marks={**other.marks, **self.marks})

    def is_same(self, other: Self) -> bool:
        """True where both mean the same, whatever the order of the keys."""
        return self.marks.keys() == other.marks.keys() and set(self.keys) == set(other.keys)

    def those_among(self, names: Collection[str]) -> set[str]:
        """Which of these names have a mark."""
        keys = [bytes.fromhex(key) for key in self.keys]
        return {name for name in names if any(mark_of(key, name) in self.marks for key in keys)}


def mark_of(key: bytes, name: str) -> str:
    """What stands for a name."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), key=key, digest_size=MARK_BYTES).hexdigest()


def new_key() -> str:
    """A key of our own, which nobody can guess."""
    return secrets.token_hex(KEY_BYTES)
