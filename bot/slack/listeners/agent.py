"""The conversation with the agent: questions to begin with, and the button that stops an answer."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.documents.conversations import Thread
from bot.domain import ChannelId, UserId
from bot.slack.services import Services, workspace_of
from bot.slack.stopping import stop_answers

Event = dict[str, Any]


def register(app: AsyncApp, services: Services) -> None:
    """Attach the Stop button. The prompts come with the app's tabs: see `home`."""

    @app.event("agent_session_stopped")
    async def stopped(event: Event, context: AsyncBoltContext) -> None:
        if event.get("user") and event.get("thread_ts"):
            channel, ts = ChannelId(event["channel"]), str(event["thread_ts"])
            await stop_answers(
                services.stops,
                services.ingest.transaction,
                services.poster_of(workspace_of(context)),
                thread=Thread(workspace_of(context), channel, ts),
                asker=UserId(event["user"]),
                now=services.ingest.clock(),
            )
