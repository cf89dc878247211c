"""What the index should show of a document, as the database has it now."""

from __future__ import annotations

from bot.documents.repository import Repositories
from bot.domain import DocumentId, IndexedDocument, WorkspaceId


async def indexed_document(tx: Repositories, document_id: DocumentId) -> IndexedDocument | None:
    """Title and channels of a document that still exists; None for a deleted one."""
    document = await tx.documents.get(document_id)
    if document is None or document.tombstoned_at is not None:
        return None
    return IndexedDocument(
        workspace=WorkspaceId(document.workspace_id),
        document_id=document_id,
        generation=document.generation,
        title=document.title or document.name,
        channels=await tx.documents.channels(document_id),
    )
