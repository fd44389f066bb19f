"""How fast the copies of a post are found among thousands, beside one bare comparison of their texts.

    python tests/benchmarks/bench_identity.py

Processor time, the best of several runs; each figure in one run, as a ratio to rapidfuzz comparing the same text with
the same thousands, prepared and in one call. "anew" begins with empty caches: no handle, name or text was met before.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from making_identity import comment, later, skeet, toot, tweet
from rapidfuzz import fuzz, process

from collector.identity import bridges, copies_among, names, people, wording
from collector.identity.addresses import bare
from collector.model import Post

MOST = 3_000
REACH = 0.010  # seconds
REPEATS = 9
TEXT = (
    "they renamed the complaints box portal we were asked after the contract was signed nothing about us without us a"
    " survey is no voice our drawings are on the wall of the office and the door stays shut"
)
WORDS = TEXT.split()
CACHES = (
    bridges._original,
    names.names_in,
    people.places_of,
    people._words_of_name,
    wording.read_wording,
    bare,
)


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(12, 60))) + ". #notcoproduction"


def crowd(chance: random.Random, *, is_namesake: bool) -> list[Post]:
    """Thousands within the hour, on four networks."""
    makers = ((skeet, ".bsky.social"), (tweet, "@twitter.com"), (comment, "@blog.example"), (toot, "@fedi.example"))
    posts: list[Post] = []
    for number in range(MOST):
        make, end = makers[number % len(makers)]
        handle = ("carys" if is_namesake else f"writer{number}") + end
        posts.append(make(sentence(chance), handle, number + 1, published_at=later(chance.randint(-59, 59))))
    return posts


def forget() -> None:
    """Empties all caches."""
    for cached in CACHES:
        cached.cache_clear()


def seconds(work: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
    """The processor time at best."""
    best = float("inf")
    for _ in range(REPEATS):
        before()
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def main() -> None:
    """Measures and prints."""
    chance = random.Random(20261117)
    post = toot(sentence(chance))
    strangers, namesakes = crowd(chance, is_namesake=False), crowd(chance, is_namesake=True)
    strangers[1_000] = skeet(post.text, number=1_001)
    texts = [other.text for other in strangers]
    bare_seconds = seconds(lambda: process.extract(post.text, texts, scorer=fuzz.token_sort_ratio, limit=1))
    print(f"rapidfuzz, 1 against {MOST:,}: {bare_seconds * 1000:.1f} ms")
    if copies_among(post, strangers) != [1_000]:
        raise AssertionError("the copy was not found")
    for name, others in (("of other names", strangers), ("all of one name", namesakes)):
        anew = seconds(lambda others=others: copies_among(post, others), forget)  # type: ignore[misc]
        again = seconds(lambda others=others: copies_among(post, others))  # type: ignore[misc]
        for state, took in (("anew", anew), ("again", again)):
            print(
                f"{name:15} {state:5} {took * 1000:6.1f} ms   {took / bare_seconds:.2f} of rapidfuzz"
                f" (reach {REACH * 1000:.0f} ms)"
            )


if __name__ == "__main__":
    main()
