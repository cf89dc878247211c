from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.tables import sqlite_in

from bot.database import Database
from bot.documents.tables import Document
from bot.domain import ChannelId, DocumentId, FileId, Message, Status, WorkspaceId
from bot.errors import ExtractionInterrupted, ProviderUnavailable
from bot.ingest.queue import DocumentQueue

T1 = WorkspaceId("T1")
KILLED = ExtractionInterrupted("memory", "reading it takes more memory than I have")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(sqlite_in(tmp_path), lock_dir=tmp_path)
    yield opened
    await opened.close()


class Place:
    """A queue with one document, and the index that it clears."""

    def __init__(self, database: Database, *, away: bool = False) -> None:
        self.database, self.away = database, away
        self.cleared: list[str] = []
        self.now = 1.0
        self.queue = DocumentQueue(database.transaction, self, clear=self.clear, clock=lambda: self.now)

    def document_changed(self, document_id: DocumentId) -> None:
        del document_id

    async def clear(self, workspace: WorkspaceId, document_id: DocumentId, before: int) -> None:
        if self.away:
            raise ProviderUnavailable("the index is away")
        self.cleared.append(f"{workspace}/{document_id} before {before}")

    async def accept(self) -> DocumentId:
        async with self.database.transaction() as tx:
            message = Message(ChannelId("C1"))
            return (await tx.documents.accept(T1, FileId("F1"), message, now=1.0)).document_id

    async def attempt(self, error: Exception) -> Document | None:
        self.now += 10_000.0
        job = await self.queue.claim()
        assert job is not None
        await self.queue.settle(job, error)
        async with self.database.transaction() as tx:
            return await tx.documents.get(DocumentId(job.key))


async def test_what_is_given_up_leaves_the_index_at_once_and_what_is_tried_again_stays(
    database: Database,
) -> None:
    place = Place(database)
    document_id = await place.accept()
    document = await place.attempt(KILLED)
    assert document
    assert (document.status, place.cleared) == (Status.PENDING, [])
    document = await place.attempt(KILLED)
    assert document
    assert (document.status, place.cleared) == (Status.FAILED, [f"T1/{document_id} before 2"])


async def test_a_document_is_given_up_also_while_the_index_is_out_of_reach(database: Database) -> None:
    place = Place(database, away=True)
    await place.accept()
    await place.attempt(KILLED)
    document = await place.attempt(KILLED)
    assert document
    assert document.status == Status.FAILED


async def test_somebody_elses_outage_costs_no_attempt_and_clears_nothing(database: Database) -> None:
    place = Place(database)
    await place.accept()
    for _ in range(10):
        document = await place.attempt(ProviderUnavailable("the vendor is away"))
    assert document
    assert (document.status, document.attempts, place.cleared) == (Status.PENDING, 0, [])
