"""The write path, top to bottom: accept, then download, extract (and chunk), embed, index.

A job may run late or twice. Each write to its document is fenced by the job's token, and chunk ids
overwrite themselves, so a repeat is harmless and a job that lost its document writes nothing more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from bot.documents.repository import Accepted, Transaction
from bot.documents.tables import Document
from bot.domain import (
    ChannelId,
    DocumentId,
    Extraction,
    FileId,
    FileInfo,
    IndexedDocument,
    Job,
    Message,
    Stage,
    WorkspaceId,
)
from bot.errors import FileRejected
from bot.ingest import remove
from bot.ingest.accept import accept
from bot.ingest.download import download
from bot.ingest.embed import embed
from bot.ingest.index import index
from bot.ports import (
    EmbeddingProvider,
    Extractor,
    FileSource,
    OnProgress,
    StatusListener,
    VectorIndex,
    Vectors,
)

log = structlog.get_logger(__name__)

PROGRESS_INTERVAL_S = 1.0
"""Progress is committed at most this often: each is a disk write and an edit in Slack."""
SHARES_DELAYS_S = (0.5, 1.0, 2.0, 4.0)
"""Waits for `files.info` to name the sharing message, which it may not do just after the upload."""


class JobLost(Exception):
    """The document changed or went while its job ran: whatever the job holds is void."""


@dataclass(frozen=True, slots=True)
class IngestPipeline:
    """Everything the write path needs. `sources` picks the file source of a workspace."""

    transaction: Transaction
    sources: Callable[[WorkspaceId], FileSource]
    extractor: Extractor
    embeddings: EmbeddingProvider
    index: VectorIndex
    status: StatusListener
    wake_runner: Callable[[], None]
    spool: Path
    max_file_bytes: int
    clock: Callable[[], float] = time.time

    async def accept(self, workspace: WorkspaceId, file_id: FileId, message: Message) -> Accepted:
        """A file appeared in a channel. Repeatable, in any order."""
        accepted = await accept(self.transaction, self.index, workspace, file_id, message, now=self.clock())
        self.wake_runner()
        self.status.document_changed(accepted.document_id)
        return accepted

    async def remove_file(self, workspace: WorkspaceId, file_id: FileId) -> None:
        """A file was deleted. Repeatable, also before it was ever seen."""
        document_id = await remove.remove_file(
            self.transaction, self.index, workspace, file_id, now=self.clock()
        )
        if document_id is not None:
            self.status.document_changed(document_id)

    async def remove_share(self, workspace: WorkspaceId, file_id: FileId, channel: ChannelId) -> None:
        """A file no longer appears in a channel. Repeatable."""
        await remove.remove_share(self.transaction, self.index, workspace, file_id, channel)

    async def remove_message(self, workspace: WorkspaceId, file_id: FileId, message: Message) -> None:
        """A message that shared a file was deleted. Repeatable."""
        await remove.remove_message(self.transaction, self.index, workspace, file_id, message)

    async def perform(self, job: Job) -> None:
        """Index one document. Raises what a runner settles (RetryLater, bugs); verdicts are final."""
        try:
            await self._perform(job)
        except JobLost:
            log.info("job_lost", document=job.key, attempt=job.attempt)
        self.status.document_changed(DocumentId(job.key))

    async def _perform(self, job: Job) -> None:
        async with self.transaction() as tx:
            document = await tx.documents.get(DocumentId(job.key))
        if document is None or document.token != job.token:
            raise JobLost
        source = self.sources(WorkspaceId(document.workspace_id))
        try:
            await self._ingest(job, document, source)
        except FileRejected as rejected:
            log.info("file_rejected", document=job.key, code=rejected.code)
            await self._find_messages(document, source)
            async with self.transaction() as tx:
                await tx.documents.fail(
                    job,
                    code=rejected.code,
                    detail=rejected.public_message,
                    advice=rejected.advice,
                    now=self.clock(),
                )
            await self.index.delete(WorkspaceId(document.workspace_id), DocumentId(document.id))

    async def _ingest(self, job: Job, document: Document, source: FileSource) -> None:
        workspace = WorkspaceId(document.workspace_id)
        info = await source.info(workspace, FileId(document.file_id))
        await self._describe(job, document, info)
        progress = _Progress(self, job)
        await progress.stage(Stage.DOWNLOAD)
        spooled = await download(source, workspace, info, self.spool, self.max_file_bytes)
        try:
            async with self.transaction() as tx:
                _owned(await tx.documents.content(job, spooled.content_hash, now=self.clock()))
            report = await progress.stage(Stage.EXTRACT)
            extraction = await self.extractor.extract(spooled.path, info.name, info.mimetype, report)
        finally:
            await asyncio.to_thread(spooled.path.unlink, missing_ok=True)
        report = await progress.stage(Stage.EMBED)
        vectors = await embed(self.embeddings, extraction.chunks, report)
        report = await progress.stage(Stage.INDEX)
        await self._find_messages(document, source)
        await self._publish(job, document, info, extraction, vectors, report)

    async def _describe(self, job: Job, document: Document, info: FileInfo) -> None:
        async with self.transaction() as tx:
            _owned(await tx.documents.describe(job, info, now=self.clock()))
            for message in info.messages:
                await tx.documents.fill_message(DocumentId(document.id), message)
        self.status.document_changed(DocumentId(document.id))

    async def _publish(
        self,
        job: Job,
        document: Document,
        info: FileInfo,
        extraction: Extraction,
        vectors: Vectors,
        report: OnProgress,
    ) -> None:
        document_id = DocumentId(document.id)
        async with self.transaction() as tx:
            channels = await tx.documents.channels(document_id)
        indexed = IndexedDocument(
            workspace=WorkspaceId(document.workspace_id),
            document_id=document_id,
            generation=document.generation,
            title=info.title,
            channels=channels,
        )
        await index(self.index, indexed, extraction.chunks, vectors, report)
        async with self.transaction() as tx:
            finished = await tx.documents.finish(
                job,
                pages=extraction.pages,
                chunks=len(extraction.chunks),
                partial=extraction.partial,
                now=self.clock(),
            )
            latest = await tx.documents.channels(document_id)
        if not finished:
            # Lost between writing and finishing: what replaced us writes its own generation, but a
            # deleted document has nobody after it who would clear these chunks away.
            await self._clear_if_gone(indexed)
            raise JobLost
        if latest != channels:
            await self.index.describe(replace(indexed, channels=latest))

    async def _clear_if_gone(self, indexed: IndexedDocument) -> None:
        async with self.transaction() as tx:
            document = await tx.documents.get(indexed.document_id)
        if document is None or document.tombstoned_at is not None:
            await self.index.delete(indexed.workspace, indexed.document_id)

    async def _find_messages(self, document: Document, source: FileSource) -> None:
        """Learn each share's message and its permalink; gives up quietly after a few looks."""
        document_id, workspace = DocumentId(document.id), WorkspaceId(document.workspace_id)
        for delay_s in (0.0, *SHARES_DELAYS_S):
            async with self.transaction() as tx:
                shares = await tx.documents.of(document_id)
            if all(share.message_ts for share in shares):
                break
            await asyncio.sleep(delay_s)
            try:
                info = await source.info(workspace, FileId(document.file_id))
            except FileRejected:
                break
            async with self.transaction() as tx:
                for message in info.messages:
                    await tx.documents.fill_message(document_id, message)
        async with self.transaction() as tx:
            shares = await tx.documents.of(document_id)
        for share in shares:
            if share.permalink is None and share.message_ts is not None:
                message = Message(ChannelId(share.channel_id), share.message_ts, share.thread_ts)
                permalink = await source.permalink(workspace, message)
                async with self.transaction() as tx:
                    await tx.documents.fill_message(document_id, message, permalink)


class _Progress:
    """Commits how far a job is, at most once an interval; notices when the job is no longer ours."""

    def __init__(self, pipeline: IngestPipeline, job: Job) -> None:
        self._pipeline = pipeline
        self._job = job
        self._written_at = 0.0

    async def stage(self, stage: Stage) -> OnProgress:
        """Enter a stage and return what reports progress within it."""
        await self._write(stage, 0, 0)

        async def report(done: int, total: int) -> None:
            if time.monotonic() - self._written_at >= PROGRESS_INTERVAL_S:
                await self._write(stage, done, total)

        return report

    async def _write(self, stage: Stage, done: int, total: int) -> None:
        self._written_at = time.monotonic()
        async with self._pipeline.transaction() as tx:
            _owned(await tx.documents.progress(self._job, stage, done, total, now=self._pipeline.clock()))
        self._pipeline.status.document_changed(DocumentId(self._job.key))


def _owned(still_ours: bool) -> None:
    if not still_ours:
        raise JobLost
