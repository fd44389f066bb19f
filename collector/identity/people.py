"""Whether two accounts are one person's: by what they are called, and by what their profiles declare.

A handle is taken by whoever comes first, a display name by whoever likes it, and a profile may link to anybody's: each
by itself proves nothing. So names count only where nothing speaks against them, a link that only one side makes (as
fans, colleagues and impostors do) only where the two are called the same as well; links of both sides suffice.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from collector.identity.addresses import bare
from collector.identity.names import names_in, names_of
from collector.model import Author, Post

_UNLIKE = 60  # below: display names that are clearly different
_ALIKE = 85  # from here on: the same display name
_LONGEST = 200  # characters of a display name that are looked at
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|:\w+:|\b[a-z]+(?:/[a-z]+)+\b")  # (remarks), :emoji:, pronouns
_WORD = re.compile(r"[^\W_]+")
_TWITTER_HOSTS = {"twitter.com", "x.com", "mobile.twitter.com"}
_TWITTER = re.compile(r"(?:mobile\.)?(?:twitter|x)\.com/")
# What a link to somebody's profile looks like on a network; `bare` has taken scheme and www.
_PROFILES = {
    "bluesky": re.compile(r"bsky\.app/profile/[^/]+"),
    "twitter": re.compile(r"(?:mobile\.)?(?:twitter|x)\.com/[^/]+"),
    "fediverse": re.compile(r"(?!(?:medium|tiktok|youtube)\.com/)[^/]+/(?:@|users/)[^/]+"),
}


def is_same_person(a: Post, b: Post) -> bool:
    """True where the authors of posts on two networks are called the same or linked, and nothing speaks against it."""
    one, other = a.author, b.author
    if names_of(one, a.network).isdisjoint(names_of(other, b.network)):
        return is_linked(one, other)
    if is_linked(one, other):
        return True
    if _points_elsewhere(one, other, b.network) or _points_elsewhere(other, one, a.network):
        return False
    return not _are_names_unlike(one.name, other.name)


def is_linked(a: Author, b: Author) -> bool:
    """True where the profiles declare each other, or one declares the other and both are called the same.

    One side's word alone never counts: it costs an impostor nothing, and staff link to the organisation they work for.
    """
    a_links, b_links = links_to(a, b), links_to(b, a)
    if a_links and b_links:
        return True
    return (a_links or b_links) and _are_called_the_same(a, b)


def links_to(a: Author, b: Author) -> bool:
    """True where the profile of `a` holds a link to that of `b`, or to the domain that is their handle."""
    if not a.links:
        return False
    places = places_of(b.key, b.handle, b.url)
    return any(bare(link) in places for link in a.links)


@lru_cache(maxsize=16_384)
def places_of(key: str, handle: str, url: str | None) -> frozenset[str]:
    """Where an account can be found, all the ways that people link to it."""
    user, at, host = handle.lower().rpartition("@")
    page = bare(url or "")
    if at and not _is_same_home(page.partition("/")[0], host):
        page = ""  # as of a blog's guest, who may type any address
    found = {page}
    if not at and "." in host:
        found |= {host, f"bsky.app/profile/{host}", f"bsky.app/profile/{key.lower()}"}
    elif at and page.partition("/")[2] in {f"@{user}", f"users/{user}"}:
        found |= {f"{place}/{form}{user}" for place in (host, page.partition("/")[0]) for form in ("@", "users/")}
    elif twitter := _TWITTER.match(page):
        found |= {f"{place}.com/{page[twitter.end() :]}" for place in ("twitter", "x", "mobile.twitter")}
    return frozenset(found - {""})


def _is_same_home(one: str, other: str) -> bool:
    return f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}") or {one, other} <= _TWITTER_HOSTS


def _are_called_the_same(a: Author, b: Author) -> bool:
    """By handle, whatever the hosts, or by display name."""
    if not names_in(a.handle, "").isdisjoint(names_in(b.handle, "")):
        return True
    words_a, words_b = _words_of_name(a.name), _words_of_name(b.name)
    if not words_a or not words_b:
        return False
    from rapidfuzz import fuzz

    return fuzz.token_sort_ratio(" ".join(words_a), " ".join(words_b)) >= _ALIKE


def _points_elsewhere(a: Author, b: Author, network: str) -> bool:
    """True where the profile of `a` names profiles on the network of `b`, and none of them is that of `b`."""
    profile = _PROFILES.get(network)
    if profile is None or not a.links or links_to(a, b):
        return False
    own = places_of(a.key, a.handle, a.url)
    return any(profile.fullmatch(link) and link not in own for link in map(bare, a.links))


def _are_names_unlike(a: str, b: str) -> bool:
    """True for display names that two people have: `Alex Jones` and `Alex Smith`, but not `Carys` and `Carys M.`."""
    words_a, words_b = _words_of_name(a), _words_of_name(b)
    if not words_a or not words_b or words_a == words_b:
        return False
    from rapidfuzz import fuzz

    if fuzz.token_set_ratio(" ".join(words_a), " ".join(words_b)) < _UNLIKE:
        return True
    only_a, only_b = set(words_a) - set(words_b), set(words_b) - set(words_a)
    if not only_a or not only_b or len(only_a) < len(words_a) - 1:
        return False
    return not any(fuzz.ratio(x, y) >= _UNLIKE or x.startswith(y) or y.startswith(x) for x in only_a for y in only_b)


@lru_cache(maxsize=16_384)
def _words_of_name(name: str) -> tuple[str, ...]:
    shown = unicodedata.normalize("NFKC", name).casefold()[:_LONGEST]
    return tuple(_WORD.findall(_ASIDE.sub(" ", shown)))
