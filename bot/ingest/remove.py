"""Remove: a file was deleted, or no longer appears in a channel.

The database goes first, since reads check it last: what is removed is unfindable at once, even
while the index still holds it. The index follows at once, and `reconcile` verifies that it did.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.documents.repository import Transaction
from bot.domain import ChannelId, DocumentId, FileId, Message, WorkspaceId
from bot.ingest.view import indexed_document, looked_up
from bot.ports import VectorIndex

NEVER = 0.0
"""When Slack was asked for a file that has to be asked for soon."""


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
    """Close a document to one channel at once. Repeatable.

    Upkeep soon asks Slack: the event may have come late, after the file was shared there again; a
    document without any share is dropped then.
    """
    async with transaction() as tx:
        document = await tx.documents.find(workspace, file_id)
        if document is None:
            return None
        document_id = DocumentId(document.id)
        await tx.documents.remove_share(document_id, channel)
        await tx.documents.checked(document_id, now=NEVER)
    await follow_shares(transaction, index, workspace, [document_id])
    return document_id


async def remove_message(
    transaction: Transaction, index: VectorIndex, workspace: WorkspaceId, file_id: FileId, message: Message
) -> DocumentId | None:
    """Close a document to a channel when the message that shared it there was deleted. Repeatable.

    A share that another message of that channel made stays.
    """
    async with transaction(reading=True) as tx:
        document = await tx.documents.find(workspace, file_id)
        shares = await tx.documents.of(DocumentId(document.id)) if document else ()
    for share in shares:
        if share.channel_id == message.channel and share.message_ts in {message.ts, None}:
            return await remove_share(transaction, index, workspace, file_id, message.channel)
    return None


async def follow_shares(
    transaction: Transaction,
    index: VectorIndex,
    workspace: WorkspaceId,
    document_ids: Sequence[DocumentId],
    *,
    drop: bool = False,
) -> None:
    """Make the index show documents where they are shared now, and nowhere else. Repeatable.

    `drop` removes those that are shared nowhere.
    """
    for document_id in document_ids:
        async with transaction() as tx:
            dropped = drop and await tx.documents.drop_unshared(document_id)
            visible = None if dropped else await indexed_document(tx, document_id)
        if visible is not None:
            await index.describe(visible, looked_up(transaction, document_id))
        else:
            await index.delete(workspace, document_id)
