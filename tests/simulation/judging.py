"""What a collector must show, must not show and cannot know: from the truth, what servers hold, its complete rounds.

A post is met where it stood in a server's timeline all through a complete round, no deeper than the look-back. From
then on whoever looks at it again by its id knows what that server knows. What nobody told any of the servers that
showed it, nobody can know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from simulation.driving import LookBack
from simulation.holdings import Held
from simulation.network import Network
from simulation.server import Server
from simulation.truth import TAG, Writing

LOOKED_AT_DAILY = timedelta(days=30)  # younger posts are looked at again once a day
A_DAY = timedelta(hours=26)  # and this is how long that may take


class Duty(Enum):
    """What becomes of a post that was met."""

    SHOW = "is to be shown"
    HIDE = "is to be out of sight"
    UNKNOWABLE = "nobody told any server that showed it"
    RARE = "it changed when it was so old that it is looked at again once a month"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One post that was met: what it is due, and in which wording."""

    uri: str
    duty: Duty
    wording: int  # the newest that a server which showed it has
    is_edited: bool  # since it was first met
    why: str = ""  # for what is to be hidden


def find_met(network: Network, look_backs: Iterable[LookBack]) -> dict[str, dict[str, datetime]]:
    """For each post that was met, where, and when for the first time: uri → server → instant."""
    by_address: dict[str, list[LookBack]] = defaultdict(list)
    for look_back in look_backs:
        by_address[look_back.server].append(look_back)
    met: dict[str, dict[str, datetime]] = defaultdict(dict)
    for server in network.polled:
        for stay in server.holdings.stays:
            for look_back in by_address[server.address]:
                is_within = stay.placed_at >= look_back.horizon
                if is_within and stay.covers(look_back.began, look_back.ended):
                    first = met[stay.uri].get(server.member.name, look_back.began)
                    met[stay.uri][server.member.name] = min(first, look_back.began)
    return dict(met)


def judge(network: Network, writing: Writing, met: Mapping[str, datetime]) -> Judged:
    """Judges a post that these servers showed; the instants are those when each was first known to have done so."""
    servers = [network.servers[name] for name in met]
    held = [held for server in servers if (held := server.holdings.by_uri.get(writing.uri))]
    best = max(held, key=lambda held: held.version.number, default=None)
    changed_at = max(server.holdings.touched[writing.uri] for server in servers)
    duty, why = _duty(network, writing, servers, held, best)
    if duty is not Duty.UNKNOWABLE and changed_at > min(met.values()) and _is_rare(writing, changed_at):
        duty = Duty.RARE
    wording = best.version.number if best else 1
    edited_at = best.version.edited_at if best else None
    return Judged(
        uri=writing.uri,
        duty=duty,
        wording=wording,
        is_edited=edited_at is not None and edited_at > min(met.values()) + timedelta(hours=1),
        why=why,
    )


def _duty(
    network: Network, writing: Writing, servers: Sequence[Server], held: Sequence[Held], best: Held | None
) -> tuple[Duty, str]:
    home = network.servers[writing.home]
    if writing.visibility != "public":
        return Duty.HIDE, "not public"
    if not any(TAG in version.tags for version in writing.versions):
        return Duty.HIDE, "never tagged"
    if writing.deleted_at is not None:
        is_told = home in servers or not held or (len(held) < len(servers) and _is_askable(home))
        return (Duty.HIDE if is_told else Duty.UNKNOWABLE), "deleted"
    if best is not None and TAG in best.version.tags:
        return (Duty.SHOW if TAG in writing.newest.tags else Duty.UNKNOWABLE), ""
    if best is not None:
        return (Duty.UNKNOWABLE if TAG in writing.newest.tags else Duty.HIDE), "hashtag edited away"
    is_askable = _is_askable(home) and TAG in writing.newest.tags
    return (Duty.SHOW if is_askable else Duty.UNKNOWABLE), ""


def _is_askable(home: Server) -> bool:
    """Whether it says of a post of its own if it is still there; GoToSocial does so only by its API."""
    return not home.is_away and (home.member.is_polled or home.member.kind != "gotosocial")


def _is_rare(writing: Writing, changed_at: datetime) -> bool:
    return changed_at + A_DAY > writing.created_at + LOOKED_AT_DAILY
