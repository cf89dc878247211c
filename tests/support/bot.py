"""The unmodified bot on a local Slack workspace, over Socket Mode or signed HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from bot.app import Running, running
from bot.playground.server import Playground
from bot.settings import Settings

Delivery = Literal["socket", "http"]


def settings_for(slack: Playground, data_dir: Path, **changes: Any) -> Settings:  # noqa: ANN401  # any setting
    """The settings that point a bot at this workspace, as the environment would."""
    values: dict[str, Any] = {
        "slack_bot_token": slack.bot_token,
        "slack_api_url": slack.api_url,
        "data_dir": data_dir,
        "port": 0,
    }
    if slack.delivery == "socket":
        values["slack_app_token"] = slack.app_token
    else:
        values["slack_signing_secret"] = slack.signing_secret
    return Settings(**(values | changes))


@asynccontextmanager
async def bot_in(slack: Playground, data_dir: Path, **changes: Any) -> AsyncIterator[Running]:  # noqa: ANN401
    """Run the bot in a workspace until the block ends; returns when events reach it."""
    async with running(settings_for(slack, data_dir, **changes)) as bot:
        if slack.delivery == "http":
            slack.request_url = f"{bot.url}/slack/events"
        await slack.until(lambda: slack.connected)
        yield bot


async def caught_up(slack: Playground, bot: Running, timeout_s: float = 10.0) -> None:
    """Wait until every event was delivered, and everything that came in was handled."""
    await slack.settled()
    async with asyncio.timeout(timeout_s):
        while True:
            async with bot.core.database.transaction() as tx:
                if await tx.inbox.pending_count() == 0:
                    return
            await asyncio.sleep(0.01)
