"""Mentions, direct messages and what is said in threads: handed on to be answered, where it is for us."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.documents.conversations import Thread
from bot.domain import ChannelId, UserId
from bot.slack.services import Services, workspace_of
from bot.slack.talk import Heard, Surface

Event = dict[str, Any]


def register(app: AsyncApp, services: Services) -> None:
    """Attach mentions and messages. Only those of people: `bot_id` is on what a bot says."""

    @app.event("app_mention")
    async def mention(event: Event, context: AsyncBoltContext) -> None:
        if "user" in event and not event.get("bot_id"):
            await services.conversations.hear(_heard(event, context, "mention"))

    @app.event({"type": "message", "subtype": None})
    async def message(event: Event, context: AsyncBoltContext) -> None:
        if "user" not in event or event.get("bot_id"):
            return
        if event.get("channel_type") == "im":
            await services.conversations.hear(_heard(event, context, "direct"))
        elif event.get("thread_ts") and f"<@{context.bot_user_id}>" not in event.get("text", ""):
            await services.conversations.hear(_heard(event, context, "thread"))


def _heard(event: Event, context: AsyncBoltContext, surface: Surface) -> Heard:
    text = str(event.get("text", "")).replace(f"<@{context.bot_user_id}>", " ")
    ts = str(event["ts"])
    return Heard(
        thread=Thread(workspace_of(context), ChannelId(event["channel"]), str(event.get("thread_ts") or ts)),
        ts=ts,
        user=UserId(event["user"]),
        text=" ".join(text.split()),
        surface=surface,
    )
