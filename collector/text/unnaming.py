"""Texts without the people and addresses that they name. What takes a person's place is asked for; hashtags stay.

Handles and addresses are known by their shape, in every spelling that posts have: `@user`, `@user@host`, mail
addresses, whole web addresses, `example.org/page`, at:// and did:.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collector.text.names import A_PERSON, Names, Strangers

AN_ADDRESS = "[address]"

_REST = r"[^\s<>\"“”«»\u3000-\u303f\uff00-\uff0f]"  # of an address
_UNSEEN = "\u200b-\u200f\u2060-\u2069"  # what keeps a program from seeing a handle, or its sides apart
_TOKEN = re.compile(  # nothing here is tried twice: what was taken is never given back
    rf"""
      (?P<hashtag>[#＃]\w[\w·・\u200c]*+)
    | (?P<address>(?<![a-z0-9+.-])(?:[a-z][a-z0-9+.-]*+://|did:[a-z0-9]++:|(?:mailto|acct|tel|xmpp):|www\.){_REST}++)
    | (?P<mailbox>(?<![\w.%+~-])[\w.%+~-]++@[\w-]++(?:\.[\w-]++)++(?::\d++)?)
    | (?P<person>[@＠][{_UNSEEN}]*+(?:did:[a-z0-9]++:)?[\w.%+~-]++(?:[@＠][\w.:-]++)?)
    | (?P<host>(?<![\w.-])\w[\w-]*+(?:\.[\w-]++)++(?::\d++)?(?:/{_REST}*+)?)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SUSPECT = re.compile(r"(?<!\S)[^\s@＠:.]*+[@＠:.]\S+")  # a quick look: only here, between spaces, can one stand
_HIDES = re.compile(f"[{_UNSEEN}]")
_TRAILING = ".,;:!?'’…)]}-"  # ends a sentence, not an address
_SCHEME = re.compile(r"(?:acct:|mailto:|at://)@?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """Whom a text may name, and what stands for each of them."""

    near: Mapping[str, str]  # its author and those it speaks to, by handle and by what stands before the @
    names: Names  # … and by name
    home: str  # the host that `@user` is of
    known: Callable[[str], str | None]  # anybody known, by handle, DID or profile's address, in lower case
    of_handle: Callable[[str], str]  # whoever has a handle, known or not
    strangers: Strangers

    def find(self, called: str) -> str | None:
        """What stands for who is called so, if that is known."""
        return self.near.get(called) or self.known(called)


def unnamed(text: str, cast: Cast) -> str:
    """The text with something in place of every person and address that it names."""
    text = unicodedata.normalize("NFC", text)  # as names are
    pieces: list[str] = []
    done = 0
    for suspect in _SUSPECT.finditer(text):
        for found in _TOKEN.finditer(text, *suspect.span()):
            token = found[0].rstrip(_TRAILING)
            stand_in = _READERS[found.lastgroup or ""](token, cast)
            if stand_in is not None:
                pieces += (_without_names(text[done : found.start()], cast), stand_in)
                done = found.start() + len(token)
    pieces.append(_without_names(text[done:], cast))
    return "".join(pieces)


def _without_names(text: str, cast: Cast) -> str:
    return cast.strangers.replaced(cast.names.replaced(text)) if text else ""


def _hashtag(token: str, _cast: Cast) -> str:
    return token


def _address(token: str, cast: Cast) -> str:
    return cast.find(_SCHEME.sub("", token, count=1).rstrip("/").lower()) or AN_ADDRESS


def _mailbox(token: str, cast: Cast) -> str:
    """A handle without its first @ looks like a mail address; where it is nobody's, it is one."""
    return cast.find(token.lower()) or AN_ADDRESS


def _person(token: str, cast: Cast) -> str:
    handle = _HIDES.sub("", token[1:]).replace("＠", "@").lower()
    found = cast.find(handle)
    if found is None:
        found = cast.of_handle(handle) if "@" in handle else cast.known(f"{handle}@{cast.home}")
    return f"@{found}" if found else A_PERSON


def _host(token: str, cast: Cast) -> str | None:
    """None for what only looks like an address: a number, or a sentence that begins without a space before it."""
    place = token.rstrip("/").lower()
    if found := cast.find(place) or cast.known(f"https://{place}"):
        return found
    host, slash, _ = token.partition("/")
    rest, _, top = host.partition(":")[0].rpartition(".")
    if len(top) < 2 or not (top.isalpha() or top.startswith("xn--")) or not any(map(str.isalpha, rest)):
        return None
    is_written_as_one = (top.islower() or host.isupper()) and len(rest.rpartition(".")[2]) > 1
    return AN_ADDRESS if slash or is_written_as_one else None


_READERS: dict[str, Callable[[str, Cast], str | None]] = {
    "hashtag": _hashtag,
    "address": _address,
    "mailbox": _mailbox,
    "person": _person,
    "host": _host,
}
