"""One export: what is asked for is looked up, the posts are written, and a manifest beside them says what they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from collector.export import COLUMNS, Column, manifest_place, open_output, write
from collector.export.manifest import Manifest, draw_manifest
from collector.export.pseudonymising import People, pseudonymised
from collector.export.pseudonyms import Pseudonyms
from collector.model import ExportRow, LeftOut, Watch, WatchGap
from collector.storage import schema
from collector.storage.database import Connection
from collector.storage.everybody import all_people
from collector.storage.exporting import Selection, stream_posts
from collector.storage.gaps import find_gaps
from collector.storage.leaving_out import count_left_out
from collector.storage.watches import all_watches

_TOLD_EVERY = 1000  # rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be written, and where to."""

    selection: Selection
    output: str  # a path, or "-" for standard output
    format_name: str
    timezone: str  # in which days and weeks were read
    columns: tuple[Column, ...] = COLUMNS
    for_excel: bool = False
    raw_cells: bool = False
    is_pseudonymised: bool = False
    has_revisions: bool = False
    asked: Mapping[str, Any] = field(default_factory=dict)  # the options as they were given


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup:
    """What there is for an order: in the same moment of the database in which it is written."""

    posts: int
    left_out: LeftOut


def look_up(conn: Connection, order: Order) -> Lookup:
    """Counts what will be written and what will not; `UnknownNameError` for what names nothing."""
    posts, left_out = count_left_out(conn, order.selection)
    return Lookup(posts=posts, left_out=left_out)


def write_out(conn: Connection, order: Order, found: Lookup, now: datetime, tell: Callable[[int], None]) -> int:
    """Writes the posts, and the manifest if they go to a file; gives their number. `tell` hears of each thousand."""
    people = People(all_people(conn), Pseudonyms(schema.read_secret(conn))) if order.is_pseudonymised else None
    rows: Iterable[ExportRow] = stream_posts(conn, order.selection, with_revisions=order.has_revisions)
    if people is not None:
        rows = pseudonymised(rows, people)
    place = manifest_place(order.output)
    with open_output(str(place)) if place else nullcontext() as beside:  # first, or posts could be there without it
        with open_output(order.output) as out:
            number = write(
                order.format_name,
                _counted(rows, tell),
                out,
                order.columns,
                for_excel=order.for_excel,
                raw_cells=order.raw_cells,
            )
        if beside is not None:
            beside.write(draw_manifest(_describe(conn, order, found, number, people, now)))
    return number


def _counted(rows: Iterable[ExportRow], tell: Callable[[int], None]) -> Iterator[ExportRow]:
    for number, row in enumerate(rows, 1):
        if number % _TOLD_EVERY == 0:
            tell(_TOLD_EVERY)
        yield row


def _describe(
    conn: Connection, order: Order, found: Lookup, rows: int, people: People | None, now: datetime
) -> Manifest:
    path = Path(order.output)
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    watches = [watch for watch in all_watches(conn) if _concerns(watch, order.selection)]
    return Manifest(
        file=path.name,
        size=path.stat().st_size,
        sha256=sha256,
        rows=rows,
        written_at=now,
        schema=schema.HEAD,
        columns=order.columns,
        asked=order.asked,
        understood=_understood(order),
        watches=watches,
        gaps=_gaps(conn, order.selection, watches),
        left_out=found.left_out,
        label=people.label if people is not None else None,
    )


def _concerns(watch: Watch, selection: Selection) -> bool:
    return selection.topic in {None, watch.key.topic} and selection.source in {None, watch.name}


def _gaps(conn: Connection, selection: Selection, watches: Iterable[Watch]) -> list[WatchGap]:
    """Those of these watches, in the stretch that is asked for."""
    since, until = selection.dated or (None, None)
    return find_gaps(
        conn,
        since=max(filter(None, (since, selection.since)), default=None),
        until=min(filter(None, (until, selection.until)), default=None),
        watch_ids={watch.id for watch in watches},
    )


def _understood(order: Order) -> dict[str, Any]:
    narrowing = asdict(order.selection)
    del narrowing["is_for_readers"]  # an export is not
    dated = narrowing.pop("dated") or (None, None)
    digest = order.selection.digest
    return {
        "timezone": order.timezone,
        **narrowing,
        "dated_from": dated[0],
        "dated_before": dated[1],
        "digest": "/".join(digest) if digest else None,
        "format": order.format_name,
        "columns": [column.name for column in order.columns],
        "for_excel": order.for_excel,
        "raw_cells": order.raw_cells,
        "is_pseudonymised": order.is_pseudonymised,
        "has_revisions": order.has_revisions,
    }
