"""What a mail that came into the mailbox is: pure, from its bytes to one `Report`.

Status notifications (`notices`) and complaints (RFC 5965) are told by their types. Bounces of servers that write prose
are read by flufl.bounce, and only where a mail server seems to speak: a person may quote one. What it finds is judged
here, since it calls much permanent that is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from collector.bouncing.notices import Action, Notice, notices_in
from collector.bouncing.parts import Part, header, parse, parts_of
from collector.bouncing.prose import (
    as_reason,
    detect,
    is_about_a_delay,
    is_automatic,
    is_from_a_server,
    normal,
    said_in,
)
from collector.links import read_subject
from collector.model import Severity
from collector.text.refusals import judge, telling_status

_ID = r"(<[\w-]{1,70}\.[0-9a-f]{32}@[A-Za-z0-9.-]{1,253}>)"
_OURS = re.compile(_ID, re.ASCII)
_OURS_TOLD = re.compile(rf"^message-id:\s*{_ID}", re.IGNORECASE | re.MULTILINE | re.ASCII)
_TOKEN = re.compile(r"unsubscribe(?:/|%20|\+| )([\w-]{8,1000}\.[\w-]{8,100})(?![\w.-])", re.IGNORECASE | re.ASCII)
_HOTMAIL = re.compile(r"^x-hmxmroriginalrecipient:", re.IGNORECASE | re.MULTILINE)  # its complaints have no report part
_MOST = 50  # addresses or ids out of one mail
_NAMES_A_WORD = re.compile(r"(?:[a-z]{2,3}:\s*)*unsubscribe\b[\s:]*(?P<name>[\w-]{0,64})\s*", re.IGNORECASE | re.ASCII)


class Kind(StrEnum):
    """What came in."""

    BOUNCE = "bounce"
    DELAY = "delay"  # the server goes on trying
    COMPLAINT = "complaint"  # "this is spam"
    LEAVING = "leaving"  # "unsubscribe"
    AUTO_REPLY = "automatic reply"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """One address that was not reached, in the words of a server."""

    addresses: tuple[str, ...]  # ways in which it is named, in normal form; none: it is not
    severity: Severity
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What one mail says, before anybody looks whether it can be true."""

    kind: Kind
    written_at: datetime | None = None
    sender: str = ""  # in normal form
    message_ids: tuple[str, ...] = ()  # of the form that ours have: those that it names as such, or else all there are
    tokens: tuple[str, ...] = ()  # of the links to unsubscribe in what it returns: some servers change Message-IDs
    failures: tuple[Failure, ...] = ()
    token: str = ""  # of a mail that leaves
    series: str = ""  # of a mail that leaves, in a person's own words


def read_report(raw: bytes) -> Report:
    """What these bytes say. Never raises for what somebody may have written."""
    message = parse(raw)
    parts = list(parts_of(message))
    notices = list(notices_in(message))
    subject, sender = _subject(message), _sender(message)
    about = Report(kind=Kind.OTHER, written_at=_date(message), sender=sender)
    if any(part.kind == "message/feedback-report" for part in parts):
        return _complaint(about, parts)
    if any(part.is_returned and _HOTMAIL.search(part.text) for part in parts):
        return _report(about, Kind.COMPLAINT, parts)
    if notices:
        return _from_notices(about, notices, parts)
    if (leaving := _leaving(about, message, subject)) is not None:
        return leaving
    is_receipt = any(part.kind == "message/disposition-notification" for part in parts)  # "was read", or was not
    if not is_receipt and is_from_a_server(message, sender, subject):
        return _from_prose(about, message, subject, parts)
    kind = Kind.AUTO_REPLY if is_receipt or is_automatic(message, subject) else Kind.OTHER
    return Report(kind=kind, written_at=about.written_at, sender=sender)


def _from_notices(about: Report, notices: Sequence[Notice], parts: Sequence[Part]) -> Report:
    failed = [notice for notice in notices if notice.action is Action.FAILED]
    if not failed:
        is_late = any(notice.action is Action.DELAYED for notice in notices)
        return _report(about, Kind.DELAY if is_late else Kind.OTHER, parts)
    why = said_in(parts)
    return _report(about, Kind.BOUNCE, parts, tuple(_failure(notice, why) for notice in failed[:_MOST]))


def _failure(notice: Notice, why: str) -> Failure:
    """Where the block itself has no words, those to the reader of the report count."""
    words = notice.diagnostic or ("" if telling_status(notice.status, "") not in {"", "5.0.0"} else why)
    return Failure(
        addresses=tuple(normal(notice.addresses)),
        severity=judge(notice.status, words),
        reason=as_reason(words or notice.status),
    )


def _from_prose(about: Report, message: Message, subject: str, parts: Sequence[Part]) -> Report:
    """Without an address that is understood, it is a bounce where it returns a mail of ours."""
    late, failed = detect(message)
    named = header(message, "X-Failed-Recipients").split(",")
    addresses = list(dict.fromkeys([*normal(named), *failed]))[:_MOST]
    if not addresses and (late or is_about_a_delay(subject, parts)):
        return _report(about, Kind.DELAY, parts)
    if not addresses and not _message_ids(parts):
        return about
    why = said_in(parts)
    severity, reason = judge("", why), as_reason(why)
    ways: list[tuple[str, ...]] = [(address,) for address in addresses] or [()]
    failures = tuple(Failure(addresses=one, severity=severity, reason=reason) for one in ways)
    return _report(about, Kind.BOUNCE, parts, failures)


def _complaint(about: Report, parts: Sequence[Part]) -> Report:
    """ "auth-failure" (RFC 6591) and the like are about servers, "not-spam" is praise."""
    fields = "\n".join(part.text for part in parts if part.kind == "message/feedback-report")
    told = re.search(r"^feedback-type:\s*([\w-]+)", fields, re.IGNORECASE | re.MULTILINE)
    is_one = told is not None and told[1].lower() in {"abuse", "fraud", "opt-out", "opt-out-list", "other"}
    return _report(about, Kind.COMPLAINT if is_one else Kind.OTHER, parts)


def _leaving(about: Report, message: Message, subject: str) -> Report | None:
    """A token acts whoever sends it; a name only where a person seems to write it."""
    if token := read_subject(subject):
        return Report(kind=Kind.LEAVING, written_at=about.written_at, sender=about.sender, token=token)
    named = _NAMES_A_WORD.fullmatch(subject)
    if named is None or is_automatic(message, subject):
        return None
    return Report(kind=Kind.LEAVING, written_at=about.written_at, sender=about.sender, series=named["name"])


def _report(about: Report, kind: Kind, parts: Sequence[Part], failures: tuple[Failure, ...] = ()) -> Report:
    return Report(
        kind=kind,
        written_at=about.written_at,
        sender=about.sender,
        message_ids=_message_ids(parts) if kind in {Kind.BOUNCE, Kind.COMPLAINT} else (),
        tokens=_tokens(parts) if kind in {Kind.BOUNCE, Kind.COMPLAINT} else (),
        failures=failures,
    )


def _message_ids(parts: Sequence[Part]) -> tuple[str, ...]:
    texts = [part.text for part in parts]
    told = [one for text in texts for one in _OURS_TOLD.findall(text)]
    found = told or [one for text in texts for one in _OURS.findall(text)]
    return tuple(dict.fromkeys(found))[:_MOST]


def _tokens(parts: Sequence[Part]) -> tuple[str, ...]:
    found = (one for part in parts for one in _TOKEN.findall(part.text))
    return tuple(dict.fromkeys(found))[:_MOST]


def _subject(message: Message) -> str:
    raw = header(message, "Subject")
    try:
        return " ".join(str(make_header(decode_header(raw))).split())
    except (HeaderParseError, ValueError, LookupError):
        return raw


def _sender(message: Message) -> str:
    found = getaddresses([header(message, "From")[:2_000]])
    return next(normal(address for _, address in found), "")


def _date(message: Message) -> datetime | None:
    try:
        date = parsedate_to_datetime(header(message, "Date")[:200])
        return date.astimezone(UTC) if date.tzinfo else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
