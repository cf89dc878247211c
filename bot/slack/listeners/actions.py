"""Buttons: acked at once; what they do goes on behind the ack, and always ends in an answer or a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, UserId
from bot.errors import FaultMavenError
from bot.jobs.causes import causes
from bot.ports import Content
from bot.slack import render, results
from bot.slack.backfill import DECLINE, START, answer_offer
from bot.slack.error_replies import error_reply
from bot.slack.private import reply_privately
from bot.slack.render_buttons import (
    COMMENT,
    COMMENT_FIELD,
    COMMENT_VIEW,
    CONTEXTS,
    MORE,
    SHARE,
    VOTES,
    comment_view,
    said_view,
)
from bot.slack.results import Press
from bot.slack.services import Services, workspace_of

log = structlog.get_logger(__name__)

Body = dict[str, Any]
Work = Callable[[Services, Press], Awaitable[Content | None]]
TOO_LATE = "I could not open the form in time. Press the button once more."
DOES: dict[Any, Work] = {
    MORE: results.show_more,
    CONTEXTS: results.show_context,
    SHARE: results.share,
    VOTES: results.vote,
}
"""What each button under results does."""


def register(app: AsyncApp, services: Services) -> None:
    """Attach the buttons of the backfill's offer and those under results."""
    _register_offer(app, services)
    for action_id, work in DOES.items():
        _register_result(app, services, action_id, work)

    @app.action(COMMENT)
    async def comment(
        ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()

        async def open_form(_services: Services, press: Press) -> Content | None:
            return await _open_form(client, body["trigger_id"], press)

        services.background.start(_do(services, body, context, respond, open_form))

    @app.view(COMMENT_VIEW)
    async def commented(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """The form stays for the answer: an ack can replace it, nothing else can."""
        await ack(response_action="update", view=said_view(await _keep_comment(services, body, context)))


def _register_offer(app: AsyncApp, services: Services) -> None:
    @app.action(START)
    async def start(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        services.background.start(_answer_offer(services, body, context, accepted=True))

    @app.action(DECLINE)
    async def decline(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack()
        services.background.start(_answer_offer(services, body, context, accepted=False))


def _register_result(app: AsyncApp, services: Services, action_id: Any, work: Work) -> None:  # noqa: ANN401  # Bolt's
    @app.action(action_id)
    async def pressed(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        await ack()
        services.background.start(_do(services, body, context, respond, work))


async def _do(
    services: Services, body: Body, context: AsyncBoltContext, respond: AsyncRespond, work: Work
) -> None:
    log.info("button_pressed", action=body["actions"][0].get("action_id"))
    channel, user = ChannelId(body["channel"]["id"]), UserId(body["user"]["id"])
    thread_ts = (body.get("message") or {}).get("thread_ts") or body["container"].get("thread_ts")
    content: Content | None
    try:
        about = results.about(str(body["actions"][0].get("value", "")))
        content = await work(services, Press(workspace_of(context), user, channel, thread_ts, about))
    except Exception as error:  # noqa: BLE001  # the edge: whoever pressed gets a reason
        log.warning("press_failed", action=body["actions"][0].get("action_id"), causes=causes(error))
        content = render.words(error_reply(error))
    if content is not None:
        await reply_privately(
            services.poster_of(workspace_of(context)),
            respond,
            content,
            channel=channel,
            user=user,
            thread_ts=thread_ts,
        )


async def _open_form(client: AsyncWebClient, trigger_id: str, press: Press) -> Content | None:
    """Slack lets a form be opened within three seconds."""
    try:
        await client.views_open(trigger_id=trigger_id, view=comment_view(press.about.search_id))
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("form_not_opened", causes=causes(error))
        return render.words(TOO_LATE)
    return None


async def _keep_comment(services: Services, body: Body, context: AsyncBoltContext) -> str:
    """Note the comment; what to say to it."""
    view, user = body["view"], UserId(body["user"]["id"])
    said = view["state"]["values"][COMMENT_FIELD][COMMENT_FIELD].get("value") or ""
    try:
        about = results.about(view.get("private_metadata", ""))
        return await results.comment(services, workspace_of(context), user, about, said)
    except FaultMavenError as error:
        log.warning("comment_not_kept", causes=causes(error))
        return error_reply(error)


async def _answer_offer(services: Services, body: Body, context: AsyncBoltContext, *, accepted: bool) -> None:
    channel, user = ChannelId(body["channel"]["id"]), UserId(body["user"]["id"])
    try:
        await answer_offer(
            services.backfill,
            services.poster_of(workspace_of(context)),
            workspace_of(context),
            channel,
            user,
            accepted=accepted,
            ts=body["container"]["message_ts"],
        )
    except FaultMavenError as error:
        log.warning("action_failed", cause=type(error).__name__)
        await services.poster_of(workspace_of(context)).post_ephemeral(
            channel, user, None, render.words(error_reply(error))
        )
