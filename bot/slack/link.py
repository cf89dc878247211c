"""The Socket Mode connection, with a watchdog.

slack_sdk's client keeps using a rejected ticket for ever (python-slack-sdk#1379); forgetting the
address makes its own retry loop ask for a new one.
"""

from __future__ import annotations

import asyncio

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ProviderUnavailable

log = structlog.get_logger(__name__)

WATCH_S = 5.0
PING_S = 10.0


class SocketLink:
    """Connects, watches, says whether the link is up."""

    def __init__(self, app: AsyncApp, client: AsyncWebClient, app_token: str) -> None:
        self._app = app
        self._client = client
        self._app_token = app_token
        self._handler: AsyncSocketModeHandler | None = None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        self._handler = AsyncSocketModeHandler(
            self._app, self._app_token, web_client=self._client, ping_interval=PING_S
        )
        connecting = asyncio.create_task(self._handler.connect_async())  # type: ignore[no-untyped-call]
        try:
            while True:
                await asyncio.sleep(WATCH_S)
                if not await self._handler.client.is_connected():
                    log.warning("socket_down")
                    self._handler.client.wss_uri = None
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            await self._handler.close_async()  # type: ignore[no-untyped-call]

    async def ping(self) -> None:
        """Raise ProviderUnavailable while the socket is down."""
        if self._handler is None or not await self._handler.client.is_connected():
            raise ProviderUnavailable("the Socket Mode connection is down")
