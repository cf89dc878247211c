"""The queue, and what a job may write while it holds a document.

Each write of a job is fenced by its token: it returns False, and writes nothing, when the document
was meanwhile deleted, asked for again, or recovered by a later process.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from bot.documents.changes import DocumentChanges
from bot.documents.sql import MAX_INTEGER, MAX_NAME_CHARS, MAX_WORDS_CHARS, storable
from bot.documents.tables import DOCUMENT, WORKSPACE
from bot.documents.transitions import StageOutOfOrder, stages_before
from bot.domain import DocumentId, FileInfo, Job, Stage, Status, WorkspaceId

POISON = "each attempt to read it was cut off"
POISON_ADVICE = "Save it anew or in another format and share it again."


def _next_turn() -> Select[str, str, int]:
    """Id, workspace and attempts of the document to claim at the time `:now`."""
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
        .order_by(oldest.c.created_at, oldest.c.id)
        .limit(1)
    )
    return (
        select(DOCUMENT.c.id, DOCUMENT.c.workspace_id, DOCUMENT.c.attempts)
        .select_from(WORKSPACE)
        .join(DOCUMENT, DOCUMENT.c.id == due.scalar_subquery())
        .order_by(busy.scalar_subquery(), last_turn.scalar_subquery(), DOCUMENT.c.created_at, DOCUMENT.c.id)
        .limit(1)
    )


_TURN = _next_turn()


class Claims(DocumentChanges):
    """Documents as jobs: key = document, group = workspace."""

    async def claim(self, *, now: float, only: WorkspaceId | None = None) -> Job | None:
        """Take the oldest due document of the least busy workspace.

        Of equally busy workspaces the one that has waited longest since its last turn comes first, so
        that a single slot goes round, too. `only` looks at no other workspace.
        """
        turn = _TURN
        if only is not None:
            turn = turn.where(WORKSPACE.c.id == only)
        row = (await self._session.execute(turn, {"now": now})).one_or_none()
        if row is None:
            return None
        job = Job(key=row.id, group=row.workspace_id, token=uuid.uuid4().hex, attempt=row.attempts + 1)
        await self._move(
            DocumentId(job.key),
            Status.PROCESSING,
            now=now,
            token=job.token,
            attempts=job.attempt,
            started_at=now,
            stage=Stage.ACCEPT,
            progress_done=0,
            progress_total=0,
        )
        return job

    async def next_due_in(self, *, now: float, only: WorkspaceId | None = None) -> float | None:
        """Seconds until the next waiting document is due (0 when one is), or None when none waits."""
        earliest = select(func.min(DOCUMENT.c.not_before)).where(DOCUMENT.c.status == Status.PENDING)
        if only is not None:
            earliest = earliest.where(DOCUMENT.c.workspace_id == only)
        due_at = await self._session.scalar(earliest)
        return None if due_at is None else max(0.0, due_at - now)

    async def recover(self, *, now: float, max_attempts: int) -> int:
        """Take every document from whoever held it; the number that went back to the queue.

        For a process that just started and is alone: nobody works on these any more. A document whose
        attempts are used up is failed, since it may be what killed the process.
        """
        held = await self._session.execute(
            select(DOCUMENT.c.id, DOCUMENT.c.attempts).where(DOCUMENT.c.status == Status.PROCESSING)
        )
        returned = 0
        for document_id, attempts in held.all():
            if attempts < max_attempts:
                await self._move(document_id, Status.PENDING, now=now, not_before=now)
                returned += 1
            else:
                await self._move(
                    document_id,
                    Status.FAILED,
                    now=now,
                    error_code="poison",
                    error_detail=POISON,
                    error_advice=POISON_ADVICE,
                )
        return returned

    async def release(self, job: Job, *, now: float) -> bool:
        """Give a document back as if it had never been taken: the attempt doesn't count."""
        return await self._settle(job, Status.PENDING, now=now, attempts=DOCUMENT.c.attempts - 1)

    async def describe(self, job: Job, info: FileInfo, *, now: float) -> bool:
        """Note what the file's source says of it."""
        return await self._change(
            DocumentId(job.key),
            DOCUMENT.c.token == job.token,
            now=now,
            title=storable(info.title, MAX_NAME_CHARS),
            name=storable(info.name, MAX_NAME_CHARS),
            mimetype=storable(info.mimetype, MAX_NAME_CHARS),
            size=min(max(info.size, 0), MAX_INTEGER),
            uploader=info.uploader,
        )

    async def content(self, job: Job, content_hash: str, *, now: float) -> bool:
        """Note which bytes the document was read from."""
        return await self._change(
            DocumentId(job.key), DOCUMENT.c.token == job.token, now=now, content_hash=content_hash
        )

    async def progress(self, job: Job, stage: Stage, done: int, total: int, *, now: float) -> bool:
        """Note how far the job is. Raises StageOutOfOrder for a stage that lies behind."""
        document_id, ours = DocumentId(job.key), DOCUMENT.c.token == job.token
        if await self._change(
            document_id,
            ours,
            DOCUMENT.c.stage.in_(sorted(stages_before(stage))),
            now=now,
            stage=stage,
            progress_done=done,
            progress_total=total,
        ):
            return True
        if await self._session.scalar(select(DOCUMENT.c.id).where(DOCUMENT.c.id == document_id, ours)):
            raise StageOutOfOrder(stage)
        return False

    async def finish(self, job: Job, *, pages: int, chunks: int, partial: str | None, now: float) -> bool:
        """The document is indexed; former errors are forgotten."""
        return await self._settle(
            job,
            Status.INDEXED,
            now=now,
            pages=pages,
            chunks=chunks,
            partial=partial and storable(partial, MAX_WORDS_CHARS),
            indexed_at=now,
            error_code=None,
            error_detail=None,
            error_advice=None,
        )

    async def fail(self, job: Job, *, code: str, detail: str, advice: str, now: float) -> bool:
        """Give the document up, with a sentence and an advice for the person who shared it."""
        return await self._settle(
            job,
            Status.FAILED,
            now=now,
            error_code=code,
            error_detail=storable(detail, MAX_WORDS_CHARS),
            error_advice=storable(advice, MAX_WORDS_CHARS),
        )

    async def retry(self, job: Job, *, code: str, detail: str, not_before: float, now: float) -> bool:
        """Back to the queue, not to be tried again before `not_before`."""
        return await self._settle(
            job,
            Status.PENDING,
            now=now,
            not_before=not_before,
            error_code=code,
            error_detail=storable(detail, MAX_WORDS_CHARS),
            error_advice=None,
        )

    async def _settle(self, job: Job, to: Status, *, now: float, **values: Any) -> bool:  # noqa: ANN401  # column values
        return await self._move(DocumentId(job.key), to, DOCUMENT.c.token == job.token, now=now, **values)
