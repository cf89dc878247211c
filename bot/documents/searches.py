"""What was asked, what it found, and whether that helped."""

from __future__ import annotations

from sqlalchemy import func, select, update

from bot.documents.sql import MAX_WORDS_CHARS, Repository, storable
from bot.documents.tables import SEARCH_LOG
from bot.domain import WorkspaceId


class SearchRepository(Repository):
    """One row per search."""

    async def add(
        self,
        *,
        id: str,  # noqa: A002  # the column's name
        workspace: WorkspaceId,
        asker: str,
        query: str,
        surface: str,
        results: int,
        elapsed_ms: float,
        now: float,
    ) -> None:
        """Note a search. `surface` is where it was asked (command, message, cli). Repeatable by id."""
        await self._insert_or_nothing(
            SEARCH_LOG,
            id=id,
            workspace_id=workspace,
            asker=asker,
            query=storable(query, MAX_WORDS_CHARS),
            surface=surface,
            results=results,
            elapsed_ms=elapsed_ms,
            created_at=now,
        )

    async def vote(self, search_id: str, *, asker: str, vote: int) -> bool:
        """Note whether a search helped (1) or not (-1); False unless it is the asker's own."""
        return (
            await self._write(
                update(SEARCH_LOG)
                .where(SEARCH_LOG.c.id == search_id, SEARCH_LOG.c.asker == asker)
                .values(vote=vote)
            )
            > 0
        )

    async def recent(self, workspace: WorkspaceId, asker: str, limit: int) -> list[str]:
        """What this person asked last, newest first, each question once."""
        latest = func.max(SEARCH_LOG.c.created_at)
        rows = await self._session.scalars(
            select(SEARCH_LOG.c.query)
            .where(SEARCH_LOG.c.workspace_id == workspace, SEARCH_LOG.c.asker == asker)
            .group_by(SEARCH_LOG.c.query)
            .order_by(latest.desc())
            .limit(limit)
        )
        return list(rows)
