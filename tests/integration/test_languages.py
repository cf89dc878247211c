"""German, French and Japanese questions, asked as the product asks them, beside plain BM25 on the same texts.

The sets in tests/data/languages were written for this: thirty notes of an operations team and a question to
each, mostly in other words than its note has.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path

import pytest
import snowballstemmer

from bot.app.evaluation import trial
from bot.evaluate.collection import Collection, collection_in
from bot.evaluate.measures import judge
from bot.evaluate.run import evaluate
from bot.search.languages import COMMONEST
from bot.settings import Settings

DATA = Path(__file__).parents[1] / "data" / "languages"
NDCG = "ndcg@10"
K1, B = 1.5, 0.75


def terms(text: str, language: str) -> list[str]:
    """Stems without stop words; of Japanese all pairs of neighbouring characters."""
    words = re.findall(r"\w+", text.lower())
    if language == "japanese":
        return [word[i : i + 2] for word in words for i in range(max(len(word) - 1, 1))]
    return snowballstemmer.stemmer(language).stemWords(
        [one for one in words if one not in COMMONEST[language]]
    )


def plain_bm25(collection: Collection, language: str) -> float:
    """nDCG@10 of Lucene's BM25 over whole documents."""
    texts = {one.id: Counter(terms(f"{one.title}\n{one.text}", language)) for one in collection.entries()}
    having = Counter(term for counted in texts.values() for term in counted)
    rarity = {term: math.log(1 + (len(texts) - rows + 0.5) / (rows + 0.5)) for term, rows in having.items()}
    usual = sum(counted.total() for counted in texts.values()) / len(texts)

    def score(counted: Counter[str], asked: list[str]) -> float:
        short = K1 * (1 - B + B * counted.total() / usual)
        return sum(rarity[one] * counted[one] / (counted[one] + short) for one in asked if one in counted)

    found = []
    for question in collection.questions:
        asked = terms(question.text, language)
        scores = {name: score(counted, asked) for name, counted in texts.items()}
        ranked = sorted((name for name in scores if scores[name] > 0), key=lambda name: -scores[name])
        found.append(judge(ranked, question.grades)[NDCG])
    return sum(found) / len(found)


@pytest.mark.parametrize("language", ["german", "french", "japanese"])
async def test_a_search_in_another_language_is_no_worse_than_plain_bm25_that_knows_the_language(
    language: str, tmp_path: Path
) -> None:
    collection = collection_in(DATA / language)
    async with trial(Settings(data_dir=tmp_path)) as (pipeline, scope):
        evaluation, _ = await evaluate(pipeline, scope, collection)
    ours = evaluation.methods["hybrid"]

    assert len(collection.questions) == collection.documents == 30
    assert ours is not None
    assert ours[NDCG] >= plain_bm25(collection, language) - 1e-9 > 0.7
