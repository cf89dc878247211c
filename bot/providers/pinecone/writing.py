"""What changes the index: chunks come hidden, then a generation is shown and the others are dropped.

Pinecone has no transactions, and shows a change only after a while. So a generation is shown by one
update of all its records, which the index applies as one; older ones are deleted once searches see
it; and until they see that, too, whoever reads takes the latest generation of what is found. Nor has
it locks: who comes late may show an older generation, but deletes no newer one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from pinecone import TextQuery

from bot.domain import Chunk, DocumentId, EmbeddingSpace, IndexedDocument, WorkspaceId
from bot.errors import ProviderUnavailable
from bot.ports import Current, Vectors
from bot.providers.pinecone.questions import (
    ALL,
    SHOWN,
    Filter,
    all_of,
    by_meaning,
    newer,
    of_document,
    older,
)
from bot.providers.pinecone.records import (
    CHANNELS,
    PUBLISHED,
    channels_of,
    moved,
    read_id,
    records,
    visibility,
)
from bot.providers.pinecone.schema import TITLE
from bot.providers.pinecone.store import Store
from bot.search.words import words_of

SETTLE_S = 180.0
"""Pinecone says that a minute may pass until what was written is found."""
LONGEST_WAIT_S = 5.0
COPIED_AT_ONCE = 100
"""Records with their vectors that are fetched at once: 2 MB of the 4 that an answer may have."""
MOST_MATCHES = 10_000
MAX_TITLE_WORDS = 20
REMEMBERED = 10_000

Key = tuple[WorkspaceId, DocumentId]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Writing:
    """Remembers what this process has written and shown; what it doesn't know, it looks up."""

    def __init__(self, store: Store, space: EmbeddingSpace, *, wait_s: float) -> None:
        self._store = store
        self._space = space
        self._wait_s = wait_s
        self._written: OrderedDict[tuple[Key, int], set[int]] = OrderedDict()
        self._shown: OrderedDict[Key, IndexedDocument | None] = OrderedDict()
        self._publishing: dict[Key, IndexedDocument] = {}

    async def write(
        self, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors, space: str | None = None
    ) -> None:
        """Store chunks, hidden; those of a generation that is shown stay shown.

        Nothing is stored of a generation older than the shown one. `space` names that of the vectors, where
        it isn't the index's own.
        """
        if await self._is_older(document):
            return
        shown = await self._shown_as(document)
        last = {chunk.ordinal: place for place, chunk in enumerate(chunks)}  # an id may stand there once
        places = list(last.values())
        named = space or self._space.name
        made = records(document, [chunks[place] for place in places], vectors[places], named, shown)
        await self._store.upsert(document.workspace, made)
        self._note(document, last)

    async def copy(self, source: DocumentId, document: IndexedDocument) -> int:
        """Store the shown chunks of another document as this one's; how many there are."""
        original = await self._visible(document.workspace, source)
        if original is None or await self._is_older(document):
            return 0
        shown, copied = await self._shown_as(document), 0
        wanted = all_of(of_document(source, original.generation), SHOWN)
        async for page in self._store.pages(document.workspace, wanted, (), COPIED_AT_ONCE):
            await self._store.upsert(document.workspace, [moved(record, document, shown) for record in page])
            self._note(document, (read_id(record.id)[2] for record in page))
            copied += len(page)
        return copied

    async def publish(
        self, document: IndexedDocument, current: Current | None = None, *, drop: bool = True
    ) -> None:
        """Show a generation, wait until searches find it, then drop the older ones and wait for that.

        Without `drop` those stay as they are.

        Raises ProviderUnavailable when Pinecone takes more than three minutes; repeatable. It ends early
        when the document is deleted meanwhile.
        """
        key = _key(document)
        if (latest := await self._newer_shown(document)) is not None:
            await self.delete(document.workspace, document.document_id, latest)
            return
        now = document if current is None else await current()
        if now is None:
            return
        document = replace(now, generation=document.generation)
        this = of_document(document.document_id, document.generation)
        written = len(self._written.get((key, document.generation), ()))
        self._publishing[key] = document
        matched = await self._show(document, this)

        async def is_shown() -> bool:
            nonlocal matched
            if self._publishing.get(key) is not document:
                return True
            if await self._finds(document, all_of(this, SHOWN), written or matched or 0):
                return True
            if matched != written:  # the update saw the records as they were some changes ago
                matched = await self._show(document, this)
            return False

        try:
            await self._until(is_shown)
            if self._publishing.get(key) is document:
                _remember(self._shown, key, document)
                if drop:
                    await self._drop(document.workspace, older(document.document_id, document.generation))
                    self._forget_written(key, document.generation + 1)
        finally:
            if self._publishing.get(key) is document:
                del self._publishing[key]

    async def describe(self, document: IndexedDocument, current: Current | None = None) -> None:
        """Replace title and channels of what is shown of a document, in one update."""
        key = _key(document)
        now = document if current is None else await current()
        if now is None:
            return
        document = now
        await self._show(document, all_of(of_document(document.document_id), SHOWN))
        if known := self._shown.get(key):
            self._shown[key] = replace(document, generation=known.generation)

    async def delete(
        self, workspace: WorkspaceId, document_id: DocumentId, before: int | None = None
    ) -> None:
        """Remove all generations, or those before one.

        Whether searches see that yet matters to nobody: the database decides.
        """
        key = (workspace, document_id)
        if before is None:
            await self._store.delete(workspace, of_document(document_id))
        else:
            await self._store.delete(workspace, older(document_id, before))
        publishing, shown = self._publishing.get(key), self._shown.get(key)
        if publishing and (before is None or publishing.generation < before):
            del self._publishing[key]
        if shown is None or before is None or shown.generation < before:
            _remember(self._shown, key, None)  # a look-up might still see it
        self._forget_written(key, before)

    async def _show(self, document: IndexedDocument, wanted: Filter) -> int | None:
        fields = visibility(document)
        absent = [name for name in (CHANNELS, TITLE) if name not in fields]
        return await self._store.update(document.workspace, wanted, fields, absent)

    async def _drop(self, workspace: WorkspaceId, wanted: Filter) -> None:
        if await self._store.delete(workspace, wanted) == 0:
            return
        ones = np.ones(self._space.dimension, dtype=np.float32)

        async def is_gone() -> bool:
            return not await self._store.search(workspace, [by_meaning(ones)], all_of(wanted, SHOWN), 1)

        await self._until(is_gone)

    async def _finds(self, document: IndexedDocument, allowed: Filter, expected: int) -> bool:
        """Whether a search by meaning, and one by the title's words, find that many records."""
        if not expected:
            return True
        top_k = min(expected, MOST_MATCHES)
        ones = np.ones(self._space.dimension, dtype=np.float32)
        searches = [self._store.search(document.workspace, [by_meaning(ones)], allowed, top_k)]
        if words := words_of(document.title)[:MAX_TITLE_WORDS]:
            clause = TextQuery(query=" ".join(words), fields=[TITLE])
            searches.append(self._store.search(document.workspace, [clause], allowed, top_k))
        return all(len(found) >= top_k for found in await asyncio.gather(*searches))

    async def _until(self, happened: Callable[[], Awaitable[bool]]) -> None:
        wait_s, gives_up_at = self._wait_s, asyncio.get_running_loop().time() + SETTLE_S
        while not await happened():
            if asyncio.get_running_loop().time() > gives_up_at:
                raise ProviderUnavailable("Pinecone does not show yet what was written")
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def visible(self, workspace: WorkspaceId, document_id: DocumentId) -> int | None:
        """The generation that is shown of a document."""
        shown = await self._visible(workspace, document_id)
        return shown.generation if shown else None

    async def clear(self, workspace: WorkspaceId) -> None:
        """Remove everything that a workspace has here, and wait until it is gone. Repeatable."""
        self._shown.clear()
        self._written.clear()

        async def is_gone() -> bool:
            return not (await self._store.page(workspace, ALL, (PUBLISHED,), 1))[0]

        if not await is_gone():
            await self._store.delete(workspace, ALL)
            await self._until(is_gone)

    async def _is_older(self, document: IndexedDocument) -> bool:
        """Whether a newer generation is known to be shown."""
        shown = await self._visible(document.workspace, document.document_id)
        return shown is not None and shown.generation > document.generation

    async def _newer_shown(self, document: IndexedDocument) -> int | None:
        """A newer generation that is shown, also by another process since this one looked."""
        if (known := self._shown.get(_key(document))) and known.generation > document.generation:
            return known.generation
        found, _ = await self._store.page(document.workspace, all_of(newer(document), SHOWN), (PUBLISHED,), 1)
        return read_id(found[0].id)[1] if found else None

    async def _shown_as(self, document: IndexedDocument) -> IndexedDocument | None:
        """How this very generation is shown, or None while it is hidden."""
        shown = await self._visible(document.workspace, document.document_id)
        same = shown is not None and shown.generation == document.generation
        return replace(shown, title=document.title) if shown and same else None

    async def _visible(self, workspace: WorkspaceId, document_id: DocumentId) -> IndexedDocument | None:
        """What is shown of a document. One that was published without chunks is known here alone."""
        key = (workspace, document_id)
        if key not in self._shown:
            wanted = all_of(of_document(document_id), SHOWN)
            found, _ = await self._store.page(workspace, wanted, (PUBLISHED, CHANNELS), 1)
            shown = None
            for record in found:
                generation, channels = read_id(record.id)[1], channels_of(record)
                shown = IndexedDocument(workspace, document_id, generation, "", channels)
            _remember(self._shown, key, shown)
        return self._shown[key]

    def _note(self, document: IndexedDocument, ordinals: Iterable[int]) -> None:
        key = (_key(document), document.generation)
        _remember(self._written, key, self._written.get(key, set()).union(ordinals))

    def _forget_written(self, key: Key, before: int | None) -> None:
        for known in [known for known in self._written if known[0] == key]:
            if before is None or known[1] < before:
                del self._written[known]


def _key(document: IndexedDocument) -> Key:
    return document.workspace, document.document_id


def _remember(known: OrderedDict[K, V], key: K, value: V) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
