"""What Slack tells us of files that went: deleted, unshared, or gone with their message."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.documents.conversations import Thread
from bot.domain import ChannelId, FileId, Message
from bot.slack.services import Services, workspace_of

Event = dict[str, Any]


def register(app: AsyncApp, services: Services) -> None:
    """Attach the listeners for removals."""

    @app.event({"type": "message", "subtype": "message_deleted"})
    async def message_deleted(event: Event, context: AsyncBoltContext) -> None:
        channel, ts = ChannelId(event["channel"]), event.get("deleted_ts")
        await services.conversations.withdraw(Thread(workspace_of(context), channel, str(ts)))
        message = Message(channel, ts)
        for file in (event.get("previous_message") or {}).get("files", []):
            await services.ingest.remove_message(workspace_of(context), FileId(file["id"]), message)

    @app.event({"type": "message", "subtype": "message_changed"})
    async def message_changed(event: Event, context: AsyncBoltContext) -> None:
        former = event.get("previous_message") or {}
        now = (event.get("message") or {}).get("files", [])
        kept = {file["id"] for file in now if file.get("mode") != "tombstone"}
        message = Message(ChannelId(event["channel"]), former.get("ts"))
        for file in former.get("files", []):
            if file["id"] not in kept:
                await services.ingest.remove_message(workspace_of(context), FileId(file["id"]), message)

    @app.event("file_deleted")
    async def file_deleted(event: Event, context: AsyncBoltContext) -> None:
        await services.ingest.remove_file(workspace_of(context), FileId(event["file_id"]))

    @app.event("file_unshared")
    async def file_unshared(event: Event, context: AsyncBoltContext) -> None:
        if channel := event.get("channel_id"):
            await services.ingest.remove_share(
                workspace_of(context), FileId(event["file_id"]), ChannelId(channel)
            )
