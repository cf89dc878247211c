"""Remove: a file was deleted, or no longer appears in a channel.

The database goes first, since reads check it last: what is removed is unfindable at once, even
while the index still holds it.
"""

from __future__ import annotations

from bot.documents.repository import Transaction
from bot.domain import ChannelId, DocumentId, FileId, Message, WorkspaceId
from bot.ports import VectorIndex


async def remove_file(
    transaction: Transaction, index: VectorIndex, workspace: WorkspaceId, file_id: FileId, *, now: float
) -> DocumentId | None:
    """Tombstone a file and drop its chunks; a file never seen leaves a tombstone too. Repeatable."""
    async with transaction() as tx:
        document_id = await tx.documents.tombstone(workspace, file_id, now=now)
    if document_id is not None:
        await index.delete(workspace, document_id)
    return document_id


async def remove_share(
    transaction: Transaction, index: VectorIndex, workspace: WorkspaceId, file_id: FileId, channel: ChannelId
) -> DocumentId | None:
    """Close a document to one channel; with no share left nobody reads it. Repeatable."""
    async with transaction() as tx:
        document = await tx.documents.find(workspace, file_id)
        if document is None:
            return None
        document_id = DocumentId(document.id)
        await tx.documents.remove_share(document_id, channel)
        channels = await tx.documents.channels(document_id)
    await index.set_channels(workspace, document_id, channels)
    return document_id


async def remove_message(
    transaction: Transaction, index: VectorIndex, workspace: WorkspaceId, file_id: FileId, message: Message
) -> DocumentId | None:
    """Close a document to a channel when the message that shared it there was deleted. Repeatable.

    A file that another message of that channel shares, too, keeps its share.
    """
    async with transaction() as tx:
        document = await tx.documents.find(workspace, file_id)
        shares = await tx.documents.of(DocumentId(document.id)) if document else ()
    for share in shares:
        if share.channel_id == message.channel and share.message_ts in {message.ts, None}:
            return await remove_share(transaction, index, workspace, file_id, message.channel)
    return None
