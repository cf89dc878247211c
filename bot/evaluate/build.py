"""Build: a collection through the bot's own stages, chunk, embed and index, into an empty index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain import Chunk, DocumentId, FileId, IndexedDocument, Message, Page, Scope
from bot.errors import FaultMavenError
from bot.evaluate.collection import Entry
from bot.ingest.chunk import MAX_CHARS, OVERLAP_CHARS, Style, chunk
from bot.ingest.embed import BATCH_TEXTS, embed, embedded_text
from bot.ingest.index import index
from bot.ports import Vectors
from bot.search.pipeline import SearchPipeline

OnProgress = Callable[[int], None]
"""Told how many are done."""
MARKDOWN = (".md", ".markdown")
BATCH_CHARS = BATCH_TEXTS * (MAX_CHARS - OVERLAP_CHARS)
"""About as much text as one call to an embedding provider takes."""


@dataclass(slots=True)
class Built:
    """What was indexed: ids of the collection and titles by document id, and what it took.

    `cpu_s` is this process's CPU time for chunking, embedding and indexing.
    """

    names: dict[DocumentId, str] = field(default_factory=dict)
    titles: dict[DocumentId, str] = field(default_factory=dict)
    chunks: int = 0
    cpu_s: float = 0.0


async def build(
    pipeline: SearchPipeline, scope: Scope, entries: Iterable[Entry], on_progress: OnProgress
) -> Built:
    """Index entries in all channels of the scope, a batch at a time. Raises what its stages raise."""
    built = Built()
    for batch in _batches(entries):
        documents = await _accept(pipeline, scope, batch)
        started = time.process_time()
        built.chunks += await _index(pipeline, documents, batch)
        built.cpu_s += time.process_time() - started
        for entry, document in zip(batch, documents, strict=True):
            built.names[document.document_id] = entry.id
            built.titles[document.document_id] = entry.title
        on_progress(len(built.names))
    return built


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    characters = 0
    for entry in entries:
        batch.append(entry)
        characters += len(entry.text)
        if len(batch) == BATCH_TEXTS or characters >= BATCH_CHARS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


async def _accept(pipeline: SearchPipeline, scope: Scope, batch: Sequence[Entry]) -> list[IndexedDocument]:
    """Rows with shares, so that the check of access has what it looks at. Priority 1: nobody is told."""
    documents = []
    async with pipeline.transaction() as tx:
        for entry in batch:
            for channel in scope.channels:
                accepted = await tx.documents.accept(
                    scope.workspace, FileId(entry.id), Message(channel, ts="0"), now=0.0, priority=1
                )
            documents.append(
                IndexedDocument(scope.workspace, accepted.document_id, 1, entry.title, scope.channels)
            )
    return documents


async def _index(
    pipeline: SearchPipeline, documents: Sequence[IndexedDocument], batch: Sequence[Entry]
) -> int:
    """Embed the batch's chunks together and index each document by itself; how many chunks there are."""
    cut = [list(chunk([Page(1, entry.text)], _style(entry))) for entry in batch]
    texts = [
        embedded_text(document.title, one)
        for document, chunks in zip(documents, cut, strict=True)
        for one in chunks
    ]
    vectors = await embed(pipeline.embeddings, texts, _silent)
    try:
        async with asyncio.TaskGroup() as tasks:
            start = 0
            for document, chunks in zip(documents, cut, strict=True):
                theirs = vectors[start : start + len(chunks)]
                tasks.create_task(_write(pipeline, document, chunks, theirs))
                start += len(chunks)
    except* FaultMavenError as failures:
        raise failures.exceptions[0] from None  # callers act on the type of the error
    return len(vectors)


async def _write(
    pipeline: SearchPipeline, document: IndexedDocument, chunks: Sequence[Chunk], vectors: Vectors
) -> None:
    if chunks:
        await index(pipeline.index, document, chunks, vectors, _silent)


def _style(entry: Entry) -> Style:
    return "markdown" if entry.id.lower().endswith(MARKDOWN) else "prose"


async def _silent(_done: int, _total: int) -> None:
    """Batches are small: who waits is told after each."""
