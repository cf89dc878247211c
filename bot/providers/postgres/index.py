"""The index in Postgres: words in its full text search, vectors in pgvector, for any number of replicas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

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
from bot.providers.postgres import keyword, nearest, reading, spelling
from bot.providers.postgres.connection import UNAVAILABLE, Connections
from bot.providers.postgres.limits import USUAL, Limits
from bot.providers.postgres.schema import check, prepare
from bot.providers.postgres.writing import Writer, as_given

MAX_LIMIT = 1_000


class PostgresIndex:
    """A `VectorIndex` in a schema of its own. `async with` it, or `open()` and `close()`.

    `url` is as libpq reads it, or with SQLAlchemy's `+psycopg`. `former` are the spaces besides its own
    that searches still use. Nothing is kept in the process: replicas see each other's changes at once.
    """

    def __init__(
        self,
        url: str,
        space: EmbeddingSpace,
        former: Sequence[EmbeddingSpace] = (),
        limits: Limits = USUAL,
    ) -> None:
        self._limits = limits
        self._space = space
        self._spaces = (*former, space)
        self._numbers: dict[EmbeddingSpace, int] = {}
        self._connections = Connections(url)
        self._writer = Writer(self._connections, limits.counted)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Create what is missing, finish interrupted removals. Repeatable.

        Raises OperatorError without pgvector or the right to create tables, RetryLater without Postgres.
        """
        await self._connections.open()
        try:
            async with self._connections.reading() as connection:
                self._numbers = await prepare(connection, self._spaces)
            await self._writer.renew()
            await self._writer.purge()
        except BaseException:
            await self.close()
            raise

    async def check(self) -> None:
        """Open a connection, say what stands in the way of using it, and close. Creates nothing."""
        try:
            await self._connections.open()
            async with self._connections.reading() as connection:
                await check(connection)
        finally:
            await self.close()

    async def close(self) -> None:
        """End the connections; other calls raise RetryLater. Safe to repeat."""
        await self._connections.close()

    async def write(
        self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors, also: Also = NOTHING_ELSE
    ) -> None:
        """Store chunks; each hundred is durable at once. Raises OperatorError for foreign vectors."""
        by_number = {self._fits(space, rows, len(chunks)): rows for space, rows in also.items()}
        by_number[self._fits(self._space, vectors, len(chunks))] = vectors
        await self._writer.write(document, chunks, by_number)

    async def publish(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Switch to this generation in one transaction; returns when the older ones are removed."""
        await self._writer.publish(document, current or as_given(document))

    async def describe(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Replace the channels of the visible generation at once, and then its title."""
        await self._writer.describe(document, current or as_given(document))

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Store another document's chunks and vectors as this one's; how many."""
        return await self._writer.copy(source, document)

    async def inventory(self, workspace: WorkspaceId) -> dict[DocumentId, Held]:
        """What is here of a workspace, generations that were never published as strays."""
        async with self._connections.reading() as connection:
            return await reading.inventory(connection, workspace)

    async def delete(
        self, workspace: WorkspaceId, document_id: DocumentId, before: int | None = None
    ) -> None:
        """Hide the document in one transaction; returns when its text and vectors are removed."""
        await self._writer.delete(workspace, document_id, before)

    async def keyword(self, scope: Scope, query: Query, limit: int) -> list[Candidate]:
        """The best chunks by BM25 over any of the query's words, with all of its phrases exactly."""
        if not scoped(scope).channels:
            return []
        async with self._connections.reading() as connection:
            return await keyword.keyword(connection, scope, query, min(limit, MAX_LIMIT), self._limits)

    async def spelled(self, scope: Scope, query: Query) -> dict[str, str]:
        """What words that the scope doesn't have may have been meant for: the likest that it has."""
        if not scoped(scope).channels:
            return {}
        async with self._connections.reading() as connection:
            return await spelling.spelled(connection, scope, query)

    async def dense(
        self, scope: Scope, vector: Vectors, limit: int, space: EmbeddingSpace | None = None
    ) -> list[Candidate]:
        """The nearest chunks by cosine. Raises OperatorError for a vector or a space that isn't its."""
        space = space or self._space
        known = space in self._spaces and vector.shape == (space.dimension,)
        if not known or not np.isfinite(vector).all():
            raise OperatorError("The question's embedding doesn't fit the index")
        if not scoped(scope).channels:
            return []
        number = self._number(space)
        async with self._connections.reading() as connection:
            return await nearest.dense(
                connection, number, scope, vector, min(limit, MAX_LIMIT), self._limits.compared
            )

    async def read(
        self, scope: Scope, document_id: DocumentId, generation: int, ordinals: range
    ) -> list[Chunk]:
        """Those chunks of a document; nothing is read for an empty scope."""
        if not scoped(scope).channels:
            return []
        async with self._connections.reading() as connection:
            return await reading.read(connection, scope, document_id, generation, ordinals)

    async def spaces(self, workspace: WorkspaceId) -> frozenset[str]:
        """The labels of the spaces that a workspace has vectors in."""
        async with self._connections.reading() as connection:
            return await reading.spaces(connection, workspace)

    async def behind(self, workspace: WorkspaceId) -> list[DocumentId]:
        """The visible documents with a chunk that has no vector in the own space."""
        number = self._number(self._space)
        async with self._connections.reading() as connection:
            return await reading.behind(connection, workspace, number)

    async def stored(self, workspace: WorkspaceId, document_id: DocumentId) -> Stored | None:
        """The chunks of a visible document that have no vector in the own space."""
        number = self._number(self._space)
        async with self._connections.reading() as connection:
            return await reading.stored(connection, workspace, document_id, number)

    async def enter(self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Give chunks their vectors in the own space; each hundred is durable at once."""
        number = self._fits(self._space, vectors, len(chunks))
        await self._writer.enter(document, [chunk.ordinal for chunk in chunks], number, vectors)

    async def entered(self, document: IndexedDocument) -> None:
        """Nothing more to do: each chunk says by itself whether it has a vector."""

    async def leave(self, workspace: WorkspaceId, space: str) -> None:
        """Remove a workspace's vectors in a space, some hundred a transaction."""
        await self._writer.leave(workspace, space)

    async def ping(self) -> None:
        """Raise when the index can't be used now."""
        async with self._connections.reading() as connection:
            await connection.execute("SELECT version FROM meta")

    def _number(self, space: EmbeddingSpace) -> int:
        if space not in self._numbers:
            raise ProviderUnavailable(UNAVAILABLE)
        return self._numbers[space]

    def _fits(self, space: EmbeddingSpace, vectors: Vectors, count: int) -> int:
        """The number of a space. Raises OperatorError for vectors that can't be of it."""
        expected = (count, space.dimension)
        if space not in self._spaces or vectors.shape != expected or not np.isfinite(vectors).all():
            raise OperatorError(
                f"The embeddings don't fit the index: {vectors.shape} instead of {expected}, or not finite"
            )
        return self._number(space)
