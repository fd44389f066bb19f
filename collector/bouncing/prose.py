"""Bounces, and automatic replies, of servers that write prose: what flufl.bounce and some patterns make of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from email.message import Message

from collector.bouncing.parts import Part, header
from collector.text.cleaning import one_line
from collector.text.mailaddresses import folded_address, normal_address

log = logging.getLogger(__name__)

_LONGEST_REASON = 200
_LINES = 3  # of a reason: the line that tells, and what it may go on with
_LONGEST_WORDS = 20_000  # characters of a report
_SERVERS = re.compile(r"mailer-?daemon|mail-?daemon|postmaster|mdaemon|mail-?delivery.*|bounces?", re.IGNORECASE)
_RETURNS = re.compile(
    r"undeliver|returned mail|(mail|message|delivery)[\w ]{0,20}(fail|status|problem|error|return)|failure notice"
    r"|non.?remis|unzustellbar|nicht zugestellt|no se (ha )?pudo entregar|could not be delivered|delivery report",
    re.IGNORECASE,
)
_LATE = re.compile(
    r"delayed|still being (re)?tried|not yet (been )?delivered|warning|temporary failure report", re.IGNORECASE
)
_AWAY = re.compile(
    r"out of (the )?office|automatic reply|auto.?(reply|response)|abwesen|\babsen(ce|te?)\b|automatische antwort"
    r"|ausente|(réponse|respuesta|resposta|risposta) autom[aá]ti|fuera de la oficina|fuori ufficio|autosvar"
    r"|automatisch antwoord|автоответ|自動(返信|応答|回覆)|自动(回复|答复)",
    re.IGNORECASE,
)
_COPY_BEGINS = re.compile(
    r"^[ >]*(-+ *(this is a copy|below this line|original message|the following is a copy|returned message)"
    r"|--- *(below this line|the header of the original|undelivered message)|original message headers"
    r"|received: from |message-id: <|return-path: <)",
    re.IGNORECASE | re.MULTILINE,
)
_SAYS_WHY = re.compile(
    r"\b[45]\d\d[ :-]|\b[45]\.\d{1,3}\.\d{1,3}\b|unknown|not exist|no such|not have an? |full|quota|disabled|reject",
    re.IGNORECASE,
)


def detect(message: Message) -> tuple[list[str], list[str]]:
    """The addresses that are written to later, and those that failed, by the library's patterns."""
    from flufl.bounce import all_failures

    try:
        late, failed = all_failures(message)
    except Exception as error:  # patterns over strangers' bytes: whatever becomes of them, this mail is no report
        log.info("a mail that looks like a bounce could not be read: %s", error)
        return [], []
    return _sorted(late), _sorted(failed)


def _sorted(found: frozenset[bytes]) -> list[str]:
    return sorted(normal(address.decode("utf-8", "replace") for address in found))


def said_in(parts: Sequence[Part]) -> str:
    """What the report says of the cause in its own words, without what it returns."""
    lines = [" ".join(line.split()) for line in _own_text(parts).splitlines()]
    first = next((number for number, line in enumerate(lines) if _SAYS_WHY.search(line)), len(lines))
    return " ".join(lines[first : first + _LINES]).strip()


def _own_text(parts: Sequence[Part]) -> str:
    text = next((part.text for part in parts if part.kind.startswith("text/") and not part.is_returned), "")
    copy = _COPY_BEGINS.search(text)
    return (text[: copy.start()] if copy else text)[:_LONGEST_WORDS]


def as_reason(words: str) -> str:
    """Words of a server, for a person and for a row."""
    line = one_line(words)
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"


def is_from_a_server(message: Message, sender: str, subject: str) -> bool:
    """True where a mail server seems to speak."""
    local = sender.partition("@")[0]
    return bool(
        _SERVERS.fullmatch(local)
        or message.get_content_type() == "multipart/report"
        or "X-Failed-Recipients" in message
        or (_RETURNS.search(subject) and not _AWAY.search(subject))
    )


def is_about_a_delay(subject: str, parts: Sequence[Part]) -> bool:
    """True where the server goes on trying."""
    return bool(_LATE.search(subject) or _LATE.search(_own_text(parts)))


def is_automatic(message: Message, subject: str) -> bool:
    """True where nobody wrote it: "I am away", and what lists and programs send."""
    told = header(message, "Auto-Submitted").lower()
    return bool(
        (told and not told.startswith("no"))
        or any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder"))
        or header(message, "Precedence").lower() in {"auto_reply", "bulk", "junk", "list"}
        or _AWAY.search(subject)
    )


def normal(addresses: Iterable[str]) -> Iterator[str]:
    """Those that are addresses, in normal form and small letters."""
    for address in addresses:
        try:
            yield folded_address(normal_address(address.strip()))
        except ValueError:
            continue
