"""The app's manifest, compared with what Slack has, pushed there, or made a new app of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app.clients import TIMEOUT
from bot.errors import SettingError
from bot.playground.manifest import manifest_data
from bot.providers.slack.app_config import HOW_TO_GET_ONE, AppConfig, NewApp, TokenExpired, rotate
from bot.slack.manifest_changes import Difference, differences, placed, reasons_to_reinstall

OnRotated = Callable[[str, str], None]
"""Is told the new configuration token and the next refresh token, before they are used."""


@dataclass(frozen=True, slots=True)
class ConfigTokens:
    """SLACK_CONFIG_TOKEN and SLACK_CONFIG_REFRESH_TOKEN; one of them is enough."""

    token: str | None
    refresh_token: str | None


@dataclass(frozen=True, slots=True)
class Pushed:
    """What differs, what of it asks for a new installation, and whether it was changed at Slack."""

    differences: list[Difference]
    reinstall: list[str]
    applied: bool


async def push(
    api_url: str,
    tokens: ConfigTokens,
    app_id: str,
    *,
    url: str | None,
    apply: bool,
    on_rotated: OnRotated,
) -> Pushed:
    """Compare the app with manifest.yml; with `apply` make it so.

    Raises SettingError, OperatorError, RetryLater. Repeatable.
    """
    async with _app_config(api_url, tokens, on_rotated) as config:
        current = await config.export(app_id)
        wanted = placed(manifest_data(), current, url)
        found = differences(current, wanted)
        reasons = reasons_to_reinstall(found)
        if not (found and apply):
            return Pushed(found, reasons, applied=False)
        await config.validate(wanted, app_id)
        if await config.update(app_id, wanted) and not reasons:
            reasons.append("Slack says that its permissions changed")
        return Pushed(found, reasons, applied=True)


async def create(api_url: str, tokens: ConfigTokens, *, url: str | None, on_rotated: OnRotated) -> NewApp:
    """Make a new app of manifest.yml. Raises as `push`."""
    async with _app_config(api_url, tokens, on_rotated) as config:
        wanted = placed(manifest_data(), {}, url)
        await config.validate(wanted)
        return await config.create(wanted)


@asynccontextmanager
async def _app_config(api_url: str, tokens: ConfigTokens, on_rotated: OnRotated) -> AsyncIterator[AppConfig]:
    """With a token that is good: one that has expired, or isn't given, is got by the refresh token."""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client = AsyncWebClient(token=tokens.token, base_url=api_url, session=session, retry_handlers=[])
        if tokens.token is None or not await _is_good(client):
            if tokens.refresh_token is None:
                problem = "has expired" if tokens.token else "is not set"
                raise SettingError("SLACK_CONFIG_TOKEN", problem, HOW_TO_GET_ONE)
            nobody = AsyncWebClient(base_url=api_url, session=session, retry_handlers=[])
            client.token, following = await rotate(nobody, tokens.refresh_token)
            on_rotated(client.token, following)
        yield AppConfig(client)


async def _is_good(client: AsyncWebClient) -> bool:
    """Whether the token is not expired: validating a manifest changes nothing."""
    try:
        await AppConfig(client).validate(manifest_data())
    except TokenExpired:
        return False
    return True
