"""Progress: how far a job is, committed now and then; notices when the job is no longer ours."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.documents.repository import Transaction
from bot.domain import DocumentId, Job, Stage
from bot.ports import OnProgress, StatusListener

PROGRESS_INTERVAL_S = 1.0
"""Progress is committed at most this often: each is a disk write and an edit in Slack."""


class JobLost(Exception):
    """The document changed or went while its job ran: whatever the job holds is void."""


class Progress:
    """Of one job."""

    def __init__(
        self, transaction: Transaction, status: StatusListener, job: Job, clock: Callable[[], float]
    ) -> None:
        self._transaction = transaction
        self._status = status
        self._job = job
        self._clock = clock
        self._written_at = 0.0

    async def stage(self, stage: Stage) -> OnProgress:
        """Enter a stage and return what reports progress within it. Raises JobLost."""
        await self._write(stage, 0, 0)
        return self.within(stage)

    def within(self, stage: Stage) -> OnProgress:
        """What reports progress within a stage that was entered already. It raises JobLost."""

        async def report(done: int, total: int) -> None:
            if time.monotonic() - self._written_at >= PROGRESS_INTERVAL_S:
                await self._write(stage, done, total)

        return report

    async def _write(self, stage: Stage, done: int, total: int) -> None:
        self._written_at = time.monotonic()
        async with self._transaction() as tx:
            owned(await tx.documents.progress(self._job, stage, done, total, now=self._clock()))
        self._status.document_changed(DocumentId(self._job.key))


def owned(still_ours: bool) -> None:
    """Raise JobLost when a fenced write wrote nothing."""
    if not still_ours:
        raise JobLost
