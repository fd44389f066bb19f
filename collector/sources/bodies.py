"""Reading the body of an answer within a bound, as sent and as decompressed. Pure: bytes in, bytes out."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

ACCEPTED = "gzip, deflate"
_PLAIN = {"", "identity"}
_COMPRESSED = {"gzip", "x-gzip", "deflate"}
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


def read_body(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Joins and decompresses; ValueError, with a reason, past `limit` bytes and for what does not decompress.

    Reads no further than needed to refuse, and never holds more than the limit: a small answer can unpack to gigabytes.
    """
    encoding = encoding.strip().lower()
    if encoding in _PLAIN:
        return _join(chunks, limit)
    if encoding not in _COMPRESSED:
        raise ValueError(f"a compression that was not asked for: {encoding[:40]!r}")
    return _unpack(_join(chunks, limit), limit)


def _join(chunks: Iterable[bytes], limit: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise _too_long(limit)
    return bytes(body)


def _unpack(packed: bytes, limit: int) -> bytes:
    if not packed:
        return b""
    try:
        return _expand(packed, _GZIP_OR_ZLIB, limit)
    except zlib.error:
        pass  # some servers mean deflate without a header when they say deflate
    try:
        return _expand(packed, _RAW_DEFLATE, limit)
    except zlib.error:
        raise ValueError("a compressed answer that is damaged") from None


def _expand(packed: bytes, window: int, limit: int) -> bytes:
    expander = zlib.decompressobj(window)
    body = expander.decompress(packed, limit + 1)
    if len(body) > limit:
        raise _too_long(limit)
    if not expander.eof:
        raise zlib.error("it ends too early")
    return body


def _too_long(limit: int) -> ValueError:
    return ValueError(f"an answer of more than {limit // 1024:,} KiB")
