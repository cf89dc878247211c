"""For operators, who look after the documents of all workspaces: lists and figures, never a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from bot.documents.sql import Repository
from bot.documents.tables import DOCUMENT, Document
from bot.domain import Status

_THERE = DOCUMENT.c.tombstoned_at.is_(None)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of documents, and how many there are on all pages."""

    documents: Sequence[Document]
    total: int


class OverviewRepository(Repository):
    """Reads over all workspaces."""

    async def overview(self, *, status: Status | None, words: str, limit: int, offset: int) -> Listed:
        """Documents that were not deleted, the last changed first; `words` stand in a title or are an id."""
        conditions: list[ColumnElement[bool]] = [_THERE]
        if status is not None:
            conditions.append(DOCUMENT.c.status == status)
        if words:
            named = (DOCUMENT.c.title, DOCUMENT.c.name)
            said = [column.icontains(words, autoescape=True) for column in named]
            conditions.append(or_(*said, DOCUMENT.c.id == words, DOCUMENT.c.file_id == words))
        rows = await self._session.scalars(
            select(Document)
            .where(*conditions)
            .order_by(DOCUMENT.c.changed_at.desc(), DOCUMENT.c.id)
            .limit(limit)
            .offset(offset)
        )
        total = await self._session.scalar(select(func.count()).select_from(DOCUMENT).where(*conditions))
        return Listed(rows.all(), total or 0)

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
