"""The buttons of `/fm forget`: acked at once; their answer takes the question's place."""

from __future__ import annotations

from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond

from bot.domain import DocumentId, UserId
from bot.errors import FaultMavenError
from bot.jobs.causes import causes
from bot.slack.error_replies import error_reply
from bot.slack.render import words
from bot.slack.rights import CANCEL, CONFIRM, Pressed, answer_press
from bot.slack.services import Services, workspace_of

log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services) -> None:
    """Attach both buttons."""

    @app.action(CONFIRM)
    async def confirm(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        services.background.start(_answer(services, _pressed(body, context), respond, confirmed=True))

    @app.action(CANCEL)
    async def cancel(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        services.background.start(_answer(services, _pressed(body, context), respond, confirmed=False))


def _pressed(body: dict[str, Any], context: AsyncBoltContext) -> Pressed:
    [action] = body["actions"]
    return Pressed(workspace_of(context), UserId(body["user"]["id"]), DocumentId(action["value"]))


async def _answer(services: Services, pressed: Pressed, respond: AsyncRespond, *, confirmed: bool) -> None:
    try:
        content = await answer_press(services, pressed, confirmed=confirmed)
    except FaultMavenError as error:
        log.warning("forget_failed", causes=causes(error))
        content = words(error_reply(error))
    await respond(response_type="ephemeral", replace_original=True, **content)
