"""All that the page shows besides documents: of everything, or of one workspace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field

from bot.documents.repository import Transaction
from bot.domain import WorkspaceId
from bot.web.console import views
from bot.web.console.sampling import Sampler

INSIGHT_DAYS, QUESTIONS, VOTES = 30, 10, 20
DAY_S = 86_400.0
READ_ANEW_S = 1.0
"""However many look: what all see alike is read once a second."""
MAX_KEPT = 100

Health = Callable[[], Awaitable[Mapping[str, str]]]
"""What is wrong by dependency; "ok" where nothing is."""


@dataclass(slots=True)
class Overview:
    """What concerns all workspaces together (queue, throughput, health) is for operators alone."""

    transaction: Transaction
    clock: Callable[[], float]
    sampler: Sampler
    health: Health
    _read: dict[WorkspaceId | None, tuple[float, views.Json]] = field(default_factory=dict)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, workspace: WorkspaceId | None) -> views.Json:
        """Of a workspace, or (None: for operators) of all; at most a second old."""
        async with self._reading:
            read_at, found = self._read.get(workspace, (-READ_ANEW_S, {}))
            if time.monotonic() - read_at < READ_ANEW_S:
                return found
            found = await self._look(workspace)
            self._read.pop(workspace, None)
            if len(self._read) >= MAX_KEPT:
                self._read.pop(next(iter(self._read)))
            self._read[workspace] = time.monotonic(), found
            return found

    async def _look(self, workspace: WorkspaceId | None) -> views.Json:
        now = self.clock()
        async with self.transaction(reading=True) as tx:
            counts = await tx.overview.counts_of(workspace)
            found = await tx.insights.insights(workspace, since=now - INSIGHT_DAYS * DAY_S, limit=QUESTIONS)
            votes = await tx.searches.voted(VOTES, workspace)
            named = await tx.workspaces.get(workspace) if workspace else None
        shown: views.Json = {
            "now": now,
            "workspace": (named and named.name) or workspace,
            "counts": {str(status): number for status, number in counts.items()},
            "insights": views.insights(found) | {"days": INSIGHT_DAYS},
            "votes": [views.vote(one) for one in votes],
        }
        return shown if workspace else shown | await self._of_all(now)

    async def _of_all(self, now: float) -> views.Json:
        health = await self.health()
        async with self.transaction(reading=True) as tx:
            waiting = {
                "events": await tx.inbox.pending_count(),
                "parked": await tx.inbox.parked_count(),
                "questions": await tx.conversations.open_count(),
                "oldest_s": await tx.documents.oldest_pending_age(now=now) or 0.0,
            }
        return {
            "waiting": waiting,
            "samples": [asdict(one) for one in self.sampler.samples],
            "health": dict(health),
        }
