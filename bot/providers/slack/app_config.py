"""The app itself, at api.slack.com: its manifest, read and replaced by a configuration token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import OperatorError, SettingError
from bot.providers.slack.errors import TOKEN_DEAD, call, code_of, translate

Json = dict[str, Any]
HOW_TO_GET_ONE = "Make one at https://api.slack.com/apps, below your apps: Your App Configuration Tokens."
MAX_PROBLEMS, MAX_WORDS_CHARS = 5, 200


class TokenExpired(SettingError):
    """A configuration token is good for twelve hours."""


@dataclass(frozen=True, slots=True)
class NewApp:
    """An app that was just made; `install_url` is where it is installed."""

    app_id: str
    client_id: str
    client_secret: str
    signing_secret: str
    install_url: str


async def rotate(client: AsyncWebClient, refresh_token: str) -> tuple[str, str]:
    """A new configuration token and the next refresh token; the one given is used up. Raises SettingError."""
    answer = await _asked(lambda: client.tooling_tokens_rotate(refresh_token=refresh_token))
    return str(answer["token"]), str(answer["refresh_token"])


class AppConfig:
    """Raises SettingError for a token that is none, TokenExpired, OperatorError for what Slack objects to."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def export(self, app_id: str) -> Json:
        """The manifest of an app as it is."""
        manifest: Json = (await _asked(lambda: self._client.apps_manifest_export(app_id=app_id)))["manifest"]
        return manifest

    async def validate(self, manifest: Json, app_id: str | None = None) -> None:
        """Have Slack look at a manifest; nothing is changed."""
        about = {"app_id": app_id} if app_id else {}
        await _asked(lambda: self._client.apps_manifest_validate(manifest=manifest, **about))

    async def update(self, app_id: str, manifest: Json) -> bool:
        """Replace an app's manifest as a whole; whether its permissions changed. Repeatable."""
        answer = await _asked(lambda: self._client.apps_manifest_update(app_id=app_id, manifest=manifest))
        return bool(answer.get("permissions_updated"))

    async def create(self, manifest: Json) -> NewApp:
        """Make an app. Each call makes another one."""
        answer = await _asked(lambda: self._client.apps_manifest_create(manifest=manifest))
        given = answer.get("credentials") or {}
        return NewApp(
            app_id=str(answer["app_id"]),
            client_id=str(given.get("client_id") or ""),
            client_secret=str(given.get("client_secret") or ""),
            signing_secret=str(given.get("signing_secret") or ""),
            install_url=str(answer.get("oauth_authorize_url") or ""),
        )


async def _asked(request: Callable[[], Awaitable[AsyncSlackResponse]]) -> Json:
    async def ask() -> Json:
        try:
            answer = (await request()).data
        except SlackApiError as error:
            raise _translated(error) from error
        return answer if isinstance(answer, dict) else {}

    return await call(ask)


def _translated(error: SlackApiError) -> Exception:
    code = code_of(error)
    if code == "token_expired":
        return TokenExpired("SLACK_CONFIG_TOKEN", "has expired", HOW_TO_GET_ONE)
    if code == "invalid_refresh_token":
        return SettingError(
            "SLACK_CONFIG_REFRESH_TOKEN", "is not known to Slack or was used before", HOW_TO_GET_ONE
        )
    if code in TOKEN_DEAD:
        return SettingError("SLACK_CONFIG_TOKEN", f"Slack rejects it ({code})", HOW_TO_GET_ONE)
    if code == "invalid_app_id":
        return SettingError("--app", "is no app that this token may see", "Look it up at api.slack.com/apps.")
    if code == "invalid_manifest":
        return OperatorError(f"Slack does not take the manifest: {_problems(error)}", "Correct the manifest.")
    return translate(error)


def _problems(error: SlackApiError) -> str:
    """Slack's own words on what is wrong, with where."""
    found = error.response.get("errors") or []
    said = [f"{one.get('pointer')}: {one.get('message')}" for one in found if isinstance(one, dict)]
    return "; ".join(line[:MAX_WORDS_CHARS] for line in said[:MAX_PROBLEMS]) or "it does not say why"
