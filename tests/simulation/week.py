"""The script of a virtual week, made from a seed: who posts, edits and deletes what, and what of it reaches whom.

Before the week lies a history that the servers hold already; after it nothing happens any more, so that there is time
for what a collector looks at again by and by.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from simulation.answering import Member
from simulation.network import Event, Network
from simulation.truth import Writing, first_version

START = datetime(2026, 11, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
COLLECTOR = "hashtag-collector"  # what its User-Agent begins with


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """A server is away; without an end it never comes back."""

    name: str
    begins: float  # as a part of the busy time
    ends: float | None
    is_refusing: bool = True  # False: it answers 503


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How much happens, and where."""

    cast: tuple[Member, ...]
    outages: tuple[Outage, ...] = ()
    posts: int = 300
    busy: timedelta = 7 * DAY
    quiet: timedelta = 3 * DAY
    history: timedelta = 40 * DAY

    @property
    def ends_at(self) -> datetime:
        return START + self.busy + self.quiet


CAST = (
    Member(name="oak", kind="mastodon"),
    Member(name="elm", kind="mastodon", local=False),
    Member(name="ash", kind="gotosocial", token="open-sesame", skew=-3 * MINUTE),
    Member(name="fir", kind="takahe", is_limited=False),
    Member(name="bay", kind="mastodon", remote=False, skew=7 * MINUTE),
    Member(name="yew", kind="mastodon", looks_up=False),
    Member(name="ivy", kind="mastodon", is_polled=False),
    Member(name="fen", kind="gotosocial", is_polled=False),
)
OUTAGES = (
    Outage(name="oak", begins=0.33, ends=0.66),
    Outage(name="fir", begins=0.44, ends=0.52, is_refusing=False),
    Outage(name="ash", begins=0.74, ends=0.84),
    Outage(name="fen", begins=0.43, ends=None),
)


def make_shape(posts: int, polled: Sequence[str] = (), **times: timedelta) -> Shape:
    """So many posts on the named servers of the cast (none: all), and on those that nobody polls."""
    cast = tuple(member for member in CAST if member.name in polled or not (polled and member.is_polled))
    outages = tuple(outage for outage in OUTAGES if outage.name in {member.name for member in cast})
    return Shape(cast=cast, outages=outages, posts=posts, **times)


def make_week(seed: int, shape: Shape) -> list[Event]:
    """All that happens, in order."""
    return sorted(_Script(random.Random(seed), shape).events(), key=lambda event: event.at)


class _Script:
    def __init__(self, dice: random.Random, shape: Shape) -> None:
        self._dice = dice
        self._shape = shape
        self._names = [member.name for member in shape.cast]
        self._skews = {member.name: member.skew for member in shape.cast}
        self._users = [(f"person{number}", dice.choice(self._names)) for number in range(max(8, shape.posts // 8))]
        self._followers = {user: [name for name in self._names if dice.random() < 0.45] for user in self._users}
        self._rush_at = START + shape.busy * 0.7
        self._end = START + shape.busy

    def events(self) -> Iterator[Event]:
        """What servers do, then what people do."""
        yield from self._outages()
        yield from self._crowds()
        yield from self._silences()
        for serial in range(self._shape.posts):
            yield from self._post(serial)
        yield from self._relay()

    # Servers

    def _outages(self) -> Iterator[Event]:
        for outage in self._shape.outages:
            falls = partial(Network.fall, name=outage.name, is_refusing=outage.is_refusing)
            yield Event(at=START + outage.begins * self._shape.busy, do=falls)
            if outage.ends is not None:
                rises = partial(Network.rise, name=outage.name)
                yield Event(at=START + outage.ends * self._shape.busy, do=rises)

    def _crowds(self) -> Iterator[Event]:
        """Others behind the same address as the collector ask so much that nothing is left for it."""
        for member in self._shape.cast:
            for _ in range(8 if member.is_polled and member.is_limited else 0):
                crowd = partial(Network.crowd, name=member.name, who=COLLECTOR)
                yield Event(at=self._within(START, self._end), do=crowd)

    def _silences(self) -> Iterator[Event]:
        for user, home in self._dice.sample(self._users, max(2, len(self._users) // 20)):
            where = self._dice.choice(self._names)
            at = self._within(START - 5 * DAY, self._end)
            yield Event(at=at, do=partial(Network.silence, user=user, home=home, where=where))

    def _relay(self) -> Iterator[Event]:
        """Old posts of everywhere reach one server in one burst, more than a page of them."""
        where, at = self._names[0], START + self._shape.busy * 0.55
        for serial in self._dice.sample(range(self._shape.posts), self._shape.posts // 6):
            yield self._arrives(serial, where, at)

    # People

    def _post(self, serial: int) -> Iterator[Event]:
        """One post from its beginning to its end."""
        dice = self._dice
        user, home = person = dice.choice(self._users)
        at = self._awake(home, self._moment())
        if at is None:
            return
        tagged_from = dice.choices(("start", "later", "never"), (86, 7, 7))[0]
        writing = Writing(
            serial=serial,
            user=user,
            home=home,
            created_at=self._dated(home, at),
            visibility="unlisted" if dice.random() < 0.04 else "public",
            versions=[first_version(serial, is_tagged=tagged_from == "start")],
        )
        yield Event(at=at, do=partial(Network.publish, writing=writing))
        reached = [name for name in self._names if name != home and self._reach(name, person)]
        for name in reached:
            yield from self._travels(serial, name, at, is_followed=name in self._followers[person])
            yield from self._dropped(serial, name, at)
        yield from self._edits(serial, home, at, reached, tagged_from)
        if dice.random() < 0.12:
            yield from self._deletion(serial, home, at, reached)

    def _moment(self) -> datetime:
        """In the history, in one hour when everybody posts, or somewhere in the week by day."""
        kind = self._dice.choices(("history", "rush", "week"), (30, 12, 58))[0]
        if kind == "history":
            return self._within(START - self._shape.history, START)
        if kind == "rush":
            return self._within(self._rush_at, self._rush_at + 20 * MINUTE)
        at = self._within(START, self._end - 2 * HOUR)
        return at if at.hour >= 7 else self._within(START, self._end - 2 * HOUR)

    def _dated(self, home: str, at: datetime) -> datetime:
        """What the author's program says: the clock of its server, or a date of its own."""
        at += self._skews[home]
        chance = self._dice.random()
        if chance < 0.005:
            return at + self._dice.uniform(1, 400) * DAY
        return at - self._dice.uniform(0.1, 45) * DAY if chance < 0.03 else at

    def _reach(self, name: str, person: tuple[str, str]) -> bool:
        return name in self._followers[person] or self._dice.random() < 0.2

    def _travels(self, serial: int, name: str, at: datetime, *, is_followed: bool) -> Iterator[Event]:
        """Delivered at once, delivered late, or looked up late."""
        dice = self._dice
        how = dice.choices(("at once", "late", "looked up"), (85, 9, 6) if is_followed else (0, 40, 60))[0]
        if how == "looked up":
            looked_up_at = at + dice.uniform(0.1, 72) * HOUR
            yield Event(at=looked_up_at, do=partial(Network.fetch, serial=serial, to=name), needs=name)
        else:
            delay = dice.expovariate(1 / 40) / 3600 if how == "at once" else dice.uniform(1, 60)
            yield self._arrives(serial, name, at + delay * HOUR)

    def _arrives(self, serial: int, name: str, at: datetime) -> Event:
        return Event(at=at, do=partial(Network.deliver, serial=serial, to=name), needs=name)

    def _dropped(self, serial: int, name: str, at: datetime) -> Iterator[Event]:
        """A server empties its cache, and may look the post up again, which gives it another id."""
        if self._dice.random() >= 0.05:
            return
        dropped_at = self._within(max(at, START), self._end)
        yield Event(at=dropped_at, do=partial(Network.drop, serial=serial, where=name))
        if self._dice.random() < 0.4:
            again = partial(Network.fetch, serial=serial, to=name)
            yield Event(at=self._within(dropped_at, self._end), do=again, needs=name)

    def _edits(self, serial: int, home: str, at: datetime, reached: list[str], tagged_from: str) -> Iterator[Event]:
        """New wordings, each with or without the hashtag."""
        dice = self._dice
        if tagged_from == "never":
            return
        kinds = dice.choices(([], [True], [True, True], [False], [False, True]), (76, 12, 3, 7, 2))[0]
        if tagged_from == "later":
            kinds = [True, *kinds]
        moments = sorted(self._within(max(at, START - DAY), self._end) for _ in kinds)
        for number, (moment, is_tagged) in enumerate(zip(moments, kinds, strict=True), 2):
            edited_at = self._awake(home, max(moment, at + MINUTE))
            if edited_at is None:
                return
            yield Event(at=edited_at, do=partial(Network.edit, serial=serial, is_tagged=is_tagged))
            for name in reached:
                do = partial(Network.deliver_edit, serial=serial, to=name, number=number)
                yield from self._word_of(name, edited_at, do)

    def _deletion(self, serial: int, home: str, at: datetime, reached: list[str]) -> Iterator[Event]:
        deleted_at = self._awake(home, self._within(max(at + MINUTE, START), self._end))
        if deleted_at is None:
            return
        yield Event(at=deleted_at, do=partial(Network.delete, serial=serial))
        for name in reached:
            yield from self._word_of(name, deleted_at, partial(Network.deliver_deletion, serial=serial, to=name))

    def _word_of(self, name: str, at: datetime, do: partial[None]) -> Iterator[Event]:
        """Word of an edit or a deletion: at once, late, or never."""
        delay = self._dice.choices((0.01, self._dice.uniform(1, 48), None), (78, 12, 10))[0]
        if delay is not None and at + delay * HOUR < self._end:
            yield Event(at=at + delay * HOUR, do=do, needs=name)

    # Time

    def _within(self, start: datetime, end: datetime) -> datetime:
        return start + self._dice.random() * max(end - start, timedelta())

    def _awake(self, home: str, at: datetime) -> datetime | None:
        """When somebody whose server is away at this moment can do it; None: never."""
        for outage in self._shape.outages:
            if outage.name == home and START + outage.begins * self._shape.busy <= at:
                if outage.ends is None:
                    return None
                at = max(at, START + outage.ends * self._shape.busy + MINUTE)
        return at
