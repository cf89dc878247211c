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
from bot.slack.entry import OnAcked, entering, untimed

log = structlog.get_logger(__name__)

WATCH_S = 5.0
PING_S = 10.0
"""A half-open connection is noticed after four of these without an answer."""
PATIENCE_S = 20.0
"""A client that is down for this long is stuck (python-slack-sdk#1110): another one takes its place."""
LAST_ACKS_S = 2.0


class _Handler(AsyncSocketModeHandler):
    """Knows the requests it is answering, so that closing can wait for their acks."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        web_client: AsyncWebClient,
        ping_s: float,
        on_acked: OnAcked,
    ) -> None:
        super().__init__(app, app_token, web_client=web_client, ping_interval=ping_s)
        self._answering: set[asyncio.Task[Any]] = set()
        self._leaving = False
        self._on_acked = on_acked

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # Bolt's twin of it is wider
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a coroutine always runs in one
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        if self._leaving:
            return
        try:
            with entering(req.payload, self._on_acked):
                await super().handle(client, req)
        except ConnectionError:  # the socket closed before the ack: Slack sends it again
            log.info("ack_not_sent", envelope_id=req.envelope_id)

    async def close_gently(self) -> None:
        """Let acks under way go out, then disconnect; what comes meanwhile is sent again by Slack."""
        self._leaving = True
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
        patience_s: float = PATIENCE_S,
        on_acked: OnAcked = untimed,
    ) -> None:
        self._app = app
        self._client = client
        self._app_token = app_token
        self._watch_s = watch_s
        self._ping_s = ping_s
        self._patience_s = patience_s
        self._on_acked = on_acked
        self._handler: _Handler | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Stay connected until cancelled; a client that doesn't get up again is replaced."""
        try:
            while True:
                self._handler = _Handler(
                    self._app, self._app_token, self._client, self._ping_s, self._on_acked
                )
                await self._watch(self._handler)
                self._abandon(self._handler)
        finally:
            if self._handler is not None:
                await self._handler.close_gently()
            for task in self._closing:
                task.cancel()
            await asyncio.gather(*self._closing, return_exceptions=True)

    async def ping(self) -> None:
        """Raise ProviderUnavailable while the socket is down."""
        if self._handler is None or not await self._handler.client.is_connected():
            raise ProviderUnavailable("the Socket Mode connection is down")

    async def _watch(self, handler: _Handler) -> None:
        """Connect and look after the link; returns when it has been down for too long."""
        connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]  # Bolt's
        down_s = 0.0
        try:
            while down_s < self._patience_s:
                await asyncio.sleep(self._watch_s)
                if await handler.client.is_connected():
                    down_s = 0.0
                    continue
                down_s += self._watch_s
                log.warning("socket_down", seconds=round(down_s, 1))
                handler.client.wss_uri = None
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)

    def _abandon(self, handler: _Handler) -> None:
        """Close a stuck client aside: on a half-open connection it waits long for a polite end."""
        log.warning("socket_replaced")
        task = asyncio.create_task(handler.close_gently())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
