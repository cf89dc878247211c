"""What is to be known no longer: a file, what a person asked, what is older than a workspace keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from bot.documents.changes import NOTHING_VISIBLE, DocumentChanges
from bot.documents.shares import SHARED_AT
from bot.documents.tables import BACKFILL, CONVERSATION, DOCUMENT, INBOX_EVENT, SEARCH_LOG, SHARE, TURN
from bot.domain import DocumentId, UserId, WorkspaceId

FORGOTTEN = "forgotten"
"""The `error_code` of a tombstone that was asked for."""
_BLANK: dict[str, str | int | None] = {
    "title": "",
    "name": "",
    "mimetype": "",
    "size": 0,
    "content_hash": None,
    "uploader": None,
    "pages": 0,
    "chunks": 0,
    "partial": None,
    "error_detail": None,
    "error_advice": None,
}
"""Column values of a document of which only the file's id is left, so that it is never read again."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many searches and questions were deleted."""

    searches: int
    questions: int


class Forgetting(DocumentChanges):
    """Deletes rows, or blanks them where a trace has to stay."""

    async def blank(self, document_id: DocumentId, *, now: float) -> None:
        """Leave of a tombstoned document what keeps its file from being read again. Repeatable."""
        await self._write(delete(SHARE).where(SHARE.c.document_id == document_id))
        await self._change(
            document_id,
            DOCUMENT.c.tombstoned_at.is_not(None),
            now=now,
            **_BLANK,
            **NOTHING_VISIBLE,
            error_code=FORGOTTEN,
        )

    async def blank_deleted(self, *, before: float) -> int:
        """The same for files that were deleted before that time, without another word to anybody."""
        return await self._write(
            update(DOCUMENT)
            .where(DOCUMENT.c.tombstoned_at < before, (DOCUMENT.c.title != "") | (DOCUMENT.c.name != ""))
            .values(**_BLANK)
        )

    async def drop(self, document_id: DocumentId) -> None:
        """Delete a document with its shares and replies: it is as if it had never been seen. Repeatable."""
        await self._write(
            delete(DOCUMENT).where(DOCUMENT.c.id == document_id, DOCUMENT.c.tombstoned_at.is_(None))
        )

    async def last_shared_before(self, workspace: WorkspaceId, time: float, limit: int) -> list[DocumentId]:
        """The documents that were shared nowhere since that time."""
        rows = await self._session.scalars(
            select(DOCUMENT.c.id)
            .join(SHARE, SHARE.c.document_id == DOCUMENT.c.id)
            .where(DOCUMENT.c.workspace_id == workspace, DOCUMENT.c.tombstoned_at.is_(None))
            .group_by(DOCUMENT.c.id)
            .having(func.max(SHARED_AT) < time)
            .order_by(DOCUMENT.c.id)
            .limit(limit)
        )
        return [DocumentId(document_id) for document_id in rows]

    async def forget_person(self, workspace: WorkspaceId, user: UserId) -> Forgotten:
        """Delete all that somebody asked, with their votes. Repeatable."""
        searches = await self._write(
            delete(SEARCH_LOG).where(SEARCH_LOG.c.workspace_id == workspace, SEARCH_LOG.c.asker == user)
        )
        questions = await self._write(
            delete(TURN).where(TURN.c.workspace_id == workspace, TURN.c.asker == user)
        )
        await self._drop_empty_conversations(workspace)
        await self._write(
            update(BACKFILL)
            .where(BACKFILL.c.workspace_id == workspace, BACKFILL.c.requested_by == user)
            .values(requested_by=None)
        )
        return Forgotten(searches, questions)

    async def forget_asked(self, workspace: WorkspaceId, *, before: float) -> Forgotten:
        """Delete what was asked before that time, with the votes; an open question stays. Repeatable.

        Events that no listener would take go likewise: they hold what somebody wrote.
        """
        searches = await self._write(
            delete(SEARCH_LOG).where(SEARCH_LOG.c.workspace_id == workspace, SEARCH_LOG.c.created_at < before)
        )
        questions = await self._write(
            delete(TURN).where(TURN.c.workspace_id == workspace, TURN.c.answered_at < before)
        )
        await self._drop_empty_conversations(workspace)
        await self._write(
            delete(INBOX_EVENT).where(
                INBOX_EVENT.c.workspace_id == workspace, INBOX_EVENT.c.parked_at < before
            )
        )
        return Forgotten(searches, questions)

    async def _drop_empty_conversations(self, workspace: WorkspaceId) -> None:
        asked = select(TURN.c.message_ts).where(
            TURN.c.workspace_id == CONVERSATION.c.workspace_id,
            TURN.c.channel_id == CONVERSATION.c.channel_id,
            TURN.c.thread_ts == CONVERSATION.c.thread_ts,
        )
        await self._write(
            delete(CONVERSATION).where(CONVERSATION.c.workspace_id == workspace, ~asked.exists())
        )
