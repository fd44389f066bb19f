"""E-mail addresses: the one form each is kept and compared in, and the name and address a mail comes from."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

import idna

_ACCEPTED = "accepted is name@example.org, or Name <name@example.org>"
_ATOM = r"[^\s\x00-\x20()<>\[\]:;@\\,.\"\x7f\ufffd]+"  # the last stands where a letter could not be read
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_NAMED = re.compile(r"(?P<name>.*)<(?P<address>[^<>]*)>")
_ESCAPED = re.compile(r"\\(.)")
LONGEST_LOCAL = 64  # bytes: RFC 5321, 4.5.3.1.1
LONGEST_ADDRESS = 254  # bytes: what fits a command's path of 256 with its angle brackets


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """The From of a mail: `address` in normal form; `name` may be empty."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the @, in ASCII."""
        return self.address.rpartition("@")[2]


def normal_address(text: str) -> str:
    """`name@domain` out of that or `Name <name@domain>`: the domain in lower-case ASCII, the name before @ as written.

    ValueError says what is wrong and what is accepted; quoted names and domains in brackets are not.
    """
    return parse_sender(text).address


def folded_address(address: str) -> str:
    """A normal address in small letters: what is one person's, however they write it.

    Servers may tell "Jo" from "jo" before the @; none that is in use does.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", address).lower())


def shown_address(address: str) -> str:
    """A normal address as its owner reads it: an internationalised domain in its own letters."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except UnicodeError:  # such as an underscore, which IDNA has not
        return address


def mail_uri(address: str, subject: str = "") -> str:
    """A mailto: address that opens a mail, with this subject if there is one."""
    return f"mailto:{quote(address, safe='@+')}" + (f"?subject={quote(subject)}" if subject else "")


def mailbox_of(folded: str) -> str:
    """A folded address without what stands behind a plus: "jo+lists@…" is where "jo@…" is, with most servers."""
    local, _, domain = folded.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def parse_sender(text: str) -> Sender:
    """The name and the address in `Name <name@domain>` or `name@domain`; ValueError as for `normal_address`."""
    if not text.isprintable():
        raise _refusal(text, "it holds a line break or another invisible character")
    named = _NAMED.fullmatch(text.strip())
    if named is None:
        return Sender(name="", address=_normal(text.strip(), text))
    return Sender(name=_plain_name(named["name"]), address=_normal(named["address"].strip(), text))


def _plain_name(name: str) -> str:
    """A display name without the quotes that protect it."""
    name = " ".join(name.split())
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        name = " ".join(_ESCAPED.sub(r"\1", name[1:-1]).split())
    return name


def _normal(address: str, text: str) -> str:
    local, at, domain = unicodedata.normalize("NFC", address).rpartition("@")
    if not at:
        raise _refusal(text, "it has no @")
    if not _LOCAL.fullmatch(local):
        raise _refusal(text, "what stands before the @ is empty or holds a character that has no place there")
    normal = f"{local}@{_ascii_domain(domain, text)}"
    if len(local.encode()) > LONGEST_LOCAL or len(normal.encode()) > LONGEST_ADDRESS:
        raise _refusal(text, f"it is too long ({LONGEST_LOCAL} bytes before the @, {LONGEST_ADDRESS} in all)")
    return normal


def _ascii_domain(domain: str, text: str) -> str:
    """The domain as DNS has it, by IDNA 2008: its older form sends straße.example's mail to strasse.example."""
    try:
        ascii_domain = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        ascii_domain = ""
    if not _DOMAIN.fullmatch(ascii_domain) or ascii_domain.rpartition(".")[2].isdigit():  # that is an IP address
        raise _refusal(text, "what stands behind the @ is not a domain")
    return ascii_domain


def _refusal(text: str, reason: str) -> ValueError:
    shown = text if len(text) <= 80 else f"{text[:79]}…"
    return ValueError(f"{shown!r} is not an e-mail address: {reason}; {_ACCEPTED}")
