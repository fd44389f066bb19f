"""`collector status`: what is collected, how the watches are, what comes next, what needs a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.calling import the_app
from collector.cli.tables import count, moment, print_json, print_line, print_table

if TYPE_CHECKING:
    from collector.config import Settings
    from collector.model import Watch
    from collector.overview import NextDigest, Overview
    from collector.storage.numbers import Numbers


@click.command("status", short_help="What is collected, how the sources are, what comes next.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Say what is collected, how each watch is, what comes next, and what needs a person."""
    from collector.overview import describe_json, look_over

    with the_app(needs="ready") as app:
        now, settings = app.now(), app.settings
        overview = look_over(app.database, settings, now)
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
        ("source", "hashtag", "how it is", "last read", "next"),
        [_watch_row(watch, settings, zone, now) for watch in overview.watches],
    )
    click.echo()
    print_table(
        ("digest", "week", "posts so far", "goes out", "to"), [_series_row(s, zone, now) for s in overview.series]
    )
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
    return [watch.name, f"#{hashtag}", how, last, following]


def _series_row(series: NextDigest, zone: ZoneInfo, now: datetime) -> list[object]:
    when = "now" if series.due_at <= now else moment(series.due_at, zone, now)
    to = "nobody" if not series.addresses else "1 address" if series.addresses == 1 else f"{series.addresses} addresses"
    return [series.name, series.week, series.posts, when, to]


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
