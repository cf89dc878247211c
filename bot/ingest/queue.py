"""The queue is the document rows: what a runner claims, recovers and settles."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable

import structlog

from bot.documents.replicas import ALONE
from bot.documents.repository import Repositories, Transaction
from bot.domain import DocumentId, Job, WorkspaceId
from bot.errors import ExtractionInterrupted, FaultMavenError, OperatorError, RateLimited, RetryLater
from bot.jobs.retry import delay_s
from bot.ports import StatusListener

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
MAX_WAITS = 300
"""Outages end; at the longest delay this is a day."""
MAX_INTERRUPTIONS = 2
"""A file that kills its reader twice would kill the next one, too."""


async def _nothing_to_clear(_workspace: WorkspaceId, _document_id: DocumentId, _before: int) -> None:
    """The default: nothing of the queue's is in an index."""


class DocumentQueue:
    """`ports.JobStore` over the `document` table.

    `clear` removes from the index what searches saw of a document before it was given up: its generations
    before that one. `patience` is a factor of the pauses between attempts. `holder` names the replica that
    claims, or None while it may not claim, since others may think that it died.
    """

    def __init__(
        self,
        transaction: Transaction,
        status: StatusListener,
        *,
        clear: Callable[[WorkspaceId, DocumentId, int], Awaitable[None]] = _nothing_to_clear,
        only_workspace: WorkspaceId | None = None,
        holder: Callable[[], str | None] = lambda: ALONE,
        clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
        patience: float = 1.0,
    ) -> None:
        self._transaction = transaction
        self._status = status
        self._clear = clear
        self._only = only_workspace
        self._holder = holder
        self._clock = clock
        self._patience = patience
        self._rng = rng or random.Random()  # noqa: S311  # spreads retries, guards nothing

    async def recover(self) -> int:
        """Return what a dead process was working on; a file that was tried too often is given up."""
        async with self._transaction() as tx:
            return await recover(tx, now=self._clock())

    async def claim(self) -> Job | None:
        """Take the oldest due document of the least busy workspace."""
        holder = self._holder()
        if holder is None:
            return None
        async with self._transaction() as tx:
            return await tx.documents.claim(holder=holder, now=self._clock(), only=self._only)

    async def next_due_in(self) -> float | None:
        """Seconds until the next delayed document is due."""
        async with self._transaction(reading=True) as tx:
            return await tx.documents.next_due_in(now=self._clock(), only=self._only)

    async def release(self, job: Job) -> None:
        """Give back a document that our own shutdown cut off."""
        async with self._transaction() as tx:
            await tx.documents.release(job, now=self._clock())

    async def settle(self, job: Job, error: Exception) -> None:
        """Decide what an error means for its document: a later try, or a final verdict.

        Somebody else's outage doesn't count as an attempt: nothing is wrong with the file.
        """
        code, message, advice = _words(error)
        now, document_id = self._clock(), DocumentId(job.key)
        outage = _is_outage(error)
        async with self._transaction() as tx:
            document = await tx.documents.get(document_id)
            tries = document.waits + 1 if document and outage else job.attempt
            given_up = tries >= _most_tries(error)
            if given_up:
                given_up = await tx.documents.fail(job, code=code, detail=message, advice=advice, now=now)
            else:
                wait_s = delay_s(tries, rng=self._rng) * self._patience
                if isinstance(error, RateLimited):
                    wait_s = max(wait_s, error.retry_after_s)
                await tx.documents.retry(
                    job, code=code, detail=message, not_before=now + wait_s, counts=not outage, now=now
                )
        log.warning("job_settled", document=job.key, tries=tries, code=code)
        self._status.document_changed(document_id)
        if given_up and document:
            await self._clear_index(WorkspaceId(job.group), document_id, document.generation)

    async def _clear_index(self, workspace: WorkspaceId, document_id: DocumentId, generation: int) -> None:
        """No search shows it any more; where the index is out of reach, `reconcile` removes it later.

        Who reads it again meanwhile has begun a new generation.
        """
        try:
            await self._clear(workspace, document_id, generation + 1)
        except (RetryLater, OperatorError) as error:
            log.info("index_cleared_later", document=document_id, cause=error.public_message)


async def recover(tx: Repositories, *, now: float) -> int:
    """Take what no living replica holds from whoever held it; how many documents went back to the queue.

    At once when it is the first time, since that may be any process's end; then as after other failures.
    """
    rng = random.Random()  # noqa: S311  # spreads retries, guards nothing

    def pause_s(attempts: int) -> float:
        return 0.0 if attempts < 2 else delay_s(attempts - 1, rng=rng)  # noqa: PLR2004  # the second one

    return await tx.documents.recover(now=now, max_attempts=MAX_ATTEMPTS, pause_s=pause_s)


def _is_outage(error: Exception) -> bool:
    return isinstance(error, RetryLater | OperatorError) and not isinstance(error, ExtractionInterrupted)


def _most_tries(error: Exception) -> int:
    if _is_outage(error):
        return MAX_WAITS
    return MAX_INTERRUPTIONS if isinstance(error, ExtractionInterrupted) else MAX_ATTEMPTS


def _words(error: Exception) -> tuple[str, str, str]:
    """The code, sentence and advice that a person reads; a bug's own words stay in the log."""
    if isinstance(error, FaultMavenError):
        code = error.code if isinstance(error, RetryLater) else "operator"
        return code, error.public_message, error.advice or "Type `/fm retry` and its name to try again."
    return (
        "internal",
        "something went wrong on my side",
        "Whoever runs me finds the cause in the log under this file's id.",
    )
