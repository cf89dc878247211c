"""Embed: chunks to vectors, in batches, several in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from bot.domain import Chunk
from bot.errors import FaultMavenError
from bot.ports import EmbeddingProvider, OnProgress, Vectors

BATCH_TEXTS = 96
"""Cohere's limit of texts per call; every provider takes that many."""
BATCHES_IN_FLIGHT = 4


async def embed(provider: EmbeddingProvider, chunks: Sequence[Chunk], on_progress: OnProgress) -> Vectors:
    """Vectors of the chunks, shape (len(chunks), dimension), in their order.

    What is embedded is the heading with the text, so that a passage deep in a section is found by
    the section's words. Repeatable; the first failing batch cancels the others.
    """
    vectors = np.empty((len(chunks), provider.space.dimension), dtype=np.float32)
    slots = asyncio.Semaphore(BATCHES_IN_FLIGHT)
    done = 0

    async def embed_batch(start: int) -> None:
        nonlocal done
        batch = chunks[start : start + BATCH_TEXTS]
        async with slots:
            vectors[start : start + len(batch)] = await provider.embed_documents(
                [embedded_text(chunk) for chunk in batch]
            )
        done += len(batch)
        await on_progress(done, len(chunks))

    try:
        async with asyncio.TaskGroup() as tasks:
            for start in range(0, len(chunks), BATCH_TEXTS):
                tasks.create_task(embed_batch(start))
    except* FaultMavenError as failures:
        raise failures.exceptions[0] from None  # callers act on the type of the error
    return vectors


def embedded_text(chunk: Chunk) -> str:
    """The text that stands for a chunk in the embedding space."""
    return f"{chunk.heading}\n{chunk.text}" if chunk.heading else chunk.text
