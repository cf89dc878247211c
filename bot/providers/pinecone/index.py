"""The index on Pinecone: one namespace a workspace, one record a chunk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
from pinecone import Document

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
)
from bot.errors import OperatorError
from bot.ports import Current, Vectors
from bot.providers.budget import Breaker
from bot.providers.deadlines import USUAL, Deadlines
from bot.providers.pinecone.connection import Connection, PineconeAddress
from bot.providers.pinecone.inventory import FIELDS, RECORDS_AT_ONCE, held
from bot.providers.pinecone.questions import (
    ALL,
    SHOWN,
    Filter,
    all_of,
    between,
    by_meaning,
    by_words,
    hold,
    holding,
    in_space,
    of_document,
    visible_to,
)
from bot.providers.pinecone.records import CHUNK_FIELDS, PUBLISHED, SHOWN_FIELDS, candidate, chunk
from bot.providers.pinecone.schema import TITLE
from bot.providers.pinecone.store import ScoreBy, Store
from bot.providers.pinecone.writing import Writing
from bot.providers.told import OnCall, untold
from bot.search.words import phrases_of

MAX_LIMIT = 1_000
"""An answer may have 4 MB: a thousand chunks of a thousand characters, in any script."""
MAX_READ = 100
"""Records that Pinecone gives at once; who reads wants a passage's neighbours."""
FIRST_WAIT_S = 0.25
NO_SPACE = "none"
"""Named by records that have to have a vector and have none that could be compared."""


class PineconeIndex:
    """One index, of one embedding space. `async with` it, or `open()` and `close()`.

    Pinecone shows what was written after seconds: `publish` waits until searches see it. A search is
    one request by words and one by meaning, more only for a scope of over 10,000 channels.
    """

    def __init__(
        self,
        address: PineconeAddress,
        space: EmbeddingSpace,
        *,
        first_wait_s: float = FIRST_WAIT_S,
        breaker: Breaker | None = None,
        make: bool = True,
        deadlines: Deadlines = USUAL,
        on_call: OnCall = untold,
    ) -> None:
        self.space = space
        self.name = address.index_name
        self._connection = Connection(
            address, space, breaker=breaker, make=make, deadlines=deadlines, on_call=on_call
        )
        self._store = Store(self._connection)
        self._writing = Writing(self._store, space, wait_s=first_wait_s)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Find or create the index and check its fields. Raises OperatorError when it isn't ours to use.

        Pinecone being out of reach is no reason not to start: the first call connects then.
        """
        await self._connection.open()

    async def exists(self) -> bool:
        """Whether the index is there and ours to use. Raises OperatorError, RetryLater. Creates nothing."""
        return await self._connection.exists()

    async def create(self, on_wait: Callable[[float], None] = lambda _: None) -> bool:
        """Create the index unless it is there; whether it was created. `on_wait`: seconds waited so far."""
        return await self._connection.create(on_wait)

    async def close(self) -> None:
        """Close the connections. Repeatable."""
        await self._connection.close()

    async def write(
        self,
        document: IndexedDocument,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        *,
        unembedded: bool = False,
    ) -> None:
        """Store chunks in requests of at most 2 MB, four in flight. OperatorError for foreign vectors.

        `unembedded` ones are found by words alone, whatever their vectors.
        """
        expected = (len(chunks), self.space.dimension)
        if vectors.shape != expected or not np.isfinite(vectors).all():
            raise OperatorError(
                f"The embeddings don't fit the index: {vectors.shape} instead of {expected}, or not finite"
            )
        await self._writing.write(document, chunks, vectors, NO_SPACE if unembedded else None)

    async def publish(
        self, document: IndexedDocument, current: Current | None = None, *, drop: bool = True
    ) -> None:
        """Show this generation; returns when searches find it and, with `drop`, no older one."""
        await self._writing.publish(document, current, drop=drop)

    async def describe(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Replace title and channels; searches follow within seconds."""
        await self._writing.describe(document, current)

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Fetch another document's records and store them as this one's; how many."""
        return await self._writing.copy(source, document)

    async def inventory(self, workspace: WorkspaceId) -> dict[DocumentId, Held]:
        """What is there of a workspace, a thousand records a request."""
        return await held(self._store.pages(workspace, ALL, FIELDS, RECORDS_AT_ONCE))

    async def delete(
        self, workspace: WorkspaceId, document_id: DocumentId, before: int | None = None
    ) -> None:
        """Remove every generation, or those before one; searches follow within seconds."""
        await self._writing.delete(workspace, document_id, before)

    async def keyword(self, scope: Scope, query: Query, limit: int) -> list[Candidate]:
        """The best chunks by BM25 over any of the query's words, with all of its phrases exactly."""
        phrases = phrases_of(query)
        score_by = by_words(query, phrases)
        if not score_by:
            return []
        fields = [*SHOWN_FIELDS, TITLE] if query.phrases else SHOWN_FIELDS
        found = await self._search(scope, score_by, holding(phrases), limit, fields)
        if query.phrases:
            found = [one for one in found if hold(candidate(one), str(one.get(TITLE, "")), query)]
        return _best(found, limit)

    async def dense(self, scope: Scope, vector: Vectors, limit: int) -> list[Candidate]:
        """The nearest chunks by cosine. Raises OperatorError for a vector of another dimension."""
        if vector.shape != (self.space.dimension,) or not np.isfinite(vector).all():
            raise OperatorError("The question's embedding doesn't fit the index")
        score_by = [by_meaning(vector)]
        found = await self._search(scope, score_by, [in_space(self.space.name)], limit, SHOWN_FIELDS)
        return _best(found, limit)

    async def read(
        self, scope: Scope, document_id: DocumentId, generation: int, ordinals: range
    ) -> list[Chunk]:
        """Those chunks of a document, at most Pinecone's page of them."""
        wanted = all_of(of_document(document_id, generation), between(ordinals))
        found = [
            self._store.page(scope.workspace, all_of(visible, wanted), CHUNK_FIELDS, MAX_READ)
            for visible in visible_to(scope)
        ]
        pages = await asyncio.gather(*found)
        chunks = {one.ordinal: one for records, _ in pages for one in map(chunk, records)}
        return [chunks[ordinal] for ordinal in sorted(chunks)]

    async def visible(self, workspace: WorkspaceId, document_id: DocumentId) -> int | None:
        """The generation that is shown of a document."""
        return await self._writing.visible(workspace, document_id)

    async def stored(self, workspace: WorkspaceId, document_id: DocumentId) -> Stored | None:
        """All chunks of what is shown of a document."""
        generation = await self._writing.visible(workspace, document_id)
        if generation is None:
            return None
        wanted = all_of(of_document(document_id, generation), SHOWN)
        pages = self._store.pages(workspace, wanted, [*CHUNK_FIELDS], MAX_LIMIT)
        chunks = [chunk(record) async for page in pages for record in page]
        return Stored(generation, tuple(sorted(chunks, key=lambda one: one.ordinal))) if chunks else None

    async def holds(self, workspace: WorkspaceId) -> bool:
        """Whether there is anything of a workspace."""
        found, _ = await self._store.page(workspace, ALL, (PUBLISHED,), 1)
        return bool(found)

    async def clear(self, workspace: WorkspaceId) -> None:
        """Remove everything of a workspace; returns when it is gone. Repeatable."""
        await self._writing.clear(workspace)

    async def ping(self) -> None:
        """Raise when Pinecone can't be used now."""
        await self._store.ping()

    async def _search(
        self, scope: Scope, score_by: ScoreBy, also: Sequence[Filter], limit: int, fields: Sequence[str]
    ) -> list[Document]:
        """What the scope sees; nothing is asked for an empty one."""
        searches = [
            self._store.search(
                scope.workspace, score_by, all_of(visible, *also), min(limit, MAX_LIMIT), fields
            )
            for visible in visible_to(scope)
        ]
        return [match for matches in await asyncio.gather(*searches) for match in matches]


def _best(found: Sequence[Document], limit: int) -> list[Candidate]:
    """Each chunk once, of the latest generation that was found of its document, best first."""
    candidates = {match.id: candidate(match) for match in found}.values()
    latest: dict[DocumentId, int] = {}
    for one in candidates:
        latest[one.document_id] = max(one.generation, latest.get(one.document_id, one.generation))
    current = [one for one in candidates if one.generation == latest[one.document_id]]
    return sorted(current, key=lambda one: (-one.score, one.chunk_id))[:limit]
