"""Links of a page: which address they really have, and how they read in plain text."""

from __future__ import annotations

import re
from urllib.parse import unquote

from collector.text.addresses import ascii_host, is_web_address

MOST_LINKS = 12  # of a profile, so many are kept

_MAILTO = re.compile(r"mailto:[^\s@<>\"]+@[^\s@<>\"]+", re.IGNORECASE)
_BREAKS = re.compile(r"[\t\r\n]")
_SCHEME = re.compile(r"(https?://)?(www\.)?", re.IGNORECASE)


def link_address(href: str) -> str | None:
    """The address a link leads to, if it is one to show: http, https and mailto; None for everything else."""
    if is_web_address(href):
        return href
    href = _BREAKS.sub("", href.strip()).replace(" ", "%20")
    if is_web_address(href) or (_MAILTO.fullmatch(href) and href.isprintable()):
        return href
    return None


def shown_link(visible: str, address: str) -> str:
    """A link in plain text: its real address where it shows that or a part of it, else `text (address)`."""
    visible = " ".join(visible.split())
    if visible in {"", address}:
        return address
    if address[:7].lower() == "mailto:":
        mailbox = unquote(address[7:].partition("?")[0])
        return visible if visible.lower() in {mailbox.lower(), address.lower()} else f"{visible} ({mailbox})"
    seen, whole = _bare(visible), _bare(address)
    if seen == whole and "://" in visible:
        return visible  # the same address as its author wrote it, without percent signs
    return address if seen == whole or _is_beginning(seen, whole) else f"{visible} ({address})"


def _bare(address: str) -> str:
    """An address without what servers hide of it, and without its encodings, to compare."""
    text = unquote(_SCHEME.sub("", address, count=1)).rstrip("/").lower()
    host, slash, rest = text.partition("/")
    return ascii_host(host) + slash + rest


def _is_beginning(seen: str, whole: str) -> bool:
    start = seen.removesuffix("…").removesuffix("...")
    is_cut = len(start) < len(seen)
    return bool(start) and whole.startswith(start) and (is_cut or len(start) >= len(whole.partition("/")[0]))
