"""Patience with vendors: how much to ask of them a minute, and when to stop asking for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bot.errors import ProviderUnavailable, RateLimited

BURST_S = 10.0
FAILURES = 5
OPEN_S = 30.0

Clock = Callable[[], float]


class Budget:
    """So many units a minute, first come, first served; what ten seconds give may be spent at once.

    Virtual scheduling (the generic cell rate algorithm of ITU-T I.371): all that is kept is the time
    at which everything spent so far will be paid back.
    """

    def __init__(self, per_minute: float, *, burst_s: float = BURST_S, clock: Clock = time.monotonic) -> None:
        self._unit_s = 60.0 / per_minute
        self._burst_s = burst_s
        self._clock = clock
        self._paid_at = 0.0

    async def spend(self, units: float, within_s: float) -> None:
        """Wait for one's turn. Raises RateLimited, and spends nothing, if that takes over `within_s`."""
        now = self._clock()
        paid_at = max(self._paid_at, now)
        wait_s = paid_at - self._burst_s - now
        if wait_s > within_s:
            raise RateLimited("This minute's share of requests is used up", wait_s)
        self._paid_at = paid_at + units * self._unit_s
        if wait_s > 0:
            await asyncio.sleep(wait_s)


class Breaker:
    """Stops asking a vendor that fails again and again: for a while nobody asks, then one call may try.

    Whoever asks says how it ended: `succeeded` for any answer, a refusal included, else `failed`.
    """

    def __init__(
        self, *, failures: int = FAILURES, open_s: float = OPEN_S, clock: Clock = time.monotonic
    ) -> None:
        self._most_failures = failures
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    def check(self) -> None:
        """Raise ProviderUnavailable while nobody should ask."""
        if self._failures < self._most_failures:
            return
        now = self._clock()
        if now < self._open_until:
            raise ProviderUnavailable("A service failed several times in a row; I ask it again soon")
        self._open_until = now + self._open_s  # this caller tries, the others wait for how it ends

    def succeeded(self) -> None:
        """The vendor answered."""
        self._failures = 0

    def failed(self) -> None:
        """The vendor did not answer in time, or answered that it can't."""
        self._failures += 1
        self._open_until = self._clock() + self._open_s
