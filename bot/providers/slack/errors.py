"""The one place where Slack's errors become ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import (
    FaultMavenError,
    FileRejected,
    MessageRefused,
    OperatorError,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
)

T = TypeVar("T")

HOPELESS = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "message_not_found",
        "thread_not_found",
        "cant_update_message",
        "edit_window_closed",
        "restricted_action",
        "restricted_action_thread_locked",
        "thread_locked",
        "user_not_in_channel",
        "user_not_found",
        "message_not_in_streaming_state",
        "message_not_owned_by_app",
        "missing_recipient_team_id",
        "missing_recipient_user_id",
    }
)
DELETED = ("deleted", "the file was deleted", "Share it again if it is still needed.")
NOT_OURS = ("access_denied", "Slack does not let me read it", "Upload a copy to the channel.")
REJECTED = {
    "file_not_found": DELETED,
    "file_deleted": DELETED,
    "access_denied": NOT_OURS,
    "no_permission": NOT_OURS,
    "not_visible": NOT_OURS,
}
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


async def call(request: Callable[[], Awaitable[T]]) -> T:
    """Await one Web API call; what goes wrong comes out as an error of ours, the cause chained."""
    try:
        return await request()
    except SlackApiError as error:
        raise translate(error) from error
    except (aiohttp.ClientError, TimeoutError, SlackClientError, OSError) as error:
        raise ProviderUnavailable("Slack could not be reached") from error


def translate(error: SlackApiError) -> FaultMavenError:
    """A refusal of Slack's by who acts next. Unknown codes count as passing."""
    code = code_of(error)
    if code == "ratelimited":
        return RateLimited("Slack asks to slow down", _retry_after_s(error))
    if code == "missing_scope":
        return PermissionMissing("a call", str(_data(error).get("needed", "unknown")))
    if code in TOKEN_DEAD:
        return OperatorError(
            f"Slack rejects the bot token ({code})", "Reinstall the app and set SLACK_BOT_TOKEN."
        )
    if code in REJECTED:
        return FileRejected(*REJECTED[code])
    if code in HOPELESS:
        return MessageRefused(code)
    return ProviderUnavailable(f"Slack answered {code}")


def code_of(error: SlackApiError) -> str:
    """Slack's word for what it refused; `unknown` for a page of a proxy's or an empty body."""
    return str(_data(error).get("error", "unknown"))


def _data(error: SlackApiError) -> dict[str, Any]:
    data = getattr(error.response, "data", error.response)
    return data if isinstance(data, dict) else {}


def _retry_after_s(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", {}) or {}
    try:
        return max(float(headers.get("Retry-After", 1)), 0.0)
    except ValueError:
        return 1.0
