"""What tables of Bluesky's posts share: how a post is known, who wrote it, and its text with its addresses in full.

The same post comes out as it does from Bluesky itself, as far as a table tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from collector.model import Author, Mention, Wish
from collector.text.addresses import LONGEST
from collector.text.bluesky import PostAddress, handle_of, is_did, known_post, post_url, profile_url
from collector.text.cleaning import one_line, plain_text
from collector.text.links import shown_link

BLUESKY = "bluesky"

_CUT = re.compile(r"(?<![\w@./:-])(?:https?://)?(?:[\w-]+\.)+[a-z]{2,24}(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)


def post_address(uri: str, name: str) -> PostAddress:
    """What an at:// address says of a post whose author stands there by DID; ValueError, naming the column, else."""
    address = known_post(uri.strip()) if len(uri) <= LONGEST else None
    if address is None:
        raise ValueError(f"{name}: not a post of Bluesky")
    return address


def written_handle(written: str) -> str:
    """A handle as tables write it; empty where there is none that leads to an account."""
    return handle_of(written.strip().removeprefix("@"))


def bluesky_author(did: str, handle: str, name: str, wishes: frozenset[Wish] = frozenset()) -> Author:
    """Who an account is; the DID stands for a handle that is not known."""
    known = written_handle(handle) or did
    return Author(key=did, handle=known, name=one_line(name), url=profile_url(known), wishes=wishes)


def page_of(author: Author, address: PostAddress) -> str:
    """Where a person reads the post."""
    return post_url(author.handle, address.rkey)


def bluesky_mentions(actors: Iterable[tuple[str, str]]) -> tuple[Mention, ...]:
    """Who is spoken to, by pairs of DID and handle, of which one may be empty or not known."""
    found: dict[str, Mention] = {}
    for did, written in actors:
        handle, known = written_handle(written), did if is_did(did) else ""
        if actor := known or handle:
            found.setdefault(actor, Mention(handle=handle or actor, url=profile_url(actor)))
    return tuple(found.values())


def written_out(text: str, addresses: Iterable[str]) -> str:
    """The text with its addresses in full: clients leave out their scheme, and cut long ones short."""
    known = tuple(addresses)

    def whole(match: re.Match[str]) -> str:
        seen = match[0]
        is_cut, end = seen.endswith(("...", "…")), seen.rstrip("/").lower()
        for address in known:
            if is_cut or address.rstrip("/").lower().endswith(end):
                shown = shown_link(seen, address)
                if shown in {address, seen}:
                    return shown
        return seen

    return plain_text(_CUT.sub(whole, text) if known else text)
