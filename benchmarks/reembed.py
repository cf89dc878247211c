"""How fast documents are embedded anew: `python benchmarks/reembed.py [documents] [chunks each]`.

Vectors of another space are made up; the new ones are the local model's, on an embedded index in a
temporary folder. What a vendor's model takes is the vendor's: 2,000 texts a minute at Cohere.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bot.database import Database
from bot.documents.spaces import Spaces
from bot.domain import LOCAL_CHANNEL as CHANNEL
from bot.domain import LOCAL_WORKSPACE as WORKSPACE
from bot.domain import Chunk, DocumentId, EmbeddingSpace, FileId, IndexedDocument, Message, Query, Scope
from bot.ingest.reembed import Reembedder
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex

OLD = EmbeddingSpace("made-up-512", 512)
WORDS = Path(__file__).read_text(encoding="utf-8").split()


def text_of(number: int) -> str:
    rng = np.random.default_rng(number)
    return " ".join(rng.choice(WORDS, 160))[:1000]


async def fill(database: Database, path: Path, documents: int, chunks: int) -> None:
    rng = np.random.default_rng(0)
    async with LocalIndex(path, OLD) as index:
        for number in range(documents):
            async with database.transaction() as tx:
                file = FileId(f"F{number}")
                accepted = await tx.documents.accept(WORKSPACE, file, Message(CHANNEL, "1.0"), now=1.0)
                job = await tx.documents.claim(now=2.0)
                assert job is not None
                await tx.documents.content(job, f"hash-{number}", now=2.0)
                await tx.documents.finish(job, pages=1, chunks=chunks, partial=None, now=2.0)
            document_id = DocumentId(accepted.document_id)
            document = IndexedDocument(WORKSPACE, document_id, 1, f"File {number}", frozenset({CHANNEL}))
            texts = [text_of(number * chunks + ordinal) for ordinal in range(chunks)]
            made = [Chunk(ordinal, 1, 0, len(text), text) for ordinal, text in enumerate(texts)]
            await index.write(document, made, rng.standard_normal((chunks, 512), dtype=np.float32))
            await index.publish(document)
    async with database.transaction() as tx:
        await tx.reembeddings.note(WORKSPACE, OLD.label)


async def ask(index: LocalIndex, waits: list[float]) -> None:
    """Somebody searches meanwhile."""
    scope = Scope(WORKSPACE, frozenset({CHANNEL}))
    while True:
        started = time.perf_counter()
        await index.keyword(scope, Query("documents embedded anew"), 100)
        waits.append(1000 * (time.perf_counter() - started))
        await asyncio.sleep(0.05)


async def measure(documents: int, chunks: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "faultmaven.db")
        database = await Database.open(f"sqlite+aiosqlite:///{path}", lock_dir=Path(folder))
        await fill(database, path, documents, chunks)
        embeddings, waits = LocalEmbeddingProvider(), []
        await embeddings.embed_query("ready")
        async with LocalIndex(path, embeddings.space) as index:
            spaces = Spaces(embeddings, (), {WORKSPACE: OLD.label})
            reembedder = Reembedder(database.transaction, index, spaces)
            asking = asyncio.create_task(ask(index, waits))
            started, cpu = time.perf_counter(), time.process_time()
            await reembedder.look()
            elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
            asking.cancel()
            removing = time.perf_counter()
            await reembedder.look()
            removing = time.perf_counter() - removing
            behind = time.perf_counter()
            assert await index.behind(WORKSPACE) == []
            behind = time.perf_counter() - behind
        await embeddings.close()
        await database.close()
    total = documents * chunks
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{documents:,} documents, {total:,} chunks: {elapsed:.1f} s, {documents / elapsed:.0f} documents/s"
    )
    print(f"CPU {1000 * cpu / total:.2f} s per 1,000 chunks; peak {peak:.0f} MiB")
    print(f"a keyword search meanwhile: median {np.median(waits):.1f} ms, worst {max(waits):.1f} ms")
    print(f"removing the former vectors: {removing:.1f} s; making sure that none is behind: {behind:.2f} s")


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:]]
    asyncio.run(measure(*(sizes or [1_400, 10])))
