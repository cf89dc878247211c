"""Search: quality on BEIR collections beside BM25.

    python benchmarks/search.py FOLDER...     # each with corpus.jsonl, queries.jsonl, qrels/test.tsv
    python benchmarks/search.py --language german tests/data/languages/german

Quality is what `fm eval` measures (docs/evaluation.md), with the providers of the environment's keys, beside
BM25 by the library bm25s: `pip install .[bench]`. It is told the language and has its stems and stop words;
of Japanese it is given all pairs of neighbouring characters. Ours isn't told.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
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
STOP_WORDS = {"english": "en", "german": "de", "french": "fr"}
JAPANESE = "japanese"


def resident_mb() -> float:
    """Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def words_of(texts: list[str], language: str) -> list[list[str]]:
    """What bm25s is given of each text."""
    if language == JAPANESE:
        runs = (re.findall(r"\w+", text.lower()) for text in texts)
        return [[run[i : i + 2] for run in of_one for i in range(max(len(run) - 1, 1))] for of_one in runs]
    words: list[list[str]] = bm25s.tokenize(
        texts,
        stopwords=STOP_WORDS[language],
        stemmer=Stemmer.Stemmer(language),
        return_ids=False,
        show_progress=False,
    )
    return words


def bm25(collection: Collection, language: str) -> list[Answered]:
    """What bm25s finds in whole documents: Lucene's variant, its defaults."""
    entries = list(collection.entries())
    index = bm25s.BM25(method="lucene")
    index.index(words_of([f"{one.title}\n{one.text}" for one in entries], language), show_progress=False)
    answers = []
    for question in collection.questions:
        started = time.perf_counter()
        words = words_of([question.text], language)
        places, scores = index.retrieve(words, k=min(DEPTH + 1, len(entries)), show_progress=False)
        took_ms = (time.perf_counter() - started) * 1e3
        ranked = [entries[place].id for place, score in zip(places[0], scores[0], strict=True) if score > 0]
        answer = Answered(question)
        answer.add(BM25, judge(answers_to(question, ranked), question.grades), took_ms)
        answers.append(answer)
    return answers


async def quality(folder: Path, language: str) -> None:
    collection = collection_in(folder)
    async with trial(Settings()) as (pipeline, scope):
        evaluation, _ = await evaluate(pipeline, scope, collection)
        resident = resident_mb()
    theirs = summary(bm25(collection, language), (BM25,))
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
    parser.add_argument("--language", choices=[*STOP_WORDS, JAPANESE], default="english")
    arguments = parser.parse_args()
    for folder in arguments.folders:
        asyncio.run(quality(folder, arguments.language))


if __name__ == "__main__":
    main()
