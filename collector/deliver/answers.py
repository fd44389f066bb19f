"""What a mail server's answer means: pure, from the step and the answer to the `DeliveryError` a person can act on."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum

from collector.errors import DeliveryError
from collector.model import Severity
from collector.text.refusals import judge

_ABOUT_US = frozenset({530, 534, 535, 538})  # log in first, or more safely: RFC 4954, 6
_LIMIT_OF_OURS = "5.4.5"  # how large providers say that we sent enough for today: RFC 3463, 3.5
_TOO_LARGE = 552
_CLOSING = 421
_LONGEST_WORDS = 300
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\x9f]+")


class Step(StrEnum):
    """Where in the conversation an answer came; the value says what was going on."""

    GREETING = "greeting us"
    PROTECTION = "agreeing on TLS"
    LOGIN = "logging in"
    SENDER = "taking the sender"
    RECIPIENT = "taking the recipient"
    TEXT = "agreeing to take the message"
    CONTENT = "taking the message"
    CHECK = "answering NOOP"


_ABOUT_ONE = frozenset({Step.RECIPIENT, Step.TEXT, Step.CONTENT})  # the steps in which a mail is no longer any mail


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A reply code and what stands behind it; -1 where there was no code."""

    code: int
    words: bytes

    def __str__(self) -> str:
        text = _INVISIBLE.sub(" ", self.words.decode("utf-8", "replace")).strip()
        text = text if len(text) <= _LONGEST_WORDS else f"{text[: _LONGEST_WORDS - 1]}…"
        return text if self.code < 0 else f"{self.code} {text}".strip()


def refusal(place: str, step: Step, answer: Answer) -> DeliveryError:
    """For an answer that is no yes.

    A refused sender or log-in concerns every message, and so does a recipient refused since we may not send there;
    any other 5xx is this recipient's or this message's.
    """
    is_refused = answer.code >= 500
    if answer.code == _CLOSING or answer.code < 0:
        words = f"{place}: stopped while {step}: {answer}"
        return DeliveryError(words, is_setup=True, is_cut_off=step in _ABOUT_ONE)
    if step in _ABOUT_ONE and _is_about_us(answer):
        return DeliveryError(f"{place}: does not send mail for us: {answer}", is_setup=True)
    if step is Step.RECIPIENT:
        when = "for good" if is_refused else "for now"
        is_address = is_refused and judge("", str(answer)) is Severity.HARD
        words = f"{place}: refuses the recipient {when}: {answer}"
        return DeliveryError(words, is_permanent=is_refused, is_address=is_address)
    if step in {Step.TEXT, Step.CONTENT} or answer.code == _TOO_LARGE:
        return DeliveryError(f"{place}: refuses the message: {answer}", is_permanent=is_refused)
    if step is Step.SENDER:
        return DeliveryError(f"{place}: refuses the sender: {answer}", is_setup=True)
    return DeliveryError(f"{place}: fails at {step}: {answer}", is_setup=True)


def transport_failure(place: str, step: Step, error: Exception) -> DeliveryError:
    """For a connection that could not be made, or broke.

    Only one that broke with the message on its way leaves open whether it arrived, and is no fault of the set-up.
    """
    if step is Step.CONTENT:
        words = f"the connection broke while {step}, so it may have arrived: {_cause(error, step)}"
        return DeliveryError(f"{place}: {words}")
    return DeliveryError(f"{place}: {_cause(error, step)}", is_setup=True, is_cut_off=step in _ABOUT_ONE)


def login_failure(place: str, error: Exception, username: str, password: str) -> DeliveryError:
    """For a log-in that did not work; the password is cut out of an answer that repeats it."""
    match error:
        case smtplib.SMTPAuthenticationError():
            words = str(Answer(code=error.smtp_code, words=_without(as_bytes(error.smtp_error), username, password)))
            return DeliveryError(f"{place}: refuses the log-in of {username}: {words}", is_setup=True)
        case smtplib.SMTPNotSupportedError():
            words = "offers no log-in here: leave mail.username out, or use the mail.security it asks for"
        case UnicodeError():
            words = "a log-in can only hold ASCII characters: mail.username or mail.password has others"
        case smtplib.SMTPException() if type(error) is smtplib.SMTPException:
            words = "offers no way to log in that is known here: CRAM-MD5, PLAIN and LOGIN are"
        case _:
            return transport_failure(place, Step.LOGIN, error)
    return DeliveryError(f"{place}: {words}", is_setup=True)


def as_bytes(words: bytes | str) -> bytes:
    """A server's words, which smtplib hands over in either type."""
    return words if isinstance(words, bytes) else words.encode()


def _is_about_us(answer: Answer) -> bool:
    """True where a recipient is refused for what we are: not logged in, no relaying, enough for today."""
    words = str(answer).lower()
    return answer.code in _ABOUT_US or "relay" in words or _LIMIT_OF_OURS in words


def _cause(error: Exception, step: Step) -> str:
    """Why there is no conversation, in words. smtplib hides what broke a connection in the context of its own error."""
    inner = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else error
    match inner:
        case TimeoutError():
            hint = ' (does it want mail.security = "tls"?)' if step is Step.GREETING else ""
            return f"does not answer in time while {step}{hint}"
        case smtplib.SMTPNotSupportedError():
            return 'does not offer STARTTLS: is mail.security = "tls" (often port 465) or "none" meant?'
        case smtplib.SMTPResponseException():
            answer = Answer(code=inner.smtp_code, words=as_bytes(inner.smtp_error))
            return f"turns us away while {step}: {answer}" if answer.code > 0 else f"is no mail server: {answer}"
        case OSError() | UnicodeError() if not isinstance(inner, smtplib.SMTPException):
            return _network_cause(inner)
        case _:
            return f"closed the connection while {step}"


def _network_cause(error: OSError | UnicodeError) -> str:
    """What the network, DNS or TLS has to say."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f'does not speak TLS as asked ({error.reason}): is mail.security = "starttls" or "none" meant?'
        case socket.gaierror() | UnicodeError():
            return "there is no such host"
        case _:
            return (error.strerror or str(error)).lower()


def _without(words: bytes, username: str, password: str) -> bytes:
    """The words without the password, also as it went over the line."""
    secret = password.encode()
    plain = b"\0%b\0%b" % (username.encode(), secret)
    for spelling in (secret, base64.b64encode(secret), base64.b64encode(plain)):
        words = words.replace(spelling, b"[password]")
    return words
