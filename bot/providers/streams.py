"""Streams: replies that come piece by piece, begun again while nothing came, given up in time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.errors import FaultMavenError, ProviderUnavailable, RateLimited, RetryLater
from bot.providers.budget import Breaker
from bot.providers.told import OnOutcome, outcome_of, untold_outcome
from bot.providers.waits import Pause

T = TypeVar("T")

FIRST_S = 20.0
"""Until the first piece: somebody waits, and a model that reasons takes some seconds before it speaks."""
TOTAL_S = 75.0
"""Slack ends a stream after five minutes; nobody reads along that long."""
ATTEMPTS = 2
BACKOFF_S = 1.0
MAX_PIECES = 50_000


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until the first piece, retries included, for all of them, and before a second try."""

    first_s: float = FIRST_S
    total_s: float = TOTAL_S
    backoff_s: float = BACKOFF_S


@dataclass(slots=True)
class Streams(Generic[T]):
    """Streams of one vendor's endpoint. They share one pause, when it asks for one, and one breaker.

    `failures` are what the vendor's client raises, `translate` makes our errors of them. A stream that
    ends without a piece is a failure.
    """

    vendor: str
    failures: tuple[type[Exception], ...]
    translate: Callable[[BaseException], FaultMavenError]
    patience: Patience = field(default_factory=Patience)
    breaker: Breaker = field(default_factory=Breaker)
    on_outcome: OnOutcome = untold_outcome
    _pause: Pause = field(init=False)

    def __post_init__(self) -> None:
        self._pause = Pause(self.vendor)

    @property
    def _caught(self) -> tuple[type[Exception], ...]:
        return (*self.failures, TimeoutError, ProviderUnavailable)

    async def run(self, begin: Callable[[], AsyncGenerator[T]]) -> AsyncGenerator[T]:
        """The pieces of what `begin` gives; it is begun once more if it fails before the first of them.

        Raises RetryLater or OperatorError, within the deadlines. A wait that the vendor asks for and
        the deadline doesn't allow is not begun.
        """
        started = asyncio.get_running_loop().time()
        stream, first = await self._begun(begin, started + self.patience.first_s)
        async with aclosing(stream):
            yield first
            ends_at = started + self.patience.total_s
            for _ in range(MAX_PIECES):
                try:
                    async with asyncio.timeout_at(ends_at):
                        piece = await anext(stream)
                except StopAsyncIteration:
                    self.breaker.succeeded()
                    self._tell(started, None)
                    return
                except self._caught as failure:
                    raise self._noted(failure, started) from failure
                yield piece
            raise ProviderUnavailable(f"{self.vendor} does not come to an end")

    async def _begun(
        self, begin: Callable[[], AsyncGenerator[T]], gives_up_at: float
    ) -> tuple[AsyncGenerator[T], T]:
        """A stream and its first piece."""
        for attempt in range(1, ATTEMPTS + 1):
            await self._pause.over(gives_up_at)
            self.breaker.check()
            begun_at = asyncio.get_running_loop().time()
            stream = begin()
            try:
                async with asyncio.timeout_at(gives_up_at):
                    return stream, await self._first(stream)
            except self._caught as failure:
                await stream.aclose()
                error = self._noted(failure, begun_at)
                wait_s = self._wait_s(error)
                late = asyncio.get_running_loop().time() + wait_s >= gives_up_at
                if late or attempt == ATTEMPTS or not isinstance(error, RetryLater):
                    raise error from failure
                await asyncio.sleep(wait_s)
            except BaseException:
                await stream.aclose()
                raise
        raise AssertionError  # the last attempt returns or raises

    async def _first(self, stream: AsyncIterator[T]) -> T:
        try:
            return await anext(stream)
        except StopAsyncIteration:
            raise ProviderUnavailable(f"{self.vendor} said nothing") from None

    def _noted(self, failure: Exception, begun_at: float) -> FaultMavenError:
        error = failure if isinstance(failure, ProviderUnavailable) else self.translate(failure)
        self.breaker.note(error)
        self._pause.note(error)
        self._tell(begun_at, error)
        return error

    def _tell(self, begun_at: float, error: FaultMavenError | None) -> None:
        """A reply that whoever asked didn't want to the end is not counted."""
        self.on_outcome(outcome_of(error), asyncio.get_running_loop().time() - begun_at)

    def _wait_s(self, error: FaultMavenError) -> float:
        if isinstance(error, RateLimited):
            return error.retry_after_s
        return self.patience.backoff_s * random.uniform(0.5, 1.0)  # noqa: S311  # spreads retries, guards nothing
