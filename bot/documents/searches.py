"""What was asked, what it found, and whether that helped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select, true, update

from bot.documents.sql import MAX_WORDS_CHARS, Repository, storable
from bot.documents.tables import SEARCH_LOG, SearchLog
from bot.domain import ChannelId, WorkspaceId

MORE = "more"
"""The surface of what isn't asked anew: further results of a search before it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage that somebody was shown; of a file without a passage, its first one."""

    document: str
    generation: int
    ordinal: int = 0
    page: int = 1


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
        """Note a search. `surface` is how it was asked (command, mention, more, cli, …). Repeatable by id.

        `query` is as `search.parse.typed` writes it.
        """
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

    async def showed(self, search_id: str, shown: Sequence[Shown], channel: ChannelId | None) -> None:
        """Note what people saw of a search, best first, and where. Repeatable."""
        values = {"shown": [asdict(one) for one in shown], "channel_id": channel}
        await self._write(update(SEARCH_LOG).where(SEARCH_LOG.c.id == search_id).values(**values))

    async def get(self, workspace: WorkspaceId, search_id: str) -> SearchLog | None:
        """A search by its id."""
        rows = await self._session.scalars(
            select(SearchLog).where(SEARCH_LOG.c.id == search_id, SEARCH_LOG.c.workspace_id == workspace)
        )
        return rows.first()

    async def vote(self, search_id: str, *, asker: str, vote: int) -> bool:
        """Note whether a search helped (1) or not (-1); False unless it is the asker's own. Repeatable."""
        return await self._judge(search_id, asker, vote=vote)

    async def comment(self, search_id: str, *, asker: str, comment: str) -> bool:
        """Note why it did or didn't help; False unless it is the asker's own. Repeatable."""
        return await self._judge(search_id, asker, comment=storable(comment, MAX_WORDS_CHARS))

    async def _judge(self, search_id: str, asker: str, **values: int | str) -> bool:
        own = (SEARCH_LOG.c.id == search_id, SEARCH_LOG.c.asker == asker)
        return await self._write(update(SEARCH_LOG).where(*own).values(**values)) > 0

    async def voted(self, limit: int, workspace: WorkspaceId | None = None) -> Sequence[SearchLog]:
        """For operators: the searches of a workspace, or of all, that people voted on, the latest first."""
        mine = SEARCH_LOG.c.workspace_id == workspace if workspace else true()
        rows = await self._session.scalars(
            select(SearchLog)
            .where(SEARCH_LOG.c.vote.is_not(None), mine)
            .order_by(SEARCH_LOG.c.created_at.desc(), SEARCH_LOG.c.id)
            .limit(limit)
        )
        return rows.all()

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
