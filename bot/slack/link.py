"""The Socket Mode connection, with a watchdog.

slack_sdk's client keeps using a rejected ticket for ever (python-slack-sdk#1379); forgetting the
address makes its own retry loop ask for a new one.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ProviderUnavailable

log = structlog.get_logger(__name__)

WATCH_S = 5.0
PING_S = 10.0
"""A half-open connection is noticed after four of these without an answer."""
LAST_ACKS_S = 2.0


class _Handler(AsyncSocketModeHandler):
    """Knows the requests it is answering, so that closing can wait for their acks."""

    def __init__(self, app: AsyncApp, app_token: str, web_client: AsyncWebClient, ping_s: float) -> None:
        super().__init__(app, app_token, web_client=web_client, ping_interval=ping_s)
        self._answering: set[asyncio.Task[Any]] = set()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # Bolt's twin of it is wider
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a coroutine always runs in one
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        await super().handle(client, req)

    async def close_gently(self) -> None:
        """Let acks under way go out, then disconnect; what comes meanwhile is sent again by Slack."""
        if self._answering:
            await asyncio.wait(self._answering, timeout=LAST_ACKS_S)
        await self.close_async()  # type: ignore[no-untyped-call]  # Bolt's


class SocketLink:
    """Connects, watches, says whether the link is up."""

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        app_token: str,
        *,
        watch_s: float = WATCH_S,
        ping_s: float = PING_S,
    ) -> None:
        self._watch_s = watch_s
        self._ping_s = ping_s
        self._app = app
        self._client = client
        self._app_token = app_token
        self._handler: _Handler | None = None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        self._handler = _Handler(self._app, self._app_token, self._client, self._ping_s)
        connecting = asyncio.create_task(self._handler.connect_async())  # type: ignore[no-untyped-call]  # Bolt's
        try:
            while True:
                await asyncio.sleep(self._watch_s)
                if not await self._handler.client.is_connected():
                    log.warning("socket_down")
                    self._handler.client.wss_uri = None
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            await self._handler.close_gently()

    async def ping(self) -> None:
        """Raise ProviderUnavailable while the socket is down."""
        if self._handler is None or not await self._handler.client.is_connected():
            raise ProviderUnavailable("the Socket Mode connection is down")
