"""Whose word counts more, where two sources tell of one post: known by the networks that they tell it as."""

from __future__ import annotations

_LEAST = 0  # a feed tells only part of a post, and says itself whose it is
_MIDDLE = 1  # a table or an export of some network that is not asked itself
_BEST = 2  # the network's own answers
_WORTH = {"feed": _LEAST, "fediverse": _BEST, "bluesky": _BEST, "wordpress": _BEST}


def is_better_witness(stored_network: str, told_network: str) -> bool:
    """True where the one that tells a post now knows more of it than the one whose word is stored; equals are not."""
    return _WORTH.get(told_network, _MIDDLE) > _WORTH.get(stored_network, _MIDDLE)
