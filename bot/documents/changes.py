"""The one way in which a document row changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, update

from bot.documents.sql import Repository
from bot.documents.tables import DOCUMENT, STATUS_REPLY
from bot.documents.transitions import statuses_before
from bot.domain import DocumentId, Status

TICK_S = 1e-6
"""The least growth of `changed_at`: clocks stand still or are set back, a row's version never is."""

NOTHING_VISIBLE: Mapping[str, None] = {"indexed_hash": None, "indexed_generation": None}
"""Column values of a document that searches don't see."""


class DocumentChanges(Repository):
    """Keeps what every change must do: a legal status, a newer version, replies marked behind."""

    async def _change(
        self,
        document_id: DocumentId,
        *conditions: ColumnElement[bool],
        now: float,
        **values: Any,  # noqa: ANN401  # column values
    ) -> bool:
        """Write to a document if all conditions hold; whether they did."""
        newer = case(
            (DOCUMENT.c.changed_at < now, now),
            else_=DOCUMENT.c.changed_at + TICK_S,
        )
        written = await self._write(
            update(DOCUMENT)
            .where(DOCUMENT.c.id == document_id, *conditions)
            .values(changed_at=newer, **values)
        )
        if written:
            await self._write(
                update(STATUS_REPLY)
                # "is not": by "is" SQLite would go through all replies that are up to date
                .where(STATUS_REPLY.c.document_id == document_id, STATUS_REPLY.c.behind.is_not(True))
                .values(behind=True)
            )
        return written > 0

    async def _move(
        self,
        document_id: DocumentId,
        to: Status,
        *conditions: ColumnElement[bool],
        now: float,
        token: str | None = None,
        holder: str | None = None,
        **values: Any,  # noqa: ANN401  # column values
    ) -> bool:
        """Change a document's status, if that may follow the one it has; whoever held it loses it."""
        may_follow = DOCUMENT.c.status.in_(sorted(statuses_before(to)))
        return await self._change(
            document_id, may_follow, *conditions, now=now, status=to, token=token, holder=holder, **values
        )
