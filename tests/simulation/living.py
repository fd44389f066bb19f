"""The whole: a week lived through by the collector and by one that only follows `since_id`, and what each came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collecting import Clock, make_settings, make_source, rows

from collector.app import App, opened
from collector.model import ExportRow
from collector.sources.origins import Origins
from simulation.driving import Driver
from simulation.judging import Duty, Judged, find_met, judge
from simulation.measuring import Figures, Requests, count_requests, measure
from simulation.network import Network, networking
from simulation.server import Server
from simulation.since_id import Follower
from simulation.week import COLLECTOR, START, Shape, make_week


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a week came to."""

    ours: Figures
    theirs: Figures
    requests: Sequence[Requests]
    elsewhere: int  # requests to servers that are not polled
    judged: Mapping[str, Judged]


@contextmanager
def driving(folder: Path, network: Network, clock: Clock, **tables: Any) -> Iterator[Driver]:
    """The collector over the polled servers of a network."""
    sources = [_source(server) for server in network.polled]
    settings = make_settings(folder, source=sources, **tables)
    with ExitStack() as stack:
        app = stack.enter_context(opened(settings, now=clock))
        app.prepare()
        _let_strangers_be_asked(app)
        interval = settings.sources[0].interval
        follower = Follower(servers=network.polled, clock=clock, interval=interval)
        stack.callback(follower.close)
        yield Driver(app=app, clock=clock, network=network, follower=follower)


def _let_strangers_be_asked(app: App) -> None:
    """On loopback, too, where in earnest nobody asks them."""
    places = app.places
    places._origins = Origins(
        lambda: map(places._open, app.settings.sources),
        user_agent=app.user_agent,
        now=app.now,
        allow_private=True,
        budgets=app.budgets,
    )


def live_a_week(folder: Path, seed: int, shape: Shape, **tables: Any) -> Outcome:
    """Lives through it, and measures."""
    clock = Clock(START)
    with networking(shape.cast, clock) as network, driving(folder, network, clock, **tables) as driver:
        network.expect(make_week(seed, shape))
        driver.live(shape.ends_at)
        return look_at(driver)


def look_at(driver: Driver) -> Outcome:
    """The figures as they are now."""
    network = driver.network
    exported = {row.uri: row for row in rows(driver.app)}
    judged = judge_all(driver, exported)
    strange = {uri for uri in exported if uri not in judged}
    theirs = driver.follower.posts if driver.follower else {}
    return Outcome(
        ours=measure("collector", {uri: row.text for uri, row in exported.items()}, judged, strange),
        theirs=measure("since_id only", theirs, judged, ()),
        requests=count_requests(network, driver.journal, COLLECTOR),
        elsewhere=sum(
            asked.who == COLLECTOR
            for server in network.servers.values()
            if not server.member.is_polled
            for asked in server.log
        ),
        judged=judged,
    )


def judge_all(driver: Driver, exported: Mapping[str, ExportRow]) -> dict[str, Judged]:
    """Every post that was met, or that the export shows as seen somewhere."""
    network = driver.network
    met = find_met(network, driver.journal.look_backs)
    expected = set(met)
    for row in exported.values():
        for name in row.seen_on:
            met.setdefault(row.uri, {}).setdefault(name, row.first_seen_at)
    by_uri = {writing.uri: writing for writing in network.writings.values()}
    judged = {uri: judge(network, by_uri[uri], where) for uri, where in met.items() if uri in by_uri}
    return {
        uri: item for uri, item in judged.items() if uri in expected or item.duty is not Duty.SHOW or uri in exported
    }


def describe(outcome: Outcome) -> str:
    """A small table."""
    lines = [f"{'':16}{'recall':>24}{'precision':>24}{'edits mirrored':>22}{'deletions mirrored':>22}"]
    for figures in (outcome.ours, outcome.theirs):
        shares = (figures.recall, figures.precision)
        lines.append(
            f"{figures.name:16}{shares[0]!s:>24}{shares[1]!s:>24}{figures.edits!s:>22}{figures.deletions!s:>22}"
        )
    lines.append("")
    lines.append(
        f"{'server':8}{'rounds':>8}{'fresh':>8}{'look-backs':>12}{'ids again':>11}{'made':>8}{'bound':>9}{'429':>6}"
    )
    for asked in outcome.requests:
        lines.append(
            f"{asked.name:8}{asked.rounds:>8}{asked.fresh:>8}{asked.look_backs:>12}{asked.ids:>11}"
            f"{asked.made:>8}{asked.bound:>9.1f}{asked.refused:>6}"
        )
    unknowable = sum(item.duty is Duty.UNKNOWABLE for item in outcome.judged.values())
    rare = sum(item.duty is Duty.RARE for item in outcome.judged.values())
    lines.append(f"not judged: {unknowable} that nobody could know, {rare} past the daily look")
    lines.append(f"requests to servers that are not polled: {outcome.elsewhere}")
    return "\n".join(lines)


def _source(server: Server) -> dict[str, Any]:
    token = {"token": server.member.token} if server.member.token else {}
    return make_source(server, server.member.name, **token)
