"""One reply per shared file, in the thread of its message, posted once and edited in place.

The `status_reply` rows are the truth: a reply whose `synced_at` is behind its document's `changed_at`
is brought up to date, also after a crash. Between posting and noting the post lies the one gap; it
is closed by looking for our own message (by its mark) before posting again.

Whoever was frozen before an edit may come with it when another replica has shown what came after. So each
looks once more before it edits; and an edit that has begun is noted to the end, also by one that is no
longer to write replies, which puts the reply behind again if it came too late after all.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog

from bot.correlation import correlated, fresh
from bot.documents.forgetting import FORGOTTEN
from bot.documents.replies import StaleReply
from bot.documents.repository import Transaction
from bot.documents.tables import Document
from bot.domain import UNDER_WAY, ChannelId, DocumentId, WorkspaceId
from bot.errors import MessageRefused, OperatorError, RateLimited, RetryLater
from bot.jobs.causes import causes
from bot.jobs.retry import delay_s
from bot.ports import Content, MessagePoster, PosterOf
from bot.slack.render import status_reply, words

log = structlog.get_logger(__name__)

BATCH = 20
IN_FLIGHT = 4
POLL_S = 5.0
SHORTEST_PAUSE_S = 0.02
MESSAGE_UNKNOWN_WAIT_S = 1.0
NOTED_WITHIN_S = 3.0
"""How long an edit under way may hold up who is no longer to make it."""
NOT_HERE = "This file is no longer shared here."
FORGOTTEN_FILE = "This file was forgotten because somebody who may decide it asked for that."
DELETED = "This file was deleted and can no longer be found."
"""Without its title: that may be another one by now, which nobody here has seen."""


class StatusReplies:
    """`ports.StatusListener` that keeps the replies in Slack up to date."""

    def __init__(
        self, transaction: Transaction, poster_of: PosterOf, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._transaction = transaction
        self._poster_of = poster_of
        self._clock = clock
        self._changed = asyncio.Event()
        self._due_at = math.inf
        self._rng = random.Random()  # noqa: S311  # spreads retries, guards nothing

    def document_changed(self, document_id: DocumentId) -> None:
        """Look at the replies soon; several changes meanwhile become one edit."""
        del document_id
        self._changed.set()

    async def run(self) -> None:
        """Keep replies up to date until cancelled."""
        while True:
            self._changed.clear()
            try:
                if not await self.sync():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._pause_s()):
                            await self._changed.wait()
            except Exception as error:  # noqa: BLE001  # the worker: the database may be full; the rows stay
                log.error("status_replies_stalled", causes=causes(error))
                await asyncio.sleep(1.0)

    def _pause_s(self) -> float:
        """Until the first postponed reply is due, within the poll that finds what nobody told us of."""
        now = self._clock()
        if self._due_at <= now:  # it was just looked at
            self._due_at = math.inf
        return min(max(self._due_at - now, SHORTEST_PAUSE_S), POLL_S)

    async def sync(self) -> int:
        """Bring what is behind up to date, once; the number of replies looked at."""
        async with self._transaction(reading=True) as tx:
            stale = await tx.replies.stale(now=self._clock(), limit=BATCH)
        slots = asyncio.Semaphore(IN_FLIGHT)

        async def sync_one(reply: StaleReply) -> None:
            async with slots:
                with correlated(reply.document.correlation_id or fresh("reply")):
                    await self._sync(reply)

        async with asyncio.TaskGroup() as tasks:
            for reply in stale:
                tasks.create_task(sync_one(reply))
        return len(stale)

    async def _sync(self, reply: StaleReply) -> None:
        document_id, channel = DocumentId(reply.document.id), ChannelId(reply.channel_id)
        try:
            await self._post_or_edit(reply, document_id, channel)
        except MessageRefused as refused:
            log.info("status_reply_given_up", document=document_id, code=refused.code)
            async with self._transaction() as tx:
                await tx.replies.drop(document_id, channel)
        except RateLimited as limited:
            await self._postpone(reply, limited.code, limited.retry_after_s)
        except (RetryLater, OperatorError) as error:
            await self._postpone(reply, error.public_message, 0.0)

    async def _post_or_edit(self, reply: StaleReply, document_id: DocumentId, channel: ChannelId) -> None:
        document = reply.document
        poster = self._poster_of(WorkspaceId(document.workspace_id))
        under_way = document.status in UNDER_WAY
        if reply.message_ts is None and under_way:
            await self._postpone(reply, "message_unknown", MESSAGE_UNKNOWN_WAIT_S)
            return
        there = reply.shared and document.tombstoned_at is None
        content = status_reply(document) if there else words(_gone(document))
        await _to_the_end(self._show(reply, document_id, channel, poster, content))

    async def _show(
        self,
        reply: StaleReply,
        document_id: DocumentId,
        channel: ChannelId,
        poster: MessagePoster,
        content: Content,
    ) -> None:
        document, thread_ts, ts = reply.document, reply.thread_ts or reply.message_ts, reply.ts
        if ts is None and reply.posting_since is not None and thread_ts is not None:
            ts = await poster.find(channel, thread_ts, document_id)
        if ts is None:
            async with self._transaction() as tx:
                ours = await tx.replies.posting(
                    document_id, channel, now=self._clock(), since=reply.posting_since
                )
            if not ours:  # another replica took this over while we were held up
                return
            ts = await poster.post(channel, thread_ts, content, document_id)
        else:
            async with self._transaction(reading=True) as tx:
                if await tx.replies.outdated(document_id, channel, seen=document.changed_at):
                    return
            await poster.edit(channel, ts, content)
        log.info("status_reply_shown", document=document_id, status=document.status, first=reply.ts is None)
        async with self._transaction() as tx:
            await tx.replies.posted(document_id, channel, ts, synced_at=document.changed_at)

    async def _postpone(self, reply: StaleReply, error: str, at_least_s: float) -> None:
        log.info("status_reply_postponed", document=reply.document.id, cause=error)
        not_before = self._clock() + (at_least_s or delay_s(reply.attempts + 1, rng=self._rng))
        self._due_at = min(self._due_at, not_before)
        async with self._transaction() as tx:
            await tx.replies.postpone(
                DocumentId(reply.document.id),
                ChannelId(reply.channel_id),
                error=error,
                not_before=not_before,
            )


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Do it, also when cancelled meanwhile, if it doesn't take too long then."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=NOTED_WITHIN_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise


def _gone(document: Document) -> str:
    """What may still be told where a document isn't shared any more, as far as we know."""
    if document.tombstoned_at is None:
        return NOT_HERE
    return FORGOTTEN_FILE if document.error_code == FORGOTTEN else DELETED
