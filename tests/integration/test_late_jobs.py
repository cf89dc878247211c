"""A replica that was frozen at its work, and goes on when others have done it: it changes nothing any more.

It is frozen by a double that waits at one call of the index or the embedding provider; its lease lapses,
another replica does what there is to do, and then the first one goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support.freezing import Freezing
from support.pinecone_server import PineconeServer
from support.tables import sqlite_in
from support.world import OneChunk, Truth, World

from bot.database import Database
from bot.documents.repository import Repositories, Transaction
from bot.domain import ChannelId, Chunk, DocumentId, Extraction, FileId, IndexedDocument, WorkspaceId
from bot.errors import FileRejected
from bot.ingest.reconcile import Reconciled, reconcile
from bot.ingest.replica import LEASE_S, Replica
from bot.ports import OnProgress, VectorIndex
from bot.providers.local.index import LocalIndex
from bot.providers.pinecone import PineconeAddress, PineconeSpaces
from bot.providers.postgres import PostgresIndex

FILE = "F1"
KINDS = ("embedded", "postgres", "pinecone")
ORDERS = (
    ("before embed_documents", "change"),
    ("before write", "change"),
    ("before write", "share C2, unshare C1"),
    ("before write", "delete"),
    ("after write", ""),
    ("after write", "change"),
    ("within publish", "change"),
    ("within publish", "share C2, unshare C1"),
    ("within publish", "delete"),
    ("after publish", "change, delete"),
)
"""Where one is frozen, and what happens to the file meanwhile."""


class Two:
    """Two replicas, and the file that both work on. `frozen` waits at a place, `other` goes on."""

    def __init__(
        self, database: Database, indexes: tuple[VectorIndex, VectorIndex], folder: Path, place: str
    ) -> None:
        self.now = 1e9
        self.truth, self.team = Truth(), WorkspaceId(uuid4().hex)
        self.database = database
        self.leases = [
            Replica(database.transaction, alone=False, clock=lambda: self.now, timer=lambda: self.now)
            for _ in range(2)
        ]
        self.ice: Any = Freezing(indexes[0], place)

        def world(index: Any, lease: Replica) -> World:  # noqa: ANN401  # or what wraps one
            return World(database, index, folder, self.truth, team=self.team, holder=lease.holder)

        self.frozen = world(self.ice, self.leases[0])
        self.other = world(indexes[1], self.leases[1])
        if "embed" in place:
            self.ice = Freezing(self.frozen.embeddings, place)
            self.frozen.ingest = replace(self.frozen.ingest, embeddings=self.ice)

    async def happen(self, steps: str) -> None:
        for step in filter(None, steps.split(", ")):
            self.truth.happen(FILE, step)
            await self.other.event(FILE, step)

    async def freeze(self) -> asyncio.Task[None]:
        """The first one works until it is frozen, and its lease lapses."""
        for lease in self.leases:
            await lease.join()
        await self.happen("share C1")
        task = asyncio.create_task(self.frozen.work())
        async with asyncio.timeout(5):
            await self.ice.frozen.wait()
        self.now += LEASE_S / 2
        await self.leases[1].beat()
        self.now += LEASE_S / 2 + 1
        await self.leases[1].beat()
        self.other.now += 100.0
        return task

    async def go_on(self, steps: str) -> None:
        """This happens, and the other one does what is to do."""
        await self.happen(steps)
        self.other.now += 100.0
        await self.other.work()

    async def agree(self) -> Reconciled:
        """Whether database and index do, before anything is repaired."""
        return await reconcile(
            self.database.transaction, self.other.index, self.team, now=self.other.now, repair=False
        )

    async def document(self) -> Any:  # noqa: ANN401  # a row
        async with self.database.transaction(reading=True) as tx:
            return await tx.documents.find(self.team, FileId(FILE))


Opened = tuple[Database, tuple[VectorIndex, VectorIndex]]


@asynccontextmanager
async def opened(kind: str, url: str, folder: Path) -> AsyncIterator[Opened]:
    """A database, and two openings of an index; the embedded one is one process's and has but one."""
    async with AsyncExitStack() as stack:
        address = url if kind == "postgres" else sqlite_in(folder)
        database = await Database.open(address, lock_dir=None)
        stack.push_async_callback(database.close)
        if kind == "embedded":
            index = await stack.enter_async_context(LocalIndex(folder / "state.db", OneChunk.space))
            yield database, (index, index)
            return
        made: list[Any] = [PostgresIndex(url, OneChunk.space) for _ in range(2)]
        if kind == "pinecone":
            server = await stack.enter_async_context(PineconeServer())
            where = PineconeAddress(server.key, controller_host=server.url)
            made = [PineconeSpaces(where, OneChunk.space, first_wait_s=0.001) for _ in range(2)]
        for one in made:
            await stack.enter_async_context(one)
        yield database, (made[0], made[1])


@pytest.mark.parametrize("kind", KINDS)
async def test_wherever_a_replica_is_frozen_it_comes_too_late_to_change_what_is_found(
    kind: str, tmp_path: Path, postgres_url: str
) -> None:
    async with opened(kind, postgres_url, tmp_path) as (database, indexes):
        for place, steps in ORDERS:
            if (kind, place) == ("pinecone", "within publish"):
                continue  # where there is no lock, nobody has the document alone
            two = Two(database, indexes, tmp_path, place)
            late = await two.freeze()
            others = asyncio.create_task(two.go_on(steps))
            # Within publishing the other one waits for it, at the latest to publish.
            await asyncio.wait([others], timeout=0.05 if place == "within publish" else 5)
            two.ice.thawed.set()
            async with asyncio.timeout(5):
                await asyncio.gather(late, others)
            assert await two.other.visible() == two.truth.visible(), (place, steps)
            assert (await two.agree()).agree, (place, steps)


class Unreadable(OneChunk):
    """No file of this kind is read."""

    async def extract(self, path: Path, name: str, mimetype: str, on_progress: OnProgress) -> Extraction:
        del path, name, mimetype, on_progress
        raise FileRejected("damaged", "it is damaged")


@pytest.mark.parametrize("kind", KINDS)
async def test_who_removes_what_failed_late_leaves_alone_what_was_read_since(
    kind: str, tmp_path: Path, postgres_url: str
) -> None:
    async with opened(kind, postgres_url, tmp_path) as (database, indexes):
        two = Two(database, indexes, tmp_path, "before delete")
        two.frozen.ingest = replace(two.frozen.ingest, extractor=Unreadable())
        late = await two.freeze()
        await two.other.ingest.retry(await two.document())
        await two.other.work()
        two.ice.thawed.set()
        await late
        assert await two.other.visible() == two.truth.visible()
        assert (await two.agree()).agree


class After:
    """Transactions; something happens when so many of them have ended."""

    def __init__(self, transaction: Transaction, number: int, happens: Callable[[], Awaitable[None]]) -> None:
        self.transaction, self.number, self.happens = transaction, number, happens

    @asynccontextmanager
    async def __call__(self, *, reading: bool = False) -> AsyncIterator[Repositories]:
        async with self.transaction(reading=reading) as tx:
            yield tx
        self.number -= 1
        if self.number == 0:
            await self.happens()


@pytest.mark.parametrize("looks", [1, 2, 3])
async def test_what_a_job_finishes_while_database_and_index_are_compared_stays(
    tmp_path: Path, looks: int
) -> None:
    async with opened("embedded", "", tmp_path) as (database, indexes):
        two = Two(database, indexes, tmp_path, "after publish")
        for lease in two.leases:
            await lease.join()
        await two.happen("share C1")
        job = asyncio.create_task(two.frozen.work())
        await two.ice.frozen.wait()

        async def finishes() -> None:
            two.ice.thawed.set()
            await job

        compared = await reconcile(
            After(database.transaction, looks, finishes), indexes[0], two.team, now=two.now
        )
        assert compared.agree
        assert await two.other.visible() == two.truth.visible()


async def test_after_a_restored_backup_what_the_index_has_of_later_days_gives_way(tmp_path: Path) -> None:
    async with opened("embedded", "", tmp_path) as (database, (index, _)):
        two = Two(database, (index, index), tmp_path, "before nothing")
        await two.happen("share C1")
        for lease in two.leases:
            await lease.join()
        await two.other.work()
        document = await two.document()
        later = IndexedDocument(two.team, DocumentId(document.id), 9, "later", frozenset({ChannelId("C9")}))
        chunks, vectors = (Chunk(0, 1, 0, 5, "later words"),), await OneChunk().embed_documents(["later"])
        await index.write(later, chunks, vectors)
        await index.publish(later)

        compared = await reconcile(database.transaction, index, two.team, now=two.now)
        assert compared.missing == 1
        two.other.now += 100.0
        await two.other.work()
        assert await two.other.visible() == two.truth.visible()
        assert (await two.agree()).agree
