"""Backfill: the files that were shared in a channel before the bot came, page by page, after people's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.correlation import correlated, fresh
from bot.documents.tables import Backfill
from bot.domain import ChannelId, FileInfo, Message, Scope, Status, WorkspaceId
from bot.errors import FaultMavenError, FileRejected, OperatorError, RateLimited, RetryLater
from bot.ingest.pipeline import IngestPipeline
from bot.ingest.retention import appear

log = structlog.get_logger(__name__)

LOOK_S = 3.0
"""Between two pages, and between two edits of the progress: 20 calls a minute of the 50 of files.list."""
PRIORITY = 1
"""After what people share now."""
ALL_LISTED = 1_000_000_000
"""The page of a backfill whose files are all accepted and only have to be read."""
RETRY_S = 30.0
MAX_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """How far a channel is: `done` of `total` files are read, `failed` of them in vain."""

    backfill: Backfill
    done: int
    failed: int
    total: int

    @property
    def finished(self) -> bool:
        """Whether every file has its verdict."""
        return self.backfill.page == ALL_LISTED and self.done >= self.total


Announce = Callable[[BackfillProgress], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class BackfillWorker:
    """Goes through the channels that were asked for. `announce` shows people how far it is."""

    ingest: IngestPipeline
    announce: Announce
    look_s: float = LOOK_S

    async def earlier_files(self, workspace: WorkspaceId, channel: ChannelId, before: float) -> int:
        """How many files were shared there before that time, as far as the first page tells; bounded."""
        page = await self.ingest.sources(workspace).listing(workspace, channel, 1)
        young = sum(1 for info in page.files if not _older(info, before))
        return max(page.total - young, 0)

    async def run(self) -> None:
        """One page of each channel after another, until cancelled; resumes where a former process was."""
        while True:
            try:
                await self.look()
            except FaultMavenError as error:  # the database may be full or locked; the rows stay
                log.warning("backfill_stalled", cause=error.public_message)
            await asyncio.sleep(self.look_s)

    async def look(self) -> None:
        """One page of each channel that is due."""
        async with self.ingest.transaction() as tx:
            due = await tx.backfills.due(now=self.ingest.clock())
        for backfill in due:
            with correlated(backfill.correlation_id or fresh("backfill")):
                await self._step_or_postpone(backfill)

    async def _step_or_postpone(self, backfill: Backfill) -> None:
        workspace, channel = WorkspaceId(backfill.workspace_id), ChannelId(backfill.channel_id)
        try:
            await self._step(backfill, workspace, channel)
        except (RetryLater, OperatorError, FileRejected) as error:
            wait_s = error.retry_after_s if isinstance(error, RateLimited) else RETRY_S
            log.warning("backfill_postponed", channel=channel, cause=error.public_message)
            async with self.ingest.transaction() as tx:
                if backfill.attempts >= MAX_ATTEMPTS:
                    await tx.backfills.fail(
                        workspace, channel, error=error.public_message, now=self.ingest.clock()
                    )
                else:
                    await tx.backfills.postpone(
                        workspace,
                        channel,
                        error=error.public_message,
                        not_before=self.ingest.clock() + wait_s,
                    )

    async def _step(self, backfill: Backfill, workspace: WorkspaceId, channel: ChannelId) -> None:
        if backfill.page != ALL_LISTED:
            await self._list(backfill, workspace, channel)
        async with self.ingest.transaction(reading=True) as tx:
            current = await tx.backfills.get(workspace, channel)
            counts = await tx.documents.counts(Scope(workspace, frozenset({channel})))
        if current is None:
            return
        done = counts[Status.INDEXED] + counts[Status.FAILED]
        progress = BackfillProgress(current, done, counts[Status.FAILED], sum(counts.values()))
        await self.announce(progress)
        if progress.finished:
            async with self.ingest.transaction() as tx:
                await tx.backfills.finish(workspace, channel, now=self.ingest.clock())

    async def _list(self, backfill: Backfill, workspace: WorkspaceId, channel: ChannelId) -> None:
        page = await self.ingest.sources(workspace).listing(workspace, channel, backfill.page)
        accepted = 0
        for info in page.files:
            accepted += await appear(
                self.ingest, workspace, info.file_id, _message(info, channel), priority=PRIORITY
            )
        last = backfill.page >= page.pages
        async with self.ingest.transaction() as tx:
            await tx.backfills.advance(
                workspace,
                channel,
                page=ALL_LISTED if last else backfill.page + 1,
                found=len(page.files),
                accepted=accepted,
                skipped=len(page.files) - accepted,
                now=self.ingest.clock(),
            )


def _message(info: FileInfo, channel: ChannelId) -> Message:
    known = next((message for message in info.messages if message.channel == channel), None)
    return known or Message(channel, shared_by=info.uploader)


def _older(info: FileInfo, before: float) -> bool:
    return info.created is None or info.created + 1.0 <= before
