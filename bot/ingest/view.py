"""What the index should show of a document, as the database has it now."""

from __future__ import annotations

from dataclasses import dataclass

from bot.documents.repository import Repositories, Transaction
from bot.documents.tables import Document
from bot.domain import DocumentId, IndexedDocument, Job, Status, WorkspaceId
from bot.ports import Current


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


def looked_up(transaction: Transaction, document_id: DocumentId) -> Current:
    """For who tells the index where a document is shown now: what the database says when it is asked."""

    async def current() -> IndexedDocument | None:
        async with transaction(reading=True) as tx:
            return await indexed_document(tx, document_id)

    return current


def owned_by(transaction: Transaction, job: Job) -> Current:
    """For a job that publishes: the same, and nothing once the job has lost its document.

    The index asks while it keeps others from the document: who has it next publishes after this one.
    """

    async def current() -> IndexedDocument | None:
        async with transaction(reading=True) as tx:
            document = await tx.documents.get(DocumentId(job.key))
            ours = document is not None and document.token == job.token
            return await indexed_document(tx, DocumentId(job.key)) if ours else None

    return current


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
