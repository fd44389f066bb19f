"""Addresses: the canonical form a post is known by, the host one is polite to, and what may be shown as a link.

Nothing here raises anything but ValueError, with a short reason.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit

LONGEST = 2048  # characters: longer ones are no address in practice, and no database index takes them

_URI = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<rest>.+)")
_EDGES = "".join(map(chr, range(0x21))) + "\x7f"
_BREAKS = re.compile(r"[\t\r\n]")
# White space, control characters, surrogates, and the marks that change the direction of what stands beside them.
_NEVER = re.compile(r"[\s\x00-\x20\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_NEVER_ON_THE_WEB = re.compile(r"[<>\"\\]")  # browsers read '\' as '/', and would see another host
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What needs no second look, as nearly all do not: lower case, ASCII, no user, no default port.
_PORT = r":(?!(?:80|443)(?:/|$))[1-9][0-9]{0,3}|:[1-5][0-9]{4}"
_PLAIN = re.compile(rf"(?P<address>https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:{_PORT})?)(?P<path>/[!#-;=?-\[\]-~]*)?")


def canonical_uri(uri: str) -> str:
    """The form a URI is compared in: scheme and host in lower case, no default port, the rest as it came.

    Path, query and fragment stay untouched, so that no two posts become one; `at://`, `tag:` and other schemes stay
    as they are but for the scheme's case. ValueError for what is no absolute URI.
    """
    if len(uri) <= LONGEST and _PLAIN.fullmatch(uri):
        return uri
    scheme, rest = _parts(uri)
    if scheme not in _DEFAULT_PORTS:
        return f"{scheme}:{rest}"
    split = _split(f"{scheme}:{rest}")
    user, at, _ = split.netloc.rpartition("@")
    return f"{scheme}://{user}{at}{_place(split)}{rest[2 + len(split.netloc) :]}"


def canonical_url(url: str) -> str:
    """The canonical form of a web address, with a path even where none was written; ValueError for anything else."""
    if len(url) < LONGEST and (plain := _PLAIN.fullmatch(url)):
        return url if plain["path"] else f"{url}/"
    url = canonical_uri(url)
    if not is_web_address(url):
        raise ValueError("not a web address")
    split = urlsplit(url)
    return url if split.path else split._replace(path="/").geturl()


def host_address(url: str) -> str:
    """`scheme://host[:port]` of a web address: lower case, IDN in ASCII, the default port left out."""
    if len(url) <= LONGEST and (plain := _PLAIN.fullmatch(url)):
        return plain["address"]
    split = _split(canonical_uri(url))
    if not _HOST.fullmatch(split.hostname or ""):
        raise ValueError("not a host name")
    return f"{split.scheme}://{_place(split)}"


def author_key(handle: str) -> str:
    """What an author of the fediverse is known by: user@host in lower case, an internationalised host in ASCII."""
    user, at, domain = handle.partition("@")
    return f"{user.lower()}{at}{ascii_host(domain)}"


def joined(url: str, target: str) -> str:
    """The address that `target` has, seen from a page at `url`; empty where it can be none."""
    try:
        return urljoin(url, target)
    except ValueError:
        return ""


def same_host(a: str, b: str) -> bool:
    """True where both are web addresses of one scheme, host and port."""
    try:
        return host_address(a) == host_address(b)
    except ValueError:
        return False


def is_at_home(uri: str, address: str) -> bool:
    """True where what is at `address` has the last word on a post: its own server or, for at://, the network.

    A server that changed to https is still the same.
    """
    return uri.startswith("at://") or same_host(with_other_scheme(uri) or uri, address) or same_host(uri, address)


def with_other_scheme(url: str) -> str | None:
    """The same web address with http in place of https, or the other way round; None for anything else."""
    scheme, _, rest = url.partition("://")
    other = {"http": "https", "https": "http"}.get(scheme)
    return f"{other}://{rest}" if other else None


def is_web_address(url: str) -> bool:
    """True for http and https addresses with a host: the only ones that may be shown as a link."""
    if len(url) > LONGEST:
        return False
    if _PLAIN.fullmatch(url):
        return True
    if _NEVER.search(url) or _NEVER_ON_THE_WEB.search(url):
        return False
    try:
        host_address(url)
    except ValueError:
        return False
    return True


def _parts(uri: str) -> tuple[str, str]:
    cleaned = _BREAKS.sub("", uri.strip(_EDGES))
    if len(cleaned) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    match = _URI.fullmatch(cleaned)
    if match is None or _NEVER.search(cleaned):
        raise ValueError("not a URI")
    return match["scheme"].lower(), match["rest"]


def _split(uri: str) -> SplitResult:
    try:
        split = urlsplit(uri)
        _ = split.port
    except ValueError:
        raise ValueError("not a web address") from None
    if split.scheme not in _DEFAULT_PORTS or not split.hostname:
        raise ValueError("not a web address")
    return split


def _place(split: SplitResult) -> str:
    """Host and port; a host that is no valid IDN stays as it is, in lower case."""
    host = ascii_host(split.hostname or "")
    if ":" in host:
        host = f"[{host}]"
    port = split.port
    return host if port in {None, _DEFAULT_PORTS[split.scheme]} else f"{host}:{port}"


def ascii_host(host: str) -> str:
    """A host name in lower case and, where it is an internationalised one, in ASCII."""
    if host.isascii():
        return host.lower()
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host.lower()
