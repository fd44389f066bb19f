"""What a mail server's refusal says about an address: pure, from status code and words to hard or soft.

Only what names the mailbox itself as missing is hard: a wrong "gone" loses a reader, a wrong "not now" costs a few
mails. What is full, too large, taken for spam, greylisted, misconfigured or not understood is soft, also where the
server calls it permanent (RFC 3463 has the codes; servers use them as they please, so some words weigh more).
"""

from __future__ import annotations

import re

from collector.model import Severity

GREYLISTING = ("greylist", "graylist", "grey-list", "gray-list")  # "come back in a while", said to all at first
GREYLISTED_AT_MOST = 3  # tries, which are an hour and more

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])")
_NAMES = re.compile(r"\S*@\S*|https?://\S+|\b[\w-]*[a-z][\w-]*(?:\.[\w-]+)+\b", re.IGNORECASE)  # they may hold any word
_LONGEST = 2_000  # characters of an answer that are looked at

# No such mailbox, no such domain, moved, syntax; disabled; no route to its domain; no mail server for its domain.
_GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4", "5.4.310"})
_SAYS_LITTLE = frozenset({"5", "5.0.0", "5.1.0", "5.2.0", "5.3.0", "5.4.0", "5.4.1", "5.5.0", "5.5.1"})

_CLEARLY_GONE = re.compile(
    r"\b(user|recipient|mailbox|account|address|addressee|it)[^.;]{0,80}"
    r"( (is )?unknown\b| (does(n't| not)|not) exist| (was |is )?not found|n't found"
    r"| is no longer (valid|available|active)| has been (disabled|deleted|closed|suspended)"
    r"| (is )?(disabled|inactive|invalid)\b)"
    r"|\b(unknown|no such|nonexistent|non-existent|invalid|disabled) (local )?"
    r"(user|recipient|mailbox|account|address|person|domain)\b"
    r"|\bno (mailbox|user|account) (here )?(by|with) that name|\bno such (user|person) here|\bnot a known user\b"
    r"|\b(doesn't|does not|dose not) have an? [\w.]+ account|\bthis account has been disabled|\bnot our customer\b"
    r"|\bhost or domain name not found\b[^.]{0,80}\bhost not found\b|\bunrouteable address\b|\bnull mx\b"
    r"|\b(benutzer|empfänger|adressat)(in)? (ist )?unbekannt|\b(utilisateur|destinataire|adresse) (inconnue?|invalide)"
    r"|\b(usuario|destinatario|buzón|cuenta) (desconocid[oa]|no existe|inexistente)|\butente sconosciuto"
    r"|(пользователь|получатель|ящик)[^.;]{0,20} не (найден|существует)|(用户|用戶|收件人|邮箱|帐号)[^。;]{0,20}不存在"
    r"|\brecipientnotfound\b|\b(domain|host)\b[^.;]{0,60}(does not exist|nonexistent domain)",
    re.IGNORECASE,
)
_PERHAPS_GONE = re.compile(
    r"mailbox (is )?(unavailable|not available)|recipient address rejected: access denied|address rejected"
    r"|unable to deliver to|not deliverable to",
    re.IGNORECASE,
)
_NOT_THE_ADDRESS = re.compile(
    r"\bfull\b|quota|storage|too (large|big|many)|exceed|spam|junk|block(ed|list)|blacklist|denylist|reputation|policy"
    r"|greylist|\bdmarc|\bspf\b|\bdkim|rate limit|try again|temporar|sender|relay|content|virus|suspicious|timed? ?out"
    r"|expired",
    re.IGNORECASE,
)


def judge(status: str, words: str) -> Severity:
    """How final a refusal is, by its enhanced status code, if one is given apart, and the server's words."""
    words = words[:_LONGEST]
    code, said = telling_status(status, words), _NAMES.sub("it", words)
    if code.startswith(("4", "2")):
        return Severity.SOFT
    if code in _GONE:
        return Severity.HARD
    if _NOT_THE_ADDRESS.search(said):
        return Severity.SOFT
    is_gone = _CLEARLY_GONE.search(said) or (code in _SAYS_LITTLE and _PERHAPS_GONE.search(said))
    return Severity.HARD if is_gone else Severity.SOFT


def is_first_greylisting(words: str, attempts: int) -> bool:
    """True where a server only wants to see, as it does of all whom it does not know, whether we come back."""
    return attempts <= GREYLISTED_AT_MOST and any(word in words.lower() for word in GREYLISTING)


def telling_status(status: str, words: str) -> str:
    """The code that says most, the server's own in its words before all; "4" or "5" where there is a plain reply."""
    given, said = _code(status), _code(words)
    for code in (said, given):
        if code and code not in _SAYS_LITTLE:
            return code
    reply = _REPLY.search(_NAMES.sub("it", words))
    return "4" if reply and reply[1] == "4" else said or given or (reply[1] if reply else "")


def _code(text: str) -> str:
    found = _STATUS.search(text)
    return ".".join(str(int(part)) for part in found.groups()) if found else ""
