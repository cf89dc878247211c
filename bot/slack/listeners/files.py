"""What Slack tells us of files. Replayed from the inbox."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncSay

from bot.domain import ChannelId, FileId, Message, UserId
from bot.ingest.retention import appear
from bot.slack.services import Services, workspace_of

Event = dict[str, Any]
DIRECT_MESSAGE = (
    "I index files that are shared in channels, so that everybody there can find them. "
    "Share this one in a channel that I am in."
)
DIRECT_MESSAGE_PREFIX = "D"


def register(app: AsyncApp, services: Services) -> None:
    """Attach the listeners for files."""

    @app.event("file_shared")
    async def file_shared(event: Event, context: AsyncBoltContext) -> None:
        await _share(services, context, event["file_id"], event["channel_id"], shared_by=event.get("user_id"))

    @app.event({"type": "message", "subtype": "file_share"})
    async def message_with_files(event: Event, context: AsyncBoltContext, say: AsyncSay) -> None:
        if event.get("channel_type") == "im":
            await say(text=DIRECT_MESSAGE, thread_ts=event.get("thread_ts") or event["ts"])
            return
        for file in event.get("files", []):
            await _share(
                services,
                context,
                file["id"],
                event["channel"],
                ts=event["ts"],
                thread_ts=event.get("thread_ts"),
                shared_by=event.get("user"),
            )

    @app.event("file_change")
    async def file_change(event: Event, context: AsyncBoltContext) -> None:
        await services.ingest.change_file(workspace_of(context), FileId(event["file_id"]))


async def _share(
    services: Services,
    context: AsyncBoltContext,
    file_id: str,
    channel: str,
    *,
    ts: str | None = None,
    thread_ts: str | None = None,
    shared_by: str | None = None,
) -> None:
    if channel.startswith(DIRECT_MESSAGE_PREFIX):
        return  # its message event is answered
    message = Message(ChannelId(channel), ts, thread_ts, UserId(shared_by) if shared_by else None)
    await appear(services.ingest, workspace_of(context), FileId(file_id), message)
