"""What keeps documents, index and source in step: what should be visible, and what to look after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from bot.documents.sql import Repository, unindexed
from bot.documents.tables import DOCUMENT, SHARE, WORKSPACE, Document
from bot.domain import NOT_SLACKS, ChannelId, DocumentId, Status, WorkspaceId


@dataclass(frozen=True, slots=True)
class Visible:
    """What searches should see of a document.

    Not `indexed`: it waits or is being read again, and its successor may be in the index already.
    """

    generation: int
    chunks: int
    channels: frozenset[ChannelId]
    title: str
    indexed: bool


class Upkeep(Repository):
    """Reads of whole workspaces, for what runs beside people's questions."""

    async def visible(self, workspace: WorkspaceId) -> dict[DocumentId, Visible]:
        """Every document of a workspace that was indexed and neither failed nor deleted since."""
        there = (
            DOCUMENT.c.workspace_id == workspace,
            DOCUMENT.c.indexed_hash.is_not(None),
            DOCUMENT.c.tombstoned_at.is_(None),
        )
        shares = await self._session.execute(
            select(SHARE.c.document_id, SHARE.c.channel_id)
            .join(DOCUMENT, DOCUMENT.c.id == SHARE.c.document_id)
            .where(*there)
        )
        channels: dict[str, set[ChannelId]] = defaultdict(set)
        for document_id, channel in shares:
            channels[document_id].add(ChannelId(channel))
        rows = await self._session.execute(select(DOCUMENT).where(*there))
        return {
            DocumentId(row.id): Visible(
                generation=row.indexed_generation,
                chunks=row.chunks,
                channels=frozenset(channels[row.id]),
                title=row.title or row.name,
                indexed=row.status == Status.INDEXED,
            )
            for row in rows
        }

    async def to_check(self, *, before: float, limit: int) -> Sequence[Document]:
        """The indexed and failed documents that Slack wasn't asked for since that time, oldest first.

        Without those of workspaces that uninstalled us, and of what is not at Slack.
        """
        rows = await self._session.scalars(
            select(Document)
            .join(WORKSPACE, WORKSPACE.c.id == DOCUMENT.c.workspace_id)
            .where(
                DOCUMENT.c.checked_at < before,
                # else SQLite sorts all of them to take a few
                unindexed(DOCUMENT.c.status).in_([Status.INDEXED, Status.FAILED]),
                DOCUMENT.c.tombstoned_at.is_(None),
                WORKSPACE.c.uninstalled_at.is_(None),
                WORKSPACE.c.id.not_in(sorted(NOT_SLACKS)),
            )
            .order_by(DOCUMENT.c.checked_at, DOCUMENT.c.id)
            .limit(limit)
        )
        return rows.all()

    async def checked(self, document_id: DocumentId, *, now: float) -> None:
        """Slack was asked for the document. No change of it: its version and its replies stay."""
        await self._write(update(DOCUMENT).where(DOCUMENT.c.id == document_id).values(checked_at=now))
