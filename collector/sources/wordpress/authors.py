"""Who wrote a comment or a post, as far as a blog tells. Pure.

A member has a number. A guest has what he typed: a name, perhaps a web address. The mail address that a blog knows its
guests by is not public, and hashes of it, in the addresses of pictures, are nothing to keep. So a guest is known here
by name and web address together. Two people who both typed "Sam" become one, which nobody outside could prevent; but
"Anonymous", in any language, and no name at all are no names: such a comment stands for itself, under its own number.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from typing import Any

from collector.model import Author
from collector.text.cleaning import one_line
from collector.text.values import host_of, text_of, web_address

_NO_NAMES = frozenset(  # as blogs in many languages call who gives no name, in the form of `slug_of`
    """anon anonim anonimo anònim anónimo anônimo anoniem anonym anonymní anonyymi anonyme anonymous anonymus anonimowy
    guest nobody névtelen ανώνυμος аноним анонимно анонім אנונימי مجهول ناشناس 匿名 名無し 익명""".split()  # noqa: SIM905
)
_MAILBOX = re.compile(r"(?P<user>[^\s@<>()]+)@[^\s@<>()]+\.[^\s@<>()]+")
_LONGEST_SLUG = 60
_LONGEST_NAME = 1_000  # what is longer is no name, and would take the search for a mail address very long


def name_of(written: Any) -> str:
    """A name as it is read: blogs escape it for HTML. Of a mail address the part before @ is left."""
    name = one_line(html.unescape(text_of(written)[:_LONGEST_NAME]))
    return _MAILBOX.sub(lambda match: match["user"], name)


def slug_of(name: str) -> str:
    """A name in letters and digits of any script, with hyphens between: it may be empty."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    letters = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in folded)
    return "-".join(letters.split())[:_LONGEST_SLUG].strip("-")


def is_member(user_id: str) -> bool:
    """True for the number of an account; a guest's is 0."""
    return user_id.isdecimal() and user_id.strip("0") != ""


def member(user_id: str, name: str, url: Any, *, home: str) -> Author:
    """Somebody with an account at the blog at `home`, which tells apart the blogs in several folders of one host."""
    host, address = host_of(home), web_address(url)
    folder = home.partition("://")[2].partition("/")[2].strip("/").lower()
    return Author(
        key=f"user-{user_id}@{host}{'/' if folder else ''}{folder}",
        handle=f"{slug_of(name) or f'user-{user_id}'}@{host}",
        name=name,
        url=address,
        links=(address,) if address else (),
    )


def guest(name: str, url: Any, *, host: str, comment_id: str) -> Author:
    """Somebody without an account. What a guest types as a web address proves nothing, so that it is no `link`."""
    address, slug = web_address(url), slug_of(name)
    if address is None and (not slug or slug in _NO_NAMES):
        return Author(
            key=f"comment-{comment_id}@{host}",
            handle=f"{slug or 'anonymous'}-{comment_id}@{host}",
            name=name,
            url=None,
        )
    told = hashlib.sha256(f"{name.casefold()}\n{address or ''}".encode()).hexdigest()[:12]
    user = slug or f"guest-{told}"
    return Author(
        key=f"{user}-{told}@{host}" if slug else f"{user}@{host}", handle=f"{user}@{host}", name=name, url=address
    )
