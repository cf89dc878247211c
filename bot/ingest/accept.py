"""Accept: a file appeared in a channel. One document per file, one share per channel."""

from __future__ import annotations

from bot.documents.repository import Accepted, Transaction
from bot.domain import FileId, Message, Status, WorkspaceId
from bot.ports import VectorIndex


async def accept(
    transaction: Transaction,
    index: VectorIndex,
    workspace: WorkspaceId,
    file_id: FileId,
    message: Message,
    *,
    now: float,
) -> Accepted:
    """Note the document and its share; a document that is indexed already is opened to the new channel.

    Safe to repeat, in any order: the same happening under another event id changes nothing.
    """
    async with transaction() as tx:
        accepted = await tx.documents.accept(workspace, file_id, message, now=now)
        channels = await tx.documents.channels(accepted.document_id)
    if accepted.status is Status.INDEXED:
        await index.set_channels(workspace, accepted.document_id, channels)
    return accepted
