"""Retention: what a workspace doesn't want is not taken in, what is older than it keeps is forgotten."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog

from bot.documents.repository import Repositories
from bot.domain import DocumentId, FileId, Message, WorkspaceId, WorkspaceSettings
from bot.ingest.pipeline import IngestPipeline
from bot.ingest.remove import follow_shares

log = structlog.get_logger(__name__)

DAY_S = 24 * 3600.0
BATCH = 200
DELETED_S = DAY_S
"""How long a deleted file's title stays: until its thread has been told."""
SPOOLED_S = DAY_S
"""Longer than any file takes from its download to its last page."""


async def appear(
    ingest: IngestPipeline, workspace: WorkspaceId, file_id: FileId, message: Message, *, priority: int = 0
) -> bool:
    """A file appeared in a channel of Slack's: it is accepted, unless the workspace's settings forbid it.

    Whether it was. Repeatable, in any order.
    """
    async with ingest.transaction() as tx:
        if not await _wanted(tx, workspace, message, now=ingest.clock()):
            return False
    await ingest.accept(workspace, file_id, message, priority=priority)
    return True


async def expire(ingest: IngestPipeline) -> None:
    """Forget, in every workspace, what is older than it keeps things. Repeatable."""
    now = ingest.clock()
    await asyncio.to_thread(_clear_spool, ingest.spool, now - SPOOLED_S)
    async with ingest.transaction() as tx:
        await tx.documents.blank_deleted(before=now - DELETED_S)
        workspaces = [WorkspaceId(workspace.id) for workspace in await tx.workspaces.all()]
    for workspace in workspaces:
        async with ingest.transaction() as tx:
            settings = await tx.workspaces.settings(workspace)
            await tx.documents.forget_asked(workspace, before=now - settings.log_days * DAY_S)
        await _expire_documents(ingest, workspace, settings, now=now)


def _clear_spool(folder: Path, before: float) -> None:
    """Delete what a process that was killed had downloaded; a file that is being read is younger."""
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):  # it was read and deleted meanwhile
            if path.stat().st_mtime < before:
                path.unlink()


async def _expire_documents(
    ingest: IngestPipeline, workspace: WorkspaceId, settings: WorkspaceSettings, *, now: float
) -> None:
    for channel in sorted(settings.ignored):  # what came in while it was being ignored
        await ingest.remove_channel(workspace, channel)
    if (kept_s := _kept_s(settings)) is None:
        return
    while True:
        async with ingest.transaction() as tx:
            old = await tx.documents.last_shared_before(workspace, now - kept_s, BATCH)
            for document_id in old:
                await tx.documents.drop(document_id)
        for document_id in old:
            await _cancel(ingest, document_id)
        await follow_shares(ingest.transaction, ingest.index, workspace, old)
        if old:
            log.info("documents_expired", workspace=workspace, documents=len(old))
        if len(old) < BATCH:
            return


async def _cancel(ingest: IngestPipeline, document_id: DocumentId) -> None:
    await ingest.cancel_job(document_id)
    ingest.status.document_changed(document_id)


async def _wanted(tx: Repositories, workspace: WorkspaceId, message: Message, *, now: float) -> bool:
    settings = await tx.workspaces.settings(workspace)
    if message.channel in settings.ignored:
        return False
    kept_s = _kept_s(settings)
    return kept_s is None or message.ts is None or float(message.ts) >= now - kept_s


def _kept_s(settings: WorkspaceSettings) -> float | None:
    return None if settings.retention_days is None else settings.retention_days * DAY_S
