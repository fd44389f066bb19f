"""A progress bar for long work: drawn in a terminal, silent in a pipe and with --quiet."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from collector.cli.calling import this_call

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Progress:
    """Counts steps towards a total while the block runs; without one, the steps themselves are shown as a `unit`."""

    def __init__(self, label: str, total: int | None, unit: str = "steps", *, is_shown: bool = True) -> None:
        self._label = label
        self._is_shown = is_shown
        self._total = total
        self._unit = unit
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        """Draws the bar where somebody can see it."""
        if self._is_shown and sys.stderr.isatty() and not this_call().is_quiet:
            from rich.console import Console
            from rich.progress import Progress as RichProgress
            from rich.progress import SpinnerColumn, TextColumn

            counted = TextColumn(f"{{task.description}}: {{task.completed:.0f}} {self._unit}{{task.fields[note]}}")
            columns = () if self._total is not None else (SpinnerColumn(), counted)
            self._bar = RichProgress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._label, total=self._total, note="")
        return self

    def advance(self, steps: int = 1) -> None:
        """So many steps more are done."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, steps)

    def note(self, text: str) -> None:
        """Says more behind the count, such as how much is left."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, note=f", {text}" if text else "")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()
