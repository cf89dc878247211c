"""The processes that share the work: which of them live, who is the eldest, what the dead ones held.

A replica lives as long as its row is there. It renews the row's lease; whoever finds a lapsed one deletes
it, and what that replica held is free from then on: `holder` of a document, an event or a question counts
only while the row of that id exists. A replica that was given up never comes back under its old id.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, literal_column, select, update
from sqlmodel import Field, SQLModel

from bot.documents.sql import Repository

CHANNEL = "faultmaven"
"""Of Postgres' NOTIFY: what replicas tell each other."""
ALONE = "alone"
"""Who holds what a process claims that shares its work with nobody: no replica has that id."""


class Replica(SQLModel, table=True):
    """One process. `number` grows: the smallest is the eldest, who does the work that one does for all."""

    __tablename__ = "replica"

    id: str = Field(primary_key=True)
    number: int = Field(unique=True)
    lease_until: float


REPLICA = SQLModel.metadata.tables["replica"]

_CLOCKS = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
}


def is_free(holder: ColumnElement[str | None]) -> ColumnElement[bool]:
    """Whether nobody alive holds something."""
    return holder.is_(None) | holder.not_in(select(REPLICA.c.id))


class ReplicaRepository(Repository):
    """One row per living process."""

    async def clock(self) -> float:
        """The time by the database's clock, which is the same for all: machines' own clocks differ."""
        dialect = self._session.get_bind().dialect.name
        return float((await self._session.scalar(select(literal_column(_CLOCKS[dialect])))) or 0.0)

    async def join(self, replica: str, *, lease_until: float) -> None:
        """A new process is there, the youngest."""
        youngest = await self._session.scalar(select(func.coalesce(func.max(REPLICA.c.number), 0))) or 0
        await self._insert_or_nothing(REPLICA, id=replica, number=youngest + 1, lease_until=lease_until)

    async def beat(self, replica: str, *, lease_until: float) -> bool:
        """Renew a lease; False when somebody gave this replica up: what it held is others'."""
        renewed = update(REPLICA).where(REPLICA.c.id == replica).values(lease_until=lease_until)
        return await self._write(renewed) > 0

    async def give_up(self, *, lapsed_at: float) -> Sequence[str]:
        """Delete the replicas whose lease had lapsed by then; their ids."""
        lapsed = select(REPLICA.c.id).where(REPLICA.c.lease_until < lapsed_at)
        # One that is renewing its lease just now is alive.
        found = (await self._session.scalars(lapsed.with_for_update(skip_locked=True))).all()
        if found:
            await self._write(delete(REPLICA).where(REPLICA.c.id.in_(found)))
        return found

    async def leave(self, replica: str) -> None:
        """A process ends: what it held is free. Repeatable."""
        await self._write(delete(REPLICA).where(REPLICA.c.id == replica))

    async def clear(self) -> None:
        """Nobody else lives, as whoever has the folder's lock knows."""
        await self._write(delete(REPLICA))

    async def living(self) -> Sequence[str]:
        """The ids of all, the eldest first."""
        return (await self._session.scalars(select(REPLICA.c.id).order_by(REPLICA.c.number))).all()

    async def tell(self, notices: Sequence[str]) -> None:
        """Tell all replicas that listen, when this transaction is committed. SQLite has no others."""
        if self._session.get_bind().dialect.name == "postgresql":
            for notice in notices:
                await self._session.execute(select(func.pg_notify(CHANNEL, notice)))
