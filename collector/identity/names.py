"""What somebody is called, in a form that can be compared across networks.

There are two kinds. A user name or the first label of a domain (`carys`) is what many may be called; it has no dot. A
whole name (`carys.fedi.example`, `carys.example`) belongs to one; it has dots.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from collector.identity.bridges import mirrored_handle
from collector.model import Author
from collector.text.addresses import ascii_host

# Desks and roles, then what stands in domains, then what names a network and no person.
_GENERIC = """
    admin administrator anon anonymous author bot contact editor editors guest hello hi home info mail me moderator news
    newsletter noreply office official owner press root staff support team test user webmaster welcome
    ac ap blog blogs chat co com community edu fedi fediverse feed gov gts m masto mastodon media misskey my net org
    page pages pixelfed post posts site social toot web wordpress wp www
    bluesky bsky twitter
"""
_NO_NAMES = frozenset(_GENERIC.split())
_SIGNS = re.compile(r"[\W_]+")  # what makes no difference inside a name
_SHORTEST = 3  # letters; two ASCII letters are initials


def names_of(author: Author, network: str) -> frozenset[str]:
    """The names an account goes by: empty where its handle is no name, as `admin@…` or `www.…`."""
    return names_in(author.handle, network)


@lru_cache(maxsize=16_384)
def names_in(handle: str, network: str) -> frozenset[str]:
    """The names in a handle; the host is a part of them only on the fediverse, as a blog is not its guests' own."""
    if not handle.isascii():
        handle = unicodedata.normalize("NFKC", handle)
    if handle.startswith("did:") or handle.endswith(".invalid"):
        return frozenset()
    if (mirrored := mirrored_handle(handle)) is not None:
        return _names_of_domain(mirrored)
    user, at, host = handle.rpartition("@")
    if not at:
        return _names_of_domain(host) if "." in host else _short_names(host)
    names = _short_names(user)
    if network != "fediverse" or not host:
        return names
    host = ascii_host(host)
    if user.lower() == host:  # as bridged websites are called
        return _names_of_domain(host)
    return names | {f"{_folded(user)}.{_whole(host)}"} | _names_of_home(_folded(user), host)


def _names_of_home(user: str, host: str) -> frozenset[str]:
    """The names of a host that is its user's own: `me@carys.example`, `carys@social.carys.example`."""
    domain = _without_generic(host)
    label = _folded(domain.partition(".")[0])
    if user in _NO_NAMES:
        return frozenset((_whole(domain),))
    is_own = (label.startswith(user) or label.endswith(user)) and 2 * len(user) >= len(label)
    return _names_of_domain(domain) if is_own and len(user) >= _SHORTEST else frozenset()


def _names_of_domain(domain: str) -> frozenset[str]:
    """The domain as a whole, with and without a `www` or `blog` before it, and its first label that says something."""
    rest = _without_generic(domain)
    return frozenset((_whole(domain), _whole(rest))) | _short_names(rest.partition(".")[0])


def _without_generic(domain: str) -> str:
    labels = domain.split(".")
    while len(labels) > 2 and _folded(labels[0]) in _NO_NAMES:
        labels = labels[1:]
    return ".".join(labels)


def _short_names(written: str) -> frozenset[str]:
    name = _folded(written)
    word = name.rstrip("0123456789")  # as `user-12` and `anonymous-7`
    is_name = word and word not in _NO_NAMES and len(name) >= (_SHORTEST if name.isascii() else 2)
    return frozenset((name,)) if is_name else frozenset()


def _folded(name: str) -> str:
    return name.lower() if name.isascii() and name.isalnum() else _SIGNS.sub("", name.casefold())


def _whole(domain: str) -> str:
    return ".".join(_folded(label) for label in domain.split("."))
