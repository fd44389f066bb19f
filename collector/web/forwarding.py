"""Who is asking, behind proxies: pure. Only what our own proxies say is believed."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection


def find_client(peer: str, forwarded: str, proxies: Collection[str]) -> str:
    """The visitor's address: the connection's, or the last one in X-Forwarded-For that is no proxy of ours.

    Each proxy writes behind what it was told, so that what a visitor made up stands further left, and is never reached.
    """
    client = peer
    told = [part.strip() for part in forwarded.split(",")]
    while client in proxies and told:
        said = _address(told.pop())
        if said is None:
            break
        client = said
    return client


def _address(text: str) -> str | None:
    """An IP address, some proxies add a port to it; None for anything else."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    for candidate in (bare, bare.rpartition(":")[0]):
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return None
