"""What becomes of everything in a channel when we lose it, or when it gets another id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, func, select, update

from bot.documents.backfills import OPEN, BackfillState
from bot.documents.shares import Shares
from bot.documents.sql import among
from bot.documents.tables import BACKFILL, DOCUMENT, SHARE, STATUS_REPLY
from bot.domain import ChannelId, DocumentId, WorkspaceId

CHANNEL_LOST = "I am no longer in the channel"


class Channels(Shares):
    """Changes of all shares in one channel of a workspace."""

    async def remove_channel(
        self, workspace: WorkspaceId, channel: ChannelId, *, now: float
    ) -> list[DocumentId]:
        """Close every document that is shared in a channel to it, and tell which. Repeatable.

        A backfill that was offered or is running there ends.
        """
        documents = await self._shared_in(workspace, channel)
        for document_id in documents:
            await self.remove_share(document_id, channel)
        await self._write(
            update(BACKFILL)
            .where(
                BACKFILL.c.workspace_id == workspace,
                BACKFILL.c.channel_id == channel,
                BACKFILL.c.state.in_(sorted(OPEN)),
            )
            .values(state=BackfillState.FAILED, error=CHANNEL_LOST, changed_at=now)
        )
        return documents

    async def suspect_channel(self, workspace: WorkspaceId, channel: ChannelId) -> None:
        """Have Slack asked soon for every file of a channel: much may have happened unseen. Repeatable."""
        documents = await self._shared_in(workspace, channel)
        await self._write(update(DOCUMENT).where(DOCUMENT.c.id.in_(among(documents))).values(checked_at=0.0))

    async def rename_channel(
        self, workspace: WorkspaceId, old: ChannelId, new: ChannelId, *, now: float
    ) -> list[DocumentId]:
        """A channel has another id now: shares, replies and backfill move there. Repeatable.

        Where something is there already, what is known of a message or is under way stays. Returns the
        documents that were shared under the old id.
        """
        if old == new:
            return []
        documents = await self._shared_in(workspace, old)
        ours = select(DOCUMENT.c.id).where(DOCUMENT.c.workspace_id == workspace)
        address = func.replace(SHARE.c.permalink, old, new)
        await self._rename(
            SHARE, old, new, SHARE.c.document_id.in_(ours), SHARE.c.message_ts.is_(None), permalink=address
        )
        await self._rename(
            STATUS_REPLY, old, new, STATUS_REPLY.c.document_id.in_(ours), STATUS_REPLY.c.ts.is_(None)
        )
        await self._rename(
            BACKFILL,
            old,
            new,
            BACKFILL.c.workspace_id == workspace,
            BACKFILL.c.state != BackfillState.RUNNING,
            changed_at=now,
        )
        return documents

    async def _shared_in(self, workspace: WorkspaceId, channel: ChannelId) -> list[DocumentId]:
        rows = await self._session.scalars(
            select(SHARE.c.document_id)
            .join(DOCUMENT, DOCUMENT.c.id == SHARE.c.document_id)
            .where(SHARE.c.channel_id == channel, DOCUMENT.c.workspace_id == workspace)
            .order_by(SHARE.c.document_id)
        )
        return [DocumentId(document_id) for document_id in rows]

    async def _rename(
        self,
        table: Table,
        old: ChannelId,
        new: ChannelId,
        ours: ColumnElement[bool],
        poorer: ColumnElement[bool],
        **values: Any,  # noqa: ANN401  # column values
    ) -> None:
        """Give a table's rows of one channel another; where two meet, one that is `poorer` gives way."""
        former = table.alias("former")
        owner = next(column.name for column in table.primary_key if column.name != "channel_id")
        meets = exists().where(former.c[owner] == table.c[owner], former.c.channel_id == old)
        taken = exists().where(former.c[owner] == table.c[owner], former.c.channel_id == new)
        await self._write(delete(table).where(ours, table.c.channel_id == new, poorer, meets))
        await self._write(
            update(table).where(ours, table.c.channel_id == old, ~taken).values(channel_id=new, **values)
        )
        await self._write(delete(table).where(ours, table.c.channel_id == old))
