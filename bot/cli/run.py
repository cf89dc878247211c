"""`fm`, `fm serve`, `fm demo`: what runs until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import webbrowser
from contextlib import suppress
from typing import Annotated

import structlog
import typer

from bot import __version__, app
from bot.cli.base import cli, personal_settings, until_told
from bot.errors import OperatorError, SettingError
from bot.settings import Settings

log = structlog.get_logger(__name__)

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes a free one.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Don't open the page in a browser.")]


@cli.callback(invoke_without_command=True)
def fm(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """FaultMaven for Slack: what is in the files your team shares, found by asking.

    Without a command it serves Slack when its tokens are set, and shows the demo when they are not.

    For example: fm index runbooks/ && fm search 'disk full'
    """
    if version:
        typer.echo(f"fm {__version__}")
    elif context.invoked_subcommand is None:
        if Settings.from_environment().slack_mode == "none":
            demo()
        else:
            serve()


@cli.command()
def serve() -> None:
    """Serve Slack until told to stop; the tokens decide whether in Socket Mode or over HTTP.

    For example: SLACK_BOT_TOKEN=xoxb-… SLACK_APP_TOKEN=xapp-… fm serve
    """
    settings = Settings.from_environment()
    app.configure_logging(settings)
    asyncio.run(until_told(_serve(settings)))


@cli.command()
def demo(port: Port = 0, *, no_open: NoOpen = False) -> None:
    """Try it in the browser: the real bot in a Slack of its own; nothing leaves this machine.

    For example: fm demo --port 8000 --no-open
    """
    asyncio.run(until_told(_demo(personal_settings(), port, open_page=not no_open)))


async def _serve(settings: Settings) -> None:
    async with app.running(settings) as bot:
        log.info("ready", url=bot.url, slack=settings.slack_mode)
        await bot.tasks.failed.wait()
    raise OperatorError("A part of the bot ended by itself", "The log has the cause; start it again")


async def _demo(settings: Settings, port: int, *, open_page: bool) -> None:
    try:
        async with app.demo(settings, port=port) as running:
            typer.echo(f"The demo is at {running.page_url} (Ctrl-C ends it; nothing is kept)")
            if open_page:
                _open(running.page_url)
            await running.bot.tasks.failed.wait()
    except OSError as error:
        raise SettingError("--port", f"{port} can't be listened on ({error.strerror})") from error
    raise OperatorError("A part of the bot ended by itself", "The log has the cause; start it again")


def _open(url: str) -> None:
    """Open a page where there is a screen: without one, a text browser would take the terminal over."""

    def opening() -> None:
        with suppress(webbrowser.Error):
            webbrowser.open(url)

    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        threading.Thread(target=opening, daemon=True).start()
