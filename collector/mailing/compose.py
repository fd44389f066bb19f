"""One finished mail out of everything it says: the one place that knows which headers a mail has.

What all readers of a letter share is made once a run (`Press`); for each of them only a few lines and links are new.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from collector.deliver import Message
from collector.links import Purpose
from collector.mailing.bodies import Attachment, Slots, Tokens, encode_parts, encode_text, fill
from collector.mailing.headers import header, in_brackets, mail_uri, one_line, phrase, slug, text_words
from collector.text.mailaddresses import Sender

_MIME = header("MIME-Version", "1.0")
_AUTOMATIC = header("Auto-Submitted", "auto-generated")  # so that no "I am away" comes back …
_AUTOMATIC_FOR_EXCHANGE = header("X-Auto-Response-Suppress", "OOF, AutoReply")  # … from there, too; bounces shall
_ONE_CLICK = header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")  # RFC 8058


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """Everything that mails to many say alike."""

    sender: Sender
    return_to: str  # where servers send back what they cannot deliver
    subject: str
    text: str
    html: str
    series: str
    list_name: str | None = (
        None  # the list as mail programs show it: "#notcoproduction (weekly)"; None: it is from none
    )
    root_id: str = ""  # a Message-ID that no mail has: all of a series refer to it, and are shown together
    contact: str = ""  # the contact of the configuration: mailto:…, or a page
    archive_page: str | None = None
    unsubscribe: tuple[str, ...] = ()  # a page and a mailto: address that end the series; none: it is no reader's
    is_one_click: bool = False  # whether a program may end it at that page by itself
    slots: Slots = field(default_factory=dict)  # words in the texts and in `unsubscribe` that stand for tokens
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressee:
    """What is one reader's own in a mail."""

    to: str  # in normal form
    message_id: str  # from `make_message_id`
    sent_at: datetime  # aware
    tokens: Tokens = field(default_factory=dict)  # one for each of the letter's slots


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A few words to one person, from no list: to whoever looks after the collector as text alone."""

    sender: Sender
    return_to: str = ""  # where servers send it back to, if not to the sender
    to: str  # in normal form
    subject: str
    text: str
    message_id: str  # from `make_message_id`
    sent_at: datetime  # aware
    html: str = ""
    answers_to: str = ""  # where answers go, if not to the sender


class Press:
    """A letter with all that its mails share, made once."""

    def __init__(self, letter: Letter) -> None:
        self._letter = letter
        self._before = _from(letter.sender)
        self._between = _subject(letter.subject)
        self._behind = b"".join(_of_series(letter)) + _MIME
        self._parts = encode_parts(letter.text, letter.html, letter.attachments, letter.slots)

    def compose(self, addressee: Addressee) -> Message:
        """The mail to one reader: the same always has the same bytes. ValueError where `sent_at` is naive."""
        letter = self._letter
        content = (
            self._before,
            header("To", addressee.to),
            self._between,
            _date(addressee.sent_at),
            header("Message-ID", addressee.message_id),
            *_leaving(letter, addressee.tokens),
            self._behind,
            fill(self._parts, addressee.tokens),
        )
        return Message(
            sender=letter.return_to,
            to=addressee.to,
            message_id=addressee.message_id,
            content=b"".join(content),
        )


def compose_notice(notice: Notice) -> Message:
    """The notice, ready to be handed over. ValueError where `sent_at` is naive."""
    text, html = notice.text, notice.html
    parts = encode_parts(text, html, (), {}) if html else encode_text("plain", text, {})
    content = (
        _from(notice.sender),
        header("To", notice.to),
        _subject(notice.subject),
        _date(notice.sent_at),
        header("Message-ID", notice.message_id),
        *_answering(notice.answers_to, notice.sender),
        _AUTOMATIC,
        _AUTOMATIC_FOR_EXCHANGE,
        _MIME,
        fill(parts, {}),
    )
    return Message(
        sender=notice.return_to or notice.sender.address,
        to=notice.to,
        message_id=notice.message_id,
        content=b"".join(content),
    )


def make_message_id(*, key: bytes, label: str, address: str, domain: str) -> str:
    """The Message-ID of one delivery: always the same for the same label ("weekly/2026-W47") and address.

    `key` is a secret of the database: without it nobody can tell from the id whether an address they guess is meant.
    """
    seal = hmac.digest(key, f"{label}\0{address}".encode(), hashlib.sha256).hex()[:32]
    return f"<{slug(label)}.{seal}@{domain}>"


def _answering(address: str, sender: Sender) -> Iterator[bytes]:
    if address and address != sender.address:
        yield header("Reply-To", address)


def reply_address(contact: str, sender: Sender) -> str:
    """Where people write to: the contact of the configuration where it takes mail, or else the sender."""
    scheme, _, address = contact.partition(":")
    return address.partition("?")[0] if scheme.lower() == "mailto" else sender.address


def _of_series(letter: Letter) -> Iterator[bytes]:
    """What a letter's mails say of the series that it is of.

    No Precedence: it was never standardised, and what answers mail by itself looks for Auto-Submitted and List-Id.
    """
    if letter.root_id:
        yield header("In-Reply-To", letter.root_id)
        yield header("References", letter.root_id)
    answers_to = reply_address(letter.contact, letter.sender)
    yield from _answering(answers_to, letter.sender)
    if letter.list_name is not None:
        yield from _of_list(letter, letter.list_name, answers_to)
    yield _AUTOMATIC
    yield _AUTOMATIC_FOR_EXCHANGE


def _of_list(letter: Letter, name: str, answers_to: str) -> Iterator[bytes]:
    list_id = f"<{letter.series}.{letter.sender.domain}>"
    yield header("List-Id", *phrase(one_line(name)), list_id)
    if letter.archive_page:
        yield header("List-Archive", in_brackets(letter.archive_page))
    if letter.contact:
        yield header("List-Owner", _owner(letter.contact, answers_to))


def _owner(contact: str, address: str) -> str:
    return in_brackets(mail_uri(address) if contact.lower().startswith("mailto:") else contact)


def _leaving(letter: Letter, tokens: Mapping[Purpose, str]) -> Iterator[bytes]:
    """How this reader leaves, by hand and at the click of a button that mail programs show."""
    if not letter.unsubscribe:
        return
    uris = list(letter.unsubscribe)
    for purpose, word in letter.slots.items():
        uris = [uri.replace(word, tokens[purpose]) for uri in uris]
    listed = [in_brackets(uri) for uri in uris]
    yield header("List-Unsubscribe", *(f"{uri}," for uri in listed[:-1]), listed[-1])
    if letter.is_one_click:
        yield _ONE_CLICK


def _from(sender: Sender) -> bytes:
    return header("From", *phrase(one_line(sender.name)), f"<{sender.address}>")


def _subject(subject: str) -> bytes:
    return header("Subject", *text_words(one_line(subject)))


def _date(at: datetime) -> bytes:
    if at.tzinfo is None:
        raise ValueError("a mail's date needs a zone")
    return header("Date", format_datetime(at))
