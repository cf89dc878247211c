"""The write path, top to bottom: accept, then download, extract (and chunk), embed, index.

A job may run late or twice. Each write to its document is fenced by the job's token, and chunk ids
overwrite themselves, so a repeat is harmless and a job that lost its document writes nothing more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.documents.repository import Accepted, Transaction
from bot.documents.spaces import Spaces
from bot.documents.tables import Document
from bot.documents.writes import Content
from bot.domain import (
    ChannelId,
    DocumentId,
    Extraction,
    FileId,
    FileInfo,
    IndexedDocument,
    Job,
    Message,
    SpooledFile,
    Stage,
    Status,
    WorkspaceId,
)
from bot.errors import FileRejected
from bot.ingest import remove
from bot.ingest.accept import accept
from bot.ingest.download import download
from bot.ingest.embed import embed, embed_also, embedded_text
from bot.ingest.index import index
from bot.ingest.locate import confirm_shares, locate
from bot.ingest.progress import JobLost, Progress, owned
from bot.ingest.timing import OnStage, timed, uncounted
from bot.ingest.view import Found, indexed_document, looked_up, owned_by, same_and_indexed
from bot.ports import EmbeddingProvider, Extractor, FileSource, StatusListener, VectorIndex

log = structlog.get_logger(__name__)

DEBOUNCE_S = 5.0
"""A file that is being edited tells of each change: one that keeps still this long is read."""
LATEST_S = 60.0
"""… and one that doesn't keep still is read this long after its first change."""


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
    cancel_job: Callable[[DocumentId], Awaitable[None]]
    spool: Path
    max_file_bytes: int
    clock: Callable[[], float] = time.time
    debounce_s: float = DEBOUNCE_S
    latest_s: float = LATEST_S
    spaces: Spaces | None = None
    on_stage: OnStage = uncounted

    async def accept(
        self, workspace: WorkspaceId, file_id: FileId, message: Message, *, priority: int = 0
    ) -> Accepted:
        """A file appeared in a channel. Repeatable, in any order."""
        accepted = await accept(
            self.transaction, self.index, workspace, file_id, message, priority=priority, now=self.clock()
        )
        log.info("document_accepted", document=accepted.document_id, new=accepted.created)
        self.wake_runner()
        self.status.document_changed(accepted.document_id)
        return accepted

    async def change_file(self, workspace: WorkspaceId, file_id: FileId) -> None:
        """A file's bytes or title changed: it is read anew once it keeps still. Repeatable.

        One that still waits to be read for the first time needs no more waiting.
        """
        async with self.transaction() as tx:
            document = await tx.documents.find(workspace, file_id)
            if document and document.status == Status.PENDING and document.content_hash is None:
                return
            document_id = await tx.documents.refresh(
                workspace, file_id, now=self.clock(), debounce_s=self.debounce_s, latest_s=self.latest_s
            )
        if document_id is not None:
            await self.cancel_job(document_id)
            self.wake_runner()
            self.status.document_changed(document_id)

    async def retry(self, document: Document) -> None:
        """Read a failed document again, an indexed one too if its bytes changed. Repeatable."""
        document_id = DocumentId(document.id)
        async with self.transaction() as tx:
            await tx.documents.requeue(document_id, now=self.clock())
        self.wake_runner()
        self.status.document_changed(document_id)

    async def remove_file(self, workspace: WorkspaceId, file_id: FileId) -> None:
        """A file was deleted. Repeatable, also before it was ever seen."""
        document_id = await remove.remove_file(
            self.transaction, self.index, workspace, file_id, now=self.clock()
        )
        if document_id is not None:
            await self.cancel_job(document_id)
            self.status.document_changed(document_id)

    async def remove_share(self, workspace: WorkspaceId, file_id: FileId, channel: ChannelId) -> None:
        """A file no longer appears in a channel. Repeatable."""
        await remove.remove_share(self.transaction, self.index, workspace, file_id, channel)

    async def remove_message(self, workspace: WorkspaceId, file_id: FileId, message: Message) -> None:
        """A message that shared a file was deleted. Repeatable."""
        await remove.remove_message(self.transaction, self.index, workspace, file_id, message)

    async def remove_channel(self, workspace: WorkspaceId, channel: ChannelId) -> None:
        """A channel was deleted: its files are no longer shared there. Repeatable."""
        async with self.transaction() as tx:
            documents = await tx.documents.remove_channel(workspace, channel, now=self.clock())
        await remove.follow_shares(self.transaction, self.index, workspace, documents, drop=True)

    async def rename_channel(self, workspace: WorkspaceId, old: ChannelId, new: ChannelId) -> None:
        """A channel got another id: everything known under the old one moves. Repeatable."""
        async with self.transaction() as tx:
            documents = await tx.documents.rename_channel(workspace, old, new, now=self.clock())
        await remove.follow_shares(self.transaction, self.index, workspace, documents)

    async def uninstall(self, workspace: WorkspaceId) -> None:
        """The workspace let us go: nothing of it is worked on any more. Repeatable."""
        async with self.transaction() as tx:
            await tx.workspaces.uninstall(workspace, now=self.clock())

    async def perform(self, job: Job) -> None:
        """Index one document. Raises what a runner settles (RetryLater, bugs); verdicts are final."""
        log.info("job_started", document=job.key, attempt=job.attempt)
        try:
            await self._perform(job)
        except JobLost:
            log.info("job_lost", document=job.key, attempt=job.attempt)
        self.status.document_changed(DocumentId(job.key))

    async def _perform(self, job: Job) -> None:
        document = await self._document(DocumentId(job.key))
        if document is None or document.token != job.token:
            raise JobLost
        source = self.sources(WorkspaceId(document.workspace_id))
        try:
            await self._ingest(job, document, source)
        except FileRejected as rejected:
            await self._reject(job, document, source, rejected)

    async def _ingest(self, job: Job, document: Document, source: FileSource) -> None:
        workspace, document_id = WorkspaceId(document.workspace_id), DocumentId(document.id)
        progress = Progress(self.transaction, self.status, job, self.clock)
        info = await source.info(workspace, FileId(document.file_id))
        await self._describe(job, document_id, info)
        with timed(Stage.DOWNLOAD, self.on_stage):
            spooled = await download(source, workspace, info, self.spool, self.max_file_bytes)
        try:
            content = await self._content(job, spooled)
            found = await self._known(job, document_id, content)
            if found is None:
                name, report = info.read_as or info.name, progress.within(Stage.EXTRACT)
                with timed(Stage.EXTRACT, self.on_stage):
                    extraction = await self.extractor.extract(spooled.path, name, info.mimetype, report)
                found = await self._write(job, document_id, extraction, progress)
        finally:
            await asyncio.to_thread(spooled.path.unlink, missing_ok=True)
        await locate(self.transaction, source, document)
        await self._finish(job, document_id, found)

    async def _describe(self, job: Job, document_id: DocumentId, info: FileInfo) -> None:
        """Take over what Slack says of the file; where it no longer is, it is closed."""
        async with self.transaction() as tx:
            owned(await tx.documents.describe(job, info, now=self.clock()))
            for message in info.messages:
                await tx.documents.fill_message(document_id, message)
            await confirm_shares(tx, document_id, info, now=self.clock())
        self.status.document_changed(document_id)

    async def _content(self, job: Job, spooled: SpooledFile) -> Content:
        async with self.transaction() as tx:
            content = await tx.documents.content(job, spooled.content_hash, now=self.clock())
        if content is None:
            raise JobLost
        return content

    async def _known(self, job: Job, document_id: DocumentId, content: Content) -> Found | None:
        """What needs no reading: bytes that are visible already, or those of another document."""
        if content.unchanged:  # a new title or place is found before the document counts as indexed
            target = await self._target(job, document_id)
            await self.index.describe(target, looked_up(self.transaction, document_id))
            return Found(target)
        if content.twin is None:
            return None
        before = await self._document(content.twin)
        target = await self._target(job, document_id)
        copied = await self.index.copy(content.twin, target)
        twin = await self._document(content.twin)
        if not same_and_indexed(before, twin) or twin is None or copied != twin.chunks:
            # It was read anew or went while we copied: what we have may be other text, for other readers.
            async with self.transaction() as tx:
                owned(await tx.documents.begin_anew(job, now=self.clock()))
            return None
        await self.index.publish(target, owned_by(self.transaction, job))
        return Found(target, pages=twin.pages, chunks=copied, partial=twin.partial)

    async def _document(self, document_id: DocumentId) -> Document | None:
        async with self.transaction(reading=True) as tx:
            return await tx.documents.get(document_id)

    async def _write(
        self, job: Job, document_id: DocumentId, extraction: Extraction, progress: Progress
    ) -> Found:
        report = await progress.stage(Stage.EMBED)
        title, workspace = (await self._target(job, document_id)).title, WorkspaceId(job.group)
        texts = [embedded_text(title, chunk) for chunk in extraction.chunks]
        with timed(Stage.EMBED, self.on_stage):
            vectors = await embed(self.embeddings, texts, report, workspace)
            also = await embed_also(self.spaces or Spaces(self.embeddings), workspace, texts)
        report = await progress.stage(Stage.INDEX)
        target = await self._target(job, document_id)
        with timed(Stage.INDEX, self.on_stage):
            current = owned_by(self.transaction, job)
            await index(self.index, target, extraction.chunks, vectors, report, also, current)
        return Found(target, extraction.pages, len(extraction.chunks), extraction.partial)

    async def _target(self, job: Job, document_id: DocumentId) -> IndexedDocument:
        """What is to be indexed, as long as the job still owns it."""
        async with self.transaction() as tx:
            document = await tx.documents.get(document_id)
            target = await indexed_document(tx, document_id)
        if document is None or target is None or document.token != job.token:
            raise JobLost
        return target

    async def _finish(self, job: Job, document_id: DocumentId, found: Found) -> None:
        async with self.transaction() as tx:
            now = self.clock()
            if found.pages:
                finished = await tx.documents.finish(
                    job, pages=found.pages, chunks=found.chunks, partial=found.partial, now=now
                )
            else:
                finished = await tx.documents.keep(job, now=now)
            latest = await indexed_document(tx, document_id)
        if latest is None:
            # Deleted between writing and finishing: nobody comes after us who would clear this away.
            await self.index.delete(WorkspaceId(job.group), document_id)
        if latest is None or not finished:
            raise JobLost
        log.info("document_indexed", document=document_id, pages=found.pages, chunks=found.chunks)
        if latest != found.shown:  # it was shared, unshared or renamed meanwhile
            await remove.follow_shares(self.transaction, self.index, latest.workspace, [document_id])

    async def _reject(self, job: Job, document: Document, source: FileSource, rejected: FileRejected) -> None:
        """A final verdict: what could be found of the file before can't be any more."""
        log.info("file_rejected", document=job.key, code=rejected.code)
        workspace = WorkspaceId(document.workspace_id)
        if rejected.code == "deleted":
            await self.remove_file(workspace, FileId(document.file_id))
            return
        await locate(self.transaction, source, document)
        document_id = DocumentId(document.id)
        async with self.transaction() as tx:
            owned(
                await tx.documents.fail(
                    job,
                    code=rejected.code,
                    detail=rejected.public_message,
                    advice=rejected.advice,
                    now=self.clock(),
                )
            )
            failed = await tx.documents.get(document_id)
        if failed is not None:  # who reads it again has begun a new generation
            await self.index.delete(workspace, document_id, before=failed.generation + 1)
