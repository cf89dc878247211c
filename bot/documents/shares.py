"""Where a document appears. Its shares decide who may read it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, or_, select, true, update

from bot.documents.sql import Repository, number_in
from bot.documents.tables import DOCUMENT, SHARE, STATUS_REPLY, Share
from bot.domain import ChannelId, DocumentId, Message, WorkspaceId

SHARED_AT = func.coalesce(func.nullif(number_in(SHARE.c.message_ts), 0.0), SHARE.c.created_at)
"""When a file was shared: its message's time, where that is known."""


class Shares(Repository):
    """At most one share per document and channel."""

    async def _add_share(self, document_id: DocumentId, message: Message, *, now: float) -> bool:
        """Note that a document appears in a channel; whether that is news. Repeatable."""
        created = await self._insert_or_nothing(
            SHARE, document_id=document_id, channel_id=message.channel, created_at=now
        )
        await self.fill_message(document_id, message)
        return created

    async def fill_message(
        self, document_id: DocumentId, message: Message, permalink: str | None = None
    ) -> None:
        """Complete what is known of the share in that channel. Repeatable, in any order.

        Known values stay. A second message with the same file in the same channel changes nothing, and
        a channel without a share doesn't get one: being listed somewhere opens no document.
        """
        same = or_(SHARE.c.message_ts.is_(None), SHARE.c.message_ts == message.ts) if message.ts else true()
        known = {
            "message_ts": message.ts,
            "thread_ts": message.thread_ts,
            "shared_by": message.shared_by,
            "permalink": permalink,
        }
        values = {
            name: func.coalesce(SHARE.c[name], value) for name, value in known.items() if value is not None
        }
        if values:
            await self._write(
                update(SHARE)
                .where(SHARE.c.document_id == document_id, SHARE.c.channel_id == message.channel, same)
                .values(**values)
            )

    async def channels(self, document_id: DocumentId) -> frozenset[ChannelId]:
        """The channels in which a document appears."""
        rows = await self._session.scalars(
            select(SHARE.c.channel_id).where(SHARE.c.document_id == document_id)
        )
        return frozenset(ChannelId(channel) for channel in rows)

    async def all_channels(self, workspace: WorkspaceId) -> frozenset[ChannelId]:
        """For operators: every channel of a workspace in which a document appears."""
        rows = await self._session.scalars(
            select(SHARE.c.channel_id)
            .join(DOCUMENT, DOCUMENT.c.id == SHARE.c.document_id)
            .where(DOCUMENT.c.workspace_id == workspace)
            .distinct()
        )
        return frozenset(ChannelId(channel) for channel in rows)

    async def of(self, document_id: DocumentId) -> Sequence[Share]:
        """A document's shares, oldest first."""
        rows = await self._session.scalars(
            select(Share)
            .where(SHARE.c.document_id == document_id)
            .order_by(SHARE.c.created_at, SHARE.c.channel_id)
        )
        return rows.all()

    async def remove_share(self, document_id: DocumentId, channel: ChannelId) -> bool:
        """Close a document to one channel; whether it was open to it. Repeatable."""
        removed = await self._write(
            delete(SHARE).where(SHARE.c.document_id == document_id, SHARE.c.channel_id == channel)
        )
        await self._drop_unposted_replies(document_id, STATUS_REPLY.c.channel_id == channel)
        return removed > 0

    async def shares_listed(self, document_id: DocumentId, channels: frozenset[ChannelId]) -> list[ChannelId]:
        """Close a document to every channel but these, and tell to which. Repeatable.

        For a source's own list of the channels in which a file appears: it is the truth.
        """
        unlisted = sorted(await self.channels(document_id) - channels)
        for channel in unlisted:
            await self.remove_share(document_id, channel)
        return unlisted

    async def _drop_unposted_replies(self, document_id: DocumentId, *where: ColumnElement[bool]) -> None:
        """What was never announced needs no last word; a reply that may be out is kept up to date."""
        await self._write(
            delete(STATUS_REPLY).where(
                STATUS_REPLY.c.document_id == document_id,
                STATUS_REPLY.c.ts.is_(None),
                STATUS_REPLY.c.posting_since.is_(None),
                *where,
            )
        )
