"""Patience with vendors: how much to ask of them a minute, and when to stop asking for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heappop, heappush
from itertools import count

from bot.errors import ProviderUnavailable, RateLimited

BURST_S = 10.0
FAILURES = 5
OPEN_S = 30.0
USED_UP = "This minute's share of requests is used up"

Clock = Callable[[], float]


class Budget:
    """So many units a minute; what ten seconds give may be spent at once. Groups share it fairly.

    When to pay is virtual scheduling (the generic cell rate algorithm of ITU-T I.371): all that is kept is
    the time at which everything spent so far will be paid back. Who is next of those who wait is
    start-time fair queueing (Goyal, Vin, Cheng 1996): each spending begins, in units, where the former one
    of its group ends, and the one that begins first is next. So a group that wants a thousand times as
    much gets no more than any other that waits.
    """

    def __init__(self, per_minute: float, *, burst_s: float = BURST_S, clock: Clock = time.monotonic) -> None:
        self._whole_unit_s = self._unit_s = 60.0 / per_minute
        self._burst_s = burst_s
        self._clock = clock
        self._paid_at = 0.0
        self._waiting: list[_Turn] = []
        self._numbers = count()
        self._begun = 0.0
        self._ends: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def divide(self, shares: int) -> None:
        """From now on spend one of so many equal shares: other processes spend the rest."""
        self._unit_s = self._whole_unit_s * max(shares, 1)

    async def spend(self, units: float, within_s: float, group: str = "") -> None:
        """Wait for one's turn. Raises RateLimited, and spends nothing, if that takes over `within_s`."""
        begins = max(self._begun, self._ends.get(group, 0.0))
        before = sum(turn.units for turn in self._waiting if turn.begins <= begins)
        wait_s = max(self._wait_s(), 0.0) + before * self._unit_s
        if wait_s > within_s:
            raise RateLimited(USED_UP, wait_s)
        self._ends[group] = begins + units
        if wait_s <= 0:
            self._take(begins, units)
            return
        turn = _Turn(begins, next(self._numbers), units, asyncio.get_running_loop().create_future())
        heappush(self._waiting, turn)
        self._serve()
        try:
            async with asyncio.timeout(within_s):
                await turn.come
        except TimeoutError:  # others came whose turn was before ours
            raise RateLimited(USED_UP, max(self._wait_s(), 0.0) + units * self._unit_s) from None
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)
                heapify(self._waiting)

    def _serve(self) -> None:
        """Give their turns to those whose time has come, and look again when the next one's will."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting and self._wait_s() <= 0:
            turn = heappop(self._waiting)
            if not turn.come.done():
                self._take(turn.begins, turn.units)
                turn.come.set_result(None)
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(self._wait_s(), self._serve)
        else:
            self._ends.clear()

    def _take(self, begins: float, units: float) -> None:
        self._begun = begins
        self._paid_at = max(self._paid_at, self._clock()) + units * self._unit_s

    def _wait_s(self) -> float:
        return self._paid_at - self._burst_s - self._clock()


@dataclass(order=True, slots=True)
class _Turn:
    begins: float
    number: int
    units: float = field(compare=False)
    come: asyncio.Future[None] = field(compare=False)


class State(StrEnum):
    """Of a circuit: calls go through; one may try how things are; nobody asks."""

    CLOSED = "closed"
    HALF_OPEN = "half open"
    OPEN = "open"


class Breaker:
    """Stops asking a vendor that fails again and again: for a while nobody asks, then one call may try.

    Whoever asks says how it ended: `succeeded` for any answer, a refusal included, else `failed`.
    """

    def __init__(
        self,
        vendor: str = "A service",
        *,
        failures: int = FAILURES,
        open_s: float = OPEN_S,
        clock: Clock = time.monotonic,
    ) -> None:
        self._vendor = vendor
        self._most_failures = failures
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._trying = False

    @property
    def state(self) -> State:
        """How calls fare now."""
        if self._failures < self._most_failures:
            return State.CLOSED
        return State.HALF_OPEN if self._trying or self._clock() >= self._open_until else State.OPEN

    def check(self) -> None:
        """Raise ProviderUnavailable while nobody should ask."""
        if self._failures < self._most_failures:
            return
        now = self._clock()
        if now < self._open_until:
            raise ProviderUnavailable(f"{self._vendor} failed several times in a row; I ask it again soon")
        self._open_until = now + self._open_s  # this caller tries, the others wait for how it ends
        self._trying = True

    def succeeded(self) -> None:
        """The vendor answered."""
        self._failures = 0
        self._trying = False

    def failed(self) -> None:
        """The vendor did not answer in time, or answered that it can't."""
        self._failures += 1
        self._trying = False
        self._open_until = self._clock() + self._open_s

    def note(self, error: Exception) -> None:
        """A call ended with this error of ours: a refusal is an answer, too."""
        if isinstance(error, ProviderUnavailable):
            self.failed()
        else:
            self.succeeded()
