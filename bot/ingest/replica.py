"""This process among those that share the work: its lease, and what it takes over from the dead.

There is one lease a replica, not one a job: to renew it is one small write every few seconds, however much
it holds. All times are compared by the database's clock; how long this process itself may go on without a
renewal it measures by its own monotonic clock, so that one that was frozen claims nothing before it has
asked.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.documents.repository import Repositories, Transaction
from bot.errors import FaultMavenError
from bot.ingest.queue import recover

log = structlog.get_logger(__name__)

LEASE_S = 15.0
BEATS_A_LEASE = 5
"""A dead replica is noticed after 1.2 leases at most; four renewals may fail before one counts as dead."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a renewal found: how many live, whether this one is the eldest, and whether work became free."""

    living: int
    eldest: bool
    freed: bool


class Replica:
    """Joined by `join`, kept alive by `run`, ended by `leave`.

    `alone` says that nobody else can be there (the folder lock proves it): then nothing is renewed, and what
    was left by a former process is free at once. Those in `on_beat` hear of each renewal.
    """

    def __init__(
        self,
        transaction: Transaction,
        *,
        alone: bool,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transaction = transaction
        self._alone = alone
        self._lease_s = lease_s
        self._clock = clock
        self._timer = timer
        self._id = uuid.uuid4().hex
        self._renewed_at = -lease_s
        self._hurry = asyncio.Event()
        self.on_beat: list[Callable[[Beat], None]] = []
        self._deposed = asyncio.Event()
        self.eldest = asyncio.Event()
        """Set while this replica does what one does for all."""

    @property
    def id(self) -> str:
        """Its name as a holder; another one after it was given up."""
        return self._id

    def holder(self) -> str | None:
        """Its name, or None while it may count as dead: then it must not claim anything."""
        alive = self._alone or self._timer() - self._renewed_at < self._lease_s
        return self._id if alive else None

    async def join(self) -> None:
        """Become one of those who share the work. Raises RetryLater, OperatorError."""
        started = self._timer()
        async with self._transaction() as tx:
            if self._alone:
                await tx.replicas.clear()
            await tx.replicas.join(self._id, lease_until=await self._now(tx) + self._lease_s)
        self._renewed_at = started
        await self.beat()

    async def run(self) -> None:
        """Renew the lease until cancelled."""
        while True:
            self._hurry.clear()
            pause_s = None if self._alone else self._lease_s / BEATS_A_LEASE
            try:
                async with asyncio.timeout(pause_s):
                    await self._hurry.wait()
            except TimeoutError:
                pass
            try:
                await self.beat()
            except FaultMavenError as error:  # the lease may lapse meanwhile; then others do the work
                log.warning("lease_not_renewed", cause=error.public_message)
                if self.holder() is None:
                    self._become(eldest=False)

    def look(self) -> None:
        """Look at once who lives: somebody has left."""
        self._hurry.set()

    async def beat(self) -> Beat:
        """Renew the lease, and take over what replicas without one held. Repeatable."""
        started, was_away = self._timer(), self.holder() is None
        async with self._transaction() as tx:
            now = await self._now(tx)
            kept = await tx.replicas.beat(self._id, lease_until=now + self._lease_s)
            if not kept:  # others have what we held; whoever still works on it here writes nothing more
                log.warning("given_up_by_others", replica=self._id)
                self._id = uuid.uuid4().hex
                await tx.replicas.join(self._id, lease_until=now + self._lease_s)
            # Who could not renew its own lease knows nothing of others': the database may have been away.
            gone = [] if was_away else await tx.replicas.give_up(lapsed_at=now)
            freed = await recover(tx, now=now)
            living = await tx.replicas.living()
        self._renewed_at = started
        if gone:
            log.warning("replicas_given_up", replicas=list(gone), documents=freed)
        beat = Beat(len(living), living[:1] == [self._id], bool(gone or freed))
        self._become(eldest=beat.eldest)
        for heed in self.on_beat:
            heed(beat)
        return beat

    async def leave(self) -> None:
        """What is still held is free for others at once. Repeatable."""
        self._become(eldest=False)
        async with self._transaction() as tx:
            await tx.replicas.leave(self._id)

    async def deposed(self) -> None:
        """Wait until this replica is no longer the eldest."""
        await self._deposed.wait()

    def _become(self, *, eldest: bool) -> None:
        (self.eldest.set if eldest else self.eldest.clear)()
        (self._deposed.clear if eldest else self._deposed.set)()

    async def _now(self, tx: Repositories) -> float:
        return await tx.replicas.clock() if self._clock is None else self._clock()
