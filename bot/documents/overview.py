"""For operators, who look after the documents of all workspaces: lists and figures, never a text.

With a workspace for its admins, who look after its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from bot.documents.reads import within
from bot.documents.sql import Repository, among
from bot.documents.tables import DOCUMENT, Document
from bot.domain import DocumentId, Scope, Status, WorkspaceId

_THERE = DOCUMENT.c.tombstoned_at.is_(None)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of documents, how many there are on all pages, and whose names may be told."""

    documents: Sequence[Document]
    total: int
    named: frozenset[DocumentId]


class OverviewRepository(Repository):
    """Reads over all workspaces."""

    async def overview(
        self, *, status: Status | None, words: str, limit: int, offset: int, scope: Scope | None = None
    ) -> Listed:
        """Documents that were not deleted, the last changed first; `words` stand in a title or are an id.

        With a scope those of its workspace alone; whether words stand in a title says only one that it reads.
        """
        conditions: list[ColumnElement[bool]] = [_THERE]
        told = within(scope) if scope else true()
        if scope:
            conditions.append(DOCUMENT.c.workspace_id == scope.workspace)
        if status is not None:
            conditions.append(DOCUMENT.c.status == status)
        if words:
            named = (DOCUMENT.c.title, DOCUMENT.c.name)
            said = or_(*(column.icontains(words, autoescape=True) for column in named))
            conditions.append(or_(and_(said, told), DOCUMENT.c.id == words, DOCUMENT.c.file_id == words))
        rows = await self._session.scalars(
            select(Document)
            .where(*conditions)
            .order_by(DOCUMENT.c.changed_at.desc(), DOCUMENT.c.id)
            .limit(limit)
            .offset(offset)
        )
        documents = rows.all()
        total = await self._session.scalar(select(func.count()).select_from(DOCUMENT).where(*conditions))
        shown = among({DocumentId(one.id) for one in documents})
        names = await self._session.scalars(select(DOCUMENT.c.id).where(DOCUMENT.c.id.in_(shown), told))
        return Listed(documents, total or 0, frozenset(names))

    async def counts_of(self, workspace: WorkspaceId | None) -> dict[Status, int]:
        """How many documents there are by status, in a workspace or in all; each status is there."""
        where = [_THERE] if workspace is None else [_THERE, DOCUMENT.c.workspace_id == workspace]
        rows = await self._session.execute(
            select(DOCUMENT.c.status, func.count()).where(*where).group_by(DOCUMENT.c.status)
        )
        return dict.fromkeys(Status, 0) | {Status(status): number for status, number in rows}

    async def indexed_between(self, since: float, before: float) -> int:
        """How many documents were indexed from `since` on, and before `before`."""
        return (
            await self._session.scalar(
                select(func.count())
                .select_from(DOCUMENT)
                .where(_THERE, DOCUMENT.c.indexed_at >= since, DOCUMENT.c.indexed_at < before)
            )
            or 0
        )
