"""Buttons: acked at once; what they do goes on behind the ack."""

from __future__ import annotations

from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.domain import ChannelId, UserId
from bot.errors import FaultMavenError
from bot.slack import render
from bot.slack.backfill import DECLINE, START, answer_offer
from bot.slack.error_replies import error_reply
from bot.slack.services import Services, workspace_of

log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services) -> None:
    """Attach the buttons of the backfill's offer."""

    @app.action(START)
    async def start(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        services.background.start(_answer(services, body, context, accepted=True))

    @app.action(DECLINE)
    async def decline(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        services.background.start(_answer(services, body, context, accepted=False))


async def _answer(
    services: Services, body: dict[str, Any], context: AsyncBoltContext, *, accepted: bool
) -> None:
    channel, user = ChannelId(body["channel"]["id"]), UserId(body["user"]["id"])
    try:
        await answer_offer(
            services.backfill,
            services.poster,
            workspace_of(context),
            channel,
            user,
            accepted=accepted,
            ts=body["container"]["message_ts"],
        )
    except FaultMavenError as error:
        log.warning("action_failed", cause=type(error).__name__)
        await services.poster.post_ephemeral(channel, user, None, render.words(error_reply(error)))
