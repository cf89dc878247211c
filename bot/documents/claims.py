"""The queue: who is next, and what becomes of documents whose job was cut off."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from sqlalchemy import Select, and_, bindparam, func, select, tuple_

from bot.documents.changes import NOTHING_VISIBLE, DocumentChanges
from bot.documents.replicas import ALONE, is_free
from bot.documents.sql import among
from bot.documents.tables import DOCUMENT, SHARE, WORKSPACE
from bot.domain import DocumentId, Job, Scope, Stage, Status, WorkspaceId, scoped

POISON = "each attempt to read it was cut off"
POISON_ADVICE = "Save it anew or in another format and share it again."

_INSTALLED = WORKSPACE.c.uninstalled_at.is_(None)


def _next_turn() -> Select[str, str, int, str | None]:
    """Id, workspace, attempts and correlation id of the document to claim at the time `:now`."""
    held, served, oldest = DOCUMENT.alias("held"), DOCUMENT.alias("served"), DOCUMENT.alias("oldest")
    busy = select(func.count()).where(
        held.c.status == Status.PROCESSING, held.c.workspace_id == WORKSPACE.c.id
    )
    last_turn = select(func.coalesce(func.max(served.c.started_at), 0.0)).where(
        served.c.workspace_id == WORKSPACE.c.id
    )
    due = (
        select(oldest.c.id)
        .where(
            oldest.c.status == Status.PENDING,
            oldest.c.workspace_id == WORKSPACE.c.id,
            oldest.c.not_before <= bindparam("now"),
        )
        .order_by(oldest.c.priority, oldest.c.queued_at, oldest.c.id)
        .limit(1)
    )
    return (
        select(DOCUMENT.c.id, DOCUMENT.c.workspace_id, DOCUMENT.c.attempts, DOCUMENT.c.correlation_id)
        .select_from(WORKSPACE)
        .join(DOCUMENT, DOCUMENT.c.id == due.scalar_subquery())
        .where(_INSTALLED)
        .order_by(busy.scalar_subquery(), last_turn.scalar_subquery(), DOCUMENT.c.queued_at, DOCUMENT.c.id)
        .limit(1)
    )


_TURN = _next_turn()


class Claims(DocumentChanges):
    """Documents as jobs: key = document, group = workspace."""

    async def claim(self, *, now: float, only: WorkspaceId | None = None, holder: str = ALONE) -> Job | None:
        """Take the first due document of the least busy workspace: by priority, then by age in the queue.

        Of equally busy workspaces the one that has waited longest since its last turn comes first, so
        that a single slot goes round, too. One that uninstalled us has no turn. `only` looks at no
        other workspace. It is `holder`'s as long as that replica lives.
        """
        turn = _TURN
        if only is not None:
            turn = turn.where(WORKSPACE.c.id == only)
        row = (await self._session.execute(turn, {"now": now})).one_or_none()
        if row is None:
            return None
        job = Job(
            key=row.id,
            group=row.workspace_id,
            token=uuid.uuid4().hex,
            attempt=row.attempts + 1,
            correlation_id=row.correlation_id,
        )
        await self._move(
            DocumentId(job.key),
            Status.PROCESSING,
            now=now,
            token=job.token,
            holder=holder,
            attempts=job.attempt,
            changing_since=None,
            started_at=now,
            stage=Stage.ACCEPT,
            progress_done=0,
            progress_total=0,
        )
        return job

    async def next_due_in(self, *, now: float, only: WorkspaceId | None = None) -> float | None:
        """Seconds until the next waiting document is due (0 when one is), or None when none waits."""
        earliest = (
            select(func.min(DOCUMENT.c.not_before))
            .join_from(DOCUMENT, WORKSPACE)
            .where(DOCUMENT.c.status == Status.PENDING, _INSTALLED)
        )
        if only is not None:
            earliest = earliest.where(DOCUMENT.c.workspace_id == only)
        due_at = await self._session.scalar(earliest)
        return None if due_at is None else max(0.0, due_at - now)

    async def queue_place(self, scope: Scope, document_id: DocumentId) -> int | None:
        """How many waiting documents of the scope are before this one; None when it doesn't wait.

        By the order of claims, as if all were due. How many others there are is not told: that would count
        what the scope may not know of.
        """
        mine, other = DOCUMENT.alias("mine"), DOCUMENT.alias("other")
        before = tuple_(other.c.priority, other.c.queued_at, other.c.id) < tuple_(
            mine.c.priority, mine.c.queued_at, mine.c.id
        )
        within = select(SHARE.c.document_id).where(SHARE.c.channel_id.in_(among(scoped(scope).channels)))
        waiting = and_(
            other.c.status == Status.PENDING,
            other.c.workspace_id == scope.workspace,
            other.c.id.in_(within),
            before,
        )
        return await self._session.scalar(
            select(func.count(other.c.id))
            .select_from(mine)
            .outerjoin(other, waiting)
            .where(
                mine.c.id == document_id,
                mine.c.workspace_id == scope.workspace,
                mine.c.id.in_(within),
                mine.c.status == Status.PENDING,
            )
            .group_by(mine.c.id)
        )

    async def oldest_pending_age(self, *, now: float) -> float | None:
        """Seconds that the longest waiting document has been in the queue, or None when none waits."""
        queued_at = await self._session.scalar(
            select(func.min(DOCUMENT.c.queued_at))
            .join_from(DOCUMENT, WORKSPACE)
            .where(DOCUMENT.c.status == Status.PENDING, _INSTALLED)
        )
        return None if queued_at is None else max(0.0, now - queued_at)

    async def oldest_processing_age(self, *, now: float) -> float | None:
        """Seconds that the longest running job has held its document, or None when none runs."""
        started_at = await self._session.scalar(
            select(func.min(DOCUMENT.c.started_at)).where(DOCUMENT.c.status == Status.PROCESSING)
        )
        return None if started_at is None else max(0.0, now - started_at)

    async def recover(
        self, *, now: float, max_attempts: int, pause_s: Callable[[int], float] = lambda _attempts: 0.0
    ) -> int:
        """Take every document that no living replica holds; the number that went back to the queue.

        Nobody works on these any more, or in vain. A document whose attempts are used up is failed, since
        it may be what killed the process. Others wait for `pause_s` of their attempts: where processes are
        killed for another reason, the same few documents needn't be under way each time.
        """
        held = await self._session.execute(
            select(DOCUMENT.c.id, DOCUMENT.c.attempts).where(
                DOCUMENT.c.status == Status.PROCESSING, is_free(DOCUMENT.c.holder)
            )
        )
        returned = 0
        for document_id, attempts in held.all():
            if attempts < max_attempts:
                later = now + pause_s(attempts)
                await self._move(document_id, Status.PENDING, now=now, not_before=later)
                returned += 1
            else:
                await self._move(
                    document_id,
                    Status.FAILED,
                    now=now,
                    error_code="poison",
                    error_detail=POISON,
                    error_advice=POISON_ADVICE,
                    **NOTHING_VISIBLE,
                )
        return returned
