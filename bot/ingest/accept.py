"""Accept: a file appeared in a channel. One document per file, one share per channel."""

from __future__ import annotations

from bot.documents.repository import Accepted, Transaction
from bot.domain import FileId, Message, WorkspaceId
from bot.ingest.view import indexed_document, looked_up
from bot.ports import VectorIndex


async def accept(
    transaction: Transaction,
    index: VectorIndex,
    workspace: WorkspaceId,
    file_id: FileId,
    message: Message,
    *,
    priority: int = 0,
    now: float,
) -> Accepted:
    """Note the document and its share; what can be found of it already is opened to the new channel.

    Safe to repeat, in any order: the same happening under another event id changes nothing.
    """
    async with transaction() as tx:
        accepted = await tx.documents.accept(workspace, file_id, message, priority=priority, now=now)
        visible = None if accepted.created else await indexed_document(tx, accepted.document_id)
    if visible is not None:
        await index.describe(visible, looked_up(transaction, accepted.document_id))
    return accepted
