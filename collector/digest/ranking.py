"""What stands first: how far a post was carried, and a fair share for everybody who posted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from collector.model import Candidate, Counts


def score(counts: Counts) -> float:
    """How far a post was carried by others; 0 where nobody did anything.

    The geometric mean of boosts + 1, likes + 1 and replies + 1, so that one kind alone does not win by mass. The
    author's followers play no part. A post that was answered more often than passed on and liked together is more
    likely quarrelled over than enjoyed, and counts half.
    """
    if not (counts.boosts or counts.likes or counts.replies):
        return 0.0
    mean = math.cbrt((counts.boosts + 1) * (counts.likes + 1) * (counts.replies + 1))
    return mean / 2 if counts.replies > counts.boosts + counts.likes else mean


def rank_key(candidate: Candidate) -> tuple[float, datetime, str]:
    """Sorts the furthest carried first; of equals the earlier, then by address: a total order."""
    return (-score(candidate.counts), candidate.dated_at, candidate.uri)


def rank(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates, furthest carried first."""
    return sorted(candidates, key=rank_key)


def choose_top(
    candidates: Iterable[Candidate], top_posts: int, given: Iterable[Candidate] = ()
) -> tuple[list[Candidate], list[Candidate]]:
    """Who gets a card, furthest carried first, and the others in order of time.

    Nobody gets a second card before everybody has had one; `given` have theirs already. Where everything fits,
    everything is a card. Posts that nobody has touched yet fill the cards that are left: the examples are there
    to be read.
    """
    fair = _take_turns(rank(candidates), Counter(candidate.author for candidate in given))
    top = rank(fair[:top_posts])
    rest = sorted(fair[top_posts:], key=lambda candidate: (candidate.dated_at, candidate.uri))
    return top, rest


def choose_fairly(candidates: Iterable[Candidate], most: int) -> list[Candidate]:
    """At most so many, furthest carried first, nobody twice before everybody had a turn."""
    return choose_top(candidates, most)[0]


def _take_turns(ranked: list[Candidate], turns: Counter[str]) -> list[Candidate]:
    """Everybody's first, then everybody's second, and so on, each round in the given order; `turns` were had before."""
    numbered = []
    for candidate in ranked:
        numbered.append((turns[candidate.author], candidate))
        turns[candidate.author] += 1
    return [candidate for _, candidate in sorted(numbered, key=lambda pair: pair[0])]
