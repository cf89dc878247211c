"""How far a command is: a bar on stderr with speed and time left, gone at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

BAR_WIDTH = 24


class Report(Protocol):
    """Told how much is done; of how much, and of what just now, where that changes."""

    def __call__(self, done: int, total: int | None = None, note: str = "") -> None:
        """Show it. Cheap, and safe to repeat."""


class _Speed(ProgressColumn):
    """`12.3 files/s`, once it can be told."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.1f} {task.fields['unit']}/s", "dim")


def _unseen(done: int, total: int | None = None, note: str = "") -> None:
    """Where nobody looks."""


@contextmanager
def progress(verb: str, total: int | None = None, unit: str = "") -> Iterator[Report]:
    """A bar while the block runs; nothing where no terminal shows it. `unit` is that of the speed."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _unseen
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(BAR_WIDTH),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
        TextColumn(
            "{task.fields[note]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
        ),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(verb, total=total, unit=unit, note="")

        def report(done: int, total: int | None = None, note: str = "") -> None:
            bar.update(task, completed=done, total=total, note=note)

        yield report
