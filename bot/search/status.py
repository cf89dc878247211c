"""Status: how many documents there are and what became of the latest, within a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.documents.repository import Transaction
from bot.documents.spaces import preparing
from bot.documents.tables import Document
from bot.domain import DocumentId, Scope, Status


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Counts by status, and the documents that changed last, newest first.

    `queue_places` says by document id how many of the same scope are read before it.
    """

    counts: dict[Status, int]
    documents: Sequence[Document]
    queue_places: dict[str, int]
    preparing: str | None = None


async def status(transaction: Transaction, scope: Scope, limit: int) -> StatusReport:
    """What the scope may know of; documents outside of it count as if they weren't there."""
    async with transaction(reading=True) as tx:
        documents = await tx.documents.latest(scope, limit)
        places = {
            document.id: place
            for document in documents
            if document.status == Status.PENDING
            and (place := await tx.documents.queue_place(scope, DocumentId(document.id))) is not None
        }
        under_way = await tx.reembeddings.get(scope.workspace)
        return StatusReport(await tx.documents.counts(scope), documents, places, preparing(under_way))
