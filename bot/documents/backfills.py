"""What was shared in a channel before we came: offered in it, then accepted page by page."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from bot.correlation import current
from bot.documents.sql import MAX_WORDS_CHARS, Repository, storable
from bot.documents.tables import BACKFILL, WORKSPACE, Backfill
from bot.domain import ChannelId, UserId, WorkspaceId


class BackfillState(StrEnum):
    """What became of an offer to index what was shared before."""

    OFFERED = "offered"
    RUNNING = "running"
    DONE = "done"
    DECLINED = "declined"
    FAILED = "failed"


OPEN = frozenset({BackfillState.OFFERED, BackfillState.RUNNING})
"""Those about which something is still to be said or done."""
STARTABLE = frozenset({BackfillState.OFFERED, BackfillState.DECLINED, BackfillState.FAILED})


class BackfillRepository(Repository):
    """One row per channel."""

    async def offer(self, workspace: WorkspaceId, channel: ChannelId, *, now: float) -> bool:
        """Begin an offer; whether a message with it has to be posted. Repeatable.

        Not while one is known to be posted or to run. What was done, declined or failed before is
        offered anew, and starts from the first page: we were invited again.
        """
        await self._insert_or_nothing(WORKSPACE, id=workspace, installed_at=now)
        closed = BACKFILL.c.state.not_in(sorted(OPEN))
        unposted = (BACKFILL.c.state == BackfillState.OFFERED) & BACKFILL.c.message_ts.is_(None)
        here = (BACKFILL.c.workspace_id == workspace, BACKFILL.c.channel_id == channel)
        await self._write(delete(BACKFILL).where(*here, closed | unposted))
        return await self._insert_or_nothing(
            BACKFILL,
            workspace_id=workspace,
            channel_id=channel,
            state=BackfillState.OFFERED,
            created_at=now,
            changed_at=now,
        )

    async def offered(self, workspace: WorkspaceId, channel: ChannelId, message_ts: str) -> None:
        """Our message `message_ts` shows the offer, and later the progress. Repeatable."""
        await self._update(workspace, channel, message_ts=message_ts)

    async def start(
        self, workspace: WorkspaceId, channel: ChannelId, *, requested_by: UserId, now: float
    ) -> bool:
        """Somebody wants it: it runs, or goes on where it failed. False when it runs or is done already."""
        return await self._update(
            workspace,
            channel,
            BACKFILL.c.state.in_(sorted(STARTABLE)),
            state=BackfillState.RUNNING,
            requested_by=requested_by,
            correlation_id=current(),
            not_before=now,
            attempts=0,
            error=None,
            changed_at=now,
        )

    async def decline(self, workspace: WorkspaceId, channel: ChannelId, *, now: float) -> bool:
        """Nobody wants it, or no longer: an offer ends, and what is running stops. Whether one did."""
        return await self._update(
            workspace,
            channel,
            BACKFILL.c.state.in_(sorted(OPEN)),
            state=BackfillState.DECLINED,
            changed_at=now,
        )

    async def due(self, *, now: float) -> Sequence[Backfill]:
        """The running ones whose next page may be listed now, those that went on last at the end."""
        rows = await self._session.scalars(
            select(Backfill)
            .join(WORKSPACE, WORKSPACE.c.id == BACKFILL.c.workspace_id)
            .where(
                BACKFILL.c.state == BackfillState.RUNNING,
                BACKFILL.c.not_before <= now,
                WORKSPACE.c.uninstalled_at.is_(None),
            )
            .order_by(BACKFILL.c.changed_at, BACKFILL.c.workspace_id, BACKFILL.c.channel_id)
        )
        return rows.all()

    async def advance(
        self,
        workspace: WorkspaceId,
        channel: ChannelId,
        *,
        page: int,
        found: int,
        accepted: int,
        skipped: int,
        now: float,
    ) -> bool:
        """A page was read: `page` is the next one, the numbers are that page's and are added up.

        Whether it still runs. To repeat it adds nothing: pages only go forward.
        """
        running = BACKFILL.c.state == BackfillState.RUNNING
        await self._update(
            workspace,
            channel,
            running,
            BACKFILL.c.page < page,
            page=page,
            found=BACKFILL.c.found + found,
            accepted=BACKFILL.c.accepted + accepted,
            skipped=BACKFILL.c.skipped + skipped,
            attempts=0,
            error=None,
            changed_at=now,
        )
        return await self._is(workspace, channel, running)

    async def finish(self, workspace: WorkspaceId, channel: ChannelId, *, now: float) -> bool:
        """The last page was read; whether it was still running."""
        return await self._end(workspace, channel, BackfillState.DONE, now=now, error=None)

    async def fail(self, workspace: WorkspaceId, channel: ChannelId, *, error: str, now: float) -> bool:
        """It is given up, with a sentence that says why; whether it was still running."""
        words = storable(error, MAX_WORDS_CHARS)
        return await self._end(workspace, channel, BackfillState.FAILED, now=now, error=words)

    async def postpone(
        self, workspace: WorkspaceId, channel: ChannelId, *, error: str, not_before: float
    ) -> None:
        """The page could not be read: to be tried again, not before `not_before`."""
        await self._update(
            workspace,
            channel,
            BACKFILL.c.state == BackfillState.RUNNING,
            attempts=BACKFILL.c.attempts + 1,
            error=storable(error, MAX_WORDS_CHARS),
            not_before=not_before,
        )

    async def get(self, workspace: WorkspaceId, channel: ChannelId) -> Backfill | None:
        """The backfill of a channel, whatever its state."""
        rows = await self._session.scalars(
            select(Backfill).where(BACKFILL.c.workspace_id == workspace, BACKFILL.c.channel_id == channel)
        )
        return rows.first()

    async def _end(
        self, workspace: WorkspaceId, channel: ChannelId, to: BackfillState, *, now: float, error: str | None
    ) -> bool:
        running = BACKFILL.c.state == BackfillState.RUNNING
        return await self._update(workspace, channel, running, state=to, error=error, changed_at=now)

    async def _is(self, workspace: WorkspaceId, channel: ChannelId, condition: ColumnElement[bool]) -> bool:
        return bool(
            await self._session.scalar(
                select(BACKFILL.c.state).where(
                    BACKFILL.c.workspace_id == workspace, BACKFILL.c.channel_id == channel, condition
                )
            )
        )

    async def _update(
        self,
        workspace: WorkspaceId,
        channel: ChannelId,
        *conditions: ColumnElement[bool],
        **values: Any,  # noqa: ANN401  # column values
    ) -> bool:
        written = await self._write(
            update(BACKFILL)
            .where(BACKFILL.c.workspace_id == workspace, BACKFILL.c.channel_id == channel, *conditions)
            .values(**values)
        )
        return written > 0
