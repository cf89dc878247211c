from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from support.tables import sqlite_in

from bot.database import Database
from bot.documents.spaces import Spaces, preparing
from bot.domain import (
    ChannelId,
    Chunk,
    DocumentId,
    EmbeddingSpace,
    FileId,
    IndexedDocument,
    Job,
    Message,
    WorkspaceId,
)
from bot.errors import ProviderUnavailable, RateLimited
from bot.ingest.reembed import WAYS_GIVEN, Reembedder
from bot.ports import Vectors
from bot.providers.local.index import LocalIndex

TEAM, C1 = WorkspaceId("T1"), ChannelId("C1")
OLD, NEW = EmbeddingSpace("old", 4), EmbeddingSpace("new", 8)
DOCUMENTS = 3


@dataclass
class Embedder:
    """Fails with what it is given, call by call."""

    space: EmbeddingSpace = NEW
    groups: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    async def embed_documents(self, texts: Sequence[str], group: str = "") -> Vectors:
        self.groups.append(group)
        if self.failures:
            raise self.failures.pop()
        return np.full((len(texts), self.space.dimension), 0.5, dtype=np.float32)

    async def embed_query(self, text: str) -> Vectors:
        return (await self.embed_documents([text]))[0]


@dataclass
class World:
    database: Database
    index: LocalIndex
    spaces: Spaces
    embedder: Embedder
    now: float = 100.0

    def reembedder(self, give_way_s: float = 0.0) -> Reembedder:
        return Reembedder(
            self.database.transaction, self.index, self.spaces, retry_s=10.0, give_way_s=give_way_s,
            clock=lambda: self.now,
        )  # fmt: skip  # arguments

    async def shared(self, name: str) -> Job:
        async with self.database.transaction() as tx:
            await tx.documents.accept(TEAM, FileId(name), Message(C1, "1.0"), now=1.0)
            job = await tx.documents.claim(now=2.0)
        assert job is not None
        return job

    async def finish(self, job: Job) -> None:
        async with self.database.transaction() as tx:
            await tx.documents.content(job, f"hash of {job.key}", now=2.0)
            assert await tx.documents.finish(job, pages=1, chunks=1, partial=None, now=2.0)

    async def row(self) -> tuple[int, int, str | None, float] | None:
        async with self.database.transaction() as tx:
            found = await tx.reembeddings.get(TEAM)
        return None if found is None else (found.done, found.total, found.error, found.not_before)

    async def label(self) -> str | None:
        async with self.database.transaction() as tx:
            return (await tx.reembeddings.spaces())[TEAM]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    path = tmp_path / "state.db"
    database = await Database.open(sqlite_in(tmp_path), lock_dir=tmp_path)
    embedder = Embedder()
    spaces = Spaces(embedder, [Embedder(OLD)])
    async with LocalIndex(path, OLD) as index:
        before = World(database, index, spaces, embedder)
        for number in range(DOCUMENTS):
            job = await before.shared(f"F{number}")
            document = IndexedDocument(TEAM, DocumentId(job.key), 1, "Notes", frozenset({C1}))
            text = Chunk(0, 1, 0, 4, "disk")
            await index.write(document, [text], np.full((1, 4), 0.5, dtype=np.float32))
            await index.publish(document)
            await before.finish(job)
    async with LocalIndex(path, NEW, [OLD]) as index:
        yield World(database, index, spaces, embedder)
    await database.close()


async def test_every_document_is_embedded_then_searches_switch_then_the_former_vectors_go(
    world: World,
) -> None:
    await world.reembedder().look()

    assert await world.label() == NEW.label
    assert not world.spaces.is_behind(TEAM)
    assert await world.index.spaces(TEAM) == {OLD.label, NEW.label}
    assert len(world.embedder.groups) == DOCUMENTS
    assert set(world.embedder.groups) == {"T1 anew"}, "a group of its own beside the workspace's new files"
    await world.reembedder().look()
    assert await world.index.spaces(TEAM) == {NEW.label}
    assert await world.row() is None
    await world.reembedder().look()
    assert len(world.embedder.groups) == DOCUMENTS


async def test_a_model_that_is_away_changes_nothing_and_is_asked_again_later(world: World) -> None:
    world.embedder.failures = [RateLimited("slow down", 60.0), ProviderUnavailable("away")]

    await world.reembedder().look()
    assert await world.label() == world.spaces.label(TEAM) == OLD.label
    assert await world.index.spaces(TEAM) == {OLD.label}
    assert await world.row() == (0, DOCUMENTS, "away", 110.0)

    await world.reembedder().look()
    assert len(world.embedder.groups) == 1, "not before its time"
    world.now = 111.0
    await world.reembedder().look()
    assert await world.row() == (0, DOCUMENTS, "slow down", 171.0), "as long as it was asked to wait"
    world.now = 172.0
    await world.reembedder().look()
    assert await world.label() == NEW.label


async def test_peoples_files_come_first(world: World) -> None:
    job = await world.shared("theirs")
    looking = asyncio.create_task(world.reembedder(give_way_s=0.05).look())
    while await world.row() is None:  # noqa: ASYNC110  # a row sets no event
        await asyncio.sleep(0)
    assert world.embedder.groups == []

    await world.finish(job)
    await looking

    assert len(world.embedder.groups) == DOCUMENTS


async def test_peoples_files_that_never_end_don_t_stop_it(world: World) -> None:
    await world.shared("theirs")

    await asyncio.wait_for(world.reembedder(give_way_s=0.1 / WAYS_GIVEN).look(), 5)

    assert await world.label() == NEW.label


async def test_a_file_that_was_deleted_meanwhile_leaves_the_index(world: World) -> None:
    async with world.database.transaction() as tx:
        await tx.documents.tombstone(TEAM, FileId("F0"), now=3.0)

    await world.reembedder().look()

    assert await world.label() == NEW.label
    assert len(await world.index.inventory(TEAM)) == DOCUMENTS - 1
    assert len(world.embedder.groups) == DOCUMENTS - 1


async def test_people_read_a_share_and_not_how_many_files_there_are(world: World) -> None:
    world.embedder.failures = [ProviderUnavailable("Cohere is failing")]
    await world.reembedder().look()
    async with world.database.transaction() as tx:
        await tx.reembeddings.advance(TEAM, 1, 3, now=1.0)
        told = preparing(await tx.reembeddings.get(TEAM))
        await tx.reembeddings.advance(TEAM, 3, 3, now=1.0)
        done = preparing(await tx.reembeddings.get(TEAM))

    assert told == "The files are prepared for another search model: 33 % done; searches go on."
    assert done is None
    assert preparing(None) is None
