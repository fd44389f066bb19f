"""Raw answers that were kept, read once more: by the same functions that read live pages."""

from __future__ import annotations

import zlib

from collector.errors import ConfigError
from collector.model import Found, Rejection, WatchKey
from collector.sources import kind_of
from collector.sources.raw import unpack


def read_kept(body: bytes, key: WatchKey, account_domain: str | None) -> Found | Rejection | None:
    """The post in an answer that a watch of this kind once got. None: it is not one that counts, such as a private one.

    ValueError where the kind is unknown or the body is damaged.
    """
    try:
        return kind_of(key.kind).read_kept(unpack(body), key, account_domain)
    except ConfigError as error:
        raise ValueError(str(error)) from error
    except (zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"damaged: {error}") from error
