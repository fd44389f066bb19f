"""Digests as pages: the latest, all of a series, and one at its stable address, also as a table and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from tempfile import SpooledTemporaryFile, gettempdir
from typing import IO, Any, BinaryIO, cast

from collector.config import SeriesSettings
from collector.errors import OutputError
from collector.export import write
from collector.render import preheader, render_json
from collector.storage.database import Connection
from collector.storage.exporting import Selection, stream_posts
from collector.web.allowances import DOWNLOADS
from collector.web.answers import Answer, download, give, show
from collector.web.drawing import Head, name_site
from collector.web.feeds import feed_links
from collector.web.issues import Issue, Shown, find_issue, find_latest, is_built, list_issues
from collector.web.letters import ON_A_PAGE, find_series, name_series, name_window, write_letter
from collector.web.refusing import Refusal
from collector.web.routing import Route
from collector.web.visiting import Visit

_IN_MEMORY = 500_000  # bytes of a table; a longer one is made in a file without a name
_NEWEST = 5  # of a series, beside others


def show_home(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """The latest digest of the first series, how to get it, and the other series."""
    series, *others = visit.settings.digests
    with visit.database.read() as conn:
        shown = find_latest(conn, visit.settings, series, visit.now)
    head = Head(
        title=name_site(visit),
        address=visit.public.home,
        description=preheader(shown.digest, visit.words) if shown else series.about or "",
        feeds=feed_links(visit, None),
    )
    return show(visit, "home.html", head, **_told(visit, series, shown), others=_name_all(visit, others))


def show_all(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """Every series with its newest digests."""
    with visit.database.read() as conn:
        listed = [(series, list_issues(conn, visit.settings, series, visit.now)) for series in visit.settings.digests]
    told = [(series, name_series(visit, series), issues[:_NEWEST]) for series, issues in listed]
    head = Head(title=visit.words.say("digests_title"), address=visit.public.digests, feeds=feed_links(visit, None))
    return show(visit, "digests.html", head, listed=told, name_window=name_window)


def show_archive(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """All digests of a series, year by year."""
    series = find_series(visit, arguments["series"])
    visit = visit.speaking(series.words)
    with visit.database.read() as conn:
        issues = list_issues(conn, visit.settings, series, visit.now)
    head = Head(
        title=visit.words.say("archive_title", series=name_series(visit, series)),
        address=visit.public.archive(series.name),
        description=series.about or "",
        feeds=feed_links(visit, series),
    )
    return show(visit, "archive.html", head, series=series, years=_by_year(issues), name_window=name_window)


def show_digest(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """One digest: frozen where it was built, with today's texts; as it stands where it is open."""
    series, shown = _find(visit, arguments)
    visit = visit.speaking(series.words)
    told = _told(visit, series, shown)
    head = Head(
        title=visit.words.say("digest_title", series=name_series(visit, series), window=told["title"]),
        address=visit.public.digest(series.name, shown.digest.window.name),
        description=preheader(shown.digest, visit.words),
        feeds=feed_links(visit, series),
        is_listed=shown.built_at is not None,
    )
    return show(visit, "digest.html", head, **told)


def give_json(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """The same for programs."""
    _, shown = _find(visit, arguments)
    return give(render_json(shown.digest), "application/json")


def give_table(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """The members of a digest that was built, as an export gives them; made on the disk, whatever its size."""
    visit.spend(DOWNLOADS)
    series, name = find_series(visit, arguments["series"]), arguments["name"]
    with visit.database.read() as conn:
        if not is_built(conn, visit.settings, series, name):
            raise Refusal(404)
        try:
            table = _make_table(conn, series, name)
        except OSError as error:
            raise OutputError(f"the folder for temporary files {gettempdir()}: {error.strerror}") from error
    return download(table, "text/csv; charset=utf-8", f"{series.name}-{name}.csv")


def _make_table(conn: Connection, series: SeriesSettings, name: str) -> IO[bytes]:
    with ExitStack() as stack:
        table = stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY))
        write(
            "csv",
            stream_posts(conn, Selection(digest=(series.name, name), is_for_readers=True)),
            cast("BinaryIO", table),
        )
        stack.pop_all()  # whoever sends it closes it
    return table


def _find(visit: Visit, arguments: Mapping[str, Any]) -> tuple[SeriesSettings, Shown]:
    series = find_series(visit, arguments["series"])
    with visit.database.read() as conn:
        shown = find_issue(conn, visit.settings, series, arguments["name"], visit.now)
    if shown is None:
        raise Refusal(404)
    return series, shown


def _told(visit: Visit, series: SeriesSettings, shown: Shown | None) -> dict[str, Any]:
    """What the template of a digest is filled with."""
    told = {"series": series, "series_name": name_series(visit, series), "name_window": name_window}
    if shown is None:
        return told | {"letter": None, "shown": None, "title": ""}
    letter = write_letter(visit, series, shown.digest, visit.pages, ON_A_PAGE)
    return told | {"letter": letter, "shown": shown, "title": letter.masthead}


def _name_all(visit: Visit, series: Sequence[SeriesSettings]) -> list[tuple[SeriesSettings, str]]:
    return [(one, name_series(visit, one)) for one in series]


def _by_year(issues: Sequence[Issue]) -> list[tuple[str, list[Issue]]]:
    """Under the year that their names begin with, the newest first."""
    return [(year, list(group)) for year, group in groupby(issues, key=lambda issue: issue.window.name[:4])]


ROUTES = (
    Route(path="/", get=show_home, is_shared=True),
    Route(path="/digests", get=show_all, is_shared=True),
    Route(path="/digests/<series>", get=show_archive, is_shared=True),
    Route(path="/digests/<series>/<name>", get=show_digest, is_shared=True),
    Route(path="/digests/<series>/<name>.csv", get=give_table),
    Route(path="/digests/<series>/<name>.json", get=give_json, is_shared=True),
)
