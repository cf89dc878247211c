"""Who we are in Slack: `auth.test`, asked when first needed and remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import UserId, WorkspaceId
from bot.errors import SettingError
from bot.providers.slack.errors import TOKEN_DEAD, call, code_of, translate


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """What `auth.test` says of our bot token. `scopes` come from the answer's headers."""

    workspace: WorkspaceId
    workspace_name: str
    workspace_url: str
    user: UserId
    bot_id: str | None
    enterprise_id: str | None
    scopes: frozenset[str]

    async def home(self) -> WorkspaceId:
        """The workspace, for whoever asks as `Identity` does."""
        return self.workspace


class Identity:
    """Asks Slack once; while Slack doesn't answer, whoever needs to know tries again later."""

    def __init__(self, client: AsyncWebClient, on_known: Callable[[BotIdentity], Awaitable[None]]) -> None:
        self._client = client
        self._on_known = on_known
        self._known: BotIdentity | None = None
        self._asking = asyncio.Lock()

    async def get(self) -> BotIdentity:
        """Raises SettingError when Slack rejects the token, RetryLater while it doesn't answer."""
        async with self._asking:
            if self._known is None:
                found = await ask(self._client)
                await self._on_known(found)
                self._known = found
            return self._known


async def ask(client: AsyncWebClient) -> BotIdentity:
    """`auth.test`. Raises as `Identity.get`."""

    async def request() -> BotIdentity:
        try:
            response = await client.auth_test()
        except SlackApiError as error:
            if code_of(error) in TOKEN_DEAD:
                raise SettingError(
                    "SLACK_BOT_TOKEN",
                    f"Slack rejects it ({code_of(error)})",
                    "Copy it again from OAuth & Permissions.",
                ) from error
            raise translate(error) from error
        if response.get("is_enterprise_install"):
            raise SettingError(
                "SLACK_BOT_TOKEN",
                "is of an installation for a whole organization (Enterprise Grid)",
                "Install the app in one workspace of it, and take that installation's token.",
            )
        scopes = str(response.headers.get("X-OAuth-Scopes") or response.headers.get("x-oauth-scopes") or "")
        return BotIdentity(
            workspace=WorkspaceId(response["team_id"]),
            workspace_name=str(response.get("team") or ""),
            workspace_url=str(response.get("url") or ""),
            user=UserId(response["user_id"]),
            bot_id=response.get("bot_id"),
            enterprise_id=response.get("enterprise_id"),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )

    return await call(request)


async def time_there(client: AsyncWebClient) -> float | None:
    """What time Slack says it is, in seconds; None if it doesn't say. Raises RetryLater, OperatorError."""
    response = await call(client.auth_test)
    said = {key.lower(): value for key, value in response.headers.items()}.get("date")
    return None if said is None else parsedate_to_datetime(said).timestamp()


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """Raise SettingError when Slack rejects the app-level token, RetryLater when it doesn't answer."""

    async def request() -> None:
        try:
            await client.apps_connections_open(app_token=app_token)
        except SlackApiError as error:
            if code_of(error) in TOKEN_DEAD | {"missing_scope", "forbidden_team"}:
                raise SettingError(
                    "SLACK_APP_TOKEN",
                    f"Slack rejects it ({code_of(error)})",
                    "Make an app-level token with connections:write under Basic Information.",
                ) from error
            raise translate(error) from error

    await call(request)
