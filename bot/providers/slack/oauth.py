"""Slack's OAuth (v2): where a browser is sent, what its code is exchanged for, and the next token."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import UserId, WorkspaceId
from bot.errors import InstallRefused, OperatorError, ProviderUnavailable, SettingError
from bot.providers.slack.errors import call, code_of, translate

AGAIN = "Start again from the install page."
REFUSED = {
    "invalid_code": ("Slack does not know this code: it is used up, too old, or was changed", AGAIN),
    "code_already_used": ("This code was used before", AGAIN),
    "bad_redirect_uri": (
        "Slack refuses the address that it should send people back to",
        "Whoever runs the bot adds it under OAuth & Permissions, Redirect URLs (`fm doctor` shows it).",
    ),
}
ORG_WIDE = (
    "org_wide",
    "This was an installation for a whole organization (Enterprise Grid), which I don't support",
    "Install again and choose one workspace of it. Nothing was kept.",
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What calls are made with. `expires_at` and `refresh` are None unless the app's tokens rotate."""

    bot: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What Slack gave us for one workspace."""

    workspace: WorkspaceId
    workspace_name: str
    workspace_url: str
    enterprise_id: str | None
    app_id: str
    bot_user: UserId
    bot_id: str | None
    installed_by: str | None
    scopes: frozenset[str]
    tokens: Tokens


class SlackOAuth:
    """`client` has no token: these calls are the app's own, and it must not repeat them by itself."""

    def __init__(
        self,
        client_of: Callable[[str | None], AsyncWebClient],
        *,
        client_id: str,
        client_secret: str,
        scopes: Collection[str],
        optional: Collection[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client_of = client_of
        self._id = client_id
        self._basic = basic_of(client_id, client_secret)
        self._scopes = scopes
        self._optional = frozenset(optional)
        self._clock = clock

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Slack's page that asks whether we may."""
        asked = {
            "client_id": self._id,
            "scope": ",".join(self._scopes),
            "user_scope": "",
            "state": state,
            "redirect_uri": redirect_uri,
        }
        base = urljoin(self._client_of(None).base_url, "../oauth/v2/authorize")
        return f"{base}?{urlencode(asked)}"

    async def exchange(self, code: str, redirect_uri: str) -> Grant:
        """`oauth.v2.access`, then `auth.test`: a code is good once. Raises InstallRefused, RetryLater."""
        said = await self._access(code=code, redirect_uri=redirect_uri)
        tokens = self._tokens(said)
        team = said.get("team") or {}
        if said.get("is_enterprise_install") or not team.get("id"):
            await self._give_back(tokens)
            raise InstallRefused(*ORG_WIDE)
        scopes = frozenset(filter(None, str(said.get("scope") or "").split(",")))
        if missing := sorted(set(self._scopes) - self._optional - scopes):
            await self._give_back(tokens)
            raise InstallRefused(
                "missing_scope",
                f"Slack did not grant all that I need: {', '.join(missing)} is missing",
                f"{AGAIN} Nothing was kept.",
            )
        me = await call(self._client_of(tokens.bot).auth_test)
        if me.get("team_id") != team["id"]:
            raise InstallRefused("other_workspace", "Slack's answers name different workspaces", AGAIN)
        return Grant(
            workspace=WorkspaceId(str(team["id"])),
            workspace_name=str(team.get("name") or me.get("team") or ""),
            workspace_url=str(me.get("url") or ""),
            enterprise_id=(said.get("enterprise") or {}).get("id"),
            app_id=str(said.get("app_id") or ""),
            bot_user=UserId(str(me["user_id"])),
            bot_id=me.get("bot_id"),
            installed_by=(said.get("authed_user") or {}).get("id"),
            scopes=scopes,
            tokens=tokens,
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        """The next token of an app whose tokens rotate. Raises OperatorError, RetryLater."""
        try:
            return self._tokens(await self._access(grant_type="refresh_token", refresh_token=refresh_token))
        except InstallRefused as refused:
            raise OperatorError(
                f"Slack gives no new token ({refused.code})", "Install the app again in that workspace."
            ) from refused

    async def _access(self, **asked: str) -> dict[str, Any]:
        async def request() -> dict[str, Any]:
            try:
                response = await self._client_of(None).api_call(
                    "oauth.v2.access", data=asked, headers={"Authorization": self._basic}
                )
            except SlackApiError as error:
                raise _refusal(error) from error
            return response.data if isinstance(response.data, dict) else {}

        return await call(request)

    def _tokens(self, said: dict[str, Any]) -> Tokens:
        if not said.get("access_token"):
            raise ProviderUnavailable("Slack answered without a token")
        lasts_s = said.get("expires_in")
        return Tokens(
            bot=str(said["access_token"]),
            refresh=said.get("refresh_token"),
            expires_at=self._clock() + float(lasts_s) if lasts_s else None,
        )

    async def _give_back(self, tokens: Tokens) -> None:
        """A token that we don't keep is worth nothing to anybody."""

        async def request() -> object:
            return await self._client_of(tokens.bot).auth_revoke()

        await call(request)


def basic_of(client_id: str, client_secret: str) -> str:
    """The header by which the app shows itself; the SDK's own way needs what aiohttp is about to drop."""
    return f"Basic {base64.b64encode(f'{client_id}:{client_secret}'.encode()).decode()}"


def setting_of(code: str) -> SettingError | None:
    """Which of our settings Slack rejects, if it is one."""
    if code not in {"bad_client_secret", "invalid_client_id"}:
        return None
    variable = "SLACK_CLIENT_SECRET" if code == "bad_client_secret" else "SLACK_CLIENT_ID"
    return SettingError(variable, f"Slack rejects it ({code})", "Copy it from Basic Information.")


def _refusal(error: SlackApiError) -> Exception:
    code = code_of(error)
    if setting := setting_of(code):
        return setting
    if code in REFUSED or code.startswith("invalid_refresh"):
        return InstallRefused(code, *REFUSED.get(code, ("Slack refuses to go on", AGAIN)))
    return translate(error)
