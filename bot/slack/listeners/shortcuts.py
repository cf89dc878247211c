"""The shortcut on a message: its words are the question. It works in threads, where commands don't."""

from __future__ import annotations

from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond

from bot.domain import ChannelId, UserId
from bot.errors import FaultMavenError
from bot.jobs.causes import causes
from bot.search.parse import MAX_QUERY_CHARS
from bot.slack import render
from bot.slack.error_replies import error_reply
from bot.slack.parse import plain_text
from bot.slack.private import reply_privately
from bot.slack.render_answer import answer_reply
from bot.slack.services import Services, workspace_of

log = structlog.get_logger(__name__)

ASK = "fm_ask_message"


def register(app: AsyncApp, services: Services) -> None:
    """Attach the shortcut."""

    @app.shortcut(ASK)
    async def ask(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        services.background.start(_answer(services, body, context, respond))


async def _answer(
    services: Services, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
) -> None:
    """For whoever chose it alone, in the message's thread."""
    user, message = UserId(body["user"]["id"]), body["message"]
    question = plain_text(str(message.get("text", "")))[:MAX_QUERY_CHARS]
    try:
        access = await services.access_of(workspace_of(context), user)
        answer = await services.answers.answer(access, question, asker=user, surface="shortcut")
        content = answer_reply(answer, lasting=False).content
    except FaultMavenError as error:
        log.warning("shortcut_failed", causes=causes(error))
        content = render.words(error_reply(error))
    await reply_privately(
        services.poster_of(workspace_of(context)),
        respond,
        content,
        channel=ChannelId(body["channel"]["id"]),
        user=user,
        thread_ts=str(message.get("thread_ts") or body["message_ts"]),
    )
