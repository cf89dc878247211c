"""Index: write a generation's chunks, then make it visible in one step."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.domain import Chunk, IndexedDocument
from bot.errors import FaultMavenError
from bot.ports import NOTHING_ELSE, Also, Current, OnProgress, VectorIndex, Vectors

WRITE_CHUNKS = 96
"""Chunks per write: short transactions let searches and other writers in between."""
WRITES_IN_FLIGHT = 4
"""An index across a network takes as long for one as for several; the embedded one takes them in turn."""


async def index(
    target: VectorIndex,
    document: IndexedDocument,
    chunks: Sequence[Chunk],
    vectors: Vectors,
    on_progress: OnProgress,
    also: Also = NOTHING_ELSE,
    current: Current | None = None,
) -> None:
    """Write and publish one generation; the former one answers until then. Repeatable.

    `also` are the chunks' vectors in other spaces; `current` as `publish` takes it. The first failing write
    cancels the others.
    """
    slots = asyncio.Semaphore(WRITES_IN_FLIGHT)
    done = 0

    async def write(part: slice) -> None:
        nonlocal done
        async with slots:
            others = {space: rows[part] for space, rows in also.items()}
            await target.write(document, chunks[part], vectors[part], others)
        done += len(chunks[part])
        await on_progress(done, len(chunks))

    try:
        async with asyncio.TaskGroup() as tasks:
            for start in range(0, len(chunks), WRITE_CHUNKS):
                tasks.create_task(write(slice(start, start + WRITE_CHUNKS)))
    except* FaultMavenError as failures:
        raise failures.exceptions[0] from None  # callers act on the type of the error
    await target.publish(document, current)
