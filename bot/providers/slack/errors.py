"""The one place where Slack's errors become ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import (
    FaultMavenError,
    FileRejected,
    OperatorError,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
)

GONE = frozenset({"file_not_found", "file_deleted"})
NOT_OURS = frozenset({"access_denied", "no_permission", "not_visible"})
TOKEN_DEAD = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
    }
)


async def call(request: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
    """Await one Web API call; what goes wrong comes out as an error of ours, the cause chained."""
    try:
        return await request()
    except SlackApiError as error:
        raise translate(error) from error
    except (aiohttp.ClientError, TimeoutError, SlackClientError, OSError) as error:
        raise ProviderUnavailable("Slack could not be reached") from error


def translate(error: SlackApiError) -> FaultMavenError:
    """A refusal of Slack's by who acts next. Unknown codes count as passing."""
    data: Any = error.response.data if isinstance(error.response, AsyncSlackResponse) else error.response
    code = str(data.get("error", "unknown")) if isinstance(data, dict) else "unknown"
    if code == "ratelimited":
        return RateLimited("Slack asks to slow down", _retry_after_s(error))
    if code == "missing_scope":
        return PermissionMissing("a call", str(data.get("needed", "unknown")))
    if code in TOKEN_DEAD:
        return OperatorError(
            f"Slack rejects the bot token ({code})", "Reinstall the app and set SLACK_BOT_TOKEN."
        )
    if code in GONE:
        return FileRejected("deleted", "the file was deleted", "Share it again if it is still needed.")
    if code in NOT_OURS:
        return FileRejected("access_denied", "Slack does not let me read it", "Upload a copy to the channel.")
    return ProviderUnavailable(f"Slack answered {code}")


def _retry_after_s(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", {}) or {}
    try:
        return max(float(headers.get("Retry-After", 1)), 0.0)
    except ValueError:
        return 1.0
