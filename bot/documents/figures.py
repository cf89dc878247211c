"""What the database holds, in numbers: for whoever runs the bot."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, inspect, select, table, text

from bot.documents.sql import Repository
from bot.documents.tables import DOCUMENT, WORKSPACE

PARTS_OF_A_KEYWORD_INDEX = ("_config", "_content", "_data", "_docsize", "_idx")
"""Of the names of tables that FTS5 keeps for itself."""


@dataclass(frozen=True, slots=True)
class SpaceFigures:
    """An embedding space and what is searched in it; `space` is None for what isn't noted yet."""

    space: str | None
    workspaces: int
    documents: int
    passages: int


class FigureRepository(Repository):
    """Reads of everything, in whatever workspace."""

    async def schema(self) -> str:
        """The version of the schema."""
        version = await self._session.scalar(text("SELECT version_num FROM alembic_version"))
        return str(version)

    async def size_on_server(self) -> int:
        """Bytes that PostgreSQL stores of the database."""
        return int(await self._session.scalar(text("SELECT pg_database_size(current_database())")) or 0)

    async def tables(self) -> dict[str, int]:
        """How many rows each table has, by name."""
        connection = await self._session.connection()
        names: list[str] = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        kept = sorted(name for name in names if not name.endswith(PARTS_OF_A_KEYWORD_INDEX))
        return {
            name: await self._session.scalar(select(func.count()).select_from(table(name))) or 0
            for name in kept
        }

    async def spaces(self) -> list[SpaceFigures]:
        """What is searched in which embedding space."""
        visible = DOCUMENT.c.indexed_hash.is_not(None) & DOCUMENT.c.tombstoned_at.is_(None)
        rows = await self._session.execute(
            select(
                WORKSPACE.c.embedding_space,
                func.count(WORKSPACE.c.id.distinct()),
                func.count(DOCUMENT.c.id),
                func.coalesce(func.sum(DOCUMENT.c.chunks), 0),
            )
            .select_from(WORKSPACE)
            .outerjoin(DOCUMENT, (DOCUMENT.c.workspace_id == WORKSPACE.c.id) & visible)
            .group_by(WORKSPACE.c.embedding_space)
            .order_by(WORKSPACE.c.embedding_space.nulls_first())
        )
        return [SpaceFigures(*row) for row in rows]
