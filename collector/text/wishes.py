"""What people ask in the words of their profiles."""

from __future__ import annotations

import re
from collections.abc import Iterable

from collector.model import Wish
from collector.text.hashtags import find_hashtags

_MAY_WISH = re.compile(r"no(bots?|index|archive|search)", re.IGNORECASE)
_WISHES = {
    "nobot": Wish.NOBOT,
    "nobots": Wish.NOBOT,
    "noindex": Wish.NOINDEX,
    "noarchive": Wish.NOARCHIVE,
    "nosearch": Wish.NOSEARCH,
}


def may_wish(text: str) -> bool:
    """False where a text, plain or HTML, holds none of these words: a quick look before it is read."""
    return _MAY_WISH.search(text) is not None


def wishes_in(texts: Iterable[str]) -> frozenset[Wish]:
    """The wishes that stand as hashtags in plain texts."""
    tags = (tag for text in texts if may_wish(text) for tag in find_hashtags(text))
    return frozenset(_WISHES[tag.normal] for tag in tags if tag.normal in _WISHES)
