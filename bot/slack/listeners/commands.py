"""`/fm`: acked at once, answered to the asker alone."""

from __future__ import annotations

from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.domain import ChannelId, UserId, WorkspaceId
from bot.jobs.causes import causes
from bot.slack import render
from bot.slack.answers import answer
from bot.slack.error_replies import error_reply
from bot.slack.private import reply_privately
from bot.slack.rights import obey
from bot.slack.services import Services

log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services) -> None:
    """Attach `/fm`."""

    @app.command("/fm")
    async def fm(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        log.info("command_received", workspace=command.get("team_id"))
        services.background.start(_answer(services, command, respond))


async def _answer(services: Services, command: dict[str, Any], respond: AsyncRespond) -> None:
    workspace, user = WorkspaceId(command["team_id"]), UserId(command["user_id"])
    try:
        text, channel = command.get("text", ""), ChannelId(command["channel_id"])
        content = await obey(services, workspace, user, channel, text)
        content = content or await answer(services, workspace, user, text, channel)
    except Exception as error:  # noqa: BLE001  # the edge: whoever asked gets a reason
        log.error("command_failed", workspace=workspace, causes=causes(error))
        content = render.words(error_reply(error))
    await reply_privately(
        services.poster_of(workspace), respond, content, channel=ChannelId(command["channel_id"]), user=user
    )
