"""What becomes of subscriptions when somebody asks for something: pure decisions, as the changed subscriptions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from collector.model import Consent, Origin, Standing, Subscriber, Subscription

ON_PAGE = "signed up on the page, and confirmed by mail"
BY_SETTINGS = "chosen on the settings page"


class LetterKind(StrEnum):
    """The letters that go to one reader."""

    CONFIRM = "confirm"
    SETTINGS = "settings"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What signing up comes to."""

    changed: tuple[Subscription, ...]
    letter: LetterKind


def decide_sign_up(known: Subscriber, wanted: Sequence[str], now: datetime) -> Asking:
    """Nothing is confirmed here, and nothing that is confirmed is touched: whoever asks may be anybody.

    Somebody who asked before keeps the moment of that, so that the link they were sent goes on working.
    """
    standing = {one.series: one.state for one in known.subscriptions}
    fresh = [series for series in wanted if standing.get(series) not in {Standing.ASKED, Standing.CONFIRMED}]
    is_served = known.bounced_at is None and all(standing.get(series) is Standing.CONFIRMED for series in wanted)
    return Asking(
        changed=tuple(
            Subscription(series=series, state=Standing.ASKED, origin=Origin.PAGE, asked_at=now) for series in fresh
        ),
        letter=LetterKind.SETTINGS if is_served else LetterKind.CONFIRM,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirming:
    """What following a link of confirmation comes to."""

    changed: tuple[Subscription, ...] = ()
    is_reachable_again: bool = False  # mails came back from there once
    got: tuple[str, ...] = ()  # the series they get now
    left: tuple[str, ...] = ()  # those that they asked for with it, and have left since

    @property
    def comes_back_to(self) -> bool:
        """True where there is anything to carry out."""
        return bool(self.changed or self.is_reachable_again)


def decide_confirmation(known: Subscriber, written_at: datetime, now: datetime) -> Confirming:
    """What was asked for by the time of the letter is confirmed; what was left since stays left.

    Who shows that mails reach them again has shown it for all they get: older reports about it count for nothing.
    """
    is_reachable_again = known.bounced_at is not None and known.bounced_at <= written_at
    asked = [one for one in known.subscriptions if one.state is Standing.ASKED and one.asked_at <= written_at]
    confirmed = [one for one in known.subscriptions if one.state is Standing.CONFIRMED and is_reachable_again]
    changed = (
        *(_confirmed(one, ON_PAGE, now) for one in asked),
        *(replace(one, confirmed_at=now) for one in confirmed),
    )
    names = [one.series for one in asked]
    return Confirming(
        changed=changed,
        is_reachable_again=is_reachable_again,
        got=tuple(sorted([*names, *known.series_that_are(Standing.CONFIRMED)])),
        left=tuple(
            one.series
            for one in known.subscriptions
            if one.state is Standing.ENDED and one.asked_at <= written_at <= (one.ended_at or written_at)
        ),
    )


def decide_choice(
    known: Subscriber, chosen: Collection[str], offered: Collection[str], now: datetime
) -> tuple[Subscription, ...]:
    """What changes where somebody wants these series of those that they were shown.

    Who follows the link from a mail has shown that the address is theirs: nothing is to be confirmed again.
    """
    changed = []
    for series in offered:
        one = known.subscription(series)
        is_theirs = one is not None and one.state is Standing.CONFIRMED
        if series in chosen and not is_theirs:
            asked = one or Subscription(series=series, state=Standing.ASKED, origin=Origin.PAGE, asked_at=now)
            changed.append(_confirmed(replace(asked, asked_at=now), BY_SETTINGS, now))
        elif series not in chosen and one is not None and is_theirs:
            changed.append(end(one, "settings", now))
    return tuple(changed)


def decide_end(known: Subscriber, series: str | None, why: str, now: datetime) -> tuple[Subscription, ...]:
    """What changes where somebody leaves a series, or all of them (None)."""
    return tuple(
        end(one, why, now)
        for one in known.subscriptions
        if one.state is not Standing.ENDED and series in {None, one.series}
    )


def end(one: Subscription, why: str, now: datetime) -> Subscription:
    """The subscription, left."""
    return replace(one, state=Standing.ENDED, ended_at=now, ended_why=why)


class Outcome(StrEnum):
    """What became of somebody whom the operator adds."""

    ADDED = "added"
    KNOWN = "subscribed already"
    REFUSED = "unsubscribed earlier"
    BOUNCED = "bounced earlier"


def decide_addition(
    known: Subscriber | None, new: Subscription, *, is_refused: bool
) -> tuple[Outcome, Subscription | None]:
    """Whether somebody is added. Who left comes back only by themselves; who is known by the configuration, or has
    asked and not confirmed, has now what the operator vouches for.
    """
    one = known.subscription(new.series) if known else None
    if is_refused or (one is not None and one.state is Standing.ENDED):
        return Outcome.REFUSED, None
    if known is not None and known.bounced_at is not None:
        return Outcome.BOUNCED, None
    if one is not None and one.state is Standing.CONFIRMED and one.origin is not Origin.CONFIGURATION:
        return Outcome.KNOWN, None
    return Outcome.ADDED, new


def _confirmed(one: Subscription, how: str, now: datetime) -> Subscription:
    """The subscription, as its reader wants it from now on."""
    return replace(
        one,
        state=Standing.CONFIRMED,
        origin=Origin.PAGE,
        consent=Consent(source=how, given_at=now),
        confirmed_at=now,
        ended_at=None,
        ended_why="",
    )
