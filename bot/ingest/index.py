"""Index: write a generation's chunks, then make it visible in one step."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain import Chunk, IndexedDocument
from bot.ports import OnProgress, VectorIndex, Vectors

WRITE_CHUNKS = 96
"""Chunks per write: short transactions let searches and other writers in between."""


async def index(
    target: VectorIndex,
    document: IndexedDocument,
    chunks: Sequence[Chunk],
    vectors: Vectors,
    on_progress: OnProgress,
) -> None:
    """Write and publish one generation; the former one answers until then. Repeatable."""
    for start in range(0, len(chunks), WRITE_CHUNKS):
        end = min(start + WRITE_CHUNKS, len(chunks))
        await target.write(document, chunks[start:end], vectors[start:end])
        await on_progress(end, len(chunks))
    await target.publish(document)
