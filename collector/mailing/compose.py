"""One finished mail out of everything it says: headers, text and HTML side by side, and the week as CSV.

    multipart/mixed                      only where something is attached
    ├── multipart/alternative
    │   ├── text/plain
    │   └── text/html
    └── text/csv

Headers are folded here, not by the standard library: until Python 3.12.5 and 3.11.10 its folding loses spaces beside
words beyond ASCII, drops the quotes of a name with a comma, and reads "=?…?=" in a subject as something encoded.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime
from urllib.parse import quote

from collector.text.mailaddresses import Sender

_AUTOMATIC = ("Auto-Submitted", "auto-generated", ["auto-generated"])  # so that no "I am away" comes back
_LINE = 76  # where header lines are folded; 998 is the limit that servers enforce
_LONGEST_WORD = 60  # what is longer is encoded, so that it can be folded
_NO_HEADER_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NEWLINE = re.compile(r"\r\n?")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_QUOTED_PAIR = re.compile(r'(["\\])')


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A CSV file that hangs on a mail; `content` is UTF-8 and arrives byte for byte."""

    filename: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """Everything one mail to one address says."""

    sender: Sender
    to: str  # in normal form
    subject: str
    text: str
    html: str
    message_id: str  # from `make_message_id`
    sent_at: datetime  # aware
    series: str
    list_name: str  # the list as mail programs show it: "#notcoproduction weekly"
    contact: str = ""  # the contact of the configuration: mailto:…, or a page
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A few words to one person, from no list: to whoever looks after the collector as text alone."""

    sender: Sender
    to: str  # in normal form
    subject: str
    text: str
    message_id: str  # from `make_message_id`
    sent_at: datetime  # aware
    html: str = ""
    answers_to: str = ""  # where answers go, if not to the sender


class _Folded(str):
    """A header that reads as its text and is sent as `wire`; `name` is what tells `email` to leave it as it is."""

    name: str
    wire: str

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self.wire}{policy.linesep}"


def compose(mail: Mail) -> EmailMessage:
    """The mail, ready to be handed over: the same mail gives the same bytes. ValueError where `sent_at` is naive."""
    if mail.sent_at.tzinfo is None:
        raise ValueError("a mail's date needs a zone")
    is_ascii = f"{mail.sender.address}{mail.to}{reply_address(mail.contact, mail.sender)}".isascii()
    message = EmailMessage(policy=SMTP if is_ascii else SMTPUTF8)
    for name, text, pieces in _headers(mail):
        message[name] = _folded(name, text, pieces)
    message.set_content(_body(mail.text), cte="quoted-printable")
    message.make_alternative(boundary=_boundary("alternative", mail.message_id))
    message.add_alternative(_body(mail.html), subtype="html", cte="quoted-printable")
    if mail.attachments:
        message.make_mixed(boundary=_boundary("mixed", mail.message_id))
    for attachment in mail.attachments:
        message.add_attachment(
            attachment.content, "text", "csv", filename=_line(attachment.filename), params={"charset": "utf-8"}
        )
    return message


def compose_notice(notice: Notice) -> EmailMessage:
    """The notice, ready to be handed over. ValueError where `sent_at` is naive."""
    if notice.sent_at.tzinfo is None:
        raise ValueError("a mail's date needs a zone")
    is_ascii = f"{notice.sender.address}{notice.to}{notice.answers_to}".isascii()
    message = EmailMessage(policy=SMTP if is_ascii else SMTPUTF8)
    for name, text, pieces in (*_envelope(notice), *_answering(notice.answers_to, notice.sender), _AUTOMATIC):
        message[name] = _folded(name, text, pieces)
    message.set_content(_body(notice.text), cte="quoted-printable")
    if notice.html:
        message.make_alternative(boundary=_boundary("alternative", notice.message_id))
        message.add_alternative(_body(notice.html), subtype="html", cte="quoted-printable")
    return message


def make_message_id(*, key: bytes, label: str, address: str, domain: str) -> str:
    """The Message-ID of one delivery: always the same for the same label ("weekly/2026-W47") and address.

    `key` is a secret of the database: without it nobody can tell from the id whether an address they guess is meant.
    """
    seal = hmac.digest(key, f"{label}\0{address}".encode(), hashlib.sha256).hex()[:32]
    return f"<{_slug(label)}.{seal}@{domain}>"


def _headers(mail: Mail) -> Iterator[tuple[str, str, list[str]]]:
    """Each header's name, its text as people read it, and the pieces between which its line may be folded.

    No Precedence: it was never standardised, and what answers mail by itself looks for Auto-Submitted and List-Id.
    """
    sender, answers_to, list_name = mail.sender, reply_address(mail.contact, mail.sender), _line(mail.list_name)
    list_id = f"<{_slug(mail.series)}.{sender.domain}>"
    unsubscribe = f"<mailto:{quote(answers_to, safe='@+')}?subject={quote(f'unsubscribe {mail.series}')}>"
    yield from _envelope(mail)
    yield from _answering(answers_to, sender)
    yield "List-Id", f"{list_name} {list_id}".lstrip(), [*_phrase(list_name), list_id]
    yield "List-Unsubscribe", unsubscribe, [unsubscribe]
    yield _AUTOMATIC


def _envelope(mail: Mail | Notice) -> Iterator[tuple[str, str, list[str]]]:
    """What every mail says of itself."""
    sender, name, subject = mail.sender, _line(mail.sender.name), _line(mail.subject)
    yield "From", f"{name} <{sender.address}>".lstrip(), [*_phrase(name), f"<{sender.address}>"]
    yield "To", mail.to, [mail.to]
    yield "Subject", subject, _words(subject)
    for plain in ("Date", format_datetime(mail.sent_at)), ("Message-ID", mail.message_id):
        yield *plain, [plain[1]]


def _answering(address: str, sender: Sender) -> Iterator[tuple[str, str, list[str]]]:
    if address and address != sender.address:
        yield "Reply-To", address, [address]


def reply_address(contact: str, sender: Sender) -> str:
    """Where people write to: the contact of the configuration where it takes mail, or else the sender."""
    scheme, _, address = contact.partition(":")
    return address.partition("?")[0] if scheme.lower() == "mailto" else sender.address


def _folded(name: str, text: str, pieces: list[str]) -> _Folded:
    """The header, in lines of `_LINE` characters where the pieces allow it."""
    if any(map(_NO_HEADER_TEXT.search, pieces)):
        raise ValueError(f"a line break or control character in the header {name}")
    wire, room = "", _LINE - len(name) - 2
    for piece in pieces:
        if not wire:
            wire = piece
        elif len(piece) < room:
            wire = f"{wire} {piece}"
        else:
            wire, room = f"{wire}\r\n {piece}", _LINE
        room -= len(piece) + 1
    header = _Folded(text)
    header.name, header.wire = name, wire
    return header


def _words(text: str) -> list[str]:
    """A line of text as the words of a header, encoded where ASCII does not do."""
    words = text.split(" ")
    if text.isascii() and "=?" not in text and max(map(len, words)) <= _LONGEST_WORD:
        return words
    return Header(text, "utf-8", maxlinelen=_LONGEST_WORD).encode().split()


def _phrase(name: str) -> list[str]:
    """A name that stands before an address: as it is, in quotes, or encoded."""
    words = _words(name)
    if not name or " ".join(words) != name or _ATOMS.fullmatch(name):
        return words if name else []
    quoted = _QUOTED_PAIR.sub(r"\\\1", name)
    return f'"{quoted}"'.split(" ")


def _line(text: str) -> str:
    """On one line, without control characters: what a header can hold."""
    return " ".join(_NO_HEADER_TEXT.sub(" ", text).split())


def _body(text: str) -> str:
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _NEWLINE.sub("\n", text))


def _boundary(kind: str, message_id: str) -> str:
    """What parts are told apart by: "=_" comes in neither quoted-printable nor base64."""
    return f"=_{kind}_{hashlib.sha256(message_id.encode()).hexdigest()[:24]}"


def _slug(text: str) -> str:
    """Letters, digits, hyphens and underscores: what an id can hold."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:60] or "digest"
