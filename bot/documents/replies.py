"""Our one reply for a document in a channel, and whether it shows what the document has become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Update, func, select, update

from bot.documents.sql import MAX_WORDS_CHARS, Repository, storable
from bot.documents.tables import DOCUMENT, SHARE, STATUS_REPLY, Document
from bot.domain import ChannelId, DocumentId

NEVER = 1e12
"""A time that doesn't come."""


@dataclass(frozen=True, slots=True)
class StaleReply:
    """A reply that doesn't show its document's latest change, with all it takes to write it.

    `ts` is our message, `message_ts` and `thread_ts` are the sharing message's; None while unknown.
    Where the document is not `shared` there any more, people there may not know what became of it.
    """

    document: Document
    channel_id: ChannelId
    message_ts: str | None
    thread_ts: str | None
    ts: str | None
    posting_since: float | None
    attempts: int
    shared: bool


class ReplyRepository(Repository):
    """One row per document and channel, made when the file is accepted."""

    async def stale(self, *, now: float, limit: int) -> Sequence[StaleReply]:
        """The replies to post or edit now, those waiting longest first."""
        rows = await self._session.execute(
            select(
                Document,
                STATUS_REPLY.c.channel_id,
                SHARE.c.message_ts,
                SHARE.c.thread_ts,
                STATUS_REPLY.c.ts,
                STATUS_REPLY.c.posting_since,
                STATUS_REPLY.c.attempts,
                SHARE.c.document_id.is_not(None),
            )
            .select_from(STATUS_REPLY)
            .join(DOCUMENT, DOCUMENT.c.id == STATUS_REPLY.c.document_id)
            .outerjoin(
                SHARE,
                (SHARE.c.document_id == STATUS_REPLY.c.document_id)
                & (SHARE.c.channel_id == STATUS_REPLY.c.channel_id),
            )
            .where(STATUS_REPLY.c.behind.is_(True), STATUS_REPLY.c.not_before <= now)
            .order_by(STATUS_REPLY.c.not_before, STATUS_REPLY.c.document_id, STATUS_REPLY.c.channel_id)
            .limit(limit)
        )
        return [StaleReply(*row) for row in rows]

    async def posting(
        self, document_id: DocumentId, channel: ChannelId, *, now: float, since: float | None = None
    ) -> bool:
        """Note that a post is about to be made: after a crash it may be there without our knowing.

        False, and then nothing may be posted, unless all is as when it was looked at: no message is known,
        and nobody else has begun to post since (`posting_since` as it was then).
        """
        as_seen = (STATUS_REPLY.c.ts.is_(None), STATUS_REPLY.c.posting_since.is_not_distinct_from(since))
        return await self._write(_update(document_id, channel).where(*as_seen).values(posting_since=now)) > 0

    async def outdated(self, document_id: DocumentId, channel: ChannelId, *, seen: float) -> bool:
        """Whether a reply needs no edit by what was `seen` of its document (its `changed_at` then).

        The document has changed since, or another replica has shown that already.
        """
        behind = select(STATUS_REPLY.c.document_id).join(
            DOCUMENT, DOCUMENT.c.id == STATUS_REPLY.c.document_id
        )
        found = await self._session.scalar(
            behind.where(
                STATUS_REPLY.c.document_id == document_id,
                STATUS_REPLY.c.channel_id == channel,
                STATUS_REPLY.c.behind.is_(True),
                DOCUMENT.c.changed_at == seen,
            )
        )
        return found is None

    async def posted(self, document_id: DocumentId, channel: ChannelId, ts: str, synced_at: float) -> None:
        """Our message `ts` shows the document as it was at `synced_at` (its `changed_at` then)."""
        latest = select(DOCUMENT.c.changed_at).where(DOCUMENT.c.id == document_id).scalar_subquery()
        await self._write(
            _update(document_id, channel).values(
                ts=ts,
                posting_since=None,
                synced_at=synced_at,
                behind=latest != synced_at,
                not_before=0.0,
                attempts=0,
                error=None,
            )
        )

    async def postpone(
        self, document_id: DocumentId, channel: ChannelId, *, error: str, not_before: float
    ) -> None:
        """It could not be written: to be tried again, not before `not_before`."""
        await self._write(
            _update(document_id, channel).values(
                attempts=STATUS_REPLY.c.attempts + 1,
                error=storable(error, MAX_WORDS_CHARS),
                not_before=not_before,
            )
        )

    async def failing_count(self) -> int:
        """How many replies could not be written at the last try and are to be tried again."""
        failing = (
            STATUS_REPLY.c.behind.is_(True),
            STATUS_REPLY.c.attempts > 0,
            STATUS_REPLY.c.not_before < NEVER,
        )
        return await self._session.scalar(select(func.count()).select_from(STATUS_REPLY).where(*failing)) or 0

    async def drop(self, document_id: DocumentId, channel: ChannelId) -> None:
        """Nobody can post or edit it any more. The row stays, so that no second reply is begun."""
        await self._write(_update(document_id, channel).values(not_before=NEVER))


def _update(document_id: DocumentId, channel: ChannelId) -> Update:
    return update(STATUS_REPLY).where(
        STATUS_REPLY.c.document_id == document_id, STATUS_REPLY.c.channel_id == channel
    )
