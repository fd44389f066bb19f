"""The conductor of warnings: the daemon and `tick` call it.

What is mailed is claimed and committed first, so that several machines tell it once. If the mail does not go out, or
its sender dies, the claim ends after a while, and it is tried again under the same Message-ID.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.config import Settings
from collector.deliver import Deliverer
from collector.errors import DeliveryError
from collector.mailing.compose import Notice, compose_notice, make_message_id
from collector.needs.finding import find_needs
from collector.needs.gathering import take_stock
from collector.storage.database import Connection, Database
from collector.storage.schema import read_secret
from collector.storage.warnings import (
    add_warnings,
    all_warnings,
    claim_warnings,
    forget_warnings,
    mark_mailed,
)
from collector.warning.deciding import Plan, decide
from collector.warning.letter import write_letter
from collector.words import ENGLISH

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Warner:
    """What warning needs of the world."""

    database: Database
    settings: Settings
    open_deliverer: Callable[[], Deliverer]
    machine: str  # this computer's name
    now: Callable[[], datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class WarnReport:
    """What a round of warning came to; `problems` are one line each."""

    mails: int = 0
    problems: tuple[str, ...] = ()


def warn(warner: Warner) -> WarnReport:
    """Tells those who are to be warned what is news to them; without anybody to tell, it does nothing."""
    settings, now = warner.settings, warner.now()
    if not settings.warnings.to:
        return WarnReport()
    with warner.database.read() as conn:
        needs = find_needs(take_stock(conn, settings, now).facts, now)
        if decide(needs, all_warnings(conn), now).is_nothing:
            return WarnReport()
    with warner.database.write() as conn:
        plan = decide(needs, all_warnings(conn), now)  # another machine may have been quicker
        _write_down(conn, plan, now)
        secret = read_secret(conn)
    return _mail(warner, plan, secret) if plan.is_mail else WarnReport()


def _write_down(conn: Connection, plan: Plan, now: datetime) -> None:
    add_warnings(conn, plan.begun)
    forget_warnings(conn, [warning.key for warning in plan.passed])
    claim_warnings(conn, plan.mailed_keys, now)


def _mail(warner: Warner, plan: Plan, secret: bytes) -> WarnReport:
    """One mail to each; it counts as told when one of them was reached."""
    report = _hand_over(warner, _write(warner, plan, secret))
    if report.mails:
        now = warner.now()
        with warner.database.write() as conn:
            mark_mailed(conn, [news.need.key for news in plan.told], now)
            forget_warnings(conn, [warning.key for warning in plan.over])
        log.info("warned", extra={"numbers": {"mails": report.mails, "begun": len(plan.told), "over": len(plan.over)}})
    for problem in report.problems:
        log.warning("%s", problem)
    return report


def _write(warner: Warner, plan: Plan, secret: bytes) -> list[Notice]:
    """The same letter to everybody."""
    settings, sender, now = warner.settings, warner.settings.mail.sender, warner.now()
    topics = ENGLISH.name_topics([settings.display(topic) for topic in settings.topics])
    needs, over = [news.need for news in plan.told], [warning.message for warning in plan.over]
    letter = write_letter(needs, over, topics=topics, machine=warner.machine)
    return [
        Notice(
            sender=sender,
            to=to,
            subject=letter.subject,
            text=letter.text,
            message_id=make_message_id(key=secret, label=_label(plan), address=to, domain=sender.domain),
            sent_at=now,
        )
        for to in settings.warnings.to
    ]


def _label(plan: Plan) -> str:
    """The same for the same news, so that a mail that is tried again is known as the one that may have arrived."""
    begun = [f"begun {news.need.key} {news.began_at}" for news in plan.told]
    over = [f"over {warning.key} {warning.began_at}" for warning in plan.over]
    return f"warning/{hashlib.sha256(chr(0).join(begun + over).encode()).hexdigest()[:16]}"


def _hand_over(warner: Warner, notices: Sequence[Notice]) -> WarnReport:
    """A mail server that is itself at fault is asked once; the next try is when the claim has ended."""
    mails, problems = 0, []
    try:
        with warner.open_deliverer() as deliverer:
            for notice in notices:
                if problem := _deliver(deliverer, notice):
                    problems.append(problem)
                else:
                    mails += 1
    except DeliveryError as error:
        problems.append(f"no warning could be mailed: {error}")
    return WarnReport(mails=mails, problems=tuple(problems))


def _deliver(deliverer: Deliverer, notice: Notice) -> str | None:
    """What this one address has against it; DeliveryError for what all others would meet, too."""
    try:
        deliverer.deliver(compose_notice(notice))
    except DeliveryError as error:
        if error.is_setup:
            raise
        return f"the warning did not reach {notice.to}: {error}"
    return None
