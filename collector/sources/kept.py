"""Raw answers that were kept, read once more: by the same functions that read live pages."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from collector.model import Found, Rejection, WatchKey
from collector.sources.pages import read_status
from collector.sources.raw import unpack

Reader = Callable[[bytes, WatchKey, str | None], Found | Rejection | None]


def read_kept(body: bytes, key: WatchKey, account_domain: str | None) -> Found | Rejection | None:
    """The post in an answer that a watch of this kind once got. None: it is not one that counts, such as a private one.

    ValueError where the kind is unknown or the body is damaged.
    """
    reader = _READERS.get(key.kind)
    if reader is None:
        raise ValueError(f"no answers of the kind {key.kind} can be read")
    try:
        return reader(body, key, account_domain)
    except (zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"damaged: {error}") from error


def _read_status(body: bytes, key: WatchKey, account_domain: str | None) -> Found | Rejection | None:
    return read_status(unpack(body), address=key.address, account_domain=account_domain)


_READERS: Mapping[str, Reader] = {"mastodon": _read_status}
