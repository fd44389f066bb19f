"""The subject of a mail that unsubscribes: mail programs write such mails by themselves, from a mailto: address.

    unsubscribe WzAsImtleSIsIndlZWtseSJd.Vv…     what a digest's List-Unsubscribe asks for

The token is the one of the page (`Purpose.UNSUBSCRIBE`, a subscriber's key and a series), so that it acts for this
person alone, whatever address the mail comes from.
"""

from __future__ import annotations

import re

from collector.links.signing import LONGEST_TOKEN

_WORD = "unsubscribe"
_SUBJECT = re.compile(
    rf"(?:^|\W){_WORD}\s+(?P<token>[\w-]{{8,{LONGEST_TOKEN}}}\.[\w-]{{8,100}})(?![\w.-])", re.IGNORECASE | re.ASCII
)


def write_subject(token: str) -> str:
    """The subject that a mail program is to write."""
    return f"{_WORD} {token}"


def read_subject(subject: str) -> str | None:
    """The token in the subject of a mail that came in, whatever stands around it; None: it holds none."""
    found = _SUBJECT.search(subject)
    return found["token"] if found else None
