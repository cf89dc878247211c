"""The unmodified bot on a local Slack workspace, over Socket Mode or signed HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from bot.app import Pace, Running, running
from bot.app.providers import DATABASE_NAME
from bot.domain import Status, WorkspaceId
from bot.playground.server import Playground
from bot.settings import Settings
from support.tables import with_tables

HURRY = Pace(
    debounce_s=0.05,
    latest_s=1.0,
    backfill_look_s=0.05,
    reembed_look_s=0.1,
    reembed_retry_s=0.1,
    upkeep_look_s=3600.0,
    socket_watch_s=0.2,
    socket_ping_s=0.5,
    socket_patience_s=2.0,
)
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
    if "database_url" not in changes:
        with_tables(data_dir / DATABASE_NAME)
    async with running(settings_for(slack, data_dir, **changes), pace=HURRY) as bot:
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


async def at_rest(slack: Playground, bot: Running, timeout_s: float = 15.0) -> None:
    """Wait until everything that happened is handled and every document has its verdict."""
    await caught_up(slack, bot, timeout_s)
    async with asyncio.timeout(timeout_s):
        while True:
            async with bot.core.database.transaction() as tx:
                counts = await tx.documents.counts_all()
            if not (counts[Status.PENDING] or counts[Status.PROCESSING]):
                return
            await asyncio.sleep(0.01)


async def chunks_in(bot: Running) -> int:
    """How many chunks the index holds of all workspaces, visible or not."""
    async with bot.core.database.transaction() as tx:
        workspaces = await tx.workspaces.all()
    total = 0
    for workspace in workspaces:
        held = await bot.core.index.inventory(WorkspaceId(workspace.id))
        total += sum(document.chunks + document.strays for document in held.values())
    return total
