"""The events that Slack delivered: committed before they are acked, kept until a listener took them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.documents.replicas import is_free
from bot.documents.sql import MAX_WORDS_CHARS, Repository, storable
from bot.documents.tables import INBOX_EVENT, InboxEvent
from bot.domain import WorkspaceId

_UNTAKEN = INBOX_EVENT.c.processed_at.is_(None)
_WAITING = _UNTAKEN & INBOX_EVENT.c.parked_at.is_(None)
_PARKED = _UNTAKEN & INBOX_EVENT.c.parked_at.is_not(None)


class InboxRepository(Repository):
    """One row per event id."""

    async def add(
        self,
        event_id: str,
        workspace: WorkspaceId,
        type_: str,
        body: dict[str, Any],
        *,
        now: float,
    ) -> bool:
        """Keep an event; False when it is known already. Repeatable."""
        return await self._insert_or_nothing(
            INBOX_EVENT, event_id=event_id, workspace_id=workspace, type=type_, body=body, received_at=now
        )

    async def due(self, *, now: float, limit: int, holder: str | None = None) -> Sequence[InboxEvent]:
        """The events to be taken now, in the order of arrival, without what another living replica holds.

        With a `holder` they are claimed for it: what it held before counts as left over from a former look.
        """
        free = is_free(INBOX_EVENT.c.holder) | (INBOX_EVENT.c.holder == holder)
        rows = await self._session.scalars(
            select(InboxEvent)
            .where(_WAITING, INBOX_EVENT.c.not_before <= now, free)
            .order_by(INBOX_EVENT.c.received_at, INBOX_EVENT.c.event_id)
            .limit(limit)
        )
        found = rows.all()
        if found and holder is not None:
            ids = [event.event_id for event in found]
            await self._write(
                update(INBOX_EVENT).where(INBOX_EVENT.c.event_id.in_(ids)).values(holder=holder)
            )
        return found

    async def done(self, event_id: str, *, now: float) -> None:
        """A listener took the event: of it stays that it came, not what it told. Repeatable."""
        await self._write(
            update(INBOX_EVENT)
            .where(INBOX_EVENT.c.event_id == event_id, _UNTAKEN)
            .values(processed_at=now, parked_at=None, error=None, body={})
        )

    async def postpone(self, event_id: str, *, error: str, not_before: float) -> None:
        """The listener raised: to be taken again, by anybody, not before `not_before`."""
        await self._write(
            update(INBOX_EVENT)
            .where(INBOX_EVENT.c.event_id == event_id, _WAITING)
            .values(
                attempts=INBOX_EVENT.c.attempts + 1,
                error=storable(error, MAX_WORDS_CHARS),
                not_before=not_before,
                holder=None,
            )
        )

    async def park(self, event_id: str, *, error: str, now: float) -> None:
        """The listener raised too often: the event is put aside until somebody asks for it again."""
        await self._write(
            update(INBOX_EVENT)
            .where(INBOX_EVENT.c.event_id == event_id, _WAITING)
            .values(
                attempts=INBOX_EVENT.c.attempts + 1,
                error=storable(error, MAX_WORDS_CHARS),
                parked_at=now,
                holder=None,
            )
        )

    async def parked(self, limit: int) -> Sequence[InboxEvent]:
        """The events that were put aside, the latest first."""
        rows = await self._session.scalars(
            select(InboxEvent)
            .where(_PARKED)
            .order_by(INBOX_EVENT.c.parked_at.desc(), INBOX_EVENT.c.event_id)
            .limit(limit)
        )
        return rows.all()

    async def parked_count(self) -> int:
        """How many events are put aside."""
        return await self._session.scalar(select(func.count()).where(_PARKED)) or 0

    async def unpark_all(self, now: float) -> int:
        """Give every event that was put aside all its attempts again, from now on; how many."""
        return await self._write(
            update(INBOX_EVENT).where(_PARKED).values(parked_at=None, attempts=0, not_before=now)
        )

    async def next_due_in(self, *, now: float) -> float | None:
        """Seconds until the next waiting event that nobody holds is due (0 when one is), or None."""
        free = is_free(INBOX_EVENT.c.holder)
        due_at = await self._session.scalar(select(func.min(INBOX_EVENT.c.not_before)).where(_WAITING, free))
        return None if due_at is None else max(0.0, due_at - now)

    async def pending_count(self) -> int:
        """How many events wait for a listener to take them."""
        return await self._session.scalar(select(func.count()).where(_WAITING)) or 0

    async def oldest_waiting_age(self, *, now: float) -> float | None:
        """Seconds since the arrival of the oldest event that waits, or None when none does."""
        received_at = await self._session.scalar(select(func.min(INBOX_EVENT.c.received_at)).where(_WAITING))
        return None if received_at is None else max(0.0, now - received_at)

    async def purge(self, before: float) -> int:
        """Forget the events that were taken before that time; how many."""
        return await self._write(delete(INBOX_EVENT).where(INBOX_EVENT.c.processed_at < before))
