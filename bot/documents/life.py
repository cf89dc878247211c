"""What happens to a document from outside: it is asked for again, it changes, it goes."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Result, case, delete, select

from bot.correlation import current
from bot.documents.changes import NOTHING_VISIBLE, DocumentChanges
from bot.documents.shares import Shares
from bot.documents.tables import DOCUMENT, SHARE, WORKSPACE
from bot.domain import API_WORKSPACE, UNDER_WAY, DocumentId, FileId, Stage, Status, WorkspaceId

_NOT_DELETED = DOCUMENT.c.tombstoned_at.is_(None)
_NEXT = DOCUMENT.c.generation + case((DOCUMENT.c.indexed_hash.is_(None), 1), else_=0)
"""The generation of a document that is read again: what an attempt that failed left in the index is not to
be mixed with what comes, and who still removes it is to leave that alone."""
_AFRESH: dict[str, Any] = {
    "stage": Stage.ACCEPT,
    "attempts": 0,
    "waits": 0,
    "error_code": None,
    "error_detail": None,
    "error_advice": None,
}
"""Column values of a document that is in the queue for a new reason."""


class Life(DocumentChanges, Shares):
    """Each of these takes the document from the job that holds it, or leaves it alone."""

    async def requeue(
        self, document_id: DocumentId, *, now: float, force: bool = False, priority: int = 0
    ) -> bool:
        """Read an indexed or failed document anew; whether it was one.

        Bytes that are visible already and didn't change are kept, unless `force` has them read and
        embedded again, as a new generation. What came by the HTTP API has no bytes any more, so only
        `force` does that, where the index lost it: it fails then, and its owner is told to upload it again.
        """
        return await self._move(
            document_id,
            Status.PENDING,
            DOCUMENT.c.status != Status.PROCESSING,
            _NOT_DELETED,
            *([] if force else [DOCUMENT.c.workspace_id != API_WORKSPACE]),
            now=now,
            generation=DOCUMENT.c.generation + 1 if force else _NEXT,
            priority=priority,
            queued_at=now,
            not_before=now,
            correlation_id=current(),
            **_AFRESH,
            **(NOTHING_VISIBLE if force else {}),
        )

    async def refresh(
        self, workspace: WorkspaceId, file_id: FileId, *, now: float, debounce_s: float, latest_s: float
    ) -> DocumentId | None:
        """A file changed at its source: it is read when it has kept still for `debounce_s` seconds.

        At most `latest_s` after the first of the changes that it waits for. A job that is reading it
        loses it, and the attempt doesn't count. None when there is nothing to read. Repeatable.
        """
        row = (await self._rows(workspace, file_id)).one_or_none()
        if row is None or row.tombstoned_at is not None:
            return None
        document_id = DocumentId(row.id)
        since = now if row.changing_since is None else row.changing_since
        again: dict[str, Any] = {
            "changing_since": since,
            "not_before": min(now + debounce_s, since + latest_s),
            "correlation_id": current(),
        }
        match row.status:
            case Status.PENDING:
                await self._change(document_id, now=now, **again)
            case Status.PROCESSING:
                given_back = DOCUMENT.c.attempts - 1
                await self._move(document_id, Status.PENDING, now=now, attempts=given_back, **again)
            case _:
                await self._move(
                    document_id, Status.PENDING, now=now, queued_at=now, generation=_NEXT, **again, **_AFRESH
                )
        return document_id

    async def tombstone(self, workspace: WorkspaceId, file_id: FileId, *, now: float) -> DocumentId | None:
        """Mark a file as deleted, for good. Repeatable, also before the file was ever seen.

        Returns the document whose chunks have to go, or None when there can't be any.
        """
        await self._insert_or_nothing(WORKSPACE, id=workspace, installed_at=now)
        if await self._insert(workspace, file_id, Status.FAILED, now=now, tombstoned_at=now):
            return None
        row = (await self._rows(workspace, file_id)).one()
        document_id = DocumentId(row.id)
        if row.tombstoned_at is None:
            gone: dict[str, Any] = {
                "tombstoned_at": now,
                "generation": DOCUMENT.c.generation + 1,
                **NOTHING_VISIBLE,
            }
            if row.status in UNDER_WAY:
                await self._move(
                    document_id,
                    Status.FAILED,
                    now=now,
                    error_code="deleted",
                    error_detail="the file was deleted before I had read it",
                    error_advice=None,
                    **gone,
                )
            else:
                await self._change(document_id, now=now, **gone)
            await self._drop_unposted_replies(document_id)
        return document_id

    async def drop_unshared(self, document_id: DocumentId) -> bool:
        """Forget a document that is shared nowhere any more; whether it was one. Tombstones stay."""
        shared = select(SHARE.c.document_id).where(SHARE.c.document_id == document_id).exists()
        dropped = await self._write(
            delete(DOCUMENT).where(DOCUMENT.c.id == document_id, _NOT_DELETED, ~shared)
        )
        return dropped > 0

    async def _rows(self, workspace: WorkspaceId, file_id: FileId) -> Result[*tuple[Any, ...]]:
        """Of a file's document: id, status, tombstoned_at, changing_since."""
        return await self._session.execute(
            select(
                DOCUMENT.c.id, DOCUMENT.c.status, DOCUMENT.c.tombstoned_at, DOCUMENT.c.changing_since
            ).where(DOCUMENT.c.workspace_id == workspace, DOCUMENT.c.file_id == file_id)
        )

    async def _insert(
        self,
        workspace: WorkspaceId,
        file_id: FileId,
        status: Status,
        *,
        now: float,
        **values: Any,  # noqa: ANN401  # column values
    ) -> bool:
        return await self._insert_or_nothing(
            DOCUMENT,
            id=uuid.uuid4().hex,
            workspace_id=workspace,
            file_id=file_id,
            status=status,
            stage=Stage.ACCEPT,
            created_at=now,
            changed_at=now,
            queued_at=now,
            correlation_id=current(),
            **values,
        )
