"""What a workspace has in the index, record by record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping

from pinecone import Document

from bot.domain import ChannelId, DocumentId, Held
from bot.providers.pinecone.records import CHANNELS, PUBLISHED, channels_of, read_id

FIELDS = (PUBLISHED, CHANNELS)
RECORDS_AT_ONCE = 1_000
"""An answer may have 4 MB: a thousand records may be visible in two hundred channels each."""


async def held(pages: AsyncIterator[list[Document]]) -> dict[DocumentId, Held]:
    """Each document's shown generation; hidden records count as strays, even of that generation.

    A document whose records disagree about their channels has none here, so that a comparison with
    the database finds it.
    """
    chunks: Counter[tuple[DocumentId, int]] = Counter()
    total: Counter[DocumentId] = Counter()
    newest: dict[DocumentId, int] = {}
    channels: dict[tuple[DocumentId, int], set[frozenset[ChannelId]]] = defaultdict(set)
    async for page in pages:
        for record in page:
            document_id, generation, _ = read_id(record.id)
            total[document_id] += 1
            newest[document_id] = max(generation, newest.get(document_id, 0))
            if record.get(PUBLISHED):
                chunks[document_id, generation] += 1
                channels[document_id, generation].add(channels_of(record))
    shown: dict[DocumentId, int] = {}
    for document_id, generation in chunks:
        shown[document_id] = max(generation, shown.get(document_id, generation))
    return {document_id: _held(document_id, shown, chunks, channels, total, newest) for document_id in total}


def _held(
    document_id: DocumentId,
    shown: dict[DocumentId, int],
    chunks: Counter[tuple[DocumentId, int]],
    channels: dict[tuple[DocumentId, int], set[frozenset[ChannelId]]],
    total: Counter[DocumentId],
    newest: Mapping[DocumentId, int],
) -> Held:
    if document_id not in shown:
        return Held(None, 0, frozenset(), total[document_id], newest[document_id])
    key = (document_id, shown[document_id])
    agreed = next(iter(channels[key])) if len(channels[key]) == 1 else frozenset()
    strays = total[document_id] - chunks[key]
    return Held(key[1], chunks[key], agreed, strays, newest[document_id])
