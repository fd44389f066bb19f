"""What somebody types to say whom, or which post, they mean: a handle, a DID, the address of a profile or of a post."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collector.identity.addresses import bare
from collector.identity.naming import account_names, handle_name, is_profile, post_names_at, profile_place
from collector.text.addresses import canonical_uri, is_web_address
from collector.text.bluesky import is_did
from collector.text.mailaddresses import folded_address, normal_address

_HANDLE = re.compile(r"[^\s@/]+@[^\s@/.][^\s@/]*\.[^\s@/.]+(?::\d+)?|(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_POST = re.compile(  # as servers show it: in their own rooms, to be embedded, with who liked it
    r"(?P<server>https?://[^/]+/)(?:(?:web|deck)/)?"
    r"(?P<page>@[^/?#]+/(?:statuses/|posts/)?\w+|(?:ap/)?users/[^/?#]+/statuses/\w+|profile/[^/?#]+/post/\w+)"
    r"(?:/[\w-]+)?/?(?:[?#].*)?"
)
_OF_HANDLES = re.compile(r"(?:acct|mailto):", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was typed, read as far as that goes without looking anything up."""

    text: str
    name: str  # a handle or a DID in the form in which it is compared; "" for an address
    place: str  # an address as `bare` has it; "" for a name
    posts: frozenset[str]  # what a post there is known by
    accounts: frozenset[str]  # what an account there is known by; empty where nothing shows that it is one

    @property
    def reader(self) -> str:
        """The mail address that it may be, in small letters; "" where it can be none."""
        try:
            return folded_address(normal_address(self.name))
        except ValueError:
            return ""

    @property
    def names(self) -> frozenset[str]:
        """All that it may be known by; nothing where it is too short to mean anybody in particular."""
        return self.accounts or self.posts


def read_asked(text: str) -> Asked:
    """Reads it. ValueError, with a short reason, for what is neither a name nor an address."""
    text = text.strip().replace("＠", "@")
    if not text.isprintable():
        raise ValueError("it holds signs that no name has")
    if is_did(text):
        return _account(text, text, _known_as(text))
    if _is_address(text):
        return _address(text)
    name = handle_name(_OF_HANDLES.sub("", text, count=1))
    if not name or any(sign.isspace() for sign in name):
        raise ValueError("accepted: a handle (user@host), a DID (did:plc:…), or the address of a profile or a post")
    is_whole = _HANDLE.fullmatch(name) is not None
    return _account(text, name, _known_as(name) if is_whole else frozenset())


def _account(text: str, name: str, accounts: frozenset[str]) -> Asked:
    return Asked(text=text, name=name, place="", posts=frozenset(), accounts=accounts)


def _known_as(name: str) -> frozenset[str]:
    """What the account of a handle, or of a DID, is known by."""
    user, at, host = name.partition("@")
    page = f"https://{host}/{user}" if host == "twitter.com" else f"https://{host}/@{user}"
    return account_names(name, name, page if at else None)


def _is_address(text: str) -> bool:
    return bool(_SCHEME.match(text)) or ("/" in text and not text.startswith("@") and is_web_address(f"https://{text}"))


def _address(text: str) -> Asked:
    uri = canonical_uri(text if _SCHEME.match(text) else f"https://{text}")
    if post := _POST.fullmatch(uri):
        uri = post["server"] + post["page"]
    place = profile_place(uri) or bare(uri)
    is_page = "/" in place or not place  # a whole site is nobody, and no post
    return Asked(
        text=text,
        name="",
        place=place,
        posts=post_names_at(uri) if is_page else frozenset(),
        accounts=_accounts(uri, place) if is_profile(uri) else frozenset(),
    )


def _accounts(uri: str, place: str) -> frozenset[str]:
    """The account whose profile this is: by the place, and by the handle or DID that the address shows."""
    if not place:
        return _known_as(uri.removeprefix("at://").rstrip("/"))
    host, *_, user = place.split("/")
    user = user.removeprefix("@")
    is_whole = host == "bsky.app" or "@" in user
    home = "twitter.com" if host in {"x.com", "mobile.twitter.com"} else host
    return _known_as(user if is_whole else f"{user}@{home}") | {place}
