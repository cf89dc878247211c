"""The app's own page: what it knows for whoever looks."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.domain import UserId
from bot.slack.home import home
from bot.slack.services import Services, workspace_of

Event = dict[str, Any]


def register(app: AsyncApp, services: Services) -> None:
    """Attach the home tab."""

    @app.event("app_home_opened")
    async def opened(event: Event, context: AsyncBoltContext) -> None:
        if event.get("tab") == "home":
            user = UserId(event["user"])
            await services.poster.publish_home(user, await home(services, workspace_of(context), user))
