"""Documents, and the door to every repository of a transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.documents.api_keys import ApiKeyRepository
from bot.documents.backfills import BackfillRepository
from bot.documents.channels import Channels
from bot.documents.claims import Claims
from bot.documents.conversations import ConversationRepository
from bot.documents.figures import FigureRepository
from bot.documents.forgetting import Forgetting
from bot.documents.inbox import InboxRepository
from bot.documents.insights import InsightRepository
from bot.documents.installations import InstallationRepository
from bot.documents.life import Life
from bot.documents.overview import OverviewRepository
from bot.documents.reads import Reads
from bot.documents.reembeddings import ReembeddingRepository
from bot.documents.replicas import ReplicaRepository
from bot.documents.replies import ReplyRepository
from bot.documents.searches import SearchRepository
from bot.documents.sql import among
from bot.documents.tables import DOCUMENT, STATUS_REPLY, WORKSPACE, Document
from bot.documents.upkeep import Upkeep
from bot.documents.uploads import UploadRepository
from bot.documents.workspaces import WorkspaceRepository
from bot.documents.writes import JobWrites
from bot.domain import NOT_SLACKS, UNDER_WAY, DocumentId, FileId, Message, Status, WorkspaceId


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting a file found: whether the document and its share in that channel are new."""

    document_id: DocumentId
    created: bool
    share_created: bool
    status: Status


class DocumentRepository(Life, Claims, JobWrites, Channels, Upkeep, Reads, Forgetting):
    """Documents: accepted here, then claimed and written by jobs, changed and deleted from outside."""

    async def accept(
        self, workspace: WorkspaceId, file_id: FileId, message: Message, *, now: float, priority: int = 0
    ) -> Accepted:
        """Note a file and its share in a channel. Repeatable, in any order.

        One document per file, one share and one reply per channel. What was deleted stays deleted,
        also when the deletion came first. A document that waits keeps the smaller `priority`.
        """
        await self._insert_or_nothing(WORKSPACE, id=workspace, installed_at=now)
        created = await self._insert(workspace, file_id, Status.PENDING, now=now, priority=priority)
        row = (await self._rows(workspace, file_id)).one()
        document_id, share_created = DocumentId(row.id), False
        if row.tombstoned_at is None:
            if not created:
                await self._hasten(document_id, priority, now=now)
            share_created = await self._add_share(document_id, message, now=now)
            if workspace not in NOT_SLACKS and priority == 0:  # old threads are left in peace
                await self._insert_or_nothing(
                    STATUS_REPLY, document_id=document_id, channel_id=message.channel
                )
        return Accepted(document_id, created, share_created, Status(row.status))

    async def _hasten(self, document_id: DocumentId, priority: int, *, now: float) -> None:
        """Let a document that is not read yet come earlier, if that is earlier."""
        under_way = DOCUMENT.c.status.in_(sorted(UNDER_WAY))
        await self._change(document_id, under_way, DOCUMENT.c.priority > priority, now=now, priority=priority)

    async def get(self, document_id: DocumentId) -> Document | None:
        """A document by id, also a deleted one."""
        return (await self._session.scalars(select(Document).where(DOCUMENT.c.id == document_id))).first()

    async def get_all(self, document_ids: Collection[DocumentId]) -> Sequence[Document]:
        """The documents of these ids, in any order."""
        rows = await self._session.scalars(select(Document).where(DOCUMENT.c.id.in_(among(document_ids))))
        return rows.all()

    async def find(self, workspace: WorkspaceId, file_id: FileId) -> Document | None:
        """The document of a file, also a deleted one."""
        rows = await self._session.scalars(
            select(Document).where(DOCUMENT.c.workspace_id == workspace, DOCUMENT.c.file_id == file_id)
        )
        return rows.first()


@dataclass(frozen=True, slots=True)
class Repositories:
    """Everything that one transaction may read and write."""

    workspaces: WorkspaceRepository
    documents: DocumentRepository
    inbox: InboxRepository
    replies: ReplyRepository
    searches: SearchRepository
    backfills: BackfillRepository
    conversations: ConversationRepository
    insights: InsightRepository
    reembeddings: ReembeddingRepository
    figures: FigureRepository
    replicas: ReplicaRepository
    api_keys: ApiKeyRepository
    uploads: UploadRepository
    installations: InstallationRepository
    overview: OverviewRepository

    @classmethod
    def of(cls, session: AsyncSession) -> Repositories:
        """The repositories of a session; they commit nothing."""
        return cls(
            WorkspaceRepository(session),
            DocumentRepository(session),
            InboxRepository(session),
            ReplyRepository(session),
            SearchRepository(session),
            BackfillRepository(session),
            ConversationRepository(session),
            InsightRepository(session),
            ReembeddingRepository(session),
            FigureRepository(session),
            ReplicaRepository(session),
            ApiKeyRepository(session),
            UploadRepository(session),
            InstallationRepository(session),
            OverviewRepository(session),
        )


class Transaction(Protocol):
    """Begins a transaction; leaving the block commits it, an exception undoes it."""

    def __call__(self, *, reading: bool = False) -> AbstractAsyncContextManager[Repositories]:
        """One that is only `reading` may not write, and waits for no writer of another replica."""
        ...
