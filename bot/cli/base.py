"""What all commands share: the application, its options and exit codes, settings, and being told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot import app
from bot.settings import Settings

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

EXIT_CODES = (
    "Exit codes: 0 done; 1 it ran and something failed; 2 wrong use or a wrong setting, named in one line; "
    "130 stopped by Ctrl-C."
)

FIRST = ("serve", "demo", "index", "search", "status", "retry", "doctor")
"""What one meets first; the others follow by name."""


class _InOrder(TyperGroup):
    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer hands its own
        """The names as `fm --help` lists them."""
        names = super().list_commands(ctx)
        return [*(name for name in FIRST if name in names), *sorted(set(names) - set(FIRST))]


cli = typer.Typer(
    cls=_InOrder,
    epilog=EXIT_CODES,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def personal_settings() -> Settings:
    """For commands whose own words a person reads: the log says only what is amiss, unless asked for more."""
    settings = Settings.from_environment()
    if "log_level" not in settings.model_fields_set:
        settings = settings.model_copy(update={"log_level": "warning"})
    app.configure_logging(settings)
    return settings


async def until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run until SIGTERM or Ctrl-C. That cancels the work once, and it drains however often it is asked."""
    task = asyncio.ensure_future(work)
    told = asyncio.Event()

    def stop() -> None:
        if not told.is_set():
            told.set()
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told.is_set():
            raise
