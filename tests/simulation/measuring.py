"""The figures: what a collector shows at the end against the truth, and what it asked against the bound."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from simulation.answering import LOOK_UP, PAGE
from simulation.driving import Journal
from simulation.judging import Duty, Judged
from simulation.network import Network
from simulation.server import Asked, Server

_WORDING = re.compile(r"Example \d+, wording (\d+):")
FRESH_FACTOR = 1.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """So many of so many."""

    done: int
    due: int

    def __str__(self) -> str:
        return f"{self.done} of {self.due}" + (f" ({self.done / self.due:.2%})" if self.due else "")

    @property
    def is_whole(self) -> bool:
        return self.done == self.due


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What one collector came to; `faults` name each post that it has wrong."""

    name: str
    recall: Share
    precision: Share
    edits: Share
    deletions: Share  # and hashtags edited away
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Requests:
    """What one polled server was asked by the collector, and what is allowed."""

    name: str
    rounds: int
    fresh: int  # pages that held something unknown or changed
    look_backs: int  # pages that the complete rounds had to read
    again: int  # requests for posts by their ids
    ids: int  # that were asked for in them
    made: int
    refused: int

    @property
    def bound(self) -> float:
        """Where the server takes 20 ids at once, each is worth a twentieth of a request; else a whole one."""
        return self.rounds + FRESH_FACTOR * self.fresh + self.look_backs + self.ids


def measure(name: str, shown: Mapping[str, str], judged: Mapping[str, Judged], wrong: Collection[str]) -> Figures:
    """Compares what is shown (uri → words) with what is due; `wrong` are shown posts that nothing speaks for."""
    due = {duty: [item for item in judged.values() if item.duty is duty] for duty in Duty}
    hidden = [item for item in due[Duty.HIDE] if item.why in {"deleted", "hashtag edited away"}]
    edited = [item for item in due[Duty.SHOW] if item.is_edited]
    lost = [item.uri for item in due[Duty.SHOW] if item.uri not in shown]
    kept = [item.uri for item in due[Duty.HIDE] if item.uri in shown]
    stale = [item.uri for item in edited if wording_of(shown.get(item.uri, "")) != item.wording]
    kept_of_hidden = [item.uri for item in hidden if item.uri in shown]
    bad = {*kept, *(uri for uri in wrong if uri in shown)}
    return Figures(
        name=name,
        recall=Share(done=len(due[Duty.SHOW]) - len(lost), due=len(due[Duty.SHOW])),
        precision=Share(done=len(shown) - len(bad), due=len(shown)),
        edits=Share(done=len(edited) - len(stale), due=len(edited)),
        deletions=Share(done=len(hidden) - len(kept_of_hidden), due=len(hidden)),
        faults={"lost": lost, "wrongly kept": sorted(bad), "stale": stale},
    )


def wording_of(words: str) -> int:
    """The number of the wording that these words are of; 0 where there are none."""
    match = _WORDING.search(words)
    return int(match[1]) if match else 0


def count_requests(network: Network, journal: Journal, who: str) -> list[Requests]:
    """What each polled server was asked."""
    return [_count(server, journal, [asked for asked in server.log if asked.who == who]) for server in network.polled]


def _count(server: Server, journal: Journal, log: Sequence[Asked]) -> Requests:
    again = [asked for asked in log if asked.question.what in {"look up", "status"}]
    batched = sum(len(asked.question.ids) for asked in again if asked.question.what == "look up")
    single = sum(asked.question.what == "status" for asked in again)
    ids = batched + single
    return Requests(
        name=server.member.name,
        rounds=journal.rounds[server.address],
        fresh=sum(asked.is_fresh for asked in log if asked.question.what == "timeline"),
        look_backs=sum(
            ceil((look_back.standing + PAGE) / PAGE)
            for look_back in journal.look_backs
            if look_back.server == server.address
        ),
        again=len(again),
        ids=ceil(ids / LOOK_UP) if server.member.takes_many else ids,
        made=len(log),
        refused=sum(asked.status == 429 for asked in log),
    )
