"""The walk through a page: what each element means for its text, links and hashtags."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from selectolax.lexbor import LexborNode

from collector.model import Hashtag
from collector.text.hashtags import hashtag_from
from collector.text.links import link_address, shown_link
from collector.text.paragraphs import KEPT, Paragraphs

_BLOCKS = {  # and how many line breaks keep them apart from what stands around them
    **dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr", "figure", "dl", "fieldset"), 2),
    **dict.fromkeys(("div", "section", "article", "aside", "header", "footer", "nav", "main", "address", "form"), 1),
    **dict.fromkeys(("tr", "caption", "dt", "dd", "figcaption", "details", "summary", "center", "legend"), 1),
}
_SKIPPED = frozenset(
    (
        "script",
        "style",
        "template",
        "title",
        "head",
        "iframe",
        "object",
        "svg",
        "canvas",
        "audio",
        "video",
        "annotation",
    )
)
_RUNNING = frozenset(("a", "span", "b", "strong", "i", "em", "u", "bdi", "bdo", "code", "mark", "small", "wbr"))
_TAB = KEPT * 4

_Closing = Callable[[], None]


class Reader:
    """Walks a document once, without recursion: nesting is as deep as a stranger likes."""

    __slots__ = ("_kept", "_numbers", "hashtags", "links", "paragraphs")

    def __init__(self) -> None:
        self.paragraphs = Paragraphs()
        self.links: dict[str, None] = {}
        self.hashtags: dict[str, Hashtag] = {}  # by normal form
        self._kept = 0  # how many elements around here keep white space
        self._numbers: list[int] = []  # of the next item of each list around here; below zero: not numbered

    def read(self, root: LexborNode) -> None:
        """Takes in everything inside `root`."""
        node = root.first_child
        waiting: list[tuple[int, _Closing | None, LexborNode | None]] = []  # what is due at an end, and what follows
        while node is not None or waiting:
            if node is None:
                gap, closing, node = waiting.pop()
                if closing is not None:
                    closing()
                elif gap:
                    self.paragraphs.break_off(gap)
                continue
            tag = node.tag or ""
            if tag == "-text":
                self._text(node.text_content or "")
            elif gap := _BLOCKS.get(tag, 0):
                self.paragraphs.break_off(gap)
                waiting.append((gap, None, node.next))
                node = node.first_child
                continue
            elif tag == "a" and self._is_taken(node):
                pass
            elif tag not in _SKIPPED:
                special = self._SPECIAL.get(tag)
                waiting.append((0, special and special(self, node), node.next))
                node = node.first_child
                continue
            node = node.next

    def _text(self, text: str) -> None:
        if KEPT in text:
            text = text.replace(KEPT, "")
        if self._kept:
            text = text.replace(" ", KEPT).replace("\t", _TAB)
        elif "\n" in text:
            text = text.replace("\n", " ")
        self.paragraphs.pieces.append(text)

    def _is_taken(self, anchor: LexborNode) -> bool:
        """Reads an anchor that holds nothing but running text, as nearly all do; False: walk through it."""
        visible = _running_text(anchor)
        if visible is None:
            return False
        attributes = anchor.attributes
        classes = (attributes.get("class") or "").split()
        is_tag = "hashtag" in classes or "tag" in (attributes.get("rel") or "").split()
        if (is_tag and self._is_hashtag(visible, is_sure="hashtag" in classes)) or "mention" in classes:
            self._text(visible)
        else:
            self._link(visible, attributes.get("href") or "")
        return True

    def _is_hashtag(self, visible: str, *, is_sure: bool) -> bool:
        """False where the link only says rel="tag", as a blog's categories do, and no '#' is near."""
        pieces = self.paragraphs.pieces
        if not (is_sure or visible.startswith(("#", "＃")) or (pieces and pieces[-1].endswith(("#", "＃")))):
            return False
        hashtag = hashtag_from(visible)
        if hashtag is not None:
            self.hashtags.setdefault(hashtag.normal, hashtag)
        return True

    def _link(self, visible: str, href: str) -> None:
        address = link_address(href)
        if address is None:
            self._text(visible)
            return
        self.links[address] = None
        lead = " " if visible[:1].isspace() else ""
        tail = " " if visible[-1:].isspace() else ""
        self.paragraphs.pieces.append(f"{lead}{shown_link(visible, address)}{tail}")

    def _rich_link(self, anchor: LexborNode) -> _Closing | None:
        """A link with pictures, line breaks or paragraphs in it: its address stands behind them."""
        address = link_address(anchor.attributes.get("href") or "")
        if address is None:
            return None
        self.links[address] = None
        return lambda: self.paragraphs.pieces.append(f" ({address})")

    def _block(self, gap: int) -> _Closing:
        self.paragraphs.break_off(gap)
        return lambda: self.paragraphs.break_off(gap)

    def _line_break(self, _: LexborNode) -> None:
        self.paragraphs.pieces.append("\n")

    def _cell(self, _: LexborNode) -> None:
        self.paragraphs.pieces.append(" ")

    def _image(self, node: LexborNode) -> None:
        self._text(node.attributes.get("alt") or "")

    def _code(self, _: LexborNode) -> _Closing:
        self._kept += 1

        def end() -> None:
            self._kept -= 1

        return end

    def _preformatted(self, node: LexborNode) -> _Closing:
        end_block, end_code = self._block(2), self._code(node)

        def end() -> None:
            end_code()
            end_block()

        return end

    def _marked(self, mark: str, gap: int) -> _Closing:
        self.paragraphs.break_off(gap)
        outer = self.paragraphs.indent(mark)

        def end() -> None:
            self.paragraphs.break_off(gap)
            self.paragraphs.outdent(outer)

        return end

    def _quote(self, _: LexborNode) -> _Closing:
        return self._marked("> ", 2)

    def _bullets(self, _: LexborNode) -> _Closing:
        return self._list(-1)

    def _numbered(self, _: LexborNode) -> _Closing:
        return self._list(1)

    def _list(self, number: int) -> _Closing:
        end_block = self._block(1 if self._numbers else 2)
        self._numbers.append(number)

        def end() -> None:
            self._numbers.pop()
            end_block()

        return end

    def _item(self, _: LexborNode) -> _Closing:
        number = self._numbers[-1] if self._numbers else -1
        if number < 0:
            return self._marked("- ", 1)
        self._numbers[-1] += 1
        return self._marked(f"{number}. ", 1)

    _SPECIAL: ClassVar[dict[str, Callable[[Reader, LexborNode], _Closing | None]]] = {
        "a": _rich_link,
        "br": _line_break,
        "img": _image,
        "pre": _preformatted,
        "code": _code,
        "blockquote": _quote,
        "ul": _bullets,
        "menu": _bullets,
        "ol": _numbered,
        "li": _item,
        "td": _cell,
        "th": _cell,
    }


def _running_text(element: LexborNode) -> str | None:
    """All the text of an element that holds nothing but text and its marking up; None if it holds more."""
    pieces: list[str] = []
    for node in element.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            pieces.append(node.text_content or "")
        elif tag not in _RUNNING:
            return None
    return "".join(pieces)
