"""The names that people and posts go by, in the one form in which names are compared.

An account goes by its key, by its handle where that is its own, and by the places of its profile: a host, or a host and
a path, without scheme, `www.` and case. A post goes by its addresses, with https for http and no slash at the end, the
case of the path as it came.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from collector.identity.addresses import addresses_of, bare
from collector.identity.bridges import original_of
from collector.identity.people import places_of
from collector.model import Author, Mention, Post
from collector.text.addresses import author_key, canonical_uri
from collector.text.bluesky import is_did, post_behind

_TWEET = re.compile(r"(?:mobile\.)?(?:twitter|x)\.com/(?:[^/]+|i/web)/status(?:es)?/(?P<id>[0-9]{1,20})(?:/|$)")
_REMOTE = re.compile(r"[^/]+/@(?P<handle>[^/@]+@[^/@]+)")  # somebody else's profile, as a server shows it to its people
_PROFILE = re.compile(
    r"(?P<sure>(?:mobile\.)?(?:twitter|x)\.com/[a-z0-9_]+|bsky\.app/profile/[^/?#]+|[^/]+/@[^/?#]+)"
    r"(?:/(?:with_replies|media|followers|following))?(?:[?#].*)?"
    r"|(?P<other>[^/]+/(?:users?|u|profile|author|accounts?|actors?)/@?[^/]+)"
)
_ROOM = re.compile(r"(?<=/)(?:web|deck)/(?=@)")  # of a server's pages for its own people
_FEED = re.compile(r"\.(?:rss|atom|json)$")
_LEADS_ON = re.compile(r"[/?].*[@%:.]", re.DOTALL)
_WITHIN = re.compile(r"(?=(?:https?|at)://)", re.IGNORECASE)
_PARTS = re.compile(r"[/?#&=]")
_AT_ACCOUNT = re.compile(r"at://[^/]+/?")
_NUMBERED = re.compile(r"[0-9]+@")


def handle_name(handle: str) -> str:
    """A handle, with or without the @ before it."""
    return author_key(handle.strip().lstrip("@＠"))


def goes_by_handle(key: str, handle: str) -> bool:
    """True where a handle is one account's own: not that of a blog's guest, who shares it with all of that name."""
    if is_did(key) or key == handle_name(handle):
        return True
    return _NUMBERED.match(key) is not None and key.rpartition("@")[2] == handle_name(handle).rpartition("@")[2]


@lru_cache(maxsize=16_384)
def account_names(key: str, handle: str, url: str | None) -> frozenset[str]:
    """What an account, and nobody else, is known by."""
    if not goes_by_handle(key, handle):
        return frozenset({key})
    name = handle_name(handle)
    user = name.partition("@")[0]
    places = (place for place in places_of(key, name, url) if "@" not in name or _shows(place, user))
    page = {f"bsky.app/profile/{key}"} if is_did(key) else set()
    return frozenset({key, name, *places, *page})


def _shows(place: str, user: str) -> bool:
    """True where a place is of this user and of nobody else, as a server's front page is not."""
    return any(part.removeprefix("@") == user for part in unquote(place).split("/")[1:])


def names_of_account(author: Author) -> frozenset[str]:
    """What the author of a post may be known by: a blog's guest also by the profile that they name as their own."""
    names = account_names(author.key, author.handle, author.url)
    place = unquote(bare(author.url or ""))
    return names | {place} if "/" in place else names


def names_of_mention(mention: Mention) -> frozenset[str]:
    """What somebody who is spoken to is known by."""
    return frozenset({handle_name(mention.handle), *names_at(mention.url or "")})


def names_of_post(post: Post) -> frozenset[str]:
    """What a post is known by, and the accounts that its addresses show, or those of what a bridge made it from."""
    addresses = {*addresses_of(post), original_of(post) or ""}
    return frozenset().union(*map(names_at, addresses))


@lru_cache(maxsize=16_384)
def names_at(address: str) -> frozenset[str]:
    """What an address names: what is there, the account that it is of, and what it leads on to; nothing for no address.

    Archives, bridges and other people's viewers have the address, the handle or the DID that they show in their own.
    """
    names = post_names_at(address) | account_names_at(address)
    if not names or not _LEADS_ON.search(address, address.find(":") + 3):
        return names
    told = unquote(address.partition("://")[2])
    *before, within = _WITHIN.split(told)
    return names | _names_shown(told) | (post_names_at(within) | account_names_at(within) if before else frozenset())


def _names_shown(told: str) -> frozenset[str]:
    """The handles and DIDs that an address shows behind its host."""
    parts = (part.removeprefix("acct:").lstrip("@") for part in _PARTS.split(told)[1:])
    return frozenset(part if is_did(part) else handle_name(part) for part in parts if "." in part or ":" in part)


@lru_cache(maxsize=16_384)
def post_names_at(address: str) -> frozenset[str]:
    """The post there, under its one name and under that of its network."""
    try:
        uri = canonical_uri(address)
    except ValueError:
        return frozenset()
    if not (place := bare(uri)):
        return frozenset({uri})
    names = {"https:" + uri.partition(":")[2].rstrip("/")}
    if (record := post_behind(uri)) is not None:
        names.add(record.uri)
    if tweet := _TWEET.match(place):
        names.add(f"https://twitter.com/i/web/status/{tweet['id']}")
    return frozenset(names)


@lru_cache(maxsize=16_384)
def account_names_at(address: str) -> frozenset[str]:
    """The accounts there may be: the place itself, and those whose profiles it stands beneath."""
    try:
        uri = canonical_uri(address)
    except ValueError:
        return frozenset()
    scheme, _, rest = uri.partition(":")
    if scheme in {"did", "acct", "mailto"}:
        return frozenset({uri if scheme == "did" else handle_name(rest.partition("?")[0])})
    if scheme == "at":
        return frozenset({rest.lstrip("/").partition("/")[0]})
    return _places(bare(uri))


def is_profile(address: str) -> bool:
    """True for the address of an account, as far as addresses tell."""
    return address.startswith("did:") or _AT_ACCOUNT.fullmatch(address) is not None or bool(profile_place(address))


def profile_place(address: str) -> str:
    """The place of the profile that a web page shows, or lists the posts or the people of; "" for any other page."""
    page = _PROFILE.fullmatch(_ROOM.sub("", unquote(bare(address)), count=1))
    return (page["sure"] or page["other"]) if page else ""


def _places(place: str) -> frozenset[str]:
    page = _ROOM.sub("", _FEED.sub("", re.split(r"[?#]", place, maxsplit=1)[0]), count=1)
    parts = [unquote(part) for part in page.split("/")]
    if len(parts) == 1:
        return frozenset(parts) - {""} if parts[0] == place else frozenset()
    names = {"/".join(parts[:2]), "/".join(parts[:3])}
    if remote := _REMOTE.match("/".join(parts[:2])):
        names.add(handle_name(remote["handle"]))
    if parts[0] == "bsky.app" and parts[1] == "profile" and len(parts) > 2:
        names.add(parts[2].removeprefix("@"))
    return frozenset(names)
