"""Sign in with Slack (OpenID Connect): where a browser is sent, and who the code says that it is.

Asked for is `openid` alone: ids, no name and no address. Without PKCE: Slack has it for apps that declare
themselves public clients, for good; we keep a secret, and the nonce ties a code to the browser as well.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode, urljoin

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain import UserId, Visitor, WorkspaceId
from bot.errors import ProviderUnavailable, SignInRefused
from bot.providers.slack.errors import TOKEN_DEAD, call, code_of, translate
from bot.providers.slack.oauth import basic_of, setting_of

AGAIN = "Sign in again from the console's page."
TEAM, USER = "https://slack.com/team_id", "https://slack.com/user_id"
REFUSED = {
    "invalid_code": ("Slack does not know this code: it is used up, too old, or was changed", AGAIN),
    "code_already_used": ("This code was used before", AGAIN),
    "bad_redirect_uri": (
        "Slack refuses the address that it should send people back to",
        "Whoever runs the bot adds it under OAuth & Permissions, Redirect URLs.",
    ),
}
MISMATCH = ("mismatch", "Slack's answers don't belong to this sign-in", AGAIN)
LATE_S = 60.0
"""How far Slack's clock may be ahead of ours, or behind."""


class SlackOpenId:
    """`client_of` gives a client for a token, or for the app itself; it must not repeat calls by itself."""

    def __init__(
        self,
        client_of: Callable[[str | None], AsyncWebClient],
        *,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client_of = client_of
        self._id = client_id
        self._basic = basic_of(client_id, client_secret)
        self._clock = clock

    def authorize_url(self, state: str, nonce: str, redirect_uri: str, team: WorkspaceId | None) -> str:
        """Slack's page that asks; of this workspace, for browsers that are signed in to several."""
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._id,
            "state": state,
            "nonce": nonce,
            "redirect_uri": redirect_uri,
        } | ({"team": team} if team else {})
        base = urljoin(self._client_of(None).base_url, "../openid/connect/authorize")
        return f"{base}?{urlencode(asked)}"

    async def identify(self, code: str, nonce: str, redirect_uri: str) -> Visitor:
        """Who came back with a code, which is good once. Raises SignInRefused, OperatorError, RetryLater.

        The id_token comes from Slack's own address over TLS, which stands for its signature (OpenID
        Connect Core 3.1.3.7, 6). It only ties the code to this browser and app; who it is says userInfo.
        The token for that is kept nowhere.
        """
        said = await self._token(code, redirect_uri)
        claims = _claims(str(said.get("id_token") or ""))
        token = said.get("access_token")
        if not token:
            raise ProviderUnavailable("Slack answered without a token")
        fine = (
            claims.get("aud") == self._id
            and hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode())
            and isinstance(claims.get("exp"), int)
            and claims["exp"] > self._clock() - LATE_S
        )
        if not fine:
            raise SignInRefused(*MISMATCH)
        theirs = self._client_of(str(token))
        facts = await _asked(lambda: theirs.api_call("openid.connect.userInfo"))
        team, user = facts.get(TEAM), facts.get(USER)
        if not team or not user or (team, user) != (claims.get(TEAM), claims.get(USER)):
            raise SignInRefused(*MISMATCH)
        return Visitor(WorkspaceId(str(team)), UserId(str(user)))

    async def _token(self, code: str, redirect_uri: str) -> dict[str, Any]:
        asked = {"code": code, "redirect_uri": redirect_uri, "grant_type": "authorization_code"}
        client, headers = self._client_of(None), {"Authorization": self._basic}
        return await _asked(lambda: client.api_call("openid.connect.token", data=asked, headers=headers))


async def _asked(ask: Callable[[], Awaitable[AsyncSlackResponse]]) -> dict[str, Any]:
    async def request() -> dict[str, Any]:
        try:
            response = await ask()
        except SlackApiError as error:
            raise _refusal(error) from error
        return response.data if isinstance(response.data, dict) else {}

    return await call(request)


def _claims(token: str) -> dict[str, Any]:
    """The payload of a JWT, {} of anything else."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""  # noqa: PLR2004  # header, payload, signature
    try:
        said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _refusal(error: SlackApiError) -> Exception:
    code = code_of(error)
    if code in REFUSED:
        return SignInRefused(code, *REFUSED[code])
    if code in TOKEN_DEAD:
        return SignInRefused(code, "Slack does not say who you are", AGAIN)
    return setting_of(code) or translate(error)
