"""Mentions and direct messages: a question is answered, to the asker alone where others listen."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncSay

from bot.domain import ChannelId, UserId
from bot.errors import FaultMavenError
from bot.search.parse import parse_query
from bot.slack import render
from bot.slack.answers import answer_command
from bot.slack.error_replies import error_reply
from bot.slack.parse import Help, Search, parse_command, plain_text
from bot.slack.services import Services, workspace_of

Event = dict[str, Any]


def register(app: AsyncApp, services: Services) -> None:
    """Attach mentions and direct messages."""

    @app.event("app_mention")
    async def mention(event: Event, context: AsyncBoltContext) -> None:
        question = event.get("text", "").replace(f"<@{context.bot_user_id}>", " ")
        content = await _content(services, context, event["user"], question)
        await services.poster.post_ephemeral(
            ChannelId(event["channel"]), UserId(event["user"]), event.get("thread_ts"), content
        )

    @app.event({"type": "message", "subtype": None})
    async def direct_message(event: Event, context: AsyncBoltContext, say: AsyncSay) -> None:
        if event.get("channel_type") != "im" or "user" not in event or event.get("bot_id"):
            return
        content = await _content(services, context, event["user"], event.get("text", ""))
        await say(thread_ts=event.get("thread_ts"), unfurl_links=False, unfurl_media=False, **content)


async def _content(services: Services, context: AsyncBoltContext, user: str, text: str) -> dict[str, Any]:
    """Words that are no command are a search. Failures that a retry may mend are left to the inbox."""
    try:
        command = parse_command(text)
        if isinstance(command, Help) and command.unknown is not None:
            command = Search(parse_query(plain_text(text)))
        return await answer_command(services, workspace_of(context), UserId(user), command)
    except FaultMavenError as error:
        return render.words(error_reply(error))
