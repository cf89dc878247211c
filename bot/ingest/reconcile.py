"""Reconcile: what the database says can be found, and what the index holds, are made to agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.documents.repository import Transaction
from bot.documents.upkeep import Visible
from bot.domain import UNDER_WAY, DocumentId, Held, IndexedDocument, WorkspaceId
from bot.ports import VectorIndex

REPAIR_PRIORITY = 1
"""After what people share now."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What differed. `missing` is read anew, `orphans` and `strays` are removed, `moved` is corrected."""

    checked: int = 0
    missing: int = 0
    orphans: int = 0
    strays: int = 0
    moved: int = 0

    @property
    def agree(self) -> bool:
        """Whether there was nothing to repair."""
        return not (self.missing or self.orphans or self.strays or self.moved)

    def __add__(self, other: Reconciled) -> Reconciled:
        return Reconciled(
            self.checked + other.checked,
            self.missing + other.missing,
            self.orphans + other.orphans,
            self.strays + other.strays,
            self.moved + other.moved,
        )


async def reconcile(
    transaction: Transaction, index: VectorIndex, workspace: WorkspaceId, *, now: float, repair: bool = True
) -> Reconciled:
    """Compare one workspace and, unless told not to, repair it. Repeatable, beside running jobs.

    What differs is looked at twice: a job may have published and finished between the two lists.
    """
    held, visible = await _lists(transaction, index, workspace)
    found = Reconciled(checked=len(held.keys() | visible.keys()))
    suspects = {
        document_id: difference
        for document_id in held.keys() | visible.keys()
        if (difference := _difference(document_id, held, visible))
    }
    if suspects:
        held, visible = await _lists(transaction, index, workspace)
    for document_id, difference in suspects.items():
        if _difference(document_id, held, visible) != difference:
            continue
        if await _under_way(transaction, document_id):
            continue
        found = replace(found, **{difference: getattr(found, difference) + 1})
        if repair:
            await _repair(transaction, index, workspace, document_id, difference, visible, now=now)
    return found


async def _lists(
    transaction: Transaction, index: VectorIndex, workspace: WorkspaceId
) -> tuple[Mapping[DocumentId, Held], Mapping[DocumentId, Visible]]:
    held = await index.inventory(workspace)
    async with transaction(reading=True) as tx:
        return held, await tx.documents.visible(workspace)


def _difference(
    document_id: DocumentId, held: Mapping[DocumentId, Held], visible: Mapping[DocumentId, Visible]
) -> str | None:
    ours, theirs = visible.get(document_id), held.get(document_id)
    if ours is None:
        return "orphans"
    if theirs is None or theirs.generation != ours.generation or theirs.chunks != ours.chunks:
        return "missing"
    if theirs.channels != ours.channels:
        return "moved"
    return "strays" if theirs.strays else None


async def _under_way(transaction: Transaction, document_id: DocumentId) -> bool:
    """Whether a job is about to settle the difference by itself."""
    async with transaction(reading=True) as tx:
        document = await tx.documents.get(document_id)
    return document is not None and document.status in UNDER_WAY and document.tombstoned_at is None


async def _repair(
    transaction: Transaction,
    index: VectorIndex,
    workspace: WorkspaceId,
    document_id: DocumentId,
    difference: str,
    visible: Mapping[DocumentId, Visible],
    *,
    now: float,
) -> None:
    if difference == "orphans":
        await index.delete(workspace, document_id)
        return
    ours = visible[document_id]
    if difference == "missing":
        async with transaction() as tx:
            await tx.documents.requeue(document_id, now=now, force=True, priority=REPAIR_PRIORITY)
        return
    as_it_should_be = IndexedDocument(workspace, document_id, ours.generation, ours.title, ours.channels)
    if difference == "moved":
        await index.describe(as_it_should_be)
    else:
        await index.publish(as_it_should_be)
