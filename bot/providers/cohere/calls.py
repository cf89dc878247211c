"""Calls to one of Cohere's endpoints: tried again while that makes sense, given up in time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import TypeVar

from bot.errors import FaultMavenError, ProviderUnavailable, RateLimited, RetryLater
from bot.providers.budget import Breaker, State
from bot.providers.cohere.errors import FAILURES, translate
from bot.providers.deadlines import USUAL, Deadlines
from bot.providers.told import OnOutcome, outcome_of, untold_outcome
from bot.providers.waits import Pause

T = TypeVar("T")

ATTEMPTS = 4
BACKOFF_CAP_S = 8.0


class Calls:
    """The SDK's own retries are off: here they share one deadline, one pause and one breaker.

    Rerank being down must not stop embedding, so each endpoint has a `Calls` of its own.
    """

    def __init__(
        self,
        deadlines: Deadlines = USUAL,
        breaker: Breaker | None = None,
        *,
        on_outcome: OnOutcome = untold_outcome,
    ) -> None:
        self.deadlines = deadlines
        self.breaker = breaker or Breaker("Cohere", open_s=deadlines.open_s)
        self._pause = Pause("Cohere")
        self._on_outcome = on_outcome
        self._trial: asyncio.Task[None] | None = None

    async def run(
        self, request: Callable[[], Awaitable[T]], *, deadline_s: float, somebody_waits: bool = False
    ) -> T:
        """What `request` returns; it is asked for up to four times, `deadline_s` seconds in all.

        Raises RateLimited, ProviderUnavailable or OperatorError. A wait that Cohere asks for and that
        the deadline doesn't allow is not begun: whoever asked can do something better meanwhile. While
        Cohere is failing, nobody who waits (a person) waits for the call that tries how it is now.
        """
        if somebody_waits and self.breaker.state is State.HALF_OPEN:
            if self._trial is None or self._trial.done():
                self._trial = asyncio.create_task(self._try(request, deadline_s))
            raise ProviderUnavailable("Cohere is failing; whether it still does is being tried")
        return await self._run(request, deadline_s)

    async def _try(self, request: Callable[[], Awaitable[object]], deadline_s: float) -> None:
        # The breaker has learnt what there is to learn; RuntimeError: the client was closed meanwhile.
        with suppress(FaultMavenError, RuntimeError):
            await self._run(request, deadline_s)

    async def _run(self, request: Callable[[], Awaitable[T]], deadline_s: float) -> T:
        gives_up_at = asyncio.get_running_loop().time() + deadline_s
        for attempt in count(1):
            await self._pause.over(gives_up_at)
            self.breaker.check()
            started = time.monotonic()
            try:
                async with asyncio.timeout_at(gives_up_at):
                    result = await request()
            except FAILURES as failure:
                error = translate(failure, self.deadlines.pause_s)
                self.breaker.note(error)
                self._pause.note(error)
                self._on_outcome(outcome_of(error), time.monotonic() - started)
                if not isinstance(error, RetryLater) or attempt == ATTEMPTS:
                    raise error from failure
                wait_s = self._wait_s(error, attempt)
                if asyncio.get_running_loop().time() + wait_s >= gives_up_at:
                    raise error from failure
                await asyncio.sleep(wait_s)
            else:
                self.breaker.succeeded()
                self._on_outcome(outcome_of(None), time.monotonic() - started)
                return result
        raise AssertionError  # count() doesn't end

    def _wait_s(self, error: RetryLater, attempt: int) -> float:
        """Half of it fixed, half random ("equal jitter"); and at least what was asked for."""
        ceiling_s = min(BACKOFF_CAP_S, self.deadlines.backoff_s * 2.0 ** (attempt - 1))
        wait_s = ceiling_s / 2 + random.uniform(0, ceiling_s / 2)  # noqa: S311  # spreads retries, guards nothing
        return wait_s + error.retry_after_s if isinstance(error, RateLimited) else wait_s
