"""How the queue and its throughput were over the last hour: a figure each ten seconds, kept in memory."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.documents.repository import Transaction
from bot.domain import Status
from bot.errors import FaultMavenError

log = structlog.get_logger(__name__)

EVERY_S = 10.0
KEPT = 360


@dataclass(frozen=True, slots=True)
class Sample:
    """The documents that wait or are being read, those that failed; `indexed` since the one before."""

    at: float
    waiting: int
    failed: int
    indexed: int


class Sampler:
    """Takes samples until it is cancelled."""

    def __init__(
        self, transaction: Transaction, *, every_s: float = EVERY_S, clock: Callable[[], float] = time.time
    ) -> None:
        self._transaction = transaction
        self._every_s = every_s
        self._clock = clock
        self.samples: deque[Sample] = deque(maxlen=KEPT)

    async def run(self) -> None:
        """One now and then; while the database can't be read, none."""
        while True:
            try:
                await self.sample()
            except FaultMavenError as error:
                log.info("sample_left_out", cause=error.public_message)
            await asyncio.sleep(self._every_s)

    async def sample(self) -> None:
        """Take one."""
        now = self._clock()
        since = self.samples[-1].at if self.samples else now - self._every_s
        async with self._transaction(reading=True) as tx:
            counts = await tx.documents.counts_all()
            indexed = await tx.overview.indexed_between(since, now)
        waiting = counts[Status.PENDING] + counts[Status.PROCESSING]
        self.samples.append(Sample(now, waiting, counts[Status.FAILED], indexed))
