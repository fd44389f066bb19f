"""What commands print: tables for a terminal, tab-separated lines for a pipe, JSON where asked."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Drawn in a terminal; in a pipe a line a row with tabs between, its first line the headings."""
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(headings), *cells]:
            click.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, column in zip(headings, zip(*rows, strict=True) if rows else [()] * len(headings), strict=True):
        is_number = bool(column) and all(isinstance(value, int) and not isinstance(value, bool) for value in column)
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(table)


def print_line(mark: str, text: str) -> None:
    """A marked line, wrapped under itself in a terminal; the mark may be styled."""
    if sys.stdout.isatty():
        hanging = " " * len(click.unstyle(mark))
        width = shutil.get_terminal_size().columns - len(hanging)
        lines = textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)
        text = f"\n{hanging}".join(lines)
    click.echo(f"{mark}{text}")


def print_json(value: Any) -> None:
    """One JSON document; instants in ISO 8601 with Z."""
    click.echo(as_json(value))


def print_parts(parts: Iterable[tuple[str, Any]]) -> None:
    """One JSON document, a part after the other; of an iterator each item as it comes, however many there are."""
    before = "{"
    for name, part in parts:
        click.echo(f"{before}{json.dumps(name)}: ", nl=False)
        before = ","
        if not isinstance(part, Iterator):
            click.echo(as_json(part))
            continue
        click.echo("[", nl=False)
        for number, item in enumerate(part):
            click.echo(("," if number else "") + "\n" + as_json(item), nl=False)
        click.echo("]")
    click.echo("}")


def as_json(value: Any) -> str:
    """A value as JSON for a person to read, instants in ISO 8601 with Z."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value)
    return str(value)


def instant(at: datetime | None) -> str | None:
    """ISO 8601 UTC with Z."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def moment(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """For a person: local time to the minute, and of the day what is not plain."""
    if at is None:
        return "never"
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    day = "today" if local.date() == today else f"{local:%a} {local.day} {local:%b}"
    return f"{day}{'' if local.year == today.year else f' {local.year}'}, {local:%H:%M}"


def count(number: int, thing: str) -> str:
    """ "1 post", "1,234 posts"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
