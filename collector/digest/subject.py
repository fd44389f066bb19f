"""A digest's subject line, from the template in the configuration."""

from __future__ import annotations

from collections.abc import Sequence

from collector.digest.phrases import fill_subject
from collector.model import Window
from collector.text.cleaning import one_line
from collector.words import ENGLISH, Words

_COUNTED = "{count} new examples"  # bent to the number: "1 new example", "nothing new"


def make_subject(template: str, *, topics: Sequence[str], window: Window, posts: int, words: Words = ENGLISH) -> str:
    """The template filled, on one line. Several topics are joined, each with its "#" where the template has one."""
    mark = "#" if "#{hashtag}" in template else ""
    hashtag = words.join([f"{mark}{topic}" for topic in topics]).removeprefix(mark)
    examples = words.count("subject_examples", posts)
    bent = template.replace(_COUNTED, "{examples}")
    return one_line(fill_subject(words, bent, window, hashtag=hashtag, count=posts, examples=examples))
