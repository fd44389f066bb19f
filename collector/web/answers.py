"""What an answer is, and the kinds of answers that handlers give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO

from werkzeug.wsgi import FileWrapper

from collector.web.drawing import Head, draw
from collector.web.visiting import Visit

_PIECE = 65_536  # bytes
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A status, a body and what is said of it. A personal one is kept by nobody on the way."""

    body: bytes | Iterable[bytes] = b""
    content_type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_personal: bool = False


def show(visit: Visit, template: str, head: Head, *, status: int = 200, **values: object) -> Answer:
    """A page from a template that extends base.html; it has `say`, `count`, `words`, `pages` and these values.

    A page whose head names no address is personal: nobody keeps or lists it.
    """
    text = draw(visit, template, head, **values)
    return Answer(body=text.encode(), status=status, is_personal=not head.address)


def see_other(address: str) -> Answer:
    """On to another page of ours after a POST, so that going back or reloading repeats nothing."""
    return Answer(status=303, headers={"Location": address}, is_personal=True)


def give(text: str | bytes, content_type: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """Something that is no page: a feed, JSON, a stylesheet."""
    body = text.encode() if isinstance(text, str) else text
    return Answer(body=body, content_type=content_type, headers=headers or {})


def download(file: IO[bytes], content_type: str, filename: str) -> Answer:
    """A file that was written to its end, closed when it was sent. Its name is ours: ASCII, without quotes."""
    length = file.tell()
    file.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Content-Length": str(length)}
    return Answer(body=FileWrapper(file, _PIECE), content_type=content_type, headers=headers)
