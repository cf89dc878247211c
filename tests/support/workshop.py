"""Documents in a real database, a runner, and a task whose behaviour each test chooses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.database import Database
from bot.documents.tables import Document
from bot.domain import ChannelId, DocumentId, FileId, Job, Message, Status, WorkspaceId
from bot.ingest.queue import DocumentQueue
from bot.jobs.asyncio_runner import AsyncioRunner
from bot.ports import JobStore
from support.tables import sqlite_in

DEADLINE_S = 20.0
UNDER_WAY = {Status.PENDING, Status.PROCESSING}


async def well(_job: Job) -> None:
    """The task that has nothing to do."""


class Workshop:
    """`now` is the clock; `task` is what a job does before its document is finished."""

    def __init__(self, database: Database, task: Callable[[Job], Awaitable[None]] = well) -> None:
        self.database = database
        self.task = task
        self.now = 1_000.0
        self.queue: JobStore = DocumentQueue(database.transaction, self, clock=lambda: self.now)
        self.started: list[Job] = []
        self.in_flight: set[str] = set()
        self.most_in_flight = 0
        self._changed = asyncio.Event()

    def document_changed(self, document_id: DocumentId) -> None:
        """The queue and the task say that something happened."""
        del document_id
        self._changed.set()

    async def accept(self, name: str, workspace: str = "T1") -> DocumentId:
        async with self.database.transaction() as tx:
            message = Message(ChannelId("C1"), "1.0")
            accepted = await tx.documents.accept(WorkspaceId(workspace), FileId(name), message, now=self.now)
        return accepted.document_id

    async def accept_many(self, number: int, workspace: str) -> None:
        """In one transaction, each a second after the one before."""
        async with self.database.transaction() as tx:
            for place in range(number):
                self.now += 1
                message, file_id = Message(ChannelId("C1"), "1.0"), FileId(f"{workspace}-{place}")
                await tx.documents.accept(WorkspaceId(workspace), file_id, message, now=self.now)

    async def perform(self, job: Job) -> None:
        self.started.append(job)
        self.in_flight.add(job.token)
        self.most_in_flight = max(self.most_in_flight, len(self.in_flight))
        self._changed.set()
        try:
            await self.task(job)
        finally:
            self.in_flight.discard(job.token)
            self._changed.set()
        async with self.database.transaction() as tx:
            await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=self.now)
        self._changed.set()

    def runner(self, *, concurrency: int = 4, drain_s: float = 5.0, poll_s: float = 60.0) -> AsyncioRunner:
        return AsyncioRunner(
            self.queue, self.perform, concurrency=concurrency, drain_s=drain_s, poll_s=poll_s
        )

    async def document(self, document_id: DocumentId) -> Document:
        async with self.database.transaction() as tx:
            document = await tx.documents.get(document_id)
        assert document is not None
        return document

    async def status(self, document_id: DocumentId) -> str:
        return (await self.document(document_id)).status

    async def quiet(self) -> bool:
        """Whether no document waits or is being read."""
        async with self.database.transaction() as tx:
            counts = await tx.documents.counts_all()
        return not any(counts[status] for status in UNDER_WAY)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something holds; looks after each change."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                self._changed.clear()
                if await holds():
                    return
                await self._changed.wait()

    async def until_started(self, number: int) -> None:
        async def holds() -> bool:
            return len(self.started) >= number

        await self.until(holds)


@asynccontextmanager
async def workshop(folder: Path) -> AsyncIterator[Workshop]:
    database = await Database.open(sqlite_in(folder), lock_dir=folder)
    try:
        yield Workshop(database)
    finally:
        await database.close()


@asynccontextmanager
async def running(runner: AsyncioRunner) -> AsyncIterator[None]:
    """Run until the block ends, then stop and drain."""
    task = asyncio.create_task(runner.run())
    try:
        yield
    finally:
        runner.stop()
        await task
