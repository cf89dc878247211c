"""Search: quality on BEIR collections beside BM25.

    python benchmarks/search.py FOLDER...     # each with corpus.jsonl, queries.jsonl, qrels/test.tsv

Quality is what `fm eval` measures (docs/evaluation.md), with the providers of the environment's keys, beside
BM25 by the library bm25s: `pip install .[bench]`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from pathlib import Path

import bm25s
import Stemmer

from bot.app.evaluation import trial
from bot.evaluate.ask import answers_to
from bot.evaluate.collection import Collection, collection_in
from bot.evaluate.figures import Answered, summary
from bot.evaluate.measures import DEPTH, judge
from bot.evaluate.run import evaluate
from bot.settings import Settings

BM25 = "bm25s"


def resident_mb() -> float:
    """Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        asyncio.run(quality(folder))


if __name__ == "__main__":
    main()
