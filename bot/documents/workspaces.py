"""The workspaces that we serve."""

from __future__ import annotations

from sqlalchemy import select, update

from bot.documents.sql import MAX_NAME_CHARS, Repository, storable
from bot.documents.tables import WORKSPACE, Workspace
from bot.domain import WorkspaceId


class WorkspaceRepository(Repository):
    """One row per Slack team, made on first sight."""

    async def ensure(
        self,
        workspace: WorkspaceId,
        *,
        now: float,
        name: str = "",
        domain: str = "",
        bot_user_id: str | None = None,
        bot_id: str | None = None,
    ) -> None:
        """Make the row, or bring it up to date; what isn't given stays. Repeatable."""
        await self._insert_or_nothing(WORKSPACE, id=workspace, installed_at=now)
        given = {
            "name": storable(name, MAX_NAME_CHARS),
            "domain": storable(domain, MAX_NAME_CHARS),
            "bot_user_id": bot_user_id,
            "bot_id": bot_id,
        }
        values = {column: value for column, value in given.items() if value}
        if values:
            await self._write(update(WORKSPACE).where(WORKSPACE.c.id == workspace).values(**values))

    async def get(self, workspace: WorkspaceId) -> Workspace | None:
        """A workspace by its id."""
        return (await self._session.scalars(select(Workspace).where(WORKSPACE.c.id == workspace))).first()
