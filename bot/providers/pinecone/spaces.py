"""The index on Pinecone in more than one embedding space: what is searched now, and what will be.

While a workspace is behind, everything is written twice: to the index that its searches use, and to that
of the bot's own space. So nothing is missing in either, and the switch is a matter of one row elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Self

import numpy as np
import structlog

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
from bot.errors import OperatorError, RetryLater
from bot.ports import NOTHING_ELSE, Also, Current, Vectors
from bot.providers.budget import Breaker
from bot.providers.deadlines import USUAL, Deadlines
from bot.providers.pinecone.connection import PineconeAddress
from bot.providers.pinecone.index import FIRST_WAIT_S, PineconeIndex
from bot.providers.pinecone.places import OnWait, Places, ignore_wait
from bot.providers.told import OnCall, untold
from bot.providers.turns import Turns

log = structlog.get_logger(__name__)

Searched = Callable[[WorkspaceId], str]
"""The label of the space that a workspace's searches use now."""


class PineconeSpaces:
    """A `VectorIndex` on Pinecone. `async with` it, or `open()` and `close()`."""

    def __init__(
        self,
        address: PineconeAddress,
        space: EmbeddingSpace,
        searched: Searched | None = None,
        *,
        first_wait_s: float = FIRST_WAIT_S,
        breaker: Breaker | None = None,
        deadlines: Deadlines = USUAL,
        on_call: OnCall = untold,
    ) -> None:
        self._space = space
        self._searched = searched or (lambda _workspace: space.label)
        self._places = Places(
            address, space, first_wait_s=first_wait_s, breaker=breaker, deadlines=deadlines, on_call=on_call
        )
        self._turns = Turns()
        """Of publishing and entering a document: each hides what the other has written."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Find or create the index and check its fields. Raises OperatorError when it isn't ours to use.

        Pinecone being out of reach is no reason not to start: the first call connects then.
        """
        try:
            index = await self._places.own()
        except RetryLater as error:
            log.warning("pinecone_unreachable", cause=error.public_message)
            return
        await index.open()

    async def exists(self) -> bool:
        """Whether the index is there and ours to use. Raises OperatorError, RetryLater. Creates nothing."""
        return await (await self._places.own()).exists()

    async def create(self, on_wait: OnWait = ignore_wait) -> tuple[str, bool]:
        """Create the index unless it is there; its name, and whether it was. Waits until it is ready."""
        index = await self._places.own()
        return index.name, await index.create(on_wait)

    async def close(self) -> None:
        """Close the connections. Repeatable."""
        await self._places.close()

    async def write(
        self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors, also: Also = NOTHING_ELSE
    ) -> None:
        """Store chunks in all indexes concerned; where searches need vectors that `also` lacks, without."""
        own, former = await self._indexes(document.workspace)
        await own.write(document, chunks, vectors)
        if former is not None:
            theirs = {space.label: rows for space, rows in also.items()}.get(former.space.label)
            rows = _stand_ins(len(chunks), former.space) if theirs is None else theirs
            await former.write(document, chunks, rows, unembedded=theirs is None)

    async def publish(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Show this generation; returns when searches find it and no older one, within some minutes."""
        own, former = await self._indexes(document.workspace)
        if former is None:
            await own.publish(document, current)
            return
        async with self._turns.alone(document.workspace, document.document_id):
            await _all(own.publish(document, current), former.publish(document, current))

    async def describe(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Replace title and channels; searches follow within seconds."""
        await _all(*(index.describe(document, current) for index in await self._both(document.workspace)))

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Store another document's records as this one's; how many, 0 where one index hasn't them yet."""
        copied = [await index.copy(source, document) for index in await self._both(document.workspace)]
        return min(copied)

    async def inventory(self, workspace: WorkspaceId) -> dict[DocumentId, Held]:
        """What searches could see of a workspace; what only another index has counts as strays."""
        own, former = await self._indexes(workspace)
        if former is None:
            return await own.inventory(workspace)
        ours, theirs = await own.inventory(workspace), await former.inventory(workspace)
        unseen = {
            document_id: Held(None, 0, frozenset(), of_it.chunks + of_it.strays, of_it.newest)
            for document_id, of_it in ours.items()
        }
        return unseen | theirs

    async def delete(
        self, workspace: WorkspaceId, document_id: DocumentId, before: int | None = None
    ) -> None:
        """Remove every generation everywhere, or those before one; searches follow within seconds."""
        indexes = await self._both(workspace)
        await _all(*(index.delete(workspace, document_id, before=before) for index in indexes))

    async def keyword(self, scope: Scope, query: Query, limit: int) -> list[Candidate]:
        """The best chunks by BM25 over any of the query's words, with all of its phrases exactly."""
        return await (await self._seen(scope.workspace)).keyword(scope, query, limit)

    async def dense(
        self, scope: Scope, vector: Vectors, limit: int, space: EmbeddingSpace | None = None
    ) -> list[Candidate]:
        """The nearest chunks by cosine. Raises OperatorError for a vector that isn't of that space."""
        label = (space or self._space).label
        if label not in {self._space.label, self._searched(scope.workspace)}:
            raise OperatorError("The question's embedding doesn't fit the index")
        return await (await self._places.of(label)).dense(scope, vector, limit)

    async def read(
        self, scope: Scope, document_id: DocumentId, generation: int, ordinals: range
    ) -> list[Chunk]:
        """Those chunks of a document, at most Pinecone's page of them."""
        return await (await self._seen(scope.workspace)).read(scope, document_id, generation, ordinals)

    async def spaces(self, workspace: WorkspaceId) -> frozenset[str]:
        """The labels of the spaces that a workspace has records in, of those that can be thought of."""
        known = {self._space.label, self._searched(workspace), await self._places.first_label()}
        return frozenset([label for label in known if await self._holds(workspace, label)])

    async def behind(self, workspace: WorkspaceId) -> list[DocumentId]:
        """The documents that searches see and that the own index lacks, or has in another generation."""
        own, former = await self._indexes(workspace)
        if former is None:
            return []
        seen, ours = await former.inventory(workspace), await own.inventory(workspace)
        return sorted(
            document_id
            for document_id, held in seen.items()
            if held.generation is not None and not _same(held, ours.get(document_id))
        )

    async def stored(self, workspace: WorkspaceId, document_id: DocumentId) -> Stored | None:
        """All chunks of a document that searches see."""
        _, former = await self._indexes(workspace)
        return None if former is None else await former.stored(workspace, document_id)

    async def enter(self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Store chunks in the own index, hidden there; they are shown when all are there (`entered`)."""
        own, former = await self._indexes(document.workspace)
        if former is None:
            return
        async with self._turns.alone(document.workspace, document.document_id):
            if await former.visible(document.workspace, document.document_id) == document.generation:
                await own.write(document, chunks, vectors)

    async def entered(self, document: IndexedDocument) -> None:
        """Show in the own index what searches see; undone where it was deleted meanwhile."""
        own, former = await self._indexes(document.workspace)
        if former is None:
            return
        workspace, document_id = document.workspace, document.document_id
        async with self._turns.alone(document.workspace, document.document_id):
            if await former.visible(workspace, document_id) != document.generation:
                return
            await own.publish(document, drop=False)
            if await former.visible(workspace, document_id) is None:
                await own.delete(workspace, document_id)

    async def leave(self, workspace: WorkspaceId, space: str) -> None:
        """Empty a workspace's namespace in the index of a space; nothing happens where there is no index."""
        if await self._holds(workspace, space):
            await (await self._places.of(space)).clear(workspace)

    async def ping(self) -> None:
        """Raise when Pinecone can't be used now."""
        await self._places.own()
        await _all(*(index.ping() for index in self._places.opened()))

    async def _indexes(self, workspace: WorkspaceId) -> tuple[PineconeIndex, PineconeIndex | None]:
        """The own index, and the one that searches use if that is another one."""
        label = self._searched(workspace)
        own = await self._places.own()
        return own, None if label == self._space.label else await self._places.of(label)

    async def _both(self, workspace: WorkspaceId) -> list[PineconeIndex]:
        return [index for index in await self._indexes(workspace) if index is not None]

    async def _seen(self, workspace: WorkspaceId) -> PineconeIndex:
        return await self._places.of(self._searched(workspace))

    async def _holds(self, workspace: WorkspaceId, label: str) -> bool:
        index = await self._places.of(label)
        return await index.exists() and await index.holds(workspace)


def _same(seen: Held, ours: Held | None) -> bool:
    return ours is not None and (ours.generation, ours.chunks) == (seen.generation, seen.chunks)


def _stand_ins(count: int, space: EmbeddingSpace) -> Vectors:
    """Pinecone takes no record without a vector: these are never compared."""
    return np.full((count, space.dimension), space.dimension**-0.5, dtype=np.float32)


async def _all(*calls: Awaitable[None]) -> None:
    """Do all, also when one fails; then raise what failed first."""
    for outcome in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
