"""The demo: the real bot inside a local Slack workspace, with a page to try it in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot.app.serve import Running, running
from bot.playground.server import Playground
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Demo:
    """A workspace in the browser (`page_url`) and the bot in it."""

    page_url: str
    playground: Playground
    bot: Running


@asynccontextmanager
async def demo(settings: Settings, *, port: int = 0) -> AsyncIterator[Demo]:
    """Start both on loopback. Files live in memory and a temporary folder: a demo leaves nothing behind.

    `settings` gives limits and logging; its tokens, address and folder are not used.
    """
    with TemporaryDirectory(prefix="faultmaven-demo-") as folder:
        async with (
            Playground.serve(port=port, demo=True) as playground,
            running(settings_for_demo(settings, playground, Path(folder))) as bot,
        ):
            yield Demo(playground.page_url, playground, bot)


def settings_for_demo(settings: Settings, playground: Playground, folder: Path) -> Settings:
    """What is set for Slack is not for the demo's, however many workspaces it is about."""
    update = {
        "slack_bot_token": SecretStr(playground.bot_token),
        "slack_app_token": SecretStr(playground.app_token),
        "slack_signing_secret": None,
        "slack_client_id": None,
        "slack_client_secret": None,
        "slack_api_url": playground.api_url,
        "host": "127.0.0.1",
        "port": 0,
    }
    return settings.apart(folder).model_copy(update=update)
