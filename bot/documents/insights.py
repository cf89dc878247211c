"""What people ask and don't find, over all searches of a time: for whoever looks after the files."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select

from bot.documents.searches import MORE
from bot.documents.sql import Repository
from bot.documents.tables import SEARCH_LOG
from bot.domain import WorkspaceId


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, however it was capitalized, and how often it was asked."""

    query: str
    times: int


@dataclass(frozen=True, slots=True)
class Insights:
    """Counts of searches since a time, and the questions behind them, the most frequent first.

    `in_vain` found nothing, `unhelpful` were voted down. Who asked is not told.
    """

    searches: int
    found_nothing: int
    voted_up: int
    voted_down: int
    in_vain: tuple[Asked, ...]
    unhelpful: tuple[Asked, ...]


class InsightRepository(Repository):
    """Reads of the search log."""

    async def insights(self, workspace: WorkspaceId | None, *, since: float, limit: int) -> Insights:
        """Those of a workspace, or (None: for operators) of all; at most `limit` questions of each kind."""
        where = [SEARCH_LOG.c.created_at >= since]
        if workspace is not None:
            where.append(SEARCH_LOG.c.workspace_id == workspace)
        nothing, down = SEARCH_LOG.c.results == 0, SEARCH_LOG.c.vote < 0
        counts = await self._session.execute(
            select(
                func.sum(case((SEARCH_LOG.c.surface != MORE, 1), else_=0)),
                func.sum(case((nothing, 1), else_=0)),
                func.sum(case((SEARCH_LOG.c.vote > 0, 1), else_=0)),
                func.sum(case((down, 1), else_=0)),
            ).where(*where)
        )
        searches, found_nothing, up, voted_down = (number or 0 for number in counts.one())
        return Insights(
            searches=searches,
            found_nothing=found_nothing,
            voted_up=up,
            voted_down=voted_down,
            in_vain=await self._asked([*where, nothing], limit),
            unhelpful=await self._asked([*where, down], limit),
        )

    async def _asked(self, where: list[ColumnElement[bool]], limit: int) -> tuple[Asked, ...]:
        times, alike = func.count(), func.lower(func.trim(SEARCH_LOG.c.query))
        rows = await self._session.execute(
            select(func.max(SEARCH_LOG.c.query), times)
            .where(*where)
            .group_by(alike)
            .order_by(times.desc(), alike)
            .limit(limit)
        )
        return tuple(Asked(query, number) for query, number in rows)
