"""HTML to plain text, for posts as servers send them: small, many, and not to be trusted.

Paragraphs are apart by a blank line, list items begin with "- " or their number, quotes with "> ", preformatted text
keeps its spaces. Links read as their real addresses, mentions and hashtags as they stand, pictures as their
alternative text. Nothing of the markup is left, whatever the markup.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collector.model import Hashtag
from collector.text.cleaning import one_line, plain_text
from collector.text.reading import Reader

__all__ = ["HtmlText", "html_to_text", "one_line", "plain_text"]


# Elements that, left open, the rules of HTML open again in each paragraph that follows unless they are alike: a few
# thousand with an attribute each would take minutes.
_REOPENED = re.compile(r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/][^<>]*>?", re.IGNORECASE)
_MANY = 300  # tags; below it the worst that can be done is small


@dataclass(frozen=True, slots=True)
class HtmlText:
    """What a piece of HTML says."""

    text: str
    links: tuple[str, ...]  # addresses of real links (not hashtags, not mentions), in order, each once
    hashtags: tuple[Hashtag, ...]  # those that are links, in order, each once, as first written


def html_to_text(html: str) -> HtmlText:
    """The plain text, links and hashtags of a piece of HTML. Never raises; the text is as `plain_text` leaves it."""
    if html.count("<") > _MANY:
        html = _REOPENED.sub(" ", html)
    reader = Reader()
    reader.read(_scratch.fill(html))
    return HtmlText(reader.paragraphs.text(), tuple(reader.links), tuple(reader.hashtags.values()))


class _Scratch(threading.local):
    """One document per thread, filled again and again.

    Opening a document costs ten times as much as filling it; as it keeps the memory of everything it ever held, it is
    renewed after so many characters.
    """

    _BUDGET = 200_000

    def __init__(self) -> None:
        self._left = 0
        self._body: LexborNode | None = None

    def fill(self, html: str) -> LexborNode:
        body = self._body
        if body is None or self._left <= 0:
            body = self._body = LexborHTMLParser("<body>").css("body")[0]
            self._left = self._BUDGET
        self._left -= len(html) + 200
        try:
            body.inner_html = html
        except UnicodeEncodeError:  # lone surrogates
            body.inner_html = html.encode("utf-8", "ignore").decode()
        return body


_scratch = _Scratch()
