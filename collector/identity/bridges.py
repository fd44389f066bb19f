"""The original that a bridge made a post from: Bridgy Fed, in both directions.

A post on the fediverse is the bridge's where its uri lies on one of the bridge's hosts: nobody else can make such a
uri. On Bluesky the original stands in a field of the record, and a record's owner may write there what they like. So
it counts only where the account is called as the bridge calls its own, by a handle beneath the bridge's domain that
the network has verified, and only for an original on the home of whom the handle names. Bridged accounts that took a
domain of their own as their handle cannot be told from strangers: their posts are joined by name and text, or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from collector.identity.addresses import addresses_of
from collector.model import Post
from collector.text.addresses import canonical_uri, canonical_url

_DOMAIN = "brid.gy/"
# bsky carries Bluesky, web carries websites, and fed, the oldest, has carried both.
_MADE = re.compile(
    r"https://(?:bsky|fed|web)\.brid\.gy/(?:r|ap|convert/(?:[a-z]+/)?(?:ap|activitypub))/(?P<original>.+)",
    re.IGNORECASE,
)
_MIRROR = re.compile(r"(?P<whose>[^@\s]+?)(?:\.(?P<home>ap|web)|@(?:bsky|fed|web))\.brid\.gy", re.IGNORECASE)
_ENCODED = re.compile(r"[a-z]+%3a", re.IGNORECASE)
_COLLAPSED = re.compile(r"^([a-z]+:/)(?=[^/])", re.IGNORECASE)  # some software makes one slash of two
_RECORD = re.compile(r"at://did:[a-z]+:[\w.:-]+/[A-Za-z0-9.-]+/[\w.:~-]+", re.ASCII)
_PAGE_OF_RECORD = re.compile(r"https://bsky\.app/profile/(?P<did>did:[^/]+)/post/(?P<key>[^/?#]+)/?")
_USER_IN_PATH = re.compile(r"/(?:@|users/)(?P<user>[^/@]+)(?:/|$)")
_NO_DIFFERENCE = re.compile(r"[\W_]+")
_NOT_IN_HANDLES = re.compile(r"[^a-z0-9.-]")  # of Bluesky: the bridge writes `-` for it


def original_of(post: Post) -> str | None:
    """The canonical address of what a bridge made this post from; None where no bridge says so itself."""
    if post.copy_of is None and _DOMAIN not in post.uri:
        return None
    return _original(post.network, post.uri, post.copy_of, post.author.handle)


def is_bridged(a: Post, b: Post) -> bool:
    """True where a bridge made one of them from the other, or both from one third."""
    of_a, of_b = original_of(a), original_of(b)
    if of_a is None and of_b is None:
        return False
    return of_a == of_b or of_a in addresses_of(b) or of_b in addresses_of(a)


def mirrored_handle(handle: str) -> str | None:
    """Whom a bridge's account is the mirror of, written like a domain: `carys.fedi.example`; None: it is nobody's.

    From `carys.fedi.example.ap.brid.gy` and `blog.example.web.brid.gy` on Bluesky, and `carys.bsky.social@bsky.brid.gy`
    on the fediverse.
    """
    match = _MIRROR.fullmatch(handle) if handle[-7:].lower() == "brid.gy" else None
    return match["whose"].lower() if match else None


def with_mirrors(names: Iterable[str]) -> frozenset[str]:
    """These names, and for the handles among them those that the bridge gives to its copy of the account."""
    names = frozenset(names)
    handles = (name for name in names if "." in name and not any(sign in name for sign in "/:"))
    return names | {mirror for handle in handles if not handle.endswith(".brid.gy") for mirror in _mirrors(handle)}


def _mirrors(handle: str) -> tuple[str, ...]:
    user, at, host = handle.partition("@")
    return (f"{_NOT_IN_HANDLES.sub('-', user)}.{host}.ap.brid.gy",) if at else (f"{handle}@bsky.brid.gy",)


@lru_cache(maxsize=16_384)
def _original(network: str, uri: str, copy_of: str | None, handle: str) -> str | None:
    if network == "fediverse":
        made = _MADE.fullmatch(uri)
        return _read(made["original"]) if made else None
    mirror = _MIRROR.fullmatch(handle) if network == "bluesky" else None
    if copy_of is None or mirror is None or mirror["home"] is None:
        return None
    original = _read(copy_of)
    return original if original and _is_at_home(original, mirror["whose"], mirror["home"].lower()) else None


def _read(told: str) -> str | None:
    """The address as other sources tell it: a record of Bluesky by its uri, a web page as it is."""
    if _ENCODED.match(told):
        told = unquote(told)
    told = _COLLAPSED.sub(r"\1/", told)
    if told[:3].lower() == "at:":
        record = unquote(told[:3].lower() + told[3:])
        return record if _RECORD.fullmatch(record) else None
    try:
        original = canonical_uri(canonical_url(told))
    except ValueError:
        return None
    if f".{urlsplit(original).hostname}".endswith(".brid.gy"):
        return None
    page = _PAGE_OF_RECORD.fullmatch(original)
    return f"at://{page['did']}/app.bsky.feed.post/{page['key']}" if page else original


def _is_at_home(original: str, whose: str, home: str) -> bool:
    """True for a page on or beneath the host that the mirror's handle names, and of that user where the page tells."""
    user, _, domain = ("", "", whose) if home == "web" else whose.partition(".")
    split = urlsplit(original)
    host = split.hostname or ""
    if not domain or not (host == domain.lower() or host.endswith(f".{domain.lower()}")):
        return False
    told = _USER_IN_PATH.match(split.path)
    return not user or told is None or _same(told["user"], user)


def _same(a: str, b: str) -> bool:
    return _NO_DIFFERENCE.sub("", a).lower() == _NO_DIFFERENCE.sub("", b).lower()
