"""Search: quality on BEIR collections, latency and memory by size.

    python benchmarks/search.py quality FOLDER...     # each with corpus.jsonl, queries.jsonl, qrels/test.tsv
    python benchmarks/search.py scale [CHUNKS...]     # synthetic text; 10,000 and 100,000 unless told

Quality is judged per document, by the best of its chunks; gains are 2^grade - 1. Everything goes through
the chunker, the local embeddings and the embedded index as in the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import math
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import accumulate
from pathlib import Path

from bot.domain import (
    Candidate,
    ChannelId,
    Chunk,
    DocumentId,
    IndexedDocument,
    Page,
    Query,
    Scope,
    WorkspaceId,
)
from bot.ingest.chunk import chunk
from bot.ingest.embed import embed
from bot.ingest.index import index
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.search.fuse import fuse
from bot.search.retrieve import Retrieved, retrieve

WORKSPACE = WorkspaceId("T1")
SCOPE = Scope(WORKSPACE, frozenset({ChannelId("C1")}))
DEPTH = 100
QUERIES = 500
COMMONEST = 80
"""As many words as the list of stop words has: queries rarely keep them."""

Judgements = dict[str, dict[str, int]]


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[tuple[LocalIndex, LocalEmbeddingProvider]]:
    embeddings = LocalEmbeddingProvider()
    await embeddings.embed_query("load the model")
    async with LocalIndex(path, embeddings.space) as held:
        yield held, embeddings
    await embeddings.close()


async def add(
    held: LocalIndex, embeddings: LocalEmbeddingProvider, name: str, title: str, chunks: list[Chunk]
) -> None:
    async def silent(_done: int, _total: int) -> None:
        pass

    document = IndexedDocument(WORKSPACE, DocumentId(name), 1, title, SCOPE.channels)
    await index(held, document, chunks, await embed(embeddings, chunks, silent), silent)


class Stopwatch:
    """Wall and CPU milliseconds of each call."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    async def of(self, call: Callable[[], Awaitable[Retrieved]]) -> tuple[Retrieved, list[Candidate]]:
        wall, cpu = time.perf_counter(), time.process_time()
        found = await call()
        ranked = fuse(found.keyword, found.dense, limit=2 * DEPTH)
        self.wall.append((time.perf_counter() - wall) * 1e3)
        self.cpu.append((time.process_time() - cpu) * 1e3)
        return found, ranked

    def __str__(self) -> str:
        return (
            f"p50 {percentile(self.wall, 0.5):.1f} ms  p99 {percentile(self.wall, 0.99):.1f} ms"
            f"  (CPU p50 {percentile(self.cpu, 0.5):.1f} ms  p99 {percentile(self.cpu, 0.99):.1f} ms)"
        )


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def resident_mb() -> float:
    """Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


# Quality


def read_jsonl(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_judgements(path: Path) -> Judgements:
    judged: Judgements = {}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            judged.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    return judged


def documents_of(candidates: Sequence[Candidate]) -> list[str]:
    return list(dict.fromkeys(candidate.document_id for candidate in candidates))[:DEPTH]


def judge(ranked: list[str], grades: dict[str, int]) -> dict[str, float]:
    gained = sum(
        (2 ** grades.get(name, 0) - 1) / math.log2(rank + 2) for rank, name in enumerate(ranked[:10])
    )
    ideal = sorted(grades.values(), reverse=True)[:10]
    best = sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(ideal))
    right = {name for name, grade in grades.items() if grade > 0}
    first = next((rank for rank, name in enumerate(ranked[:10], 1) if name in right), None)
    return {
        "ndcg@10": gained / best,
        "recall@10": len(right.intersection(ranked[:10])) / len(right),
        "recall@100": len(right.intersection(ranked)) / len(right),
        "mrr@10": 1 / first if first else 0.0,
    }


async def quality(folder: Path, scratch: Path) -> None:
    judged = read_judgements(folder / "qrels" / "test.tsv")
    async with opened(scratch / "index.db") as (held, embeddings):
        started = time.process_time()
        for row in read_jsonl(folder / "corpus.jsonl"):
            style = "markdown" if row["_id"].endswith(".md") else "prose"
            await add(held, embeddings, row["_id"], row["title"], list(chunk([Page(1, row["text"])], style)))
        cpu, stats = time.process_time() - started, await held.stats()
        print(
            f"\n{folder.name}: {stats.documents} documents, {stats.chunks} chunks, {cpu:.1f} CPU s to chunk,"
            f" embed and index, {resident_mb():.0f} MB resident"
        )
        watch = Stopwatch()
        figures: dict[str, list[dict[str, float]]] = {"keyword": [], "dense": [], "hybrid": []}
        for row in read_jsonl(folder / "queries.jsonl"):
            if row["_id"] in judged:
                query = Query(row["text"])
                found, ranked = await watch.of(lambda query=query: retrieve(held, embeddings, SCOPE, query))
                for name, found_by in (
                    ("keyword", found.keyword),
                    ("dense", found.dense),
                    ("hybrid", ranked),
                ):
                    figures[name].append(judge(documents_of(found_by), judged[row["_id"]]))
    for name, rows in figures.items():
        means = {measure: statistics.fmean(row[measure] for row in rows) for measure in rows[0]}
        print(f"  {name:8}" + "".join(f"  {measure} {value:.3f}" for measure, value in means.items()))
    print(f"  search    {watch}")


# Scale


class Prose:
    """Text whose words are as often as words are: the n-th most frequent one about 1/n as often."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # repeatable, nothing secret
        syllables = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu"]
        lengths = [self._random.randint(1, 5) for _ in range(50_000)]
        self._words = ["".join(self._random.choices(syllables, k=length)) for length in lengths]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self._words))))
        self._commonest = set(self._words[:COMMONEST])

    def text(self, words: int) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=words))

    def question(self) -> str:
        return " ".join([word for word in self.text(14).split() if word not in self._commonest][:6])


async def scale(chunks: int, path: Path) -> None:
    prose = Prose(7)
    wall, cpu = time.perf_counter(), time.process_time()
    async with opened(path) as (held, embeddings):
        for number in range(chunks // 40):
            texts = [prose.text(150) for _ in range(40)]
            made = [Chunk(i, i // 3 + 1, 0, len(text), text) for i, text in enumerate(texts)]
            await add(held, embeddings, f"d{number}", prose.text(4), made)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"\n{chunks:,} chunks: {cpu:.1f} CPU s, {wall:.1f} s to embed and index")
    before, wall = resident_mb(), time.perf_counter()
    async with opened(path) as (held, embeddings):
        print(f"  opened    {time.perf_counter() - wall:.2f} s, model and vectors")
        watch, together = Stopwatch(), Stopwatch()

        async def ask(watch: Stopwatch) -> None:
            await watch.of(lambda: retrieve(held, embeddings, SCOPE, Query(prose.question())))

        for _ in range(QUERIES):
            await ask(watch)
        print(f"  search    {watch}, {resident_mb():.0f} MB resident, {resident_mb() - before:.0f} MB more")
        for _ in range(QUERIES // 10):
            await asyncio.gather(*(ask(together) for _ in range(10)))
        p50, p99 = percentile(together.wall, 0.5), percentile(together.wall, 0.99)
        print(f"  ten at once: p50 {p50:.1f} ms  p99 {p99:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    modes = parser.add_subparsers(dest="mode", required=True)
    modes.add_parser("quality").add_argument("folders", nargs="+", type=Path)
    modes.add_parser("scale").add_argument("chunks", nargs="*", type=int, default=[10_000, 100_000])
    arguments = parser.parse_args()
    for subject in arguments.folders if arguments.mode == "quality" else arguments.chunks:
        with tempfile.TemporaryDirectory() as scratch:
            if arguments.mode == "quality":
                asyncio.run(quality(subject, Path(scratch)))
            else:
                asyncio.run(scale(subject, Path(scratch, "index.db")))


if __name__ == "__main__":
    main()
