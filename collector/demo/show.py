"""The demo's conductor: servers, rounds, digest, files. Everything between is the real code path."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from collector.app import App, opened, read_clock
from collector.config import Settings, build_settings
from collector.demo.replay import DemoServer, start_servers
from collector.errors import OutputError
from collector.export import open_output, write
from collector.mailing.by_hand import send_digest
from collector.mailing.showing import draw, find_shown
from collector.model import Depth
from collector.polling.rounds import poll_watches
from collector.storage.exporting import Selection, stream_posts

HASHTAG = "notcoproduction"
TIMEZONE = "Europe/London"
DATABASE = "demo.db"  # not the name that a person's own collection has: DIR may be its folder
FILES = {
    "digest.html": "the digest as a page, for a browser",
    "digest.txt": "the same in plain text",
    "digest.eml": "the same as it is mailed, for a mail program",
    "posts.csv": "every post collected, for a spreadsheet",
    DATABASE: "where the collector keeps them, an SQLite database",
}
_EXCERPT = 5  # paragraphs of the digest that are shown at once: its head, and the first two posts


def show(folder: Path) -> Iterator[str]:
    """Does the whole job, leaves `FILES` in `folder`, and tells it line by line as it happens."""
    with _workshop(folder) as workshop:
        with start_servers(read_clock(), ZoneInfo(TIMEZONE)) as servers:
            yield f"Four small servers on this machine play a recorded week of #{HASHTAG}."
            with opened(make_settings(workshop, servers)) as app:
                yield from _collect(app)
                yield from _make_digest(app, workshop)
        _hand_over(workshop, folder)
    yield ""
    yield f"The whole of it is in {folder}:"
    yield from (f"  {name:<11}  {meaning}" for name, meaning in FILES.items())
    yield ""
    command = name_command(sys.argv[0], shutil.which("collector"))
    yield f"For a hashtag of your own: {command} init"


def make_settings(folder: Path, servers: tuple[DemoServer, ...]) -> Settings:
    """The demo's configuration: nothing in it that a person could not write."""
    tables = {
        "collector": {"hashtags": [HASHTAG], "timezone": TIMEZONE},
        "database": {"url": f"sqlite:///{DATABASE}"},
        "polling": {"overlap": "30d"},
        "source": [_source(server) for server in servers],
        "digest": [{"series": "weekly", "to": ["you@example.org"]}],
        "mail": {"from": "Not coproduction <digest@example.org>", "outbox": "outbox"},
    }
    return build_settings(tables, folder=folder, environ={}, file="the demo")


def _source(server: DemoServer) -> dict[str, Any]:
    return {
        "name": server.name,
        "kind": server.kind,
        "url": f"{server.address}{server.page}",
        "allow_private_network": True,
        **({"token": server.token} if server.token else {}),
        **server.keys,
    }


def name_command(called: str, on_path: str | None) -> str:
    """What to type for calling the collector again, given what was called now and what `collector` would call."""
    path = Path(called)
    if path.name == "__main__.py":
        return "python -m collector"
    is_found_by_name = on_path is not None and Path(on_path) == path.absolute()
    return "collector" if is_found_by_name or path.stem != "collector" else called


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A folder beside the files to be, so that they appear together, and a run that fails leaves those of the last."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        workshop = TemporaryDirectory(prefix=".at-work-", dir=folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    with workshop as name:
        yield Path(name)


def _collect(app: App) -> Iterator[str]:
    app.prepare()
    order = [source.name for source in app.settings.sources]
    reports = poll_watches(app.poller(), app.watches(), Depth.FULL)
    for report in sorted(reports, key=lambda report: order.index(report.watch.name)):
        if report.error is not None:
            raise report.error
        saved = report.saved
        things = "comments" if report.watch.key.kind == "wordpress" else "posts"
        pages = "one page" if report.pages == 1 else f"{report.pages} pages"
        known = f", {saved.same} known already" if saved.same else ""
        yield f"  {report.watch.name}: {report.fetched} {things} on {pages}, {saved.new} new{known}"


def _make_digest(app: App, workshop: Path) -> Iterator[str]:
    series = app.settings.series(None)
    week = send_digest(app.mailer(), series, None).window.name
    with app.database.read() as conn:
        digest = find_shown(conn, app.settings, series, week, app.now())
        for name, format_name in (("digest.html", "html"), ("digest.txt", "text")):
            drawn = draw(conn, app.settings, series, digest, format_name, app.now())
            with open_output(str(workshop / name)) as out:
                out.write(drawn.encode() if isinstance(drawn, str) else drawn)
        with open_output(str(workshop / "posts.csv")) as out:
            write("csv", stream_posts(conn, Selection()), out)
    for mail in app.settings.mail.outbox.glob("*.eml"):  # the only one: it went to the only reader
        mail.rename(workshop / "digest.eml")
    yield ""
    yield "The digest of last week begins like this:"
    yield ""
    paragraphs = (workshop / "digest.txt").read_text(encoding="utf-8").split("\n\n")
    yield from (f"    {line}".rstrip() for line in "\n\n".join([*paragraphs[:_EXCERPT], "…"]).splitlines())


def _hand_over(workshop: Path, folder: Path) -> None:
    try:
        for name in FILES:
            (workshop / name).replace(folder / name)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"{folder}: cannot be written: {(error.strerror or str(error)).lower()}")
