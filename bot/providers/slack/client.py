"""A client of one installation: its token is looked up for each call, since it may change or end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

Token = Callable[[], Awaitable[str]]


class InstalledClient(AsyncWebClient):
    """Raises what `token` raises where the workspace has none (any more)."""

    def __init__(self, token: Token, **options: Any) -> None:  # noqa: ANN401  # the SDK's own
        super().__init__(**options)
        self._token_now = token

    async def current_token(self) -> str:
        """The token as of now."""
        self.token = await self._token_now()
        return self.token

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:  # noqa: ANN401  # the SDK's own
        """As the SDK says. All its methods come through here."""
        await self.current_token()
        return await super().api_call(api_method, **options)


async def token_of(client: AsyncWebClient) -> str:
    """The token that a client calls with."""
    if isinstance(client, InstalledClient):
        return await client.current_token()
    return client.token or ""
