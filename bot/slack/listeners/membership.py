"""People and the bot coming to channels and leaving them: what was known of it is dropped at once."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.domain import UserId
from bot.slack.services import Services, workspace_of

EVENTS = (
    "member_joined_channel",
    "member_left_channel",
    "channel_left",
    "group_left",
    "channel_archive",
    "channel_unarchive",
    "channel_deleted",
    "channel_rename",
    "channel_id_changed",
    "channel_shared",
    "channel_unshared",
    "group_archive",
    "group_unarchive",
    "group_deleted",
    "group_rename",
)


def register(app: AsyncApp, services: Services) -> None:
    """Attach the listeners for everything that changes who is where."""

    async def membership_changed(event: dict[str, Any], context: AsyncBoltContext) -> None:
        user = event.get("user")
        somebody_else = user is not None and user != context.bot_user_id
        services.members.forget(workspace_of(context), UserId(str(user)) if somebody_else else None)

    for name in EVENTS:
        app.event(name)(membership_changed)
