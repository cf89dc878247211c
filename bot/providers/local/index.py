"""The embedded index: words in FTS5, vectors in memory, both in the state's SQLite file.

SQL and arithmetic run in threads of its own: one writes, a few read. A process has one `LocalIndex`
on a file, because the vectors in memory follow its own writes only.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeVar

import numpy as np

from bot.domain import (
    Candidate,
    Chunk,
    DocumentId,
    EmbeddingSpace,
    Held,
    IndexedDocument,
    Query,
    Scope,
    Stored,
    WorkspaceId,
    scoped,
)
from bot.errors import OperatorError, ProviderUnavailable
from bot.ports import NOTHING_ELSE, Also, Current, Vectors
from bot.providers.local import index_keyword, index_read, index_spelling
from bot.providers.local.index_schema import connect_reader, connect_writer, prepare
from bot.providers.local.index_words import finish_merging, renew
from bot.providers.local.index_write import IndexWriter
from bot.providers.local.vectors import VectorMemory
from bot.providers.turns import Turns

READERS = 4
MAX_WAITING = 256
"""Searches under way or waiting, keyword and dense counted apart; further ones are refused."""
SEARCH_DEADLINE_S = 10.0
CLOSED = "The index is not open"
MAX_LIMIT = 1_000
STEPS_PER_CHECK = 10_000
"""Of SQLite's virtual machine, between two looks at the clock: well under a millisecond."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class IndexStats:
    """What the index holds: published documents, chunks in its own space, bytes of vectors in memory."""

    documents: int
    chunks: int
    vector_bytes: int


class LocalIndex:
    """A `VectorIndex` in one SQLite file. `async with` it, or `open()` and `close()`.

    `former` are the spaces besides its own that searches still use; vectors of others stay on the disk.
    """

    def __init__(self, path: Path, space: EmbeddingSpace, former: Sequence[EmbeddingSpace] = ()) -> None:
        self._path = path
        self._space = space
        self._memories = {one: VectorMemory(one.dimension) for one in (*former, space)}
        self._numbers: dict[EmbeddingSpace, int] = {}
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="index-write")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="index-read")
        self._readers: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._turns = Turns()
        self._waiting = 0
        self._closed = False
        self._db: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Create what is missing, finish interrupted removals, read all vectors: 1 s for 100,000.

        Raises OperatorError when the file is damaged.
        """
        await self._run(self._writing, self._open)

    async def close(self) -> None:
        """Let what runs and all writes finish; other calls raise ProviderUnavailable. Safe to repeat."""
        self._closed = True
        await asyncio.to_thread(self._reading.shutdown)
        await asyncio.to_thread(self._writing.shutdown)
        while not self._readers.empty():
            self._readers.get().close()
        if self._db is not None:
            self._db.close()

    async def write(
        self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors, also: Also = NOTHING_ELSE
    ) -> None:
        """Store chunks; each hundred is durable at once. Raises OperatorError for foreign vectors."""
        by_number = {self._fits(space, rows, len(chunks)): rows for space, rows in also.items()}
        by_number[self._fits(self._space, vectors, len(chunks))] = vectors
        await self._write(lambda writer: writer.write(document, chunks, by_number))

    async def publish(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Switch to this generation in one transaction; returns when the older ones are removed."""
        async with self._turns.alone(document.workspace, document.document_id):
            now = document if current is None else await current()
            if now is not None:
                shown = replace(document, channels=now.channels)
                await self._write(lambda writer: writer.publish(shown))

    async def describe(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Replace the channels of the visible generation at once, and then its title."""
        async with self._turns.alone(document.workspace, document.document_id):
            now = document if current is None else await current()
            if now is not None:
                await self._write(lambda writer: writer.describe(now))

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Store another document's chunks and vectors as this one's; how many."""
        return await self._write(lambda writer: writer.copy(source, document))

    async def inventory(self, workspace: WorkspaceId) -> dict[DocumentId, Held]:
        """What is here of a workspace, generations that were never published as strays."""
        return await self._read(lambda db: index_read.inventory(db, workspace))

    async def delete(
        self, workspace: WorkspaceId, document_id: DocumentId, before: int | None = None
    ) -> None:
        """Hide the document in one transaction; returns when its text and vectors are removed."""
        async with self._turns.alone(workspace, document_id):
            await self._write(lambda writer: writer.delete(workspace, document_id, before))

    async def keyword(self, scope: Scope, query: Query, limit: int) -> list[Candidate]:
        """The best chunks by BM25 over any of the query's words, with all of its phrases exactly."""
        if not scoped(scope).channels:
            return []
        return await self._read(lambda db: index_keyword.keyword(db, scope, query, min(limit, MAX_LIMIT)))

    async def spelled(self, scope: Scope, query: Query) -> dict[str, str]:
        """What words that the scope doesn't have may have been meant for: the likest that it has."""
        if not scoped(scope).channels:
            return {}
        return await self._read(lambda db: index_spelling.spelled(db, scope, query))

    async def dense(
        self, scope: Scope, vector: Vectors, limit: int, space: EmbeddingSpace | None = None
    ) -> list[Candidate]:
        """The nearest chunks by cosine. Raises OperatorError for a vector or a space that isn't its."""
        space = space or self._space
        memory = self._memories.get(space)
        if memory is None or vector.shape != (space.dimension,) or not np.isfinite(vector).all():
            raise OperatorError("The question's embedding doesn't fit the index")
        if not scoped(scope).channels:
            return []
        return await self._read(lambda db: index_read.dense(db, memory, scope, vector, min(limit, MAX_LIMIT)))

    async def read(
        self, scope: Scope, document_id: DocumentId, generation: int, ordinals: range
    ) -> list[Chunk]:
        """Those chunks of a document; nothing is read for an empty scope."""
        if not scoped(scope).channels:
            return []
        return await self._read(lambda db: index_read.read(db, scope, document_id, generation, ordinals))

    async def spaces(self, workspace: WorkspaceId) -> frozenset[str]:
        """The labels of the spaces that a workspace has vectors in."""
        return await self._read(lambda db: index_read.spaces(db, workspace))

    async def behind(self, workspace: WorkspaceId) -> list[DocumentId]:
        """The visible documents with a chunk that has no vector in the own space: 1 s for 100,000 chunks."""
        return await self._read(lambda db: index_read.behind(db, workspace, self._numbers[self._space]))

    async def stored(self, workspace: WorkspaceId, document_id: DocumentId) -> Stored | None:
        """The chunks of a visible document that have no vector in the own space."""
        return await self._read(
            lambda db: index_read.stored(db, workspace, document_id, self._numbers[self._space])
        )

    async def enter(self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Give chunks their vectors in the own space; each hundred is durable at once."""
        number = self._fits(self._space, vectors, len(chunks))
        ordinals = [chunk.ordinal for chunk in chunks]
        await self._write(lambda writer: writer.enter(document, ordinals, number, vectors))

    async def entered(self, document: IndexedDocument) -> None:
        """Nothing more to do: each chunk says by itself whether it has a vector."""

    async def leave(self, workspace: WorkspaceId, space: str) -> None:
        """Remove a workspace's vectors in a space, a hundred a transaction; the last one frees its memory."""
        await self._write(lambda writer: writer.leave(workspace, space))
        for one, memory in self._memories.items():
            if one.label == space and not len(memory):
                self._memories[one] = VectorMemory(one.dimension)

    async def ping(self) -> None:
        """Raise when the file can't be read now."""
        await self._read(lambda db: db.execute("SELECT 1 FROM index_meta").fetchone())

    async def stats(self) -> IndexStats:
        """Count what is there."""
        return await self._read(self._stats)

    async def _write(self, change: Callable[[IndexWriter], Result]) -> Result:
        def job() -> Result:
            if self._db is None:
                raise ProviderUnavailable(CLOSED)
            return change(self._writer(self._db))

        return await self._run(self._writing, job)

    async def _read(self, search: Callable[[sqlite3.Connection], Result]) -> Result:
        if self._waiting >= MAX_WAITING:
            raise ProviderUnavailable("Too many searches at once")

        def job() -> Result:
            if self._closed or self._db is None:
                raise ProviderUnavailable(CLOSED)
            db = self._readers.get()
            try:
                deadline = time.monotonic() + SEARCH_DEADLINE_S
                db.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_PER_CHECK)
                return search(db)
            finally:
                self._readers.put(db)

        self._waiting += 1
        try:
            return await self._run(self._reading, job)
        finally:
            self._waiting -= 1

    async def _run(self, threads: ThreadPoolExecutor, job: Callable[[], Result]) -> Result:
        if self._closed:
            raise ProviderUnavailable(CLOSED)
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, job)
        except sqlite3.OperationalError as error:  # busy, full disk, out of time
            raise ProviderUnavailable("The index can't be used now") from error
        except sqlite3.Error as error:
            raise OperatorError(
                "The index file is damaged", "Stop the bot and restore the data folder from a backup."
            ) from error

    def _open(self) -> None:
        db = connect_writer(self._path)
        try:
            self._numbers = prepare(db, self._memories)
            for space, memory in self._memories.items():
                index_read.load(db, self._numbers[space], memory)
            renew(db)
            self._writer(db).purge()
            finish_merging(db)
            for _ in range(READERS):
                self._readers.put(connect_reader(self._path))
        except BaseException:
            db.close()
            raise
        self._db = db

    def _writer(self, db: sqlite3.Connection) -> IndexWriter:
        return IndexWriter(db, {self._numbers[space]: memory for space, memory in self._memories.items()})

    def _fits(self, space: EmbeddingSpace, vectors: Vectors, count: int) -> int:
        """The number of a space. Raises OperatorError for vectors that can't be of it."""
        expected = (count, space.dimension)
        if space not in self._memories or vectors.shape != expected or not np.isfinite(vectors).all():
            raise OperatorError(
                f"The embeddings don't fit the index: {vectors.shape} instead of {expected}, or not finite"
            )
        if space not in self._numbers:
            raise ProviderUnavailable(CLOSED)
        return self._numbers[space]

    def _stats(self, db: sqlite3.Connection) -> IndexStats:
        documents = db.execute("SELECT count(*) FROM index_document WHERE state = 'published'").fetchone()[0]
        in_memory = sum(memory.nbytes for memory in self._memories.values())
        return IndexStats(documents, len(self._memories[self._space]), in_memory)
