"""Delivery status notifications (RFC 3464, RFC 6533): what each recipient's block says."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from collector.bouncing.parts import payload_of

_KINDS = ("message/delivery-status", "message/global-delivery-status")
_MOST_BLOCKS = 200
_BLANK = re.compile(r"\n[ \t]*\n")
_FOLDED = re.compile(r"\n[ \t]+")
_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:[ \t]*(.*)")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461, 4
_WIDE = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")  # RFC 6533, 3


class Action(StrEnum):
    """What became of a mail for one recipient."""

    FAILED = "failed"
    DELAYED = "delayed"
    OTHER = "other"  # delivered, relayed, expanded


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One recipient's block."""

    action: Action
    addresses: tuple[str, ...]  # the one we wrote to first, as far as it is told
    status: str
    diagnostic: str


def notices_in(message: Message) -> Iterator[Notice]:
    """The blocks of all status parts; those of mails that are returned are of other times."""
    part = _status_part(message)
    for block in _blocks(part) if part is not None else ():
        if "action" in block or "final-recipient" in block or "status" in block:
            yield _notice(block)


def _status_part(message: Message) -> Message | None:
    """The first, not looked for in mails within the mail."""
    if message.get_content_type() in _KINDS:
        return message
    inner = payload_of(message)
    if message.get_content_maintype() != "multipart" or not isinstance(inner, list):
        return None
    found = (part for part in inner if part.get_content_type() in _KINDS)
    return next(found, None) or next(filter(None, map(_status_part_within, inner)), None)


def _status_part_within(part: Message) -> Message | None:
    """One level further down: what adds a footer, or looks for viruses, wraps a report once more."""
    inner = payload_of(part)
    if part.get_content_maintype() != "multipart" or not isinstance(inner, list):
        return None
    return next((leaf for leaf in inner if leaf.get_content_type() in _KINDS), None)


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    for text in _BLANK.split(_text(part).replace("\r\n", "\n"))[:_MOST_BLOCKS]:
        fields = (_FIELD.fullmatch(line.strip()) for line in _FOLDED.sub(" ", text).split("\n"))
        if block := {field[1].lower(): field[2] for field in fields if field}:
            yield block


def _text(part: Message) -> str:
    """The part as it was written: `email` takes its blocks for mails."""
    inner = payload_of(part)
    text = inner if isinstance(inner, str) else "\n\n".join(map(_written, inner[:_MOST_BLOCKS]))
    match str(part.get("content-transfer-encoding", "")).strip().lower():
        case "base64":
            return _decoded(text) or text
        case "quoted-printable":
            return quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
        case _:
            return text


def _written(block: Message) -> str:
    headers = "\n".join(f"{name}: {' '.join(str(value).split())}" for name, value in block.items())
    rest = payload_of(block)
    return f"{headers}\n\n{rest}" if isinstance(rest, str) else headers


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split())).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _notice(block: dict[str, str]) -> Notice:
    fields = ("original-recipient", "final-recipient", "x-actual-recipient")
    named = (address for name in fields for address in _addresses(block.get(name, "")))
    return Notice(
        action=_action(block.get("action", ""), block.get("status", "")),
        addresses=tuple(dict.fromkeys(named)),
        status=block.get("status", ""),
        diagnostic=re.sub(r"^[\w-]+\s*;\s*", "", block.get("diagnostic-code", "")),
    )


def _action(text: str, status: str) -> Action:
    """Some write "error" (OpenSMTPD), a comment behind the word, or no action at all."""
    word = text.strip().lower()
    if word.startswith(("fail", "error")):
        return Action.FAILED
    if word.startswith("delay"):
        return Action.DELAYED
    return Action.FAILED if not word and status.strip().startswith("5") else Action.OTHER


def _addresses(field: str) -> Iterator[str]:
    """ "rfc822; me@example.org", as it stands and with escapes undone: not every server writes them."""
    kind, semicolon, text = field.partition(";")
    text = (text if semicolon else kind).strip().strip("<> ")
    if "@" not in text:
        return
    yield _WIDE.sub(lambda found: _character(int(found[1], 16)), text)
    if (plain := _XTEXT.sub(lambda found: chr(int(found[1], 16)), text)) != text:
        yield plain


def _character(number: int) -> str:
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else ""
