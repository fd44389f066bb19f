"""What needs a person, and what is tried again by itself: pure decisions, and the words for both.

`status`, the warning mail and the metrics all take it from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collector.errors import Condition
from collector.model import Watch
from collector.needs.lateness import Awaited, Overdue
from collector.needs.silence import Silence
from collector.storage.bounces import Bouncing
from collector.storage.mailboxes import MailboxState
from collector.storage.numbers import Trouble
from collector.storage.pausing import Paused
from collector.text.complaints import about
from collector.words import ENGLISH

_MANY_TRIES = 3  # within the first twenty minutes
_NAMED = 3  # things that a line names


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One thing that will not mend itself."""

    key: str  # the same as long as it is the same trouble, whatever its words become
    message: str
    advice: str  # what to do


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the decision looks at."""

    watches: Sequence[Watch]
    silences: Sequence[Silence] = ()
    overdue: Sequence[Overdue] = ()
    awaited: Sequence[Awaited] = ()
    troubles: Sequence[Trouble] = ()
    bounced: Sequence[Bouncing] = ()  # of the addresses that the configuration has
    mailbox: MailboxState | None = None  # where a mailbox is read
    left: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by series: fixed addresses that unsubscribed
    paused: Sequence[Paused] = ()
    turned_away_at: int | None = None  # letters of the last hour, where no more may go to people who sign up
    patience: timedelta  # after so long a failing source needs a person
    zone: ZoneInfo  # in which moments are named


def find_needs(facts: Facts, now: datetime) -> list[Need]:
    """What will not mend itself, each once."""
    needs = [
        *_failing(facts, now),
        *_unasked(facts, now),
        *_silent(facts),
        *_overdue(facts),
        *_awaited(facts),
        *_left(facts),
        *map(_paused, facts.paused),
        *(_undelivered(trouble) for trouble in _put_together(facts) if is_for_a_person(trouble)),
        *map(_bounced, facts.bounced),
        *_unread(facts, now),
    ]
    return list({(need.key, need.message): need for need in needs}.values())


def find_waiting(facts: Facts, now: datetime) -> list[str]:
    """What fails now and is tried again by itself, one line each."""
    waiting = [
        about(watch.name, watch.state.message)
        for watch in facts.watches
        if watch.state.failing_since and not needs_a_person(watch, facts.patience, now)
    ]
    waiting += [_describe(trouble) for trouble in _put_together(facts) if not is_for_a_person(trouble)]
    if facts.mailbox and facts.mailbox.error and not is_lasting(facts.mailbox, facts.patience, now):
        waiting.append(facts.mailbox.error)
    if facts.turned_away_at is not None:
        waiting.append(
            f"nobody can sign up for now: {facts.turned_away_at:,} letters to readers in the last hour, as many as"
            " mail.letters_per_hour allows"
        )
    return list(dict.fromkeys(waiting))


def needs_a_person(watch: Watch, patience: timedelta, now: datetime) -> bool:
    """True where a watch fails in a way that waiting does not mend, or fails for long."""
    state = watch.state
    if state.condition is None or state.failing_since is None:
        return False
    return state.condition.needs_a_person or now - state.failing_since >= patience


def is_for_a_person(trouble: Trouble) -> bool:
    """True for what was refused for good, and for what several tries did not mend, such as a wrong log-in."""
    return trouble.state == "refused" or trouble.tries >= _MANY_TRIES


def is_lasting(mailbox: MailboxState, patience: timedelta, now: datetime) -> bool:
    """True where a mailbox cannot be read in a way that waiting does not mend, or for long."""
    since = mailbox.failing_since
    return since is not None and (mailbox.needs_a_person or now - since >= patience)


def _failing(facts: Facts, now: datetime) -> Iterator[Need]:
    for watch in facts.watches:
        if needs_a_person(watch, facts.patience, now):
            yield Need(
                key=f"failing {watch.key.kind} {watch.key.address} {watch.name}",
                message=about(watch.name, watch.state.message),
                advice=_advise(watch.state.condition),
            )


def _advise(condition: Condition | None) -> str:
    match condition:
        case Condition.NEEDS_TOKEN | Condition.BAD_TOKEN:
            return "Give the source a token or password that is good (the README says how), and call 'collector check'."
        case Condition.FEED_DISABLED | Condition.NO_SUCH_API | Condition.REFUSED_ADDRESS:
            return "Look at its [[source]] in the configuration; 'collector check' says whether it works now."
        case _:
            return (
                "It is tried again by itself. See in a browser whether the place is still there; if it is gone, take"
                " its [[source]] out of the configuration."
            )


def _unasked(facts: Facts, now: datetime) -> Iterator[Need]:
    """One line for all: it is the collector that stands still."""
    late = {
        watch.name: at
        for watch in facts.watches
        if (at := watch.state.next_poll_at) is not None and now - at >= facts.patience
    }
    if late:
        since = _name_date(min(late.values()), facts)
        yield Need(
            key="unasked",
            message=f"{ENGLISH.join_some(list(late), _NAMED)}: to be asked since {since}, and not asked",
            advice="Is 'collector run' at work, or 'collector tick' in cron? If so, its log says what is in the way.",
        )


def _silent(facts: Facts) -> Iterator[Need]:
    for silence in facts.silences:
        watch = silence.watch
        what = f" with #{watch.key.hashtag}" if watch.key.hashtag else ""
        yield Need(
            key=f"silent {watch.key.kind} {watch.key.address} {watch.key.hashtag} {watch.key.topic} {watch.key.thread}",
            message=(
                f"{watch.name}: nothing new{what} since {_name_date(silence.since_at, facts)}; the longest"
                f" pause in the year before was {_name_length(silence.longest_pause)}"
            ),
            advice=(
                "Perhaps nobody posted. Look there in a browser: if it shows newer posts, 'collector check' and a new"
                " token may help; please report it if they do not."
            ),
        )


def _overdue(facts: Facts) -> Iterator[Need]:
    for overdue in facts.overdue:
        label = f"{overdue.series}/{overdue.window.name}"
        yield Need(
            key=f"overdue {label}",
            message=f"{label} was to be built on {_name_date(overdue.due_at, facts)}, and is not",
            advice=(
                f"'collector digest send --series {overdue.series} --week {overdue.window.name}' builds it, or says"
                " what is in the way."
            ),
        )


def _awaited(facts: Facts) -> Iterator[Need]:
    for awaited in facts.awaited:
        label = f"{awaited.series}/{awaited.window.name}"
        behind = f", and {awaited.behind} newer behind it" if awaited.behind else ""
        yield Need(
            key=f"awaited {label}",
            message=(
                f"{label} waits for its curator, {awaited.curator}, since {_name_date(awaited.since_at, facts)}{behind}"
            ),
            advice=(
                f"They have a mail with a link that lets it go, and get another every day. 'collector digest send"
                f" --series {awaited.series} --week {awaited.window.name}' sends it without their word."
            ),
        )


def _paused(paused: Paused) -> Need:
    label = f"{paused.series}/{paused.name}"
    return Need(
        key=f"paused {label}",
        message=f"{label} pauses, with {paused.owed:,} still owed: {paused.reason}",
        advice=(
            "See whether it is the addresses, the text or the mail server; then 'collector digest send --series"
            f" {paused.series} --week {paused.name}' goes on with the rest."
        ),
    )


def _put_together(facts: Facts) -> list[Trouble]:
    """Of a digest that pauses, that says it all; of many different answers about one digest one is told."""
    paused = {(each.series, each.name) for each in facts.paused}
    grouped: dict[tuple[str, str, str, bool], list[Trouble]] = {}
    for trouble in facts.troubles:
        if (trouble.series, trouble.name) not in paused:
            alike = (trouble.series, trouble.name, trouble.state, trouble.is_preview)
            grouped.setdefault(alike, []).append(trouble)
    return [told for those in grouped.values() for told in (those if len(those) <= _NAMED else [_merge(those)])]


def _merge(troubles: Sequence[Trouble]) -> Trouble:
    first = troubles[0]
    return replace(
        first,
        error=f"{first.error} (and {len(troubles) - 1:,} other answers)",
        addresses=tuple(address for trouble in troubles for address in trouble.addresses),
        tries=max(trouble.tries for trouble in troubles),
    )


def _undelivered(trouble: Trouble) -> Need:
    if trouble.state == "refused" and trouble.is_preview:
        advice = "Correct the address in the digest's `curator`: the preview then goes there."
    elif trouble.state == "refused":
        advice = (
            "Correct the address in the digest's `to`, or take it out; a subscriber's with 'collector subscribers"
            " remove'."
        )
    else:
        advice = "It is tried again by itself. Look at [mail] in the configuration; 'collector check' tries to log in."
    return Need(
        key=f"{trouble.state} {'preview of ' if trouble.is_preview else ''}{trouble.series}/{trouble.name}",
        message=_describe(trouble),
        advice=advice,
    )


def _bounced(one: Bouncing) -> Need:
    return Need(
        key=f"bounced {one.address}",
        message=f"{one.address} bounces, and is in digest.to: {one.bounce_reason}",
        advice=(
            f"Correct the address in the digest's `to`, or take it out; 'collector subscribers bounces --forgive"
            f" {one.address}' tries it again."
        ),
    )


def _unread(facts: Facts, now: datetime) -> Iterator[Need]:
    mailbox = facts.mailbox
    if mailbox and is_lasting(mailbox, facts.patience, now):
        yield Need(
            key=f"mailbox {mailbox.place}",
            message=f"what comes back is not read: {mailbox.error}",
            advice="Look at [bounces] in the configuration; 'collector check' tries to log in.",
        )


def _left(facts: Facts) -> Iterator[Need]:
    for series, addresses in facts.left.items():
        for address in addresses:
            yield Need(
                key=f"left {series} {address}",
                message=f"{address} has unsubscribed from {series}, and still stands in its `to`",
                advice="Nothing is sent there. Take the address out of `to` in the configuration.",
            )


def _describe(trouble: Trouble) -> str:
    fate = "was refused for good for" if trouble.state == "refused" else "is not delivered yet to"
    what = f"{'the preview of ' if trouble.is_preview else ''}{trouble.series}/{trouble.name}"
    return f"{what} {fate} {_name_some(trouble.addresses)}: {trouble.error}"


def _name_some(addresses: Sequence[str]) -> str:
    more = len(addresses) - _NAMED
    return ", ".join(addresses[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _name_date(instant: datetime, facts: Facts) -> str:
    return ENGLISH.name_moment(instant, facts.zone, with_year=True)


def _name_length(length: timedelta) -> str:
    """ "5 hours", "3 days": to the unit that matters."""
    if length < timedelta(days=2):
        hours = max(1, round(length / timedelta(hours=1)))
        return "an hour" if hours == 1 else f"{hours} hours"
    return f"{round(length / timedelta(days=1))} days"
