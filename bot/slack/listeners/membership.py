"""People and the bot coming to channels and leaving them: what was known of it is dropped at once."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.domain import ChannelId, UserId, WorkspaceId
from bot.slack.backfill import offer
from bot.slack.services import Services, workspace_of

Event = dict[str, Any]

CHANGES = (
    "channel_left",
    "group_left",
    "channel_archive",
    "channel_unarchive",
    "channel_rename",
    "channel_shared",
    "channel_unshared",
    "group_archive",
    "group_unarchive",
    "group_rename",
)
"""After these the next question asks Slack anew. An archived channel stays searchable by its members."""


def register(app: AsyncApp, services: Services) -> None:
    """Attach the listeners for everything that changes who is where."""

    async def changed(context: AsyncBoltContext) -> None:
        services.members.forget(workspace_of(context))

    for name in CHANGES:
        app.event(name)(changed)
    app.event({"type": "message", "subtype": "channel_convert_to_private"})(changed)
    app.event({"type": "message", "subtype": "channel_convert_to_public"})(changed)

    @app.event("member_left_channel")
    async def left(event: Event, context: AsyncBoltContext) -> None:
        _forget(services, event, context)

    @app.event("user_change")
    async def user_changed(event: Event, context: AsyncBoltContext) -> None:
        services.members.forget(workspace_of(context), UserId(str(event["user"]["id"])))

    @app.event("member_joined_channel")
    async def joined(event: Event, context: AsyncBoltContext) -> None:
        _forget(services, event, context)
        if event.get("user") == context.bot_user_id:
            await _arrived(services, event, workspace_of(context))

    @app.event("channel_deleted")
    async def channel_deleted(event: Event, context: AsyncBoltContext) -> None:
        await _deleted(services, event, context)

    @app.event("group_deleted")
    async def group_deleted(event: Event, context: AsyncBoltContext) -> None:
        await _deleted(services, event, context)

    @app.event("channel_id_changed")
    async def id_changed(event: Event, context: AsyncBoltContext) -> None:
        services.members.forget(workspace_of(context))
        old, new = ChannelId(event["old_channel_id"]), ChannelId(event["new_channel_id"])
        async with services.ingest.transaction() as tx:
            await tx.workspaces.rename_ignored(workspace_of(context), old, new)
        await services.ingest.rename_channel(workspace_of(context), old, new)


async def _arrived(services: Services, event: Event, workspace: WorkspaceId) -> None:
    """The bot was invited, perhaps again: what is known of that channel is old; the rest is offered."""
    channel = ChannelId(event["channel"])
    async with services.ingest.transaction() as tx:
        await tx.documents.suspect_channel(workspace, channel)
        ignored = (await tx.workspaces.settings(workspace)).ignored
    if channel not in ignored:
        await offer(
            services.backfill, services.poster_of(workspace), workspace, channel, float(event["event_ts"])
        )


def _forget(services: Services, event: Event, context: AsyncBoltContext) -> None:
    """Somebody came or went: what is known of them, or of everybody when it was the bot."""
    user = event.get("user")
    somebody_else = user is not None and user != context.bot_user_id
    services.members.forget(workspace_of(context), UserId(str(user)) if somebody_else else None)


async def _deleted(services: Services, event: Event, context: AsyncBoltContext) -> None:
    services.members.forget(workspace_of(context))
    await services.ingest.remove_channel(workspace_of(context), ChannelId(event["channel"]))
