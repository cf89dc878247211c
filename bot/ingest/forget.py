"""Forget: a file, or all files of a channel, because people don't want them to be found.

As in `remove`, the database goes first: what is forgotten is unfindable at once.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.documents.tables import Document
from bot.domain import ChannelId, DocumentId, FileId, WorkspaceId
from bot.ingest.pipeline import IngestPipeline
from bot.ingest.remove import follow_shares

log = structlog.get_logger(__name__)


async def forget_file(ingest: IngestPipeline, document: Document) -> None:
    """Remove a file's text, title and all else; its id stays, so that it is never read again. Repeatable."""
    workspace, document_id = WorkspaceId(document.workspace_id), DocumentId(document.id)
    async with ingest.transaction() as tx:
        await tx.documents.tombstone(workspace, FileId(document.file_id), now=ingest.clock())
        await tx.documents.blank(document_id, now=ingest.clock())
    await ingest.index.delete(workspace, document_id)
    await ingest.cancel_job(document_id)
    ingest.status.document_changed(document_id)
    log.info("file_forgotten", document=document_id)


async def ignore_channel(ingest: IngestPipeline, workspace: WorkspaceId, channel: ChannelId) -> bool:
    """Neither index nor find what is shared in a channel; whether that is new. Repeatable."""
    async with ingest.transaction() as tx:
        settings = await tx.workspaces.settings(workspace)
        chosen = replace(settings, ignored=settings.ignored | {channel})
        await tx.workspaces.choose(workspace, chosen, now=ingest.clock())
        documents = await tx.documents.remove_channel(workspace, channel, now=ingest.clock())
    await follow_shares(ingest.transaction, ingest.index, workspace, documents, drop=True)
    return chosen != settings


async def notice_channel(ingest: IngestPipeline, workspace: WorkspaceId, channel: ChannelId) -> bool:
    """Undo `ignore_channel` for what is shared from now on; whether it was ignored. Repeatable."""
    async with ingest.transaction() as tx:
        settings = await tx.workspaces.settings(workspace)
        chosen = replace(settings, ignored=settings.ignored - {channel})
        await tx.workspaces.choose(workspace, chosen, now=ingest.clock())
    return chosen != settings
