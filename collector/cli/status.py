"""`collector status`: what is collected, how the watches are, what comes next, what needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click

from collector.cli.calling import the_app
from collector.cli.tables import count, moment, print_json, print_line, print_table

if TYPE_CHECKING:
    from collector.config import Settings
    from collector.model import Unread, Watch
    from collector.needs.standing import HostUse
    from collector.overview import NextDigest, Overview
    from collector.storage.numbers import Numbers


_MOST_LINES = 10  # of hosts, and of gaps
_GAPS = {
    "not running": "the collector stood still",
    "half a feed": "{place} showed only a part",
    "no longer shown": "{place} no longer showed what was posted",
}


@click.command("status", short_help="What is collected, how the sources are, what comes next.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Say what is collected, how each watch is, what comes next, and what needs a person."""
    from collector.overview import Habits, describe_json, look_over

    with the_app(needs="ready") as app:
        now, settings = app.now(), app.settings
        habits = Habits(interval_of=app.interval_of, unseen=app.unseen)
        overview = look_over(app.database, settings, now, habits)
    if as_json:
        print_json(describe_json(overview))
    else:
        _print(overview, settings, now)


def _print(overview: Overview, settings: Settings, now: datetime) -> None:
    zone = ZoneInfo(settings.collector.timezone)
    for line in _describe_numbers(overview.numbers):
        click.echo(line)
    click.echo()
    print_table(
        ("source", "hashtag", "how it is", "last read", "next", "every"),
        [_watch_row(watch, settings, zone, now) for watch in overview.watches],
    )
    click.echo()
    print_table(
        ("digest", "week", "posts so far", "goes out", "to"), [_series_row(s, zone, now) for s in overview.series]
    )
    _print_hosts(overview.hosts, zone, now)
    _print_gaps(overview.unread, zone, now)
    _print_troubles(overview)


def _describe_numbers(numbers: Numbers) -> list[str]:
    networks = ", ".join(f"{number:,} on {network}" for network, number in numbers.by_network.items())
    lines = [
        f"{count(numbers.posts, 'post')} by {count(numbers.authors, 'author')}{f': {networks}' if networks else ''}"
    ]
    kept_out = (
        (numbers.gone, "taken back where they were posted"),
        (numbers.hidden, "hidden"),
        (numbers.withdrawn, "withdrawn: their hashtag was edited away"),
        (numbers.opted_out, "of authors who opted out"),
        (numbers.rejections, "that could not be read as a post"),
    )
    if numbers.blocked:
        lines.append(f"  kept out of digests and pages by block words: {numbers.blocked:,}")
    lines += [f"  not shown: {number:,} {why}" for number, why in kept_out if number]
    asked = [
        f"{wish} by {count(told.authors, 'author')} ({count(told.posts, 'post')})"
        for wish, told in numbers.wishes.items()
        if told.authors
    ]
    return lines + ([f"  asked in profiles: {', '.join(asked)}"] if asked else [])


def _watch_row(watch: Watch, settings: Settings, zone: ZoneInfo, now: datetime) -> list[str]:
    state = watch.state
    how = str(state.condition) if state.condition else "not asked yet"
    if state.walk:
        how += ", catching up"
    if state.backfill:
        how += ", backfill begun"
    is_topic = watch.key.hashtag in {"", watch.key.topic}
    hashtag = settings.display(watch.key.topic) if is_topic else watch.key.hashtag
    if part := watch.key.thread.partition("#")[2]:  # one of several things that are watched at a place
        hashtag += f" in {part}"
    last, following = moment(state.last_success_at, zone, now), moment(state.next_poll_at, zone, now)
    return [watch.name, f"#{hashtag}", how, last, following, _name_interval(state.interval)]


def _name_interval(interval: timedelta | None) -> str:
    """To the minute, where it is that long."""
    if interval is None:
        return ""
    minutes = round(interval / timedelta(minutes=1))
    if minutes < 1:
        return f"{interval.total_seconds():.0f}s"
    hours, minutes = divmod(minutes, 60)
    return " ".join([f"{hours}h"] * bool(hours) + [f"{minutes}m"] * bool(minutes))


def _series_row(series: NextDigest, zone: ZoneInfo, now: datetime) -> list[object]:
    is_due = series.due_at <= now
    when = "now" if is_due else moment(series.due_at, zone, now)
    if series.waits_for:
        when = "once its curator lets it" if is_due else f"{when}, if its curator lets it"
    to = "nobody" if not series.addresses else f"{series.addresses:,} address{'es' * (series.addresses != 1)}"
    others = ((series.unconfirmed, "unconfirmed"), (series.bounced, "bounced"))
    to = ", ".join([to, *(f"{number:,} {how}" for number, how in others if number)])
    return [series.name, series.week, series.posts, when, to]


def _print_hosts(hosts: Sequence[HostUse], zone: ZoneInfo, now: datetime) -> None:
    """How much of what is polite was asked of each host."""
    asked = [host for host in hosts if host.requests or host.paging]
    if asked:
        click.echo("\nAsked lately:")
    for host in asked[:_MOST_LINES]:
        until = f"; waits until {moment(host.waits_until, zone, now)}" if host.waits_until else ""
        print_line("- ", f"{urlsplit(host.state.address).netloc}: {host.words}{until}")
    _print_more(len(asked) - _MOST_LINES, "host")


def _print_gaps(unread: Sequence[Unread], zone: ZoneInfo, now: datetime) -> None:
    """What goes on first, then the newest."""
    newest = sorted(unread, key=lambda told: (told.ends_at is not None, -told.starts_at.timestamp()))
    if newest:
        click.echo("\nCould not be read:")
    for told in newest[:_MOST_LINES]:
        print_line("- ", describe_gap(told, zone, now))
    _print_more(len(newest) - _MOST_LINES, "more gap", "'collector status --json' has them")


def _print_more(number: int, thing: str, where: str = "") -> None:
    if number > 0:
        click.echo(f"  and {count(number, thing)}{f': {where}' if where else ''}")


def describe_gap(told: Unread, zone: ZoneInfo, now: datetime) -> str:
    """A gap in a line."""
    start, end = (moment(at, zone, now).replace(",", "") for at in (told.starts_at, told.ends_at))
    what = _GAPS.get(told.reason, "{place} could not be read").format(place=told.place)
    if told.ends_at is None:
        return f"{what} since {start}" + (f": {told.message}" if told.message else "")
    return f"{what} from {start} to {end}; " + ("caught up since" if told.is_caught_up else "not caught up with")


def _print_troubles(overview: Overview) -> None:
    """What waits, with why; then what waiting does not mend."""
    for heading, lines in (
        ("Tried again by itself:", overview.tried_again),
        ("Needs a person:", overview.needs_a_person),
    ):
        if lines:
            click.echo(f"\n{heading}")
        for line in lines:
            print_line("- ", line)
