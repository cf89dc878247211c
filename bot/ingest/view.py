"""What the index should show of a document, as the database has it now."""

from __future__ import annotations

from dataclasses import dataclass

from bot.documents.repository import Repositories
from bot.documents.tables import Document
from bot.domain import DocumentId, IndexedDocument, Status, WorkspaceId


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


def same_and_indexed(before: Document | None, after: Document | None) -> bool:
    """Whether no job published anything of a document between two looks at it."""
    return (
        before is not None
        and after is not None
        and before.status == after.status == Status.INDEXED
        and before.generation == after.generation
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What a file gave, and as what the index shows it; no pages: nothing changed since it was indexed."""

    shown: IndexedDocument
    pages: int = 0
    chunks: int = 0
    partial: str | None = None
