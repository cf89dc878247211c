"""Settings on the app's own page: the button that opens the form, and the form, sent by whomever."""

from __future__ import annotations

from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import ChannelId, UserId
from bot.errors import FaultMavenError
from bot.jobs.causes import causes
from bot.slack.choices import Asked
from bot.slack.error_replies import error_reply
from bot.slack.home import home
from bot.slack.render_settings import CHANGE, FORM, LOG, settings_form
from bot.slack.services import Services, workspace_of
from bot.slack.settings_form import FieldsRejected, Wanted, open_settings, save, save_channels, wanted

log = structlog.get_logger(__name__)

Body = dict[str, Any]
NOWHERE = ChannelId("")
"""The page is in no channel."""


def register(app: AsyncApp, services: Services) -> None:
    """Attach both."""

    @app.action(CHANGE)
    async def change(ack: AsyncAck, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        await ack()
        services.background.start(_open(_asked(services, body, context), client, str(body["trigger_id"])))

    @app.view(FORM)
    async def sent(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        """What is wrong has to be in the ack; channels may take longer than Slack waits for that."""
        asked = _asked(services, body, context)
        try:
            given = wanted(body["view"])
            await save(asked, given)
        except FieldsRejected as rejected:
            await ack(response_action="errors", errors=rejected.fields)
            return
        except FaultMavenError as error:
            log.warning("settings_not_changed", workspace=asked.workspace, causes=causes(error))
            await ack(response_action="errors", errors={LOG: error_reply(error)})
            return
        log.info("settings_changed", workspace=asked.workspace)
        await ack()
        services.background.start(_finish(asked, given))


def _asked(services: Services, body: Body, context: AsyncBoltContext) -> Asked:
    return Asked(services, workspace_of(context), UserId(body["user"]["id"]), NOWHERE)


async def _open(asked: Asked, client: AsyncWebClient, trigger_id: str) -> None:
    """Slack lets a form be opened within three seconds."""
    try:
        chosen, places = await open_settings(asked)
        await client.views_open(trigger_id=trigger_id, view=settings_form(chosen, places))
    except FaultMavenError as error:
        log.warning("form_not_opened", causes=causes(error))
        await _show_home(asked, error_reply(error))
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("form_not_opened", causes=causes(error))
        await _show_home(asked, "I could not open the form in time. Press the button once more.")


async def _finish(asked: Asked, given: Wanted) -> None:
    try:
        refused = await save_channels(asked, given)
        told = "The settings are saved." if not refused else f"Saved, but for some channels: {refused[0]}."
    except FaultMavenError as error:
        log.warning("channels_not_changed", causes=causes(error))
        told = error_reply(error)
    await _show_home(asked, told)


async def _show_home(asked: Asked, told: str) -> None:
    page = await home(asked.services, asked.workspace, asked.user, told=told)
    await asked.services.poster_of(asked.workspace).publish_home(asked.user, page)
