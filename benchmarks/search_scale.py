"""Search by size: latency, memory, and what it costs to build, on the embedded index or on Postgres.

    python benchmarks/search_scale.py [CHUNKS...]     # synthetic text; 10,000 and 100,000 unless told
    python benchmarks/search_scale.py --keep FOLDER   # the indexes stay there, and are used again
    python benchmarks/search_scale.py --index postgres --url postgresql://…   # an empty database a size

A search is everything but the look at the state and at Slack: misspelt words, words, meaning, ranking. It is
asked for with all channels allowed, and with a tenth of the documents. `loop` is how late the event loop was
at worst while they ran one after another: what a search keeps others waiting for.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import accumulate
from pathlib import Path

from bot.domain import ChannelId, Chunk, DocumentId, IndexedDocument, Query, Scope, WorkspaceId
from bot.evaluate.measures import percentile
from bot.ingest.embed import embed, embedded_text
from bot.ingest.index import index
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.providers.postgres import PostgresIndex
from bot.search.fuse import fuse
from bot.search.respell import respell
from bot.search.retrieve import retrieve

WORKSPACE = WorkspaceId("T1")
MANY, FEW = ChannelId("C1"), ChannelId("C2")
"""Nine tenths of the documents are in the one, a tenth in the other."""
SCOPES = {
    "all": Scope(WORKSPACE, frozenset({MANY, FEW})),
    "a tenth": Scope(WORKSPACE, frozenset({FEW})),
}
CHUNKS_A_DOCUMENT = 40
QUERIES = 500
AT_ONCE = 10
COMMONEST, ASKED = 80, 5_000
"""As many words as the list of stop words has: questions rarely keep them. And the ranks of words that
questions are made of: all of them are somewhere in the index."""
TICK_S = 0.001
VOCABULARY = 7

Held = LocalIndex | PostgresIndex


class Prose:
    """Text whose words are as often as words are: the n-th most frequent one about 1/n as often."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(VOCABULARY)  # noqa: S311  # repeatable, nothing secret
        syllables = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu"]
        lengths = [self._random.randint(1, 5) for _ in range(50_000)]
        self._words = ["".join(self._random.choices(syllables, k=length)) for length in lengths]
        self._random.seed(seed)
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self._words))))
        commonest = set(self._words[:COMMONEST])
        self._asked = [word for word in self._words[:ASKED] if word not in commonest]

    def text(self, words: int) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=words))

    def question(self) -> str:
        weights = [1 / (rank + COMMONEST) for rank in range(len(self._asked))]
        return " ".join(self._random.choices(self._asked, weights, k=6))

    def misspelt(self) -> str:
        first, *others = self.question().split()
        return " ".join([first[:3] + first[4:] + "q", *others])


class Lateness:
    """How late the event loop is: a task that wants to run each millisecond."""

    def __init__(self) -> None:
        self.worst_ms = 0.0

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self.worst_ms = max(self.worst_ms, (time.perf_counter() - before - TICK_S) * 1e3)


@asynccontextmanager
async def opened(where: Path | str) -> AsyncIterator[tuple[Held, LocalEmbeddingProvider]]:
    """A file, or the address of a database."""
    embeddings = LocalEmbeddingProvider()
    await embeddings.embed_query("load the model")
    kind = LocalIndex if isinstance(where, Path) else PostgresIndex
    async with kind(where, embeddings.space) as held:
        yield held, embeddings
    await embeddings.close()


async def build(chunks: int, where: Path | str) -> str:
    async def silent(_done: int, _total: int) -> None:
        pass

    prose = Prose(7)
    wall, cpu, made = time.perf_counter(), time.process_time(), 0.0
    async with opened(where) as (held, embeddings):
        for number in range(chunks // CHUNKS_A_DOCUMENT):
            before = time.process_time()
            texts = [prose.text(150) for _ in range(CHUNKS_A_DOCUMENT)]
            cut = [Chunk(i, i // 3 + 1, 0, len(text), text) for i, text in enumerate(texts)]
            title = prose.text(4)
            made += time.process_time() - before
            channel = FEW if number % 10 == 0 else MANY
            document = IndexedDocument(WORKSPACE, DocumentId(f"d{number}"), 1, title, frozenset({channel}))
            vectors = await embed(embeddings, [embedded_text(title, one) for one in cut], silent)
            await index(held, document, cut, vectors, silent)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu - made
    return f"{cpu:.1f} CPU s, {wall:.1f} s to embed and index"


async def scale(where: Path | str) -> None:
    before, wall = resident_mb(), time.perf_counter()
    async with opened(where) as (held, embeddings):
        wall = time.perf_counter() - wall
        prose = Prose(11)
        for name, scope in SCOPES.items():
            asked = [prose.question() for _ in range(QUERIES)]
            print(f"  {name:9} {await measured(held, embeddings, scope, asked)}")
        few = [prose.misspelt() for _ in range(QUERIES // 10)]
        print(f"  misspelt  {await measured(held, embeddings, SCOPES['all'], few)}")
        print(f"  ten at once: {await crowded(held, embeddings, [prose.question() for _ in range(QUERIES)])}")
        print(
            f"  opened in {wall:.2f} s; {resident_mb():.0f} MB resident, {resident_mb() - before:.0f} MB more"
        )


async def ask(held: Held, embeddings: LocalEmbeddingProvider, scope: Scope, asked: str) -> float:
    """Milliseconds that a search took."""
    started = time.perf_counter()
    respelled = await respell(held, scope, Query(asked))
    found = await retrieve(held, embeddings, scope, respelled.query)
    fuse(found.keyword, found.dense, embeddings.space.weight)
    return (time.perf_counter() - started) * 1e3


async def measured(held: Held, embeddings: LocalEmbeddingProvider, scope: Scope, questions: list[str]) -> str:
    """One after another."""
    lateness, cpu = Lateness(), time.process_time()
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(lateness.watch())
        took = [await ask(held, embeddings, scope, asked) for asked in questions]
        watching.cancel()
    cpu = (time.process_time() - cpu) * 1e3 / len(questions)
    return f"{spread(took)}  CPU {cpu:.1f} ms  loop {lateness.worst_ms:.1f} ms"


async def crowded(held: Held, embeddings: LocalEmbeddingProvider, questions: list[str]) -> str:
    took: list[float] = []
    for start in range(0, len(questions), AT_ONCE):
        some = (ask(held, embeddings, SCOPES["all"], asked) for asked in questions[start : start + AT_ONCE])
        took += await asyncio.gather(*some)
    return spread(took)


def spread(took: list[float]) -> str:
    return f"p50 {percentile(took, 0.5):.1f} ms  p99 {percentile(took, 0.99):.1f} ms"


def resident_mb() -> float:
    """Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def on_postgres(url: str, sizes: list[int]) -> None:
    """Sizes in rising order: what is there is built upon."""
    for chunks in sizes:
        print(f"\n{chunks:,} chunks in Postgres")
        print(f"  built     {asyncio.run(build(chunks, url))}")
        asyncio.run(scale(url))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chunks", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--index", choices=["embedded", "postgres"], default="embedded")
    parser.add_argument(
        "--url", help="of an empty database for --index postgres, or one that was built before"
    )
    arguments = parser.parse_args()
    if arguments.index == "postgres":
        on_postgres(arguments.url, arguments.chunks)
        return
    with tempfile.TemporaryDirectory() as scratch:
        for chunks in arguments.chunks:
            path = Path(arguments.keep or scratch, f"{chunks}.db")
            print(f"\n{chunks:,} chunks")
            if not path.exists():
                print(f"  built     {asyncio.run(build(chunks, path))}; {path.stat().st_size / 1e6:.0f} MB")
            asyncio.run(scale(path))


if __name__ == "__main__":
    main()
