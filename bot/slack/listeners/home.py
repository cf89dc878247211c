"""The app's own tabs: the page tells whoever looks what is known for them, the other one what to ask."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.domain import ChannelId, UserId
from bot.slack.home import home
from bot.slack.prompts import prompts
from bot.slack.services import Services, workspace_of

Event = dict[str, Any]


def register(app: AsyncApp, services: Services) -> None:
    """Attach both tabs."""

    @app.event("app_home_opened")
    async def opened(event: Event, context: AsyncBoltContext) -> None:
        user, workspace = UserId(event["user"]), workspace_of(context)
        if event.get("tab") == "home":
            await services.poster_of(workspace).publish_home(user, await home(services, workspace, user))
        elif channel := event.get("channel"):
            suggestions = await prompts(services, workspace, user)
            await services.poster_of(workspace).suggest(ChannelId(channel), suggestions)
