"""All servers together: applies what happens as virtual time goes on, and keeps the truth."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Protocol

from simulation.answering import Member
from simulation.holdings import Held
from simulation.server import Server
from simulation.truth import Version, Writing, next_version


class Action(Protocol):
    """A method of the network with everything but the instant filled in."""

    def __call__(self, network: Network, /, *, at: datetime) -> object: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happens. What needs a server that is down waits until it is back."""

    at: datetime
    do: Action
    needs: str | None = None  # a server's name


@dataclass(kw_only=True)
class Network:
    """The servers by their names, the posts by their serial numbers."""

    servers: dict[str, Server]
    writings: dict[int, Writing] = field(default_factory=dict)
    _coming: list[tuple[datetime, int, Event]] = field(default_factory=list)
    _missed: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    _deleted: set[tuple[int, str]] = field(default_factory=set)  # a server that heard of it takes the post no more
    _serial: count[int] = field(default_factory=count)

    @property
    def polled(self) -> list[Server]:
        return [server for server in self.servers.values() if server.member.is_polled]

    def expect(self, events: Iterable[Event]) -> None:
        """Puts events into their order; those of one instant stay in theirs."""
        for event in events:
            heapq.heappush(self._coming, (event.at, next(self._serial), event))

    def advance(self, until: datetime) -> None:
        """Lets everything happen that is due."""
        while self._coming and self._coming[0][0] <= until:
            _, _, event = heapq.heappop(self._coming)
            self._apply(event, event.at)

    def _apply(self, event: Event, at: datetime) -> None:
        if event.needs is not None and self.servers[event.needs].is_away:
            self._missed[event.needs].append(event)
        else:
            event.do(self, at=at)

    # What authors do

    def publish(self, writing: Writing, at: datetime) -> Writing:
        """A post comes into being on its home, with an id of the instant that its author's program tells."""
        home = self.servers[writing.home]
        native_id = home.make_id(min(writing.created_at, at + home.member.skew))
        names = {"domain": home.host.domain, "user": writing.user, "id": native_id}
        writing.uri = home.host.software.post_uri.format(**names)
        writing.url = home.host.software.post_url.format(**names)
        self.writings[writing.serial] = writing
        self._hold(home, writing, writing.newest, native_id, writing.created_at, at)
        return writing

    def edit(self, serial: int, at: datetime, *, is_tagged: bool = True) -> Version | None:
        """Another wording; None where the post was deleted before."""
        writing = self.writings[serial]
        if writing.deleted_at is not None:
            return None
        home = self.servers[writing.home]
        writing.versions.append(next_version(writing, at + home.member.skew, is_tagged=is_tagged))
        home.holdings.word(home.holdings.by_uri[writing.uri], writing.newest, home.host, at)
        return writing.newest

    def delete(self, serial: int, at: datetime) -> None:
        """Its author takes it back; only its home knows of it yet."""
        writing = self.writings[serial]
        if writing.deleted_at is None:
            writing.deleted_at = at
            self.servers[writing.home].holdings.drop(writing.uri, at)

    # What reaches other servers

    def deliver(self, serial: int, to: str, at: datetime, *, number: int = 1) -> None:
        """A post arrives, as it was sent: with an id of its arrival, but on GoToSocial."""
        server, writing = self.servers[to], self.writings.get(serial)
        if writing is None:
            return
        follows = server.host.software.late_ids_follow_creation
        placed_at = writing.created_at if follows else at + server.member.skew
        self._receive(server, writing, writing.versions[number - 1], placed_at, at)

    def fetch(self, serial: int, to: str, at: datetime) -> None:
        """A server looks a post up, as it is now: its id is made from `created_at`, behind any cursor."""
        server, writing = self.servers[to], self.writings[serial]
        if writing.deleted_at is None and not self.servers[writing.home].is_down:
            placed_at = min(writing.created_at, at + server.member.skew)
            self._receive(server, writing, writing.newest, placed_at, at)

    def deliver_edit(self, serial: int, to: str, number: int, at: datetime) -> None:
        """A wording arrives; where the post is not held, or a later one came before, nothing happens."""
        server, writing = self.servers[to], self.writings[serial]
        held = server.holdings.by_uri.get(writing.uri)
        if held is not None and number <= len(writing.versions) and number > held.version.number:
            home = self.servers[writing.home].host
            server.holdings.word(held, writing.versions[number - 1], home, at)

    def deliver_deletion(self, serial: int, to: str, at: datetime) -> None:
        """Word of a deletion arrives, before or after the post itself."""
        self._deleted.add((serial, to))
        self.servers[to].holdings.drop(self.writings[serial].uri, at)

    # What servers do

    def drop(self, serial: int, where: str, at: datetime) -> None:
        """A server empties its cache of another's post."""
        writing = self.writings[serial]
        if writing.home != where:
            self.servers[where].holdings.drop(writing.uri, at)

    def silence(self, user: str, home: str, where: str, at: datetime) -> None:
        self.servers[where].holdings.silence(user, home, at)

    def crowd(self, name: str, who: str, at: datetime) -> None:
        """Others behind the same address as a caller ask so much that nothing is left for it."""
        self.servers[name].limits.use_up(who, at)

    def fall(self, name: str, at: datetime, *, is_refusing: bool = True) -> None:
        """A server goes down, or answers nothing but its own fault."""
        server = self.servers[name]
        if is_refusing:
            server.down()
        else:
            server.is_out_of_order = True

    def rise(self, name: str, at: datetime) -> None:
        """A server is back; what was sent to it meanwhile arrives now."""
        server = self.servers[name]
        server.is_out_of_order = False
        if server.is_down:
            server.up()
        for event in self._missed.pop(name, []):
            event.do(self, at=at)

    def _receive(self, server: Server, writing: Writing, version: Version, placed_at: datetime, at: datetime) -> None:
        is_known = server.member.name == writing.home or writing.uri in server.holdings.by_uri
        if not is_known and (writing.serial, server.member.name) not in self._deleted:
            self._hold(server, writing, version, server.make_id(placed_at), placed_at, at)

    def _hold(
        self, server: Server, writing: Writing, version: Version, native_id: str, placed_at: datetime, at: datetime
    ) -> None:
        is_local = server.member.name == writing.home
        held = Held(writing=writing, version=version, native_id=native_id, placed_at=placed_at, is_local=is_local)
        server.holdings.take(held, self.servers[writing.home].host, at)


@contextmanager
def networking(cast: Sequence[Member], clock: Callable[[], datetime]) -> Iterator[Network]:
    """A network whose servers listen."""
    with ExitStack() as stack:
        servers = {member.name: stack.enter_context(Server(member=member, clock=clock)) for member in cast}
        yield Network(servers=servers)
