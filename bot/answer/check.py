"""Check: are these sources still there, and may they be read? Asked last, before anything is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from bot.answer.cite import Source
from bot.documents.repository import Transaction
from bot.domain import Scope
from bot.ports import VectorIndex


async def standing(
    transaction: Transaction, index: VectorIndex, scope: Scope, sources: Collection[Source]
) -> frozenset[str]:
    """The chunk ids of the sources that the scope may read now and whose page still says what is quoted.

    Raises RetryLater when the index can't be read now. Repeatable.
    """
    if not sources:
        return frozenset()
    async with transaction(reading=True) as tx:
        readable = await tx.documents.readable(scope, {one.evidence.document.document_id for one in sources})
    candidates = [one for one in sources if one.evidence.document.document_id in readable]
    held = await asyncio.gather(*(_says(index, scope, one) for one in candidates))
    return frozenset(one.chunk_id for one, says in zip(candidates, held, strict=True) if says)


async def _says(index: VectorIndex, scope: Scope, source: Source) -> bool:
    found = source.evidence.candidate
    ordinals = range(found.ordinal, found.ordinal + 1)
    chunks = await index.read(scope, found.document_id, found.generation, ordinals)
    quoted = " ".join(source.quote.split())
    return bool(quoted) and any(
        chunk.page == found.page and quoted in " ".join(chunk.text.split()) for chunk in chunks
    )
