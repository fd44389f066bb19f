"""JSON in the form in which it is kept: compact, and compressed by zlib."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any


def pack(raw: Mapping[str, Any]) -> bytes:
    """Compact JSON, zlib-compressed."""
    return zlib.compress(json.dumps(raw, separators=(",", ":")).encode("ascii"))


def unpack(packed: bytes) -> dict[str, Any]:
    """What was packed; ValueError for anything else."""
    try:
        raw = json.loads(zlib.decompress(packed))
    except zlib.error:
        raw = None
    if not isinstance(raw, dict):
        raise ValueError("not a packed answer")  # noqa: TRY004 (what it holds is unreadable, not what was passed)
    return raw
