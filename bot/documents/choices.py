"""What a workspace chose for itself."""

from __future__ import annotations

from sqlalchemy import select, update

from bot.documents.sql import Repository
from bot.documents.tables import WORKSPACE
from bot.domain import ChannelId, WorkspaceId, WorkspaceSettings


class Choices(Repository):
    """One value a workspace, in its row."""

    async def settings(self, workspace: WorkspaceId) -> WorkspaceSettings:
        """What was chosen; the narrow defaults for a workspace that is not known."""
        stored = await self._session.scalar(select(WORKSPACE.c.settings).where(WORKSPACE.c.id == workspace))
        return WorkspaceSettings.of(stored or {})

    async def choose(self, workspace: WorkspaceId, settings: WorkspaceSettings, *, now: float) -> None:
        """From now on it is this. Repeatable."""
        await self._insert_or_nothing(WORKSPACE, id=workspace, installed_at=now)
        stored = await self._session.scalar(select(WORKSPACE.c.settings).where(WORKSPACE.c.id == workspace))
        await self._write(
            update(WORKSPACE)
            .where(WORKSPACE.c.id == workspace)
            .values(settings=(stored or {}) | settings.as_json())
        )

    async def rename_ignored(self, workspace: WorkspaceId, old: ChannelId, new: ChannelId) -> None:
        """An ignored channel has another id now: both are ignored. Repeatable."""
        settings = await self.settings(workspace)
        if old in settings.ignored:
            stored = settings.as_json() | {"ignored": sorted({*settings.ignored, new})}
            await self._write(update(WORKSPACE).where(WORKSPACE.c.id == workspace).values(settings=stored))
