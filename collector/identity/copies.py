"""Whether two posts are copies of one, and which of many are copies of a post."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from collector.identity.addresses import addresses_of, bare, last_part
from collector.identity.bridges import is_bridged, original_of
from collector.identity.people import is_same_person, links_to
from collector.identity.wording import is_beginning, is_same_text
from collector.model import Post

NEAR = timedelta(hours=1)  # how far apart the copies of one post are published, at most

_SHORTENERS = frozenset(
    ("bit.ly", "buff.ly", "dlvr.it", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "t.co", "tinyurl.com", "trib.al", "wp.me")
)
_NO_LINK = re.compile(r"/(?:tags?|hashtag)/")  # a hashtag that its server links


def is_near_copy(a: Post, b: Post) -> bool:
    """True for one person's near-identical posts on two networks within an hour; the order makes no difference.

    They may not answer or quote different things, and whole ones may not lead to different pages.
    """
    if a.network == b.network or abs(a.published_at - b.published_at) > NEAR:
        return False
    if not is_same_person(a, b) or _answered(a) != _answered(b) or not (_leads_to(a, b) and _leads_to(b, a)):
        return False
    return (is_same_text(a, b) and not _lead_apart(a, b)) or is_beginning(a, b)


def copies_among(post: Post, others: Sequence[Post]) -> list[int]:
    """The places of those among the others that are copies of the post, bridged or posted again, in their order.

    Where two people of one network could be the author, nobody is chosen, unless the profile in question links to one
    of them alone; what the two say of themselves does not count. `others` should hold what else was published around
    then, on the post's own network too: a rival is only known where it is shown.
    """
    bridged = [place for place, other in enumerate(others) if is_bridged(post, other)]
    near = [place for place, other in enumerate(others) if is_near_copy(post, other)]
    if near:
        mirrors = _mirrors_among([post, *others])
        own = [other for other in others if other.uri not in mirrors]
        near = [] if post.uri in mirrors else [place for place in near if others[place].uri not in mirrors]
        chosen = _undisputed(post, [others[place] for place in near], own)
        near = [place for place in near if others[place].uri in chosen]
    return sorted({*bridged, *near})


def _mirrors_among(posts: Sequence[Post]) -> frozenset[str]:
    """The uris of those that a bridge made of others that are here too: those speak for them."""
    made = [post for post in posts if original_of(post) is not None]
    if not made:
        return frozenset()
    known = {address for post in posts if original_of(post) is None for address in addresses_of(post)}
    return frozenset(post.uri for post in made if original_of(post) in known)


def _undisputed(post: Post, copies: Sequence[Post], others: Sequence[Post]) -> frozenset[str]:
    """The uris of the copies where each is the only one of its network that could be the other's, or is linked to."""
    found: set[str] = set()
    authors = {(copy.network, copy.author): copy for copy in copies}
    for author, copy in authors.items():
        if not _is_chosen(post, copy, [other for other in authors.values() if _is_rival(other, copy)]):
            continue
        namesakes = [other for other in others if _is_rival(other, post) and is_same_person(other, copy)]
        for one in copies:
            if (one.network, one.author) == author:
                rivals = [other for other in namesakes if is_near_copy(one, other)]
                found |= {one.uri} if _is_chosen(one, post, rivals) else set()
    return frozenset(found)


def _is_rival(other: Post, one: Post) -> bool:
    return other.network == one.network and other.author.key != one.author.key


def _is_chosen(by: Post, one: Post, rivals: Sequence[Post]) -> bool:
    if not rivals:
        return True
    return links_to(by.author, one.author) and not any(links_to(by.author, rival.author) for rival in rivals)


def _answered(post: Post) -> str | None:
    """What it answers; None where that is nothing, a post of its author's own, or the page it stands on."""
    parent = post.reply_to_uri
    if parent is None or parent.startswith(f"at://{post.author.key}/"):
        return None
    if post.network == "wordpress" and "#comment" not in parent:
        return None
    place, user = parent.rpartition("/")[0], post.author.handle.partition("@")[0]
    is_told = f"/{user}/".lower() in f"{place}/".replace("@", "").lower()
    return None if is_told and post.network == "fediverse" and place == post.uri.rpartition("/")[0] else parent


def _leads_to(a: Post, b: Post) -> bool:
    """False where one quotes something that the other neither quotes nor links to."""
    if a.quote_of_uri is None:
        return True
    return last_part(a.quote_of_uri) in {last_part(address) for address in (b.quote_of_uri or "", *b.links)}


def _lead_apart(a: Post, b: Post) -> bool:
    """True where both link to pages, and none of them is the same: two posts of one wording, on two things."""
    own = {bare(address) for address in (*addresses_of(a), *addresses_of(b))}
    of_a, of_b = _pages(a) - own, _pages(b) - own
    return bool(of_a) and bool(of_b) and of_a.isdisjoint(of_b)


def _pages(post: Post) -> frozenset[str]:
    """The pages it links to, as far as one can tell: what was shortened may be any."""
    mentioned = {bare(mention.url) for mention in post.mentions if mention.url}
    links = {bare(link) for link in post.links} - mentioned - {""}
    return frozenset(link for link in links if link.partition("/")[0] not in _SHORTENERS and not _NO_LINK.search(link))
