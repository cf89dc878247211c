"""Which embedding space each workspace is searched in, and its way into another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from bot.documents.sql import MAX_WORDS_CHARS, Repository, storable
from bot.documents.tables import DOCUMENT, REEMBEDDING, WORKSPACE, Reembedding
from bot.domain import Status, WorkspaceId


class ReembeddingRepository(Repository):
    """A row a workspace, only while its documents are embedded anew or former vectors are removed."""

    async def spaces(self, *, installed: bool = False) -> dict[WorkspaceId, str | None]:
        """The space of every workspace, or of those that have us `installed`; None where it isn't noted."""
        query = select(WORKSPACE.c.id, WORKSPACE.c.embedding_space).order_by(WORKSPACE.c.id)
        if installed:
            query = query.where(WORKSPACE.c.uninstalled_at.is_(None))
        rows = await self._session.execute(query)
        return {WorkspaceId(row.id): row.embedding_space for row in rows}

    async def note(self, workspace: WorkspaceId, space: str) -> None:
        """Note which space a workspace's documents are in, unless that is known. Repeatable."""
        await self._write(
            update(WORKSPACE)
            .where(WORKSPACE.c.id == workspace, WORKSPACE.c.embedding_space.is_(None))
            .values(embedding_space=space)
        )

    async def get(self, workspace: WorkspaceId) -> Reembedding | None:
        """How far a workspace is, or None when there is nothing to do."""
        rows = await self._session.scalars(select(Reembedding).where(REEMBEDDING.c.workspace_id == workspace))
        return rows.first()

    async def all(self) -> Sequence[Reembedding]:
        """Every workspace that is under way, by id."""
        rows = await self._session.scalars(select(Reembedding).order_by(REEMBEDDING.c.workspace_id))
        return rows.all()

    async def visible(self, workspace: WorkspaceId) -> int:
        """How many documents of a workspace searches see."""
        found = await self._session.scalar(
            select(func.count()).where(
                DOCUMENT.c.workspace_id == workspace,
                DOCUMENT.c.indexed_hash.is_not(None),
                DOCUMENT.c.tombstoned_at.is_(None),
            )
        )
        return found or 0

    async def people_wait(self, *, now: float) -> bool:
        """Whether a file that people shared is to be read now, or is being read."""
        under_way = or_(
            DOCUMENT.c.status == Status.PROCESSING,
            and_(DOCUMENT.c.status == Status.PENDING, DOCUMENT.c.not_before <= now, DOCUMENT.c.priority == 0),
        )
        return bool(await self._session.scalar(select(select(DOCUMENT.c.id).where(under_way).exists())))

    async def begin(self, workspace: WorkspaceId, space: str, *, now: float) -> Reembedding:
        """Go to a space, or go on there. What was begun for another one is left over. Repeatable."""
        found = await self.get(workspace)
        if found is None:
            await self._insert_or_nothing(
                REEMBEDDING, workspace_id=workspace, space=space, started_at=now, changed_at=now,
                done=0, total=0, leftover=[], not_before=0.0, attempts=0,
            )  # fmt: skip  # a row
        elif found.space != space:
            leftover = [label for label in found.leftover if label != space] + [found.space]
            await self._change(
                workspace, space=space, leftover=leftover, started_at=now, changed_at=now, done=0, total=0,
                attempts=0, not_before=0.0, error=None,
            )  # fmt: skip  # a row
        row = await self.get(workspace)
        if row is None:
            raise LookupError(workspace)
        return row

    async def advance(self, workspace: WorkspaceId, done: int, total: int, *, now: float) -> None:
        """Note how far it is; whatever failed before is over."""
        await self._change(
            workspace, done=done, total=total, changed_at=now, attempts=0, not_before=0.0, error=None
        )

    async def postpone(
        self, workspace: WorkspaceId, *, error: str, attempts: int, not_before: float, now: float
    ) -> None:
        """Note why it doesn't go on, and when it is tried again."""
        await self._change(
            workspace,
            error=storable(error, MAX_WORDS_CHARS),
            attempts=attempts,
            not_before=not_before,
            changed_at=now,
        )

    async def switch(self, workspace: WorkspaceId, space: str, *, now: float) -> None:
        """From now on searches use this space; the former one is left over. Repeatable."""
        found = await self.begin(workspace, space, now=now)
        former = await self._session.scalar(
            select(WORKSPACE.c.embedding_space).where(WORKSPACE.c.id == workspace)
        )
        leftover = {*found.leftover, former} - {space, None}
        await self._change(workspace, leftover=sorted(leftover), changed_at=now)
        await self._write(update(WORKSPACE).where(WORKSPACE.c.id == workspace).values(embedding_space=space))

    async def end(self, workspace: WorkspaceId) -> None:
        """There is nothing left to do. Repeatable."""
        await self._write(delete(REEMBEDDING).where(REEMBEDDING.c.workspace_id == workspace))

    async def _change(self, workspace: WorkspaceId, **values: Any) -> None:  # noqa: ANN401  # column values
        await self._write(update(REEMBEDDING).where(REEMBEDDING.c.workspace_id == workspace).values(**values))
