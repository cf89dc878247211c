"""Reconcile: what the database says can be found, and what the index holds, are made to agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from bot.documents.repository import Transaction
from bot.documents.tables import Document
from bot.documents.upkeep import Visible
from bot.domain import UNDER_WAY, DocumentId, Held, IndexedDocument, Status, WorkspaceId
from bot.ingest.view import indexed_document, looked_up
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

    What differs is looked at twice: a job may have published and finished between the two lists. And each
    document is looked at once more, since going through them takes a while; from then on what is removed is
    of generations that no job writes any more.
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
        async with transaction(reading=True) as tx:
            document = await tx.documents.get(document_id)
        if not _still(difference, document, visible.get(document_id)):
            continue
        found = replace(found, **{difference: getattr(found, difference) + 1})
        if repair:
            repairer = _Repairer(transaction, index, workspace, document_id, now)
            await repairer.repair(difference, document, held.get(document_id))
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
    if theirs.newest > ours.generation:
        return "missing"
    if theirs.channels != ours.channels:
        return "moved"
    return "strays" if theirs.strays else None


def _still(difference: str, document: Document | None, ours: Visible | None) -> bool:
    """Whether no job has settled the difference by itself meanwhile, or is about to."""
    if document is None or document.tombstoned_at is not None:
        return difference == "orphans"
    if document.status in UNDER_WAY:
        return False
    if document.status == Status.FAILED:
        return difference == "orphans"
    return ours is not None and document.indexed_generation == ours.generation


@dataclass(frozen=True, slots=True)
class _Repairer:
    transaction: Transaction
    index: VectorIndex
    workspace: WorkspaceId
    document_id: DocumentId
    now: float

    async def repair(self, difference: str, document: Document | None, held: Held | None) -> None:
        if document is None or document.tombstoned_at is not None:
            await self.index.delete(self.workspace, self.document_id)
            return
        if held and held.newest > document.generation:  # the database is older: it came out of a backup
            await self.index.delete(self.workspace, self.document_id)
        if difference == "orphans":
            await self.index.delete(self.workspace, self.document_id, document.generation + 1)
        elif difference == "missing":
            await self._read_anew(document.generation)
        elif (shown := await self._indexed(document.generation)) is not None:
            if difference == "moved":
                await self.index.describe(shown, looked_up(self.transaction, self.document_id))
            else:
                await self.index.publish(shown, partial(self._indexed, document.generation))

    async def _read_anew(self, generation: int) -> None:
        async with self.transaction() as tx:
            document = await tx.documents.get(self.document_id)
            if document is not None and document.generation == generation:
                await tx.documents.requeue(
                    self.document_id, now=self.now, force=True, priority=REPAIR_PRIORITY
                )

    async def _indexed(self, generation: int) -> IndexedDocument | None:
        """The document, if it is still indexed in that generation."""
        async with self.transaction(reading=True) as tx:
            document = await tx.documents.get(self.document_id)
            as_before = document is not None and document.status == Status.INDEXED
            shown = await indexed_document(tx, self.document_id)
        return shown if as_before and shown and shown.generation == generation else None
