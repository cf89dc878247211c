"""Installations: what Slack gave us for each workspace, and the ones that are under way in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.documents.installation_tables import INSTALLATION, OAUTH_STATE, Installation, OAuthState
from bot.documents.sql import Repository
from bot.domain import WorkspaceId

KEEP_STATES_S = 3600.0
"""How long a state that expired is remembered, to say so instead of that it was never there."""
MAX_STATES = 10_000
"""Begun and neither finished nor expired long ago; whoever asks for more has to wait."""


class Begun(StrEnum):
    """What a state turns out to be when somebody comes back with it."""

    GOOD = "good"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"


class InstallationRepository(Repository):
    """One row per workspace that installed us by OAuth; its tokens come and go sealed."""

    async def save(self, workspace: WorkspaceId, **values: Any) -> None:  # noqa: ANN401  # column values
        """Keep an installation, in place of a former one. The workspace's row has to be there. Repeatable."""
        if not await self._insert_or_nothing(
            INSTALLATION, workspace_id=workspace, refreshing_until=0.0, **values
        ):
            await self._write(
                update(INSTALLATION)
                .where(INSTALLATION.c.workspace_id == workspace)
                .values(refreshing_until=0.0, **values)
            )

    async def get(self, workspace: WorkspaceId) -> Installation | None:
        """The installation of a workspace, None where there is none (any more)."""
        found = select(Installation).where(INSTALLATION.c.workspace_id == workspace)
        return (await self._session.scalars(found)).first()

    async def after(self, workspace: str, limit: int) -> Sequence[Installation]:
        """For operators and the change of keys: installations by id, those behind one."""
        rows = await self._session.scalars(
            select(Installation)
            .where(INSTALLATION.c.workspace_id > workspace)
            .order_by(INSTALLATION.c.workspace_id)
            .limit(limit)
        )
        return rows.all()

    async def remove(self, workspace: WorkspaceId) -> None:
        """Delete an installation with its tokens. Repeatable."""
        await self._write(delete(INSTALLATION).where(INSTALLATION.c.workspace_id == workspace))

    async def reseal(self, row: Installation, token: str, refresh_token: str | None) -> bool:
        """Put the same tokens under another key, unless they changed meanwhile; whether it was done."""
        return await self._change(row, token=token, refresh_token=refresh_token)

    async def lease(self, row: Installation, *, now: float, until: float) -> bool:
        """Be the one who asks Slack for the next token; False while another one is."""
        return await self._change(row, INSTALLATION.c.refreshing_until < now, refreshing_until=until)

    async def renew(
        self, row: Installation, *, token: str, refresh_token: str | None, expires_at: float | None
    ) -> bool:
        """Keep the next token, unless the installation is another one by now."""
        return await self._change(
            row, token=token, refresh_token=refresh_token, expires_at=expires_at, refreshing_until=0.0
        )

    async def begin(self, state: str, browser: str, *, now: float, expires_at: float) -> bool:
        """Note that an installation begins; False when too many have. Old ones are forgotten."""
        await self._write(delete(OAUTH_STATE).where(OAUTH_STATE.c.expires_at < now - KEEP_STATES_S))
        begun = await self._session.scalar(select(func.count()).select_from(OAUTH_STATE))
        if (begun or 0) >= MAX_STATES:
            return False
        return await self._insert_or_nothing(
            OAUTH_STATE, state=state, browser=browser, expires_at=expires_at, used_at=None
        )

    async def finish(self, state: str, browser: str, *, now: float) -> Begun:
        """Use a state up; it is good once, in the browser that it was made for.

        In another browser it is unknown, and stays good for the one that began.
        """
        mine = (OAUTH_STATE.c.state == state, OAUTH_STATE.c.browser == browser)
        fresh = (OAUTH_STATE.c.used_at.is_(None), OAUTH_STATE.c.expires_at > now)
        if await self._write(update(OAUTH_STATE).where(*mine, *fresh).values(used_at=now)):
            return Begun.GOOD
        row = (await self._session.scalars(select(OAuthState).where(*mine))).first()
        if row is None:
            return Begun.UNKNOWN
        return Begun.USED if row.used_at is not None else Begun.EXPIRED

    async def _change(self, row: Installation, *conditions: Any, **values: Any) -> bool:  # noqa: ANN401  # SQL
        """Change a row that still has the token that was read."""
        same = (INSTALLATION.c.workspace_id == row.workspace_id, INSTALLATION.c.token == row.token)
        return await self._write(update(INSTALLATION).where(*same, *conditions).values(**values)) > 0
