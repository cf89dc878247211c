"""What other replicas say, as it is said: one connection that listens, and knows whether it hears."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

import psycopg
import structlog
from psycopg import AsyncConnection

from bot.documents.replicas import CHANNEL
from bot.providers.postgres.connection import CONNECT_S, libpq

log = structlog.get_logger(__name__)

PING_S = 1.0
TRUSTED_S = 3.0
"""A connection that didn't answer for so long may be half open: what it would have heard is unknown."""
RETRY_S = 0.5


class Listener:
    """Calls `on_notice` for each notice, and `on_gap` whenever some may have been missed."""

    def __init__(self, url: str, on_notice: Callable[[str], None], on_gap: Callable[[], None]) -> None:
        self._url = libpq(url)
        self._on_notice = on_notice
        self._on_gap = on_gap
        self._heard_at = -math.inf

    def hears(self) -> bool:
        """Whether all that was said until a moment ago was heard: what is remembered may be used."""
        return time.monotonic() - self._heard_at < TRUSTED_S

    async def run(self) -> None:
        """Listen until cancelled; connects again when the connection is lost."""
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("replicas_not_heard", cause=type(error).__name__)
            self._heard_at = -math.inf
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        connection = await AsyncConnection.connect(self._url, autocommit=True, connect_timeout=CONNECT_S)
        try:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._on_gap()
            while True:
                began = time.monotonic()
                async with asyncio.timeout(TRUSTED_S):
                    await connection.execute("SELECT 1")
                await self._take(connection, 0.0)  # what came before the answer
                self._heard_at = began
                await self._take(connection, PING_S)
        finally:
            self._heard_at = -math.inf
            await connection.close()

    async def _take(self, connection: AsyncConnection, timeout_s: float) -> None:
        async for notice in connection.notifies(timeout=timeout_s):
            self._on_notice(notice.payload)
