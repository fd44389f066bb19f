"""A mail that a stranger may have written, as text: cut to a size, to a depth, and never a reason to stop.

`email` reads nearly everything, but not all of it: what nests a thousand deep, or names a charset that there is not, is
read as far as it goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser

from collector.text.html import html_to_text

LARGEST = 1_000_000  # bytes of a mail that are looked at: what a report says stands before what it returns
_DEEPEST = 20  # parts within parts
_MOST_PARTS = 200
_LONGEST_TEXT = 200_000  # characters of a part
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One leaf of a mail."""

    kind: str  # "text/plain"
    text: str
    is_returned: bool  # of what is sent back, not of what is said about it


def parse(raw: bytes) -> Message:
    """The mail, or at least its headers."""
    raw = raw[:LARGEST]
    try:
        return BytesParser(policy=policy.compat32).parsebytes(raw)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError):  # it has met them all
        return BytesHeaderParser(policy=policy.compat32).parsebytes(raw)


def parts_of(message: Message) -> Iterator[Part]:
    """Its leaves in their order, the headers of mails within it being leaves of their own."""
    waiting = [(message, 0, False)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part, depth, is_returned = waiting.pop()
        kind = part.get_content_type()
        is_returned = is_returned or kind in _RETURNED
        inner = payload_of(part)
        if isinstance(inner, list):
            if kind.startswith("message/"):
                told = inner[:_MOST_PARTS]
                yield from (Part(kind=kind, text=_headers(one), is_returned=is_returned) for one in told)
            if depth < _DEEPEST and kind != "message/delivery-status":
                waiting += [(one, depth + 1, is_returned) for one in reversed(inner)]
        else:
            yield Part(kind=kind, text=_text(part, kind), is_returned=is_returned)


def payload_of(part: Message) -> list[Message] | str:
    """The parts, or the text as it was sent; `email` stumbles over charsets that there are not."""
    try:
        payload = part.get_payload()
    except (ValueError, LookupError):
        return ""
    if isinstance(payload, list):
        return [one for one in payload if isinstance(one, Message)]
    return payload if isinstance(payload, str) else ""


def header(message: Message, name: str) -> str:
    """A header on one line, encoded words and all; "" where there is none."""
    value = message.get(name, "")
    return " ".join(str(value).split())[:_LONGEST_TEXT]


def _headers(message: Message) -> str:
    return "\n".join(f"{name}: {' '.join(str(value).split())}" for name, value in message.items())[:_LONGEST_TEXT]


def _text(part: Message, kind: str) -> str:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):
        content = None
    if not isinstance(content, bytes):
        return ""
    try:
        text = content.decode(str(part.get_content_charset("utf-8")), "replace")
    except (LookupError, ValueError):
        text = content.decode("latin-1")
    text = text[:_LONGEST_TEXT]
    return html_to_text(text).text if kind == "text/html" else text
