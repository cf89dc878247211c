"""Documents, and the door to every repository of a transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.documents.claims import Claims
from bot.documents.inbox import InboxRepository
from bot.documents.reads import Reads
from bot.documents.replies import ReplyRepository
from bot.documents.searches import SearchRepository
from bot.documents.shares import Shares
from bot.documents.tables import DOCUMENT, STATUS_REPLY, WORKSPACE, Document
from bot.documents.workspaces import WorkspaceRepository
from bot.domain import LOCAL_WORKSPACE, DocumentId, FileId, Message, Stage, Status, WorkspaceId


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting a file found: whether the document and its share in that channel are new."""

    document_id: DocumentId
    created: bool
    share_created: bool
    status: Status


class DocumentRepository(Claims, Shares, Reads):
    """A document's life: accepted, claimed and written by a job, asked for again, deleted."""

    async def accept(
        self, workspace: WorkspaceId, file_id: FileId, message: Message, *, now: float
    ) -> Accepted:
        """Note a file and its share in a channel. Repeatable, in any order.

        One document per file, one share and one reply per channel. What was deleted stays deleted,
        also when the deletion came first.
        """
        await self._insert_or_nothing(WORKSPACE, id=workspace, installed_at=now)
        created = await self._insert(workspace, file_id, Status.PENDING, now=now)
        row = await self._row(workspace, file_id)
        document_id, share_created = DocumentId(row.id), False
        if row.tombstoned_at is None:
            share_created = await self._add_share(document_id, message, now=now)
            if workspace != LOCAL_WORKSPACE:  # nobody reads replies there
                await self._insert_or_nothing(
                    STATUS_REPLY, document_id=document_id, channel_id=message.channel
                )
        return Accepted(document_id, created, share_created, Status(row.status))

    async def get(self, document_id: DocumentId) -> Document | None:
        """A document by id, also a deleted one."""
        return (await self._session.scalars(select(Document).where(DOCUMENT.c.id == document_id))).first()

    async def find(self, workspace: WorkspaceId, file_id: FileId) -> Document | None:
        """The document of a file, also a deleted one."""
        rows = await self._session.scalars(
            select(Document).where(DOCUMENT.c.workspace_id == workspace, DOCUMENT.c.file_id == file_id)
        )
        return rows.first()

    async def requeue(self, document_id: DocumentId, *, now: float) -> bool:
        """Read an indexed or failed document anew, as a new generation; whether it was one."""
        return await self._move(
            document_id,
            Status.PENDING,
            DOCUMENT.c.status != Status.PROCESSING,
            DOCUMENT.c.tombstoned_at.is_(None),
            now=now,
            generation=DOCUMENT.c.generation + 1,
            stage=Stage.ACCEPT,
            attempts=0,
            not_before=now,
            error_code=None,
            error_detail=None,
            error_advice=None,
        )

    async def tombstone(self, workspace: WorkspaceId, file_id: FileId, *, now: float) -> DocumentId | None:
        """Mark a file as deleted, for good. Repeatable, also before the file was ever seen.

        Returns the document whose chunks have to go, or None when there can't be any.
        """
        await self._insert_or_nothing(WORKSPACE, id=workspace, installed_at=now)
        if await self._insert(workspace, file_id, Status.FAILED, now=now, tombstoned_at=now):
            return None
        row = await self._row(workspace, file_id)
        document_id = DocumentId(row.id)
        if row.tombstoned_at is None:
            gone: dict[str, Any] = {"tombstoned_at": now, "generation": DOCUMENT.c.generation + 1}
            if row.status in {Status.PENDING, Status.PROCESSING}:
                await self._move(
                    document_id,
                    Status.FAILED,
                    now=now,
                    error_code="deleted",
                    error_detail="the file was deleted before I had read it",
                    error_advice=None,
                    **gone,
                )
            else:
                await self._change(document_id, now=now, **gone)
            await self._drop_unposted_replies(document_id)
        return document_id

    async def _row(self, workspace: WorkspaceId, file_id: FileId) -> Row[*tuple[Any, ...]]:
        rows = await self._session.execute(
            select(DOCUMENT.c.id, DOCUMENT.c.status, DOCUMENT.c.tombstoned_at).where(
                DOCUMENT.c.workspace_id == workspace, DOCUMENT.c.file_id == file_id
            )
        )
        return rows.one()

    async def _insert(
        self,
        workspace: WorkspaceId,
        file_id: FileId,
        status: Status,
        *,
        now: float,
        tombstoned_at: float | None = None,
    ) -> bool:
        return await self._insert_or_nothing(
            DOCUMENT,
            id=uuid.uuid4().hex,
            workspace_id=workspace,
            file_id=file_id,
            status=status,
            stage=Stage.ACCEPT,
            created_at=now,
            changed_at=now,
            tombstoned_at=tombstoned_at,
        )


@dataclass(frozen=True, slots=True)
class Repositories:
    """Everything that one transaction may read and write."""

    workspaces: WorkspaceRepository
    documents: DocumentRepository
    inbox: InboxRepository
    replies: ReplyRepository
    searches: SearchRepository

    @classmethod
    def of(cls, session: AsyncSession) -> Repositories:
        """The repositories of a session; they commit nothing."""
        return cls(
            WorkspaceRepository(session),
            DocumentRepository(session),
            InboxRepository(session),
            ReplyRepository(session),
            SearchRepository(session),
        )


Transaction = Callable[[], AbstractAsyncContextManager[Repositories]]
"""Begins a transaction; leaving the block commits it, an exception undoes it."""
