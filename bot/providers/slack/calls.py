"""Web API calls of one workspace: a method that Slack limits is left alone until its time is up.

Slack counts per method and workspace (docs: rate limits), so one limited method holds up no other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import FaultMavenError, RateLimited
from bot.providers.slack.errors import call
from bot.providers.told import OnCall, outcome_of, untold

T = TypeVar("T")

PATIENCE_S = 3.0
"""A pause this short is waited for; after a longer one whoever called comes back by himself."""


class Calls:
    """Remembers until when each method is limited."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, on_call: OnCall = untold) -> None:
        self._clock = clock
        self._on_call = on_call
        self._open_at: dict[str, float] = {}

    async def call(self, method: str, request: Callable[[], Awaitable[T]]) -> T:
        """Await one call of a method. Raises RateLimited with what is left of the pause.

        A call that Slack limited did nothing, so it is safe to repeat, a post too: once, if the pause
        is short.
        """
        await self._pause(method)
        try:
            return await self.counted(method, call(request))
        except RateLimited as limited:
            self._open_at[method] = self._clock() + limited.retry_after_s
        await self._pause(method)
        try:
            return await self.counted(method, call(request))
        except RateLimited as limited:
            self._open_at[method] = self._clock() + limited.retry_after_s
            raise

    async def counted(self, operation: str, request: Awaitable[T]) -> T:
        """Await a request to Slack of which whoever counts shall know."""
        started = time.monotonic()
        error: Exception | None = None
        try:
            return await request
        except FaultMavenError as failure:
            error = failure
            raise
        finally:
            self._on_call("slack", operation, outcome_of(error), time.monotonic() - started)

    async def _pause(self, method: str) -> None:
        wait_s = self._open_at.get(method, 0.0) - self._clock()
        if wait_s > PATIENCE_S:
            raise RateLimited("Slack asks to slow down", wait_s)
        if wait_s > 0:
            await asyncio.sleep(wait_s)
