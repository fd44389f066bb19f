"""What stands below the headers, encoded once a run, with room for what is each reader's own.

    multipart/mixed                      only where something is attached
    ├── multipart/alternative
    │   ├── text/plain
    │   └── text/html
    └── text/csv

The text of a letter names a place for each reader's token by a random word. Quoted-printable can break a line
anywhere, also before and after such a place: so the stretches between them are encoded by themselves, and a mail is no
more than these and the tokens, joined.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import MIMEPart
from email.policy import SMTP
from typing import TypeAlias

from collector.links import Purpose
from collector.mailing.headers import header, one_line

Piece: TypeAlias = bytes | Purpose  # as it is sent, or whose token stands here
Slots: TypeAlias = Mapping[Purpose, str]  # the word that stands for each token
Tokens: TypeAlias = Mapping[Purpose, str]

_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NEWLINE = re.compile(r"\r\n?")
_LINE = 75  # and the sign that it goes on
_GOES_ON = b"=\r\n"
_TEXT_PART = b'Content-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A CSV file that hangs on a mail; `content` is UTF-8 and arrives byte for byte."""

    filename: str
    content: bytes


def encode_parts(text: str, html: str, attachments: Sequence[Attachment], slots: Slots) -> tuple[Piece, ...]:
    """Both bodies and what is attached, from the header that says so."""
    bodies = [encode_text("plain", text, slots), encode_text("html", html, slots)]
    mark = hashlib.sha256(b"".join(piece for body in bodies for piece in body if isinstance(piece, bytes)))
    pieces: Sequence[Piece] = _join("alternative", bodies, mark.digest())
    if attachments:
        pieces = _join("mixed", [pieces, *([_attach(attachment)] for attachment in attachments)], mark.digest())
    return tuple(pieces)


def encode_text(subtype: str, text: str, slots: Slots) -> list[Piece]:
    """One text with the headers that say what it is."""
    return [_TEXT_PART % subtype.encode(), *_encode(text, slots)]


def fill(pieces: Sequence[Piece], tokens: Tokens) -> bytes:
    """The pieces joined for one reader."""
    made = {purpose: _encode_token(token) for purpose, token in tokens.items()}
    return b"".join([made[piece] if isinstance(piece, Purpose) else piece for piece in pieces])


def _encode(text: str, slots: Slots) -> Iterator[Piece]:
    whole = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _NEWLINE.sub("\n", text))
    purposes = {word: purpose for purpose, word in slots.items()}
    stretches = re.split("|".join(f"({re.escape(word)})" for word in purposes), whole) if purposes else [whole]
    for stretch in filter(None, stretches):
        yield purposes[stretch] if stretch in purposes else _quote(stretch)


def _quote(stretch: str) -> bytes:
    """In quoted-printable; its last line has room for the sign that it goes on."""
    encoded = binascii.b2a_qp(stretch.encode(), istext=True).replace(b"\n", b"\r\n")
    last = encoded.rpartition(b"\n")[2]
    if len(last) <= _LINE:
        return encoded
    end = 3 if encoded[-3:-2] == b"=" else 1  # the three signs of one byte stay together
    return encoded[:-end] + _GOES_ON + encoded[-end:]


def _encode_token(token: str) -> bytes:
    """A token on lines of its own, which a reader of the mail sees as none."""
    lines = [token[start : start + _LINE].encode() for start in range(0, len(token), _LINE)]
    return _GOES_ON + b"".join(line + _GOES_ON for line in lines)


def _join(kind: str, parts: Sequence[Sequence[Piece]], mark: bytes) -> list[Piece]:
    """Parts told apart by a line with "=_", which comes in neither quoted-printable nor base64."""
    name = f"=_{kind}_{mark.hex()[:24]}"
    joined: list[Piece] = [header("Content-Type", f"multipart/{kind};", f'boundary="{name}"'), b"\r\n"]
    boundary = name.encode()
    for part in parts:
        joined += [b"--%b\r\n" % boundary, *part, b"\r\n"]
    return [*joined, b"--%b--\r\n" % boundary]


def _attach(attachment: Attachment) -> bytes:
    part = MIMEPart(policy=SMTP)
    part.set_content(
        attachment.content, "text", "csv", filename=one_line(attachment.filename), params={"charset": "utf-8"}
    )
    return part.as_bytes()
