"""What a job may write while it holds a document.

Each write is fenced by the job's token: it tells so, and writes nothing, when the document was
meanwhile deleted, changed, asked for again, or recovered by a later process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.documents.changes import NOTHING_VISIBLE, DocumentChanges
from bot.documents.sql import MAX_INTEGER, MAX_NAME_CHARS, MAX_WORDS_CHARS, storable
from bot.documents.tables import DOCUMENT
from bot.documents.transitions import StageOutOfOrder, stages_before
from bot.domain import DocumentId, FileInfo, Job, Stage, Status


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of the bytes that a job read.

    `generation` is theirs. `unchanged`: searches see exactly these bytes of the document already. `twin`
    is another document of the workspace that is indexed with these bytes.
    """

    generation: int
    unchanged: bool
    twin: DocumentId | None


class JobWrites(DocumentChanges):
    """Written by whoever holds the token."""

    async def describe(self, job: Job, info: FileInfo, *, now: float) -> bool:
        """Note what the file's source says of it; its bytes are fetched next."""
        return await self._change(
            DocumentId(job.key),
            DOCUMENT.c.token == job.token,
            now=now,
            title=storable(info.title, MAX_NAME_CHARS),
            name=storable(info.name, MAX_NAME_CHARS),
            mimetype=storable(info.mimetype, MAX_NAME_CHARS),
            size=min(max(info.size, 0), MAX_INTEGER),
            uploader=info.uploader,
            stage=Stage.DOWNLOAD,
            progress_done=0,
            progress_total=0,
        )

    async def content(self, job: Job, content_hash: str, *, now: float) -> Content | None:
        """Note which bytes the document is read from, now; other ones than before are a new generation.

        None when the job lost its document. Bytes that were visible before others were begun count as
        changed: which of the two the index shows is not known until one is finished.
        """
        document_id, ours = DocumentId(job.key), DOCUMENT.c.token == job.token
        rows = await self._session.execute(select(DOCUMENT).where(DOCUMENT.c.id == document_id, ours))
        row = rows.one_or_none()
        if row is None:
            return None
        generation = row.generation + (row.content_hash not in {None, content_hash})
        await self._change(
            document_id,
            now=now,
            content_hash=content_hash,
            generation=generation,
            stage=Stage.EXTRACT,
            progress_done=0,
            progress_total=0,
        )
        visible = (row.indexed_generation, row.indexed_hash)
        twin = await self._indexed_with(row.workspace_id, content_hash)
        return Content(generation, visible == (generation, content_hash), twin)

    async def begin_anew(self, job: Job, *, now: float) -> bool:
        """What the job has written so far is void: what it writes from now on is another generation."""
        ours = DOCUMENT.c.token == job.token
        return await self._change(DocumentId(job.key), ours, now=now, generation=DOCUMENT.c.generation + 1)

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
        """The document is indexed: searches see its current generation. Former errors are forgotten."""
        return await self._indexed(
            job,
            now=now,
            pages=pages,
            chunks=chunks,
            partial=partial and storable(partial, MAX_WORDS_CHARS),
            indexed_at=now,
            indexed_hash=DOCUMENT.c.content_hash,
            indexed_generation=DOCUMENT.c.generation,
        )

    async def keep(self, job: Job, *, now: float) -> bool:
        """The document is indexed again, as it was: its content is unchanged. Former errors are forgotten."""
        return await self._indexed(job, now=now)

    async def fail(self, job: Job, *, code: str, detail: str, advice: str, now: float) -> bool:
        """Give the document up, with a sentence and an advice for the person who shared it.

        What was visible of it before is no longer: whoever fails it removes it from the index.
        """
        return await self._settle(
            job,
            Status.FAILED,
            now=now,
            error_code=code,
            error_detail=storable(detail, MAX_WORDS_CHARS),
            error_advice=storable(advice, MAX_WORDS_CHARS),
            **NOTHING_VISIBLE,
        )

    async def retry(
        self, job: Job, *, code: str, detail: str, not_before: float, now: float, counts: bool = True
    ) -> bool:
        """Back to the queue, not to be tried again before `not_before`.

        Without `counts` it was somebody else's outage: the attempt is given back, a wait is counted.
        """
        outage = {"attempts": DOCUMENT.c.attempts - 1, "waits": DOCUMENT.c.waits + 1}
        return await self._settle(
            job,
            Status.PENDING,
            now=now,
            not_before=not_before,
            error_code=code,
            error_detail=storable(detail, MAX_WORDS_CHARS),
            error_advice=None,
            **({} if counts else outage),
        )

    async def release(self, job: Job, *, now: float) -> bool:
        """Give a document back as if it had never been taken: the attempt doesn't count."""
        return await self._settle(job, Status.PENDING, now=now, attempts=DOCUMENT.c.attempts - 1)

    async def _indexed_with(self, workspace: str, content_hash: str) -> DocumentId | None:
        """The oldest document with these bytes that nobody is reading now; so it isn't the job's own."""
        return await self._session.scalar(
            select(DOCUMENT.c.id)
            .where(
                DOCUMENT.c.workspace_id == workspace,
                DOCUMENT.c.indexed_hash == content_hash,
                DOCUMENT.c.status == Status.INDEXED,
                DOCUMENT.c.tombstoned_at.is_(None),
            )
            .order_by(DOCUMENT.c.created_at, DOCUMENT.c.id)
            .limit(1)
        )

    async def _indexed(self, job: Job, *, now: float, **values: Any) -> bool:  # noqa: ANN401  # column values
        return await self._settle(
            job,
            Status.INDEXED,
            now=now,
            waits=0,
            error_code=None,
            error_detail=None,
            error_advice=None,
            **values,
        )

    async def _settle(self, job: Job, to: Status, *, now: float, **values: Any) -> bool:  # noqa: ANN401  # column values
        return await self._move(DocumentId(job.key), to, DOCUMENT.c.token == job.token, now=now, **values)
