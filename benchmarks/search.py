"""Search: quality on BEIR collections beside BM25, latency and memory by size.

    python benchmarks/search.py quality FOLDER...     # each with corpus.jsonl, queries.jsonl, qrels/test.tsv
    python benchmarks/search.py scale [CHUNKS...]     # synthetic text; 10,000 and 100,000 unless told

Quality is what `fm eval` measures (docs/evaluation.md), with the providers of the environment's keys, beside
BM25 by the library bm25s: `pip install .[bench]`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import accumulate
from pathlib import Path

import bm25s
import Stemmer

from bot.app.evaluation import trial
from bot.domain import ChannelId, Chunk, DocumentId, IndexedDocument, Query, Scope, WorkspaceId
from bot.evaluate.ask import answers_to
from bot.evaluate.collection import Collection, collection_in
from bot.evaluate.figures import Answered, summary
from bot.evaluate.measures import DEPTH, judge, percentile
from bot.evaluate.run import evaluate
from bot.ingest.embed import embed, embedded_text
from bot.ingest.index import index
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.search.fuse import fuse
from bot.search.retrieve import Retrieved, retrieve
from bot.settings import Settings

WORKSPACE = WorkspaceId("T1")
SCOPE = Scope(WORKSPACE, frozenset({ChannelId("C1")}))
BM25 = "bm25s"
QUERIES = 500
COMMONEST = 80
"""As many words as the list of stop words has: queries rarely keep them."""


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
    vectors = await embed(embeddings, [embedded_text(title, one) for one in chunks], silent)
    await index(held, document, chunks, vectors, silent)


class Stopwatch:
    """Wall and CPU milliseconds of each call."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    async def of(self, call: Callable[[], Awaitable[Retrieved]]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        found = await call()
        fuse(found.keyword, found.dense)
        self.wall.append((time.perf_counter() - wall) * 1e3)
        self.cpu.append((time.process_time() - cpu) * 1e3)

    def __str__(self) -> str:
        return (
            f"p50 {percentile(self.wall, 0.5):.1f} ms  p99 {percentile(self.wall, 0.99):.1f} ms"
            f"  (CPU p50 {percentile(self.cpu, 0.5):.1f} ms  p99 {percentile(self.cpu, 0.99):.1f} ms)"
        )


def resident_mb() -> float:
    """Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


# Quality


def bm25(collection: Collection) -> list[Answered]:
    """What bm25s finds in whole documents: Lucene's variant, its defaults, English stems and stop words."""
    entries = list(collection.entries())
    stem = Stemmer.Stemmer("english")
    options = {"stopwords": "en", "stemmer": stem, "show_progress": False}
    index = bm25s.BM25(method="lucene")
    index.index(
        bm25s.tokenize([f"{one.title}\n{one.text}" for one in entries], **options), show_progress=False
    )
    answers = []
    for question in collection.questions:
        started = time.perf_counter()
        words = bm25s.tokenize([question.text], **options)
        places, _ = index.retrieve(words, k=min(DEPTH + 1, len(entries)), show_progress=False)
        took_ms = (time.perf_counter() - started) * 1e3
        ranked = [entries[place].id for place in places[0]]
        answer = Answered(question)
        answer.add(BM25, judge(answers_to(question, ranked), question.grades), took_ms)
        answers.append(answer)
    return answers


async def quality(folder: Path) -> None:
    collection = collection_in(folder)
    async with trial(Settings()) as (pipeline, scope):
        evaluation, _ = await evaluate(pipeline, scope, collection)
        resident = resident_mb()
    theirs = summary(bm25(collection), (BM25,))
    print(
        f"\n{folder.name}: {evaluation.documents} documents, {evaluation.chunks} chunks,"
        f" {evaluation.questions} questions, {evaluation.index_cpu_s:.1f} CPU s to chunk, embed and index,"
        f" {resident:.0f} MB resident"
    )
    for method, figures in (theirs | evaluation.methods).items():
        shown = figures or {}
        print(f"  {method:9}" + "".join(f"  {measure} {value:.3f}" for measure, value in shown.items()))


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
    if arguments.mode == "quality":
        for folder in arguments.folders:
            asyncio.run(quality(folder))
        return
    for chunks in arguments.chunks:
        with tempfile.TemporaryDirectory() as scratch:
            asyncio.run(scale(chunks, Path(scratch, "index.db")))


if __name__ == "__main__":
    main()
