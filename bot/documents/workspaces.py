"""The workspaces that we serve."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from bot.documents.choices import Choices
from bot.documents.installation_tables import INSTALLATION
from bot.documents.sql import MAX_NAME_CHARS, storable
from bot.documents.tables import (
    BACKFILL,
    CONVERSATION,
    DOCUMENT,
    INBOX_EVENT,
    REEMBEDDING,
    SEARCH_LOG,
    TURN,
    WORKSPACE,
    Workspace,
)
from bot.domain import WorkspaceId


class WorkspaceRepository(Choices):
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
        """Make the row, or bring it up to date; what isn't given stays. Repeatable.

        Whoever calls it has heard from the workspace: it is installed.
        """
        await self._insert_or_nothing(WORKSPACE, id=workspace, installed_at=now)
        given = {
            "name": storable(name, MAX_NAME_CHARS),
            "domain": storable(domain, MAX_NAME_CHARS),
            "bot_user_id": bot_user_id,
            "bot_id": bot_id,
        }
        values = {column: value for column, value in given.items() if value}
        await self._write(
            update(WORKSPACE).where(WORKSPACE.c.id == workspace).values(uninstalled_at=None, **values)
        )

    async def get(self, workspace: WorkspaceId) -> Workspace | None:
        """A workspace by its id."""
        return (await self._session.scalars(select(Workspace).where(WORKSPACE.c.id == workspace))).first()

    async def all(self) -> Sequence[Workspace]:
        """Every workspace, also those that uninstalled us, by id."""
        return (await self._session.scalars(select(Workspace).order_by(WORKSPACE.c.id))).all()

    async def uninstall(self, workspace: WorkspaceId, *, now: float) -> None:
        """Note that a workspace uninstalled us: its tokens go, nothing of it is claimed. Repeatable."""
        await self._write(delete(INSTALLATION).where(INSTALLATION.c.workspace_id == workspace))
        await self._write(
            update(WORKSPACE)
            .where(WORKSPACE.c.id == workspace, WORKSPACE.c.uninstalled_at.is_(None))
            .values(uninstalled_at=now)
        )

    async def uninstalled_before(self, time: float) -> list[WorkspaceId]:
        """The workspaces that uninstalled us before that time, the first to go first."""
        rows = await self._session.scalars(
            select(WORKSPACE.c.id)
            .where(WORKSPACE.c.uninstalled_at < time)
            .order_by(WORKSPACE.c.uninstalled_at, WORKSPACE.c.id)
        )
        return [WorkspaceId(workspace) for workspace in rows]

    async def purge(self, workspace: WorkspaceId) -> None:
        """Delete every row of a workspace, and with its documents their shares and replies. Repeatable."""
        for table in (
            DOCUMENT,
            INBOX_EVENT,
            SEARCH_LOG,
            BACKFILL,
            TURN,
            CONVERSATION,
            REEMBEDDING,
            INSTALLATION,
        ):
            await self._write(delete(table).where(table.c.workspace_id == workspace))
        await self._write(delete(WORKSPACE).where(WORKSPACE.c.id == workspace))
